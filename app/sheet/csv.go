package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const bom = "\ufeff"

func readCSV(data []byte, l Limits) ([]Row, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = separator(text), true, -1, true
	c := collector{limit: l.Rows}
	for {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return c.rows, nil
		case err != nil:
			return nil, errors.Join(ErrBroken, err)
		}
		line, _ := r.FieldPos(0)
		if err := c.add(line, cells); err != nil {
			return nil, err
		}
	}
}

// decode gives the text of a file: by its byte order mark, else UTF-8 when it is that, else GB 18030, which includes
// GBK and GB 2312. Errors: ErrEncoding, ErrBroken (it holds bytes that no text has).
func decode(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte(bom)):
		data = data[len(bom):]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", errors.Join(ErrEncoding, err)
		}
		data = decoded
	case !utf8.Valid(data):
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return "", errors.Join(ErrEncoding, err)
		}
		data = decoded
	}
	if !utf8.Valid(data) {
		return "", ErrEncoding
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", ErrBroken
	}
	return string(data), nil
}

// separator is the one of comma, semicolon and tab that the first line has most of, outside quotes.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	n, quoted := map[rune]int{}, false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			n[r]++
		}
	}
	best := ','
	for _, r := range []rune{';', '\t'} {
		if n[r] > n[best] {
			best = r
		}
	}
	return best
}

// WriteCSV writes rows for a spreadsheet: UTF-8 with a byte order mark, and no cell that it would calculate.
func WriteCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Neutral(cell)
		}
		if err := out.Write(safe); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// calculated are the beginnings that make a spreadsheet calculate a cell.
const calculated = "=+-@\t\r"

// Neutral puts an apostrophe before what a spreadsheet would take for a formula. Plain takes it away again.
func Neutral(cell string) string {
	if looksCalculated(cell) {
		return "'" + cell
	}
	return cell
}

// Plain takes away the apostrophe that Neutral and Kept put.
func Plain(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && (looksCalculated(rest) || LongNumber(rest)) {
		return rest
	}
	return cell
}

// looksCalculated tells whether a formula begins here, behind apostrophes of its own or not.
func looksCalculated(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.ContainsRune(calculated, rune(rest[0]))
}
