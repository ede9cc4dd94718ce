package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// A row of SQLite as bytes: for each value a letter and what follows it.
//
//	n NULL   i signed varint   f eight bytes, IEEE 754   t, b length as unsigned varint and the bytes of a text, a blob
const (
	rowNull  = 'n'
	rowInt   = 'i'
	rowFloat = 'f'
	rowText  = 't'
	rowBlob  = 'b'
)

var errRow = errors.New("db: a row of the copy is damaged")

// appendRow writes the values of a row behind b.
func appendRow(b []byte, values []any) ([]byte, error) {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, rowNull)
		case int64:
			b = binary.AppendVarint(append(b, rowInt), v)
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, rowFloat), math.Float64bits(v))
		case string:
			b = append(binary.AppendUvarint(append(b, rowText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, rowBlob), uint64(len(v))), v...)
		case time.Time:
			return nil, errors.New("db: a value came as a time and not as it is stored")
		default:
			return nil, fmt.Errorf("db: a value of the kind %T cannot be copied", v)
		}
	}
	return b, nil
}

// parseRow reads a row into values, which has a place for each.
func parseRow(b []byte, values []any) error {
	for i := range values {
		if len(b) == 0 {
			return errRow
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case rowNull:
			values[i] = nil
		case rowInt:
			v, n := binary.Varint(b)
			if n <= 0 {
				return errRow
			}
			values[i], b = v, b[n:]
		case rowFloat:
			if len(b) < 8 {
				return errRow
			}
			values[i], b = math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:]
		case rowText, rowBlob:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return errRow
			}
			part := b[n : n+int(size)]
			b = b[n+int(size):]
			if kind == rowText {
				values[i] = string(part)
			} else {
				values[i] = append(make([]byte, 0, len(part)), part...) // never nil: an empty blob is no NULL
			}
		default:
			return errRow
		}
	}
	if len(b) > 0 {
		return errRow
	}
	return nil
}
