package apptest_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"huiyin/app/apptest"
	"huiyin/app/orders"
)

// spoiltOrders is an export in which nearly every line has something wrong; %[1]s makes its numbers of one look only.
const spoiltOrders = "订单编号,买家会员名,买家实际支付金额,订单状态,收货人姓名,联系手机,订单创建时间,宝贝标题,宝贝总数量\r\n" +
	"%[1]s-8888000001,小梅,59.00,\"卖家已发货，等待买家确认\",韩梅,13800138000,2026-11-01 10:00:00,\"陶瓷杯, 白 \"\"大\"\"\",2\r\n" +
	"1.23E+18,王五,10,交易成功,王五,,2026/11/2 9:05,<script>alert(1)</script>,1\r\n" +
	"%[1]s-8888000003,李四,十元,已送达月球,李四,,昨天,茶叶,0\r\n" +
	",赵六,10,交易成功,赵六,,2026/11/2 9:05,,1\r\n" +
	"%[1]s-8888000005,孙七,10,交易成功,孙七,,2026/11/2 9:05,一个非常非常长的名字而没有任何空格的商品一个非常非常长的名字而没有任何空格的商品,1\r\n"

// importWalk is one way through the pages of an import.
type importWalk struct {
	*testing.T
	*apptest.Page
	n        int
	look     apptest.Look
	base     string
	mark     string // of its order numbers
	column   string // what the fields are called
	why      []string
	counts   string
	unclosed string
	none     string
	twice    string
}

// The import of orders, from the file to the lines that were not taken and how to mend them, in both languages, by day and
// night, on a phone and a desktop: files in GBK, UTF-8 with its mark and XLSX, with what goes wrong in practice.
func TestAnImportOfOrdersInTheBrowser(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent(importer, "周岚", "admin", agentPassword)
	zh := importWalk{
		column: "订单号", counts: "新增 2", unclosed: "引号", none: "订单号", twice: "两列",
		why: []string{"第 3 行", "A 列", "1.23E+18", "第 4 行", "D 列", "第 5 行"},
	}
	en := importWalk{
		column: "Order number", counts: "2 added", unclosed: "quotation mark", none: "which column holds the order number", twice: "Two columns hold the same",
		why: []string{"Line 3, column A", "1.23E+18", "Line 4, column D", "This state is not known", "Line 4, column G", "This is no time", "Line 4, column C", "Line 4, column I", "Line 5, column A", "There is no order number"},
	}
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Width: 360, Height: 740, Dark: true}, {Locale: "zh-CN", Dark: true}, {Locale: "en"}} {
		t.Run(fmt.Sprintf("%s, dark %t, %d", look.Locale, look.Dark, look.Width), func(t *testing.T) {
			t.Parallel()
			w := zh
			if look.Locale == "en" {
				w = en
			}
			w.T, w.n, w.look, w.base, w.mark = t, i, look, s.base, fmt.Sprintf("N%d", i)
			w.Page = apptest.NewBrowser(t, look.Locale).OpenAs(s.desk, s.base, importer, agentPassword, look, "/settings/orders")
			w.refusedFile()
			w.previewed()
			w.taken()
			w.book()
		})
	}
}

// seen looks at the page as a person and as axe do.
func (w *importWalk) seen(what string) {
	w.Helper()
	w.Axe(what)
	noWider(w.T, w.Page, what)
	w.WaitFor(`(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector(".sections [aria-current]").getBoundingClientRect())`)
	w.Shot(fmt.Sprintf("import-%d-%s", w.n, what))
}

// send chooses a file and sends it.
func (w *importWalk) send(name, preset string, data []byte) {
	w.Helper()
	file := filepath.Join(w.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		w.Fatal(err)
	}
	w.Go(w.base + "/settings/orders")
	w.Wait("#f-file")
	w.Page.Run(fmt.Sprintf(`document.querySelector("#f-preset").value = %q`, preset))
	w.Choose("#f-file", file)
	w.Click("form[action='/settings/orders/imports'] .btn.primary")
}

