package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"huiyin/app/db"
)

// The parts of an archive, in their order: header, tables, files, manifest.
const (
	headerName   = "huiyin.json"
	manifestName = "manifest.json"
	tablePrefix  = "table/" // table/NAME/000001: rows, each with its length before it
	filePrefix   = "file/"  // file/xx/NAME: a sealed file as it lies in the data folder

	format    = 1
	blockSize = 1 << 20 // bytes of rows in one entry, roughly
	jsonMax   = 64 << 20
	rowMax    = 64 << 20
)

// Kinds of an archive.
const (
	kindDesk = "desk"
	kindKeys = "keys"
)

// Header says what an archive holds and what opens it.
type Header struct {
	Format  int        `json:"format"`
	Kind    string     `json:"kind"` // desk, keys
	Made    time.Time  `json:"made"`
	Program string     `json:"program"` // version of Huiyin
	Dialect string     `json:"dialect"` // sqlite, postgres
	Schema  int64      `json:"schema"`
	Masters []Master   `json:"masters"` // master keys in use
	Tables  []db.Table `json:"tables"`
}

// Master names a master key without telling anything of it.
type Master struct {
	Version     int64  `json:"version"`
	Fingerprint string `json:"fingerprint"` // 1a2b-3c4d-5e6f-7081
}

// Manifest is what an archive holds, counted and summed while it was written.
type Manifest struct {
	Tables   map[string]TableSum `json:"tables"`
	Files    map[string]FileSum  `json:"files"`
	Counters map[string]int64    `json:"counters"`
}

// TableSum is the count of a table's rows and the sum of their SHA-256, which does not depend on their order.
type TableSum struct {
	Rows int64  `json:"rows"`
	Sum  string `json:"sum"`
}

// FileSum is a file's size in bytes and its SHA-256.
type FileSum struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

var (
	// ErrDamaged is returned for an archive that is no archive, was cut, or does not agree with its manifest.
	ErrDamaged = errors.New("the backup is damaged or was cut")
	errKind    = errors.New("this is the other file of the backup: FILE holds the desk, FILE.keys the data keys")
)

func damaged(err error) error {
	if err == nil || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w (%w)", ErrDamaged, err)
}

// writer writes an archive.
type writer struct {
	zip *zstd.Encoder
	tar *tar.Writer
	at  time.Time
}

func newWriter(w io.Writer, h *Header) (*writer, error) {
	zip, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	a := &writer{zip: zip, tar: tar.NewWriter(zip), at: h.Made}
	return a, a.json(headerName, h)
}

func (a *writer) json(name string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return a.bytes(name, text)
}

func (a *writer) bytes(name string, content []byte) error {
	if err := a.entry(name, int64(len(content))); err != nil {
		return err
	}
	_, err := a.tar.Write(content)
	return err
}

func (a *writer) entry(name string, size int64) error {
	return a.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: a.at, Typeflag: tar.TypeReg, Format: tar.FormatPAX})
}

func (a *writer) close() error { return errors.Join(a.tar.Close(), a.zip.Close()) }

// reader reads an archive from its beginning to its end.
type reader struct {
	zip    *zstd.Decoder
	tar    *tar.Reader
	header Header
	name   string // of the entry at hand; empty at the end
}

// rest reads to the end of the archive: only there the sum over all of it is compared, which finds what lies between the
// entries too.
func (a *reader) rest() error {
	_, err := io.Copy(io.Discard, a.zip)
	return damaged(err)
}

// newReader reads the header and stands at the first entry behind it.
func newReader(r io.Reader, kind string) (*reader, error) {
	zip, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, damaged(err)
	}
	a := &reader{zip: zip, tar: tar.NewReader(zip)}
	if err = a.next(); err == nil {
		err = a.json(headerName, &a.header)
	}
	switch {
	case err != nil:
		err = damaged(err)
	case a.header.Format > format:
		err = fmt.Errorf("the backup is of a newer Huiyin (%s): use that program to restore it", a.header.Program)
	case a.header.Kind != kind:
		err = errKind
	default:
		err = a.next()
	}
	if err != nil {
		zip.Close()
		return nil, err
	}
	return a, nil
}

func (a *reader) close() { a.zip.Close() }

// next goes to the next entry.
func (a *reader) next() error {
	h, err := a.tar.Next()
	if err == io.EOF { //nolint:errorlint // tar gives it bare
		return damaged(io.ErrUnexpectedEOF) // the manifest ends an archive, and nobody asks for more behind it
	}
	if err != nil {
		return damaged(err)
	}
	a.name = h.Name
	return nil
}

func (a *reader) json(name string, into any) error {
	if a.name != name {
		return damaged(fmt.Errorf("%q stands where %q should", a.name, name))
	}
	return damaged(json.NewDecoder(io.LimitReader(a.tar, jsonMax)).Decode(into))
}
