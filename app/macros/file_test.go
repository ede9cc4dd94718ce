package macros

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func written(lines []tickets.MacroLine) string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%d:%s|%s|%s|%s|%s", l.Line, l.Group, l.Subgroup, l.Title, l.Shortcut, l.Text))
	}
	return strings.Join(out, " ")
}

func TestColumnsAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want string }{
		"Chinese":                     {"分组,子分组,标题,快捷词,内容\n售后,退款,多久,tk,三天\n", "2:售后|退款|多久|tk|三天"},
		"English, in another order":   {"Text,Short code,Title\nhello,h,Hi\n", "2:||Hi|h|hello"},
		"with marks and notes":        {"* 标题（必填）,内容 (最多5000字)\n你好,您好\n", "2:||你好||您好"},
		"other columns are left out":  {"id,标题,备用,内容\n7,a,x,b\n", "2:||a||b"},
		"formulas are text":           {"title,text\n'=cmd,=1+1\n", "2:||=cmd||=1+1"},
		"short rows have empty cells": {"title,text,group\na,b\n", "2:||a||b"},
	} {
		lines, err := Parse([]byte(test.file))
		if got := written(lines); err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("标题,内容\n运费,包邮\n")
	if lines, perr := Parse([]byte(gbk)); err != nil || perr != nil || written(lines) != "2:||运费||包邮" {
		t.Errorf("GBK: %v, %v %v", lines, err, perr)
	}
	f := excelize.NewFile()
	for at, value := range map[string]string{"A1": "标题", "B1": "内容", "A2": "运费", "B2": "包邮"} {
		if err := f.SetCellStr("Sheet1", at, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "A3", `HYPERLINK("http://x")`); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if lines, err := Parse(b.Bytes()); err != nil || !strings.HasPrefix(written(lines), "2:||运费||包邮") {
		t.Errorf("XLSX: %v, %v", lines, err)
	}
}

func TestFilesThatCannotBeReadSayWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file []byte
		key  string
	}{
		"nothing":           {nil, "replies.file.empty"},
		"a header only":     {[]byte("标题,内容\n"), "replies.file.empty"},
		"no header":         {[]byte("你好,您好\n在吗,在的\n"), "replies.file.header"},
		"no text":           {[]byte("标题,分组\na,b\n"), "replies.file.header"},
		"too large":         {bytes.Repeat([]byte("a"), FileMax+1), "replies.file.too_large"},
		"too many lines":    {[]byte("title,text\n" + strings.Repeat("a,b\n", LinesMax+1)), "replies.file.too_long"},
		"no encoding":       {[]byte("title,text\n\xff\xff\xff,b\n"), "replies.file.encoding"},
		"a broken workbook": {[]byte("PK\x03\x04..."), "replies.file.broken"},
	} {
		_, err := Parse(test.file)
		if e := fault.As(err); e == nil || e.Key != test.key || e.Kind != fault.Invalid || e.Fields[0].Name != "file" {
			t.Errorf("%s: %v, want %s", name, err, test.key)
		}
	}
}

func TestWhatIsExportedCanBeImported(t *testing.T) {
	t.Parallel()
	all := &tickets.Macros{
		Groups: []tickets.MacroGroup{{ID: 1, Name: "售后"}, {ID: 2, ParentID: 1, Name: "=退款"}},
		Macros: []tickets.Macro{{ID: 3, GroupID: 2, Title: "-多久", Shortcut: "tk", Text: "@三天\n\"内\""}, {ID: 4, Title: "您好", Text: "+86"}},
	}
	for _, h := range []Header{{"给谁用", "分组", "子分组", "标题", "快捷词", "内容"}, {"For whom", "Group", "Subgroup", "Title", "Shortcut", "Text"}} {
		var b bytes.Buffer
		if err := Export(&b, all, h, func(tickets.MacroShelf) string { return "全员" }); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), ",=") || strings.Contains(b.String(), ",@") {
			t.Errorf("a spreadsheet would calculate: %q", b.String())
		}
		lines, err := Parse(b.Bytes())
		if want := "2:售后|=退款|-多久|tk|@三天\n\"内\" 4:||您好||+86"; err != nil || written(lines) != want {
			t.Errorf("got %q, %v; want %q", written(lines), err, want)
		}
	}
}
