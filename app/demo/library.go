package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
)

//go:embed library
var libraryFiles embed.FS

// The languages of the library.
const (
	zh = "zh-CN"
	en = "en"
)

// library is all that people say, by language.
type library struct {
	scenarios map[string][]scenario
	phrases   map[string]phrases
}

// loadLibrary reads the embedded texts. An error is a mistake in them; the tests find it.
func loadLibrary() (*library, error) {
	lib := &library{scenarios: map[string][]scenario{}, phrases: map[string]phrases{}}
	for _, locale := range []string{zh, en} {
		files, err := fs.Glob(libraryFiles, path.Join("library", locale, "*.txt"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if err := lib.read(locale, file); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return lib, nil
}

func (lib *library) read(locale, file string) error {
	text, err := libraryFiles.ReadFile(file)
	if err != nil {
		return err
	}
	if path.Base(file) == "phrases.txt" {
		lib.phrases[locale], err = parsePhrases(bytes.NewReader(text))
		return err
	}
	list, err := parseScenarios(locale, bytes.NewReader(text))
	lib.scenarios[locale] = append(lib.scenarios[locale], list...)
	return err
}
