package quote_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"huiyin/mailin/quote"
)

func TestTheReplyIsWhatWasWrittenNow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, reply, signature string }{
		{"an English client", "Yes, please.\n\nOn Tue, Nov 3, 2026 at 10:00 AM Desk <help@shop.example> wrote:\n> Shall we?\n", "Yes, please.", ""},
		{"its attribution folded", "Yes.\n\nOn Tue, Nov 3, 2026 at 10:00 AM A Very Long Name <\nhelp@shop.example> wrote:\n\n> Shall we?", "Yes.", ""},
		{"answers between quotations stay", "On 3 Nov 2026, at 10:00, Desk wrote:\n> One?\nYes.\n> Two?\nNo.", "Yes.\nNo.", ""},
		{"Outlook in Chinese", "还没有收到。\r\n\r\n发件人: 客服 <help@shop.example>\r\n发送时间: 2026年11月3日 10:00\r\n收件人: 李梅 <li@qq.example>\r\n主题: 回复: 退款\r\n\r\n已退款。", "还没有收到。", ""},
		{"QQ", "好的\n\n------------------ 原始邮件 ------------------\n发件人: \"客服\"<help@shop.example>;\n发送时间: 2026年11月3日\n收件人: \"li\";\n主题: 退款\n\n已退款", "好的", ""},
		{"NetEase", "收到\n\n\n\n\n在 2026-11-03 10:00:00，\"客服\" <help@shop.example> 写道：\n>已退款", "收到", ""},
		{"Apple Mail in Chinese", "谢谢！\n\n> 在 2026年11月3日，10:00，客服 <help@shop.example> 写道：\n> \n> 已退款", "谢谢！", ""},
		{"traditional characters", "收到。\n\n客服 <help@shop.example> 於 2026年11月3日 週二 上午10:00寫道：\n\n> 已退款", "收到。", ""},
		{"Gmail in Japanese", "届きました。\n\n2026年11月3日(火) 10:00 ショップ <help@shop.example>:\n\n> 発送しました", "届きました。", ""},
		{"Outlook in Japanese", "届きました。\n\n差出人: ショップ <help@shop.example>\n送信日時: 2026年11月3日 10:00\n宛先: 山田\n件名: Re: 注文\n\n発送しました", "届きました。", ""},
		{"German", "Danke!\n\nAm 03.11.2026 um 10:00 schrieb Laden:\n> Erledigt.", "Danke!", ""},
		{"Outlook in German", "Danke!\n\nVon: Laden [mailto:help@shop.example]\nGesendet: Dienstag, 3. November 2026 10:00\nAn: Max\nBetreff: AW: Bestellung\n\nErledigt.", "Danke!", ""},
		{"French", "Merci !\n\nLe mar. 3 nov. 2026 à 10:00, Boutique <help@shop.example> a écrit :\n\n> C'est fait.", "Merci !", ""},
		{"a signature", "Yes.\n-- \nMei Li\nTel. 1", "Yes.", "-- \nMei Li\nTel. 1"},
		{"a telephone's line", "好\n\n发自我的 iPhone", "好", "发自我的 iPhone"},
		{"a telephone's line in English", "Yes\n\nSent from my iPhone", "Yes", "Sent from my iPhone"},
		{"prose that speaks of sending", "The parcel was sent from my office last week and I would like to know where it is now.", "The parcel was sent from my office last week and I would like to know where it is now.", ""},
		{"prose that speaks of writing", "我在昨天的邮件里写道：请退款。\n还没有退。", "我在昨天的邮件里写道：请退款。\n还没有退。", ""},
		{"a courier's form", "寄件人：李梅\n收件人：退货组\n日期：11月3日\n快递单号 SF123，请退款到支付宝。", "寄件人：李梅\n收件人：退货组\n日期：11月3日\n快递单号 SF123，请退款到支付宝。", ""},
		{"prose that quotes a colleague", "在2026年11月3日的聊天里，你们的客服写道：\n“三天内退款”\n到现在还没有退。", "在2026年11月3日的聊天里，你们的客服写道：\n“三天内退款”\n到现在还没有退。", ""},
		{"answers below a telephone's line", "见下文\n\n发自我的 iPhone\n\n在 2026-11-03 10:00:00，客服 <a@b.example> 写道：\n> 地址？\n北京路1号", "见下文\n\n\n北京路1号", "发自我的 iPhone"},
		{"prose with a colon", "From: where does it come?\nTell me.", "From: where does it come?\nTell me.", ""},
		{"what stands below our own line", "Thanks\n\n##- Please write above this line -##\n\nold", "Thanks", ""},
		{"passed on without a word", "---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Tue, Nov 3, 2026\nSubject: x\nTo: c@d.example\n\nold", "", ""},
		{"nothing", " \n\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := quote.Text(c.text)
			if got.Reply != c.reply || got.Signature != c.signature {
				t.Errorf("reply %q, signature %q; want %q, %q", got.Reply, got.Signature, c.reply, c.signature)
			}
		})
	}
}

