package web

import (
	"bytes"
	"html"
	"strings"
	"testing"

	"huiyin/tickets"
)

// A file of orders that cannot be read is refused at its field, in the language of whoever sends it, and nothing of it is kept.
func TestBadFilesOfOrdersAreSaidInBothLanguagesAndLeaveNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	for name, one := range map[string]struct {
		preset, field string
		file          []byte // nil: none is sent
		says          both
	}{
		"no file":            {"own", "file", nil, both{"请选择", "Please choose a file."}},
		"nothing":            {"own", "file", []byte(" \n"), both{"文件里没有订单", "no order in the file"}},
		"a header alone":     {"own", "file", []byte("订单号,金额\n"), both{"文件里没有订单", "no order in the file"}},
		"no text":            {"own", "file", []byte("a,b\x00\n1,2\n"), both{"不是表格或文件已损坏", "This is no table, or it is damaged"}},
		"a picture":          {"own", "file", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), both{"不是表格或文件已损坏", "This is no table, or it is damaged"}},
		"a book of 2003":     {"own", "file", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xls"), both{"不是表格或文件已损坏", "This is no table, or it is damaged"}},
		"half of a book":     {"own", "file", []byte("PK\x03\x04 and no more"), both{"不是表格或文件已损坏", "This is no table, or it is damaged"}},
		"no encoding at all": {"own", "file", []byte("\xff,\xff\n\xff1,\xfe\n"), both{"无法识别文件编码", "in no encoding that is known"}},
		"an open quotation":  {"own", "file", []byte("订单号,商品\n1,\"杯\n" + strings.Repeat("2,茶\n", 60)), both{"从第 2 行第 2 列起，引号没有闭合", "From line 2, column 2 on a quotation mark is not closed"}},
		"more than it may":   {"own", "", append([]byte("订单号\n"), bytes.Repeat([]byte("1\n"), 31<<19)...), both{"文件超过 30 MB", "The file is larger than 30 MB"}},
		"an unknown shop":    {"ebay", "preset", []byte("订单号\n1\n"), both{"请选择文件来源", "Choose where the file comes from"}},
	} {
		for i, lang := range badLanguages {
			b.lang = lang
			got := b.sendFile("/settings/orders/imports", map[string]string{"preset": one.preset}, one.file)
			text := html.UnescapeString(got.body)
			if one.field == "" { // refused before it is read
				if got.status != 413 || !strings.Contains(text, one.says[i]) {
					t.Errorf("%s, %s: %d, want %q: %.300s", name, lang, got.status, one.says[i], text)
				}
			} else if at := strings.Index(text, `id="f-`+one.field+`-wrong">`); got.status != 422 || at < 0 || !strings.Contains(text[at:min(at+600, len(text))], one.says[i]) {
				t.Errorf("%s, %s: %d, want %q at %s: %.300s", name, lang, got.status, one.says[i], one.field, text[max(at, 0):])
			}
		}
		d.nothing(name, "order_imports", "orders", "contacts")
	}
}
