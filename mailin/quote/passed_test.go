package quote_test

import (
	"testing"

	"huiyin/mailin/quote"
)

func TestAMailThatWasPassedOnNamesItsWriter(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		text string
		want quote.Passed
	}{
		"Gmail":   {"Please help her.\n\n---------- Forwarded message ---------\nFrom: Wang Fang <wang@home.test>\nDate: Thu, Nov 26, 2026 at 10:00 AM\nSubject: Refund\nTo: <lin@shop.test>\n\nWhere is my money?\n", quote.Passed{"Wang Fang", "wang@home.test", "Where is my money?"}},
		"Outlook": {"FYI\r\n\r\n-----Original Message-----\r\nFrom: Wang Fang [mailto:wang@home.test] \r\nSent: Thursday, November 26, 2026 10:00 AM\r\nTo: Lin\r\nSubject: Refund\r\n\r\nWhere is my money?\r\n", quote.Passed{"Wang Fang", "wang@home.test", "Where is my money?"}},
		"QQ":      {"\n------------------ 原始邮件 ------------------\n发件人: \"王芳\"<wang@home.test>;\n发送时间: 2026年11月26日(星期四) 上午10:00\n收件人: \"lin\"<lin@shop.test>;\n主题: 退款\n\n我的钱呢？\n", quote.Passed{"王芳", "wang@home.test", "我的钱呢？"}},
		"German":  {"-------- Weitergeleitete Nachricht --------\nBetreff: Geld\nDatum: Thu, 26 Nov 2026 10:00:00 +0100\nVon: Wang Fang <wang@home.test>\nAn: lin@shop.test\n\nWo ist mein Geld?", quote.Passed{"Wang Fang", "wang@home.test", "Wo ist mein Geld?"}},
		"Apple":   {"> Begin forwarded message:\n> \n> From: Wang Fang <wang@home.test>\n> Subject: Refund\n> Date: 26. November 2026 at 10:00:00\n> To: lin@shop.test\n> \n> Where is my money?\n> Please.", quote.Passed{"Wang Fang", "wang@home.test", "Where is my money?\nPlease."}},
		"bare":    {"From: wang@home.test\nDate: 26 Nov 2026 10:00\nSubject: x\n\nhello", quote.Passed{"", "wang@home.test", "hello"}},
	} {
		got, ok := quote.PassedOn(one.text)
		if !ok || got != one.want {
			t.Errorf("%s: got %+v, %t", name, got, ok)
		}
	}
	for name, text := range map[string]string{
		"nothing":                 "",
		"a form with a sender":    "From: Shanghai\nTo: Beijing\nWeight: 2 kg",
		"an answer, not a header": "On Thu, 26 Nov 2026 at 10:00, Wang <wang@home.test> wrote:\n> hello",
	} {
		if got, ok := quote.PassedOn(text); ok {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
