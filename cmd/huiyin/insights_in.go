package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// givenText is one text as it came.
type givenText struct {
	ID   json.RawMessage `json:"id"` // as it came, byte for byte
	Text string          `json:"text"`
}

// textForm shows what a line looks like.
const textForm = `{"id": "…", "text": "…"}`

// readTexts reads the texts of a file, or of stdin for -.
func readTexts(stdin io.Reader, name, format string) ([]givenText, error) {
	from := stdin
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the file that the person names
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // read only
		from = f
	}
	if format == "csv" || format == "" && strings.HasSuffix(strings.ToLower(name), ".csv") {
		return readTable(from)
	}
	return readObjects(from)
}

// readObjects reads a JSON object a line; empty lines are passed over.
func readObjects(from io.Reader) ([]givenText, error) {
	var texts []givenText
	in := bufio.NewReaderSize(from, 1<<16)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			text, problem := readObject(line)
			if problem != nil {
				return nil, fmt.Errorf("line %d %w", number, problem)
			}
			texts = append(texts, text)
		}
		if err != nil {
			return texts, nil
		}
	}
}

// readObject reads one line; its error goes on from "line 3".
func readObject(line []byte) (givenText, error) {
	if !utf8.Valid(line) {
		return givenText{}, errors.New("is not UTF-8: save the file as UTF-8")
	}
	var object struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
		At   *string         `json:"at"`
	}
	if err := json.Unmarshal(line, &object); err != nil {
		return givenText{}, fmt.Errorf("is no such object: %s (%w)", textForm, err)
	}
	if id := object.ID; len(id) == 0 || id[0] != '"' && id[0] != '-' && (id[0] < '0' || id[0] > '9') {
		return givenText{}, errors.New("has no id: give each text one, " + textForm)
	}
	if object.Text == nil {
		return givenText{}, errors.New("has no text: give it one, which may be empty, " + textForm)
	}
	if object.At != nil {
		if err := checkTime(*object.At); err != nil {
			return givenText{}, err
		}
	}
	return givenText{object.ID, *object.Text}, nil
}

func checkTime(at string) error {
	if _, err := time.Parse(time.RFC3339, at); err != nil && at != "" {
		return fmt.Errorf("has the time %q: write it as 2026-11-03T18:00:05+08:00, or leave at out", at)
	}
	return nil
}

// readTable reads CSV whose first line names the columns.
func readTable(from io.Reader) ([]givenText, error) {
	content, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("line %d is not UTF-8: save the file as UTF-8 (in spreadsheets: CSV UTF-8)", brokenLine(content))
	}
	table := csv.NewReader(bytes.NewReader(content))
	table.FieldsPerRecord = -1
	names, err := table.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, tableError(err)
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
	}
	id, text, at := slices.Index(names, "id"), slices.Index(names, "text"), slices.Index(names, "at")
	if id < 0 || text < 0 {
		return nil, errors.New("line 1 does not name the columns id and text: begin the file with id,text or id,text,at")
	}
	var texts []givenText
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, tableError(err)
		}
		line, _ := table.FieldPos(0)
		if len(row) <= max(id, text) {
			return nil, fmt.Errorf("line %d has %d columns and %d are named: put a text with commas between quotation marks", line, len(row), len(names))
		}
		if at >= 0 && at < len(row) {
			if err := checkTime(row[at]); err != nil {
				return nil, fmt.Errorf("line %d %w", line, err)
			}
		}
		quoted, err := marshal(row[id])
		if err != nil {
			return nil, err
		}
		texts = append(texts, givenText{quoted, row[text]})
	}
}

func brokenLine(content []byte) int {
	for number, line := range bytes.Split(content, []byte("\n")) {
		if !utf8.Valid(line) {
			return number + 1
		}
	}
	return 0
}

func tableError(err error) error {
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		return fmt.Errorf("line %d is no CSV: %w; write a quotation mark inside a cell twice", broken.Line, broken.Err)
	}
	return err
}
