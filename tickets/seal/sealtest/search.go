package sealtest

import (
	"bytes"
	"errors"
	"io"
)

// forms searches for many patterns at once: the first two bytes say which of them can begin at a place.
type forms struct {
	list    []form
	seen    map[string]bool
	byStart [1 << 16][]int32
	longest int
}

func (f *forms) add(x form) {
	if len(x.bytes) < shortest || f.seen[string(x.bytes)] {
		return
	}
	f.seen[string(x.bytes)] = true
	f.list = append(f.list, x)
}

func (f *forms) index() {
	for i, x := range f.list {
		start := int(x.bytes[0])<<8 | int(x.bytes[1])
		f.byStart[start] = append(f.byStart[start], int32(i))
		f.longest = max(f.longest, len(x.bytes))
	}
}

const chunk = 1 << 20

// search reads r to its end and gives the first place of each pattern. Consecutive chunks overlap by the longest
// pattern, so that none is missed between two.
func (f *forms) search(r io.Reader) (hits []Hit, read int64, err error) {
	found := make([]bool, len(f.list))
	buf := make([]byte, 0, chunk+f.longest)
	var base int64 // of buf[0] in r
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return hits, base, err
		}
		for at := 0; at+1 < len(buf); at++ {
			for _, i := range f.byStart[int(buf[at])<<8|int(buf[at+1])] {
				if x := &f.list[i]; !found[i] && bytes.HasPrefix(buf[at:], x.bytes) {
					found[i] = true
					hits = append(hits, Hit{Offset: base + int64(at), Secret: x.secret, Form: x.name})
				}
			}
		}
		if end {
			return hits, base + int64(len(buf)), nil
		}
		keep := min(len(buf), f.longest-1)
		base += int64(len(buf) - keep)
		copy(buf, buf[len(buf)-keep:])
		buf = buf[:keep]
	}
}
