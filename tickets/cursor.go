package tickets

import (
	"encoding/base64"
	"encoding/binary"
	"math"

	"huiyin/tickets/fault"
)

// cursor is a place in a list: after the row with this key and id. Outside it is an opaque text.
type cursor struct {
	list ListName
	part byte  // of a list in two parts
	key  int64 // what the list is ordered by
	id   int64
}

const (
	cursorVersion = 1
	cursorBytes   = 1 + 1 + 1 + 8 + 8
)

var cursorText = base64.RawURLEncoding.Strict()

func (c cursor) String() string {
	b := make([]byte, 0, cursorBytes)
	b = append(b, cursorVersion, listNumber(c.list), c.part)
	b = binary.BigEndian.AppendUint64(b, uint64(c.key))
	b = binary.BigEndian.AppendUint64(b, uint64(c.id))
	return cursorText.EncodeToString(b)
}

// parseCursor reads a cursor of the list; the empty text is the list's beginning. Errors: Invalid.
func parseCursor(list ListName, text string) (cursor, error) {
	if text == "" {
		return list.beginning(), nil
	}
	b, err := cursorText.DecodeString(text)
	if err != nil || len(b) != cursorBytes || b[0] != cursorVersion || b[1] != listNumber(list) || b[2] > partQuiet {
		return cursor{}, fault.InvalidField("cursor", "invalid", "error.list.cursor", nil)
	}
	return cursor{list: list, part: b[2], key: int64(binary.BigEndian.Uint64(b[3:])), id: int64(binary.BigEndian.Uint64(b[11:]))}, nil
}

// beginning is the place before a list's first row.
func (l ListName) beginning() cursor {
	if l == ListUnassigned {
		return cursor{list: l, key: math.MinInt64, id: math.MinInt64}
	}
	return cursor{list: l, key: math.MaxInt64, id: math.MaxInt64}
}