// refusedFile is told at its field what is wrong with a file, before it is sent if it is too large.
func (w *importWalk) refusedFile() {
	w.seen("upload")
	large := filepath.Join(w.TempDir(), "large.csv")
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, orders.FileMax+1)); err != nil {
		w.Fatal(err)
	}
	w.WaitFor(`customElements.get("file-limit")`)
	w.Choose("#f-file", large)
	w.WaitFor(`document.querySelector("#f-file").validationMessage.includes("30 MB") && !document.querySelector("form[action$='/imports']").checkValidity()`)
	w.send("quotes.csv", "qianniu", []byte("订单编号,宝贝标题\n1,\"杯\n"+strings.Repeat("2,茶\n", 60)))
	w.WaitFor(fmt.Sprintf(`document.querySelector("#f-file-wrong")?.textContent.includes(%q) && document.activeElement.id === "f-file" && document.querySelector("#f-preset").value === "qianniu"`, w.unclosed))
	w.seen("unclosed")
}

// previewed sees what was understood, and is told which column is missing.
func (w *importWalk) previewed() {
	w.send("没有订单号.csv", "own", []byte("\ufeff金额,状态,商品\n10,已付款,杯\n"))
	w.Wait(".import-table")
	w.Click("form[action$='/start'] .btn.primary")
	w.WaitFor(fmt.Sprintf(`[...document.querySelectorAll("[role=alert]")].some(e => e.textContent.includes(%q))`, w.none))
	w.seen("missing")
	w.Page.Run(`document.querySelectorAll(".import-table select").forEach(e => e.value = "number")`)
	w.Click("form[action$='/start'] .btn.primary")
	w.WaitFor(fmt.Sprintf(`[...document.querySelectorAll("[role=alert]")].some(e => e.textContent.includes(%q))`, w.twice))
	w.Click("form[action$='/removal'] .btn")
	w.WaitFor(`location.pathname === "/settings/orders"`)
}

// taken sees the orders come in, and each line that was not taken with what to do.
func (w *importWalk) taken() {
	data := []byte("\ufeff" + fmt.Sprintf(spoiltOrders, w.mark))
	name := "utf8.csv"
	if w.n%2 == 0 {
		gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(strings.TrimPrefix(string(data), "\ufeff")))
		if err != nil {
			w.Fatal(err)
		}
		data, name = gbk, "一个名字很长的文件-千牛导出-2026年11月-全部店铺-最终版.csv"
	}
	w.send(name, "qianniu", data)
	w.Wait(".import-table")
	w.WaitText("订单编号", "陶瓷杯, 白 \"大\"", "<script>alert(1)</script>")
	w.WaitFor(fmt.Sprintf(`document.querySelector("[name=column0]").selectedOptions[0].textContent === %q`, w.column))
	w.seen("preview")
	w.Click("form[action$='/start'] .btn.primary")
	w.Wait("#progress")
	w.Shot(fmt.Sprintf("import-%d-progress", w.n))
	w.WaitText(append([]string{w.counts}, w.why...)...)
	w.WaitFor(`!document.querySelector("progress")`)
	w.seen("rejected")
	if list := apptest.Eval[string](w.Page, `fetch(document.querySelector("a[download]").href).then(r => r.text())`); strings.Count(list, "\n") < 7 {
		w.Errorf("the file of rejected lines is %q", list)
	}
	w.Go(w.base + "/settings/orders")
	w.WaitText(name)
	w.seen("list")
}

// book sends a table of a spreadsheet, whose dates are dates and whose long numbers have lost digits.
func (w *importWalk) book() {
	f := excelize.NewFile()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		w.Fatal(err)
	}
	at := time.Date(2026, 11, 2, 9, 5, 0, 0, time.UTC)
	for cell, value := range map[string]any{
		"A1": "订单编号", "B1": "订单状态", "C1": "下单时间", "D1": "订单金额", "A2": w.mark + "-99", "B2": "已发货", "C2": at, "D2": 59.5,
		"A3": 1.23456789012345e18, "B3": "已发货", "C3": at, "D3": 1,
	} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			w.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.SetCellStyle("Sheet1", "C2", "C3", date); err != nil {
		w.Fatal(err)
	}
	if err := f.Write(&b); err != nil {
		w.Fatal(err)
	}
	w.send("orders.xlsx", "weidian", b.Bytes())
	w.WaitText("2026-11-02 09:05", "59.5")
	w.Click("form[action$='/start'] .btn.primary")
	w.WaitText(strings.Replace(w.counts, "2", "1", 1))
	w.WaitText(w.why[0])
	w.seen("book")
	w.Go(w.base + "/tickets?q=" + w.mark + "-99")
	w.WaitText(w.mark+"-99", "59.50")
}
