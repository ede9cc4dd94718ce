package blob

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A sealed file is pieces: length as four bytes big-endian, and the sealed bytes of at most Piece plain ones. The place
// that a piece is sealed for says its number and whether it is the last: "12", "13/last".

// Piece is how many plain bytes a piece has, but for the last.
const Piece = 64 << 10

const sealedMax = Piece + 1024

// ErrDamaged says that a file is not what was stored: cut, reordered, changed or another one.
var ErrDamaged = errors.New("blob: the file is damaged")

// SealFunc seals a piece for its place in the file.
type SealFunc func(place string, plain []byte) ([]byte, error)

// OpenFunc opens what SealFunc made, and fails for any other place.
type OpenFunc func(place string, sealed []byte) ([]byte, error)

func place(n int, last bool) string {
	if last {
		return fmt.Sprintf("%d/last", n)
	}
	return fmt.Sprint(n)
}

// Seal gives the sealed form of what r gives.
func Seal(r io.Reader, seal SealFunc) io.Reader { return &sealing{r: r, seal: seal} }

type sealing struct {
	r     io.Reader
	seal  SealFunc
	n     int
	ahead []byte // one piece is read ahead: the last must know that it is
	out   []byte
	begun bool
	ended bool
}

// Read is part of io.Reader.
func (s *sealing) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.ended {
			return 0, io.EOF
		}
		if err := s.step(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

func (s *sealing) step() (err error) {
	if !s.begun {
		if s.ahead, err = piece(s.r); err != nil {
			return err
		}
		s.begun = true
	}
	now := s.ahead
	if s.ahead, err = piece(s.r); err != nil {
		return err
	}
	s.n++
	s.ended = len(s.ahead) == 0
	sealed, err := s.seal(place(s.n, s.ended), now)
	if err != nil {
		return err
	}
	s.out = append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...)
	return nil
}

// piece reads up to Piece bytes; fewer only at the end.
func piece(r io.Reader) ([]byte, error) {
	b := make([]byte, Piece)
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return b[:n], err
}

// Open gives the plain form of a sealed file. What it has given before an ErrDamaged was true and incomplete.
func Open(r io.Reader, open OpenFunc) io.Reader { return &opening{r: r, open: open} }

type opening struct {
	r     io.Reader
	open  OpenFunc
	n     int
	ahead []byte
	out   []byte
	begun bool
	ended bool
}

// Read is part of io.Reader.
func (o *opening) Read(p []byte) (int, error) {
	for len(o.out) == 0 {
		if o.ended {
			return 0, io.EOF
		}
		if err := o.step(); err != nil {
			return 0, err
		}
	}
	n := copy(p, o.out)
	o.out = o.out[n:]
	return n, nil
}

func (o *opening) step() (err error) {
	if !o.begun {
		if o.ahead, err = o.next(); err != nil {
			return err
		}
		if o.begun = true; o.ahead == nil {
			return ErrDamaged
		}
	}
	now := o.ahead
	if o.ahead, err = o.next(); err != nil {
		return err
	}
	o.n++
	o.ended = o.ahead == nil
	o.out, err = o.open(place(o.n, o.ended), now)
	return err
}

// next reads a sealed piece, nil at the end.
func (o *opening) next() ([]byte, error) {
	var head [4]byte
	switch _, err := io.ReadFull(o.r, head[:]); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ErrDamaged
	case err != nil:
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > sealedMax {
		return nil, ErrDamaged
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(o.r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, ErrDamaged
		}
		return nil, err
	}
	return b, nil
}
