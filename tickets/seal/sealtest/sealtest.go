// Package sealtest proves that nothing which went into a desk lies readable on its disk: it searches raw bytes for
// given texts, in every form in which a careless write could have left them.
//
// Tests run a desk, send it texts that occur nowhere else, and hand the data folder (database, WAL, shared memory,
// logs, temporary files) or a dump of PostgreSQL to this package. A text must be six bytes or longer, or chance would
// find it in sealed data.
package sealtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Hit is a text that was found in clear.
type Hit struct {
	File   string // within the folder; empty for a stream
	Offset int64  // of its first byte
	Secret string
	Form   string // "utf-8", "base64", …
}

// String says what was found where.
func (h Hit) String() string {
	return fmt.Sprintf("%s: %q as %s at byte %d", h.File, h.Secret, h.Form, h.Offset)
}

// Scan fails the test for each of secrets that stands readable in a file under dir. The key ring alone is left out.
func Scan(t testing.TB, dir string, secrets []string) {
	t.Helper()
	hits, files, err := Find(dir, secrets)
	report(t, hits, err)
	if err == nil && files == 0 {
		t.Errorf("sealtest: no file under %s: nothing was searched", dir)
	}
}

// ScanDump does the same with a stream, the text that pg_dump writes.
func ScanDump(t testing.TB, dump io.Reader, secrets []string) {
	t.Helper()
	forms, err := formsOf(secrets)
	if err != nil {
		t.Fatal(err)
	}
	hits, read, err := forms.search(dump)
	report(t, hits, err)
	if err == nil && read == 0 {
		t.Error("sealtest: the dump is empty: nothing was searched")
	}
}

func report(t testing.TB, hits []Hit, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("sealtest: %v", err)
	}
	for _, h := range hits {
		t.Errorf("stands in clear: %s", h)
	}
}

// Find is Scan for programs: it gives what it found, at most once per file, text and form, and how many files it
// searched. A file that vanishes meanwhile, as a WAL may, is passed over.
func Find(dir string, secrets []string) (hits []Hit, files int, err error) {
	forms, err := formsOf(secrets)
	if err != nil {
		return nil, 0, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		found, searched, err := forms.searchFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if searched {
			files++
		}
		name, err := filepath.Rel(dir, path)
		for _, h := range found {
			h.File = name
			hits = append(hits, h)
		}
		return err
	})
	return hits, files, err
}

// searchFile searches a file, unless it is a key ring.
func (f *forms) searchFile(path string) (hits []Hit, searched bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close() //nolint:errcheck // read only
	head := make([]byte, 1024)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	if bytes.Contains(head[:n], []byte(ringHeader)) {
		return nil, false, nil
	}
	hits, _, err = f.search(io.MultiReader(bytes.NewReader(head[:n]), file))
	return hits, true, err
}

// ringHeader begins the key ring's first line that is no comment; see seal's ringtext.go.
const ringHeader = "\nhuiyin-keyring "
