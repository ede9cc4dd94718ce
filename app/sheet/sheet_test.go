package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

var limits = Limits{Bytes: 1 << 20, Rows: 100}

func shown(rows []Row) string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%d:%s", r.Line, strings.Join(r.Cells, "|")))
	}
	return strings.Join(lines, " ")
}

func book(t *testing.T, cells map[string]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for at, value := range cells {
		if err := f.SetCellValue("Sheet1", at, value); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is an XLSX whose sheet unpacks to more than is allowed.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	from, err := zip.NewReader(bytes.NewReader(book(t, nil)), int64(len(book(t, nil))))
	if err != nil {
		t.Fatal(err)
	}
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		if !strings.Contains(f.Name, "sheet1") {
			if err := to.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := to.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		for range unpackMax>>20 + 1 {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encoded(t *testing.T, data []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTablesAreReadAsPeopleSaveThem(t *testing.T) {
	t.Parallel()
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte("标题,内容\r\n退款,三天内到账\r\n"))
	gbk = encoded(t, gbk, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("标题\t内容\n退款\t好\n"))
	utf16 = encoded(t, utf16, err)
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"UTF-8", []byte("a,b\n1,2\n"), "1:a|b 2:1|2"},
		{"UTF-8 with its mark", []byte("\ufeff标题,内容\r\n 退款 ,好\r\n"), "1:标题|内容 2:退款|好"},
		{"GBK", gbk, "1:标题|内容 2:退款|三天内到账"},
		{"UTF-16 with tabs", utf16, "1:标题|内容 2:退款|好"},
		{"semicolons", []byte("a;b\n1,5;2\n"), "1:a|b 2:1,5|2"},
		{"several lines in a cell", []byte("a,b\n\"1\n2\",\"x\"\"y\"\nc,d\n"), "1:a|b 2:1\n2|x\"y 4:c|d"},
		{"empty rows count and go", []byte("a,b\n,\n\n1,2\n"), "1:a|b 4:1|2"},
		{"rows of different length", []byte("a,b,c\n1\n1,2,3,4\n"), "1:a|b|c 2:1 3:1|2|3|4"},
		{"a stray quote", []byte("a,b\n5\" cup,x\n"), "1:a|b 2:5\" cup|x"},
		{"nothing", nil, ""},
		{"XLSX", book(t, map[string]any{"A1": "标题", "B1": "内容", "A3": 12, "B3": "=1+1"}), "1:标题|内容 3:12|=1+1"},
	} {
		rows, err := Read(test.data, limits)
		if got := shown(rows); got != test.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func TestWhatIsNoTableIsRefused(t *testing.T) {
	t.Parallel()
	whole := book(t, map[string]any{"A1": "x"})
	wide := make(map[string]any)
	for i := range 102 {
		wide[fmt.Sprintf("A%d", i+1)] = i
	}
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"too many bytes", bytes.Repeat([]byte("a"), 1<<20+1), ErrTooLarge},
		{"too many rows", bytes.Repeat([]byte("a\n"), 101), ErrTooLong},
		{"too many rows of a book", book(t, wide), ErrTooLong},
		{"bytes of no encoding", []byte("a\xff\xff\xff,b"), ErrEncoding},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00"), ErrBroken},
		{"bytes that no text has", []byte("a,b\x00c"), ErrBroken},
		{"half a book", whole[:len(whole)/2], ErrBroken},
		{"a zip that is no book", []byte("PK\x03\x04 nothing"), ErrBroken},
		{"an old XLS", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ErrBroken},
		{"a bomb", bomb(t), ErrBroken},
	} {
		if rows, err := Read(test.data, limits); !errors.Is(err, test.want) {
			t.Errorf("%s: %d rows, %v; want %v", test.name, len(rows), err, test.want)
		}
	}
}

func TestWhatIsWrittenIsNeverCalculatedAndReadsBack(t *testing.T) {
	t.Parallel()
	cells := []string{"=1+1", "+86", "-5", "@x", "'quoted", "'=x", "a\"b", "两\n行", "plain"}
	var b bytes.Buffer
	if err := WriteCSV(&b, [][]string{cells}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "\ufeff'=1+1,'+86,'-5,'@x,") {
		t.Errorf("wrote %q", b.String())
	}
	rows, err := Read(b.Bytes(), limits)
	if err != nil {
		t.Fatal(err)
	}
	for i, cell := range rows[0].Cells {
		if want := cells[i]; Plain(cell) != want {
			t.Errorf("%q came back as %q", want, Plain(cell))
		}
	}
}

func TestABookHasShortNumbersAsNumbersAndLongOnesWhole(t *testing.T) {
	t.Parallel()
	cells := []string{"12345678901", "123456789012", "6901234567890", "-40", "3.5", "007", "=1+1", "+86", "@x", "-x", "50%", "两\n行", "1e5", ""}
	var b bytes.Buffer
	if err := WriteXLSX(&b, "表", [][]string{make([]string, len(cells)), cells}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for i, cell := range cells {
		at, _ := excelize.CoordinatesToCellName(i+1, 2)
		got, err := f.GetCellValue("表", at, excelize.Options{RawCellValue: true})
		kind, err2 := f.GetCellType("表", at)
		formula, err3 := f.GetCellFormula("表", at)
		if err := errors.Join(err, err2, err3); err != nil || formula != "" {
			t.Errorf("%q: formula %q, %v", cell, formula, err)
		}
		isNumber := kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset && cell != ""
		if want := i < 1 || i == 3 || i == 4; Plain(got) != cell || isNumber != want {
			t.Errorf("%q came back as %q, a number: %v, want %v (%v)", cell, got, isNumber, want, kind)
		}
		if strings.ContainsAny(got[:min(len(got), 1)], "=+@") {
			t.Errorf("%q would be calculated", got)
		}
	}
	for cell, want := range map[string]string{"123456789012": "'123456789012", "12345678901": "12345678901", "12345678901x": "12345678901x"} {
		if got := Kept(cell); got != want || Plain(got) != cell {
			t.Errorf("in a CSV %q is %q, want %q", cell, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := Read(data, limits)
		if err == nil && len(rows) > limits.Rows {
			t.Errorf("%d rows", len(rows))
		}
	})
}

func TestDatesOfABookComeInOneFormWhateverTheCountry(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	own := `yyyy"年"m"月"d"日"`
	for i, style := range []excelize.Style{{NumFmt: 14}, {NumFmt: 22}, {NumFmt: 31}, {CustomNumFmt: &own}} {
		at := fmt.Sprintf("%c1", 'A'+i)
		look, err := f.NewStyle(&style)
		if err := errors.Join(err, f.SetCellValue("Sheet1", at, time.Date(2026, 11, 2, 9, 5, 0, 0, time.UTC)), f.SetCellStyle("Sheet1", at, at, look)); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := Read(b.Bytes(), limits)
	if got, want := shown(rows), "1:2026-11-02|2026-11-02 09:05|2026年11月2日|2026年11月2日"; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}
