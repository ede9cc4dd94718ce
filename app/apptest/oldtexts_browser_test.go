package apptest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huiyin/app/apptest"
)

const oldChats = "会话ID,消息发送方,消息时间,消息内容,订单号\r\n" +
	"%[1]s1,小梅,2026-05-01 10:00:00,\"快递太慢了，等了十天 <script>alert(1)</script>\",\r\n" +
	"%[1]s1,店铺小红,2026-05-01 10:01:00,非常抱歉,\r\n" +
	"%[1]s2,小李,昨天,杯子碎了,\r\n" +
	"%[1]s3,小王,2026-05-03 10:00:00,退款一直不到账，一个非常长而没有空格的句子一个非常长而没有空格的句子一个非常长而没有空格的句子,A-1\r\n"

// Old chats come from a file: what its columns hold is guessed and shown, who speaks for the shop is said, each line that is not
// taken is named, and all of it is taken back. In both languages, by day and night, on a phone and a desktop, by keyboard too.
func TestOldTextsAreTakenInAndBackInTheBrowser(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	desk.AddAgent(importer, "周岚", "manager", agentPassword)
	for i, one := range []struct {
		look                            apptest.Look
		column, none, counts, why, back string
	}{
		{apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, "内容", "请指明哪一列是内容", "已导入投诉 2 条", "第 4 行 C 列", "已撤回"},
		{apptest.Look{Locale: "en", Dark: true}, "Text", "which column holds the text", "taken in: 2", "Line 4, column C", "Taken back"},
	} {
		data, err := []byte("\ufeff"+fmt.Sprintf(oldChats, fmt.Sprint("N", i))), error(nil)
		if i == 0 {
			data, err = simplifiedchinese.GBK.NewEncoder().Bytes([]byte(fmt.Sprintf(oldChats, "N0")))
		}
		file := filepath.Join(t.TempDir(), "七鱼-会话导出-2026年.csv")
		if err := errors.Join(err, os.WriteFile(file, data, 0o600)); err != nil {
			t.Fatal(err)
		}
		p := apptest.NewBrowser(t, one.look.Locale).OpenAs(desk, desk.Base(), importer, agentPassword, one.look, "/insights/import")
		seen := func(what string) {
			t.Helper()
			p.Axe(what)
			noWider(t, p, what)
			p.Shot(fmt.Sprintf("oldtexts-%d-%s", i, what))
		}
		seen("upload")
		p.Choose("#f-file", file)
		p.Run(`document.querySelector("form[action='/insights/import'] .btn.primary").focus()`)
		p.Key("Enter")
		p.Wait(".import-table")
		p.WaitText("<script>alert(1)</script>")
		p.WaitFor(fmt.Sprintf(`document.querySelector("[name=column3]").selectedOptions[0].textContent === %q`, one.column))
		seen("preview")
		p.Run(`document.querySelector("[name=column3]").value = ""`)
		p.Click("form[action$='/start'] .btn.primary")
		p.WaitFor(fmt.Sprintf(`[...document.querySelectorAll("[role=alert]")].some(e => e.textContent.includes(%q))`, one.none))
		seen("missing")
		p.Run(`document.querySelector("[name=column3]").value = "text"`)
		p.Type("#f-staff", "店铺小红")
		p.Click("form[action$='/start'] .btn.primary")
		p.WaitText(one.counts, one.why)
		p.WaitFor(`!document.querySelector("progress")`)
		seen("done")
		p.Reload()
		p.Wait("form[action$='/return']")
		p.Click("form[action$='/return'] .btn")
		p.WaitText(one.back)
		seen("back")
		p.Go(desk.Base() + "/insights/import")
		p.WaitText("七鱼-会话导出", one.back)
		seen("list")
	}
}