func TestWhatIsHersInHTMLStays(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<div>Hi,</div><blockquote style="margin:0 0 0 40px">my order number is 123</blockquote><div>bye</div>`: "123",
		`<div>错误信息如下：</div><blockquote>支付失败 E42</blockquote>`:                                                   "E42",
	} {
		if got := quote.OfHTML(source).Reply; !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", source, got, want)
		}
	}
}

func TestHTMLMadeToCostIsReadInTime(t *testing.T) {
	var marks strings.Builder
	for i := range 480 {
		fmt.Fprintf(&marks, "<b id=%d>", i)
	}
	for name, source := range map[string]string{
		"formatting that nobody closes": "<p>" + marks.String() + "</p>" + strings.Repeat("<p>x", 8000), "rules": "hi" + strings.Repeat("<hr>", 200_000),
		"blockquotes": "hi" + strings.Repeat("<blockquote></blockquote>", 30_000), "borders": strings.Repeat(`<div style="border-top:solid #B5C4DF">`, 480) + strings.Repeat("x ", 300_000),
		"quotes": strings.Repeat(`<div class="gmail_quote">`, 480) + strings.Repeat("x ", 300_000),
	} {
		begin := time.Now()
		quote.OfHTML(source)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestQuotationsInHTMLAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"Gmail":       `<div dir="ltr">好的<br></div><br><div class="gmail_quote"><div class="gmail_attr">On Tue wrote:</div><blockquote class="gmail_quote">旧</blockquote></div>`,
		"Apple":       `<div>好的</div><div><br><blockquote type="cite"><div>旧</div></blockquote></div>`,
		"Outlook":     `<div>好的</div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>发件人:</b> a &lt;a@b.example&gt;<br><b>发送时间:</b> 2026年11月3日<br><b>主题:</b> x</p></div><p>旧</p>`,
		"Outlook web": `<div>好的</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> a</div><div>旧</div>`,
		"Thunderbird": `好的<div class="moz-cite-prefix">Am 03.11.2026 schrieb a:</div><blockquote type="cite" cite="mid:1">旧</blockquote>`,
		"NetEase":     `<div>好的</div><div class="ntes-mailmaster-quote"><div>旧</div></div>`,
		"Yahoo":       `<div>好的</div><div class="yahoo_quoted">旧</div>`,
		"a rule":      `<p>好的</p><hr><b>From:</b> a@b.example<br><b>Sent:</b> 3 November 2026<br><b>To:</b> c@d.example<br><b>Subject:</b> x<br>旧`,
	} {
		if got := quote.OfHTML(source); got.Reply != "好的" {
			t.Errorf("%s: %q", name, got.Reply)
		}
	}
}

// FuzzReply looks for texts on which it fails, or of which it makes something that was not in them.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"Yes\n\nOn Tue, Nov 3, 2026 at 10:00 AM a <a@b.example> wrote:\n> x", "好\n------------------ 原始邮件 ------------------\n发件人: a\n主题: b", "a\n-- \nb", "> x\n>> y\nz",
		"<div class=gmail_quote>x</div>y", "From: a@b\nTo: c\nSubject: d\n\n|x|",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []quote.Split{quote.Text(text), quote.OfHTML(text)} {
			if utf8.ValidString(text) && !utf8.ValidString(s.Reply) {
				t.Errorf("not UTF-8: %q", s.Reply)
			}
		}
		have := strings.NewReplacer("\r", "\n", "\u00a0", " ", "\u200b", "").Replace(text)
		for line := range strings.Lines(quote.Text(text).Reply) {
			if !strings.Contains(have, strings.TrimSpace(line)) {
				t.Errorf("%q was not in it", line)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	text := strings.Repeat("我在三天前下的单，到现在还没有发货。\n", 40) + "\n在 2026-11-03 10:00:00，\"客服\" <help@shop.example> 写道：\n" + strings.Repeat("> 您好\n", 200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		quote.Text(text)
	}
}
