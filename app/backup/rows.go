package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"huiyin/app/db"
)

// sum adds up the SHA-256 of rows as four numbers each: the order of the rows does not count, and a row that stands
// twice does.
type sum struct {
	rows  int64
	parts [4]uint64
}

func (s *sum) add(row []byte) {
	h := sha256.Sum256(row)
	for i := range s.parts {
		s.parts[i] += binary.BigEndian.Uint64(h[i*8:])
	}
	s.rows++
}

func (s *sum) table() TableSum {
	var b []byte
	for _, p := range s.parts {
		b = binary.BigEndian.AppendUint64(b, p)
	}
	return TableSum{Rows: s.rows, Sum: hex.EncodeToString(b)}
}

// block collects rows until there are enough for an entry.
type block struct {
	archive *writer
	table   string
	n       int
	rows    []byte
	sum     sum
}

func (b *block) add(row []byte) error {
	b.sum.add(row)
	b.rows = append(binary.AppendUvarint(b.rows, uint64(len(row))), row...)
	if len(b.rows) < blockSize {
		return nil
	}
	return b.flush()
}

func (b *block) flush() error {
	if len(b.rows) == 0 {
		return nil
	}
	b.n++
	err := b.archive.bytes(fmt.Sprintf("%s%s/%06d", tablePrefix, b.table, b.n), b.rows)
	b.rows = b.rows[:0]
	return err
}

// tableRows gives the rows of one table, over all of its entries, and sums them.
type tableRows struct {
	archive *reader
	table   db.Table
	in      *bufio.Reader
	row     []byte
	sum     sum
}

func (a *reader) rows(t db.Table) *tableRows { return &tableRows{archive: a, table: t} }

// next gives a row, or io.EOF behind the last.
func (r *tableRows) next() ([]byte, error) {
	for {
		if r.in == nil {
			if !strings.HasPrefix(r.archive.name, tablePrefix+r.table.Name+"/") {
				return nil, io.EOF
			}
			r.in = bufio.NewReaderSize(r.archive.tar, 64<<10)
		}
		size, err := binary.ReadUvarint(r.in)
		if errors.Is(err, io.EOF) {
			r.in = nil
			if err := r.archive.next(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil || size > rowMax {
			return nil, damaged(errors.Join(err, errors.New("a row's length")))
		}
		if uint64(cap(r.row)) < size {
			r.row = make([]byte, size)
		}
		r.row = r.row[:size]
		if _, err := io.ReadFull(r.in, r.row); err != nil {
			return nil, damaged(err)
		}
		r.sum.add(r.row)
		return r.row, nil
	}
}
