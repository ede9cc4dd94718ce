package eml_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"huiyin/mailin/eml"
)

// mail puts headers and a body together.
func mail(body string, headers ...string) []byte {
	return []byte(strings.Join(headers, "\r\n") + "\r\n\r\n" + body)
}

func gb(s string) string {
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestHeadersAreReadAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct{ raw, want string }{
		"a word":                       {"=?UTF-8?B?" + b64("退款") + "?=", "退款"},
		"words cut within a character": {"=?utf-8?B?" + b64("退款"[:4]) + "?= =?utf-8?B?" + b64("退款"[4:]) + "?=", "退款"},
		"base64 cut within a group":    {"=?utf-8?B?" + b64("退款还没到")[:6] + "?= =?utf-8?B?" + b64("退款还没到")[6:] + "?=", "退款还没到"},
		"a word with its language":     {"=?utf-8*zh-CN?Q?=E9=80=80?=", "退"},
		"spaces in a word":             {"=?utf-8?Q?a b?= c", "a b c"},
		"a word within quotes":         {`"=?gb2312?B?` + b64(gb("发票")) + `?=" x`, `"发票" x`},
		"words run together":           {"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
		"two charsets":                 {"=?gbk?B?" + b64(gb("退")) + "?= =?utf-8?B?" + b64("款") + "?=", "退款"},
		"an unknown charset":           {"=?x-none?Q?caf=E9?=", "café"},
		"no word":                      {"a =? b ?= c", "a =? b ?= c"},
		"raw UTF-8":                    {"退款", "退款"},
		"raw GBK":                      {gb("退款还没有到"), "退款还没有到"},
	} {
		m := eml.Parse(mail("x", "From: a@b.example", "Subject: "+c.raw, "Content-Type: text/plain; charset=gbk"))
		if m.Subject != c.want {
			t.Errorf("%s: %q, want %q", name, m.Subject, c.want)
		}
	}
}

func TestAddressesAreFoundInWhateverIsWritten(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]eml.Address{
		`李梅 <li@qq.example>, "Han, Mei" <han@b.example>`: {{Name: "李梅", Address: "li@qq.example"}, {Name: "Han, Mei", Address: "han@b.example"}},
		`Han, Mei <han@b.example>; c@d.example`:          {{Name: "Han, Mei", Address: "han@b.example"}, {Address: "c@d.example"}},
		`a@b.example (A Name)`:                           {{Name: "A Name", Address: "a@b.example"}},
		`friends: a@b.example, c@d.example;`:             {{Address: "a@b.example"}, {Address: "c@d.example"}},
		`undisclosed-recipients:;`:                       nil,
		`"a@b.example" <a@b.example>`:                    {{Name: "a@b.example", Address: "a@b.example"}},
		`<mailto:a@b.example>`:                           {{Address: "a@b.example"}},
		`=?utf-8?B?5p2O5qKF?= <a@b.example>`:             {{Name: "李梅", Address: "a@b.example"}},
		`"=?utf-8?B?5p2O5qKF?=" <a@b.example>`:           {{Name: "李梅", Address: "a@b.example"}},
		`A <<a@b.example>>`:                              {{Name: "A", Address: "a@b.example"}},
		`"A \"B\" C" <a@b.example>`:                      {{Name: `A B C`, Address: "a@b.example"}},
		`nobody`:                                         {{Address: "nobody"}},
		"A\r\n <a@b.example>":                            {{Name: "A", Address: "a@b.example"}},
	} {
		if got := eml.Parse(mail("x", "To: "+raw)).To; !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	}
}

func TestTextsKeepTheirCharacters(t *testing.T) {
	t.Parallel()
	jp, err := japanese.ISO2022JP.NewEncoder().String("注文が届きません")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ charset, body, want string }{
		"GB 2312 that is more":                          {"gb2312", gb("退款还没到，朱镕基"), "退款还没到，朱镕基"},
		"UTF-8 that says Latin 1":                       {"iso-8859-1", "退款", "退款"},
		"Latin 1 that says UTF-8":                       {"utf-8", "caf\xe9", "café"},
		"windows quotes in Latin 1":                     {"iso-8859-1", "\x93a\x94", "“a”"},
		"Japanese in 7 bits":                            {"iso-2022-jp", jp, "注文が届きません"},
		"Japanese without a charset":                    {"", jp, "注文が届きません"},
		"UTF-7":                                         {"utf-7", "+kABrPg-", "退款"},
		"an unknown charset":                            {"x-unknown", "caf\xe9", "café"},
		"UTF-8 with one wrong byte":                     {"utf-8", "退款还没到\xe9", "退款还没到é"},
		"NUL":                                           {"utf-8", "a\x00b", "ab"},
		"GBK that is UTF-8, too":                        {"gb2312", gb("谢谢"), "谢谢"},
		"UTF-8 that says GBK":                           {"gbk", "退款", "退款"},
		"Japanese with a character that is in no table": {"iso-2022-jp", jp + "\x1b$B\x2f\x21\x1b(B", "注文が届きません"},
	} {
		head := "Content-Type: text/plain"
		if c.charset != "" {
			head += "; charset=" + c.charset
		}
		if m := eml.Parse(mail(c.body, "From: a@b.example", head)); m.Text != c.want {
			t.Errorf("%s: %q, want %q (%q)", name, m.Text, c.want, m.Defects)
		}
	}
}

func TestFileNamesAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`attachment; filename="发票.pdf"`:                                               "发票.pdf",
		`attachment; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf`:                         "发票.pdf",
		"attachment;\r\n filename*0*=UTF-8''%E5%8F%91;\r\n filename*1*=%E7%A5%A8.pdf": "发票.pdf",
		`attachment; filename="=?utf-8?B?5Y+R56Wo?=.pdf"`:                             "发票.pdf",
		`attachment; filename=two words.pdf`:                                          "two words.pdf",
		`attachment; filename=a;b.pdf; size=1`:                                        "a;b.pdf",
		`attachment; filename="C:\temp\a.pdf"`:                                        `C:\temp\a.pdf`,
		`attachment`:                                                                  "",
	} {
		m := eml.Parse(mail("eA==", "From: a@b.example", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "Content-Disposition: "+raw))
		if len(m.Attachments) != 1 || m.Attachments[0].Name != want || string(m.Attachments[0].Content) != "x" {
			t.Errorf("%s: %+v, want %q", raw, m.Attachments, want)
		}
	}
}

func TestPartsAreFoundInBrokenMails(t *testing.T) {
	t.Parallel()
	part := func(kind, body string) string { return "Content-Type: " + kind + "\r\n\r\n" + body + "\r\n" }
	for name, c := range map[string]struct{ kind, body, text string }{
		"without the last boundary":   {"multipart/mixed; boundary=b", "--b\r\n" + part("text/plain", "hello") + "--b\r\n" + part("image/png", "x"), "hello"},
		"without a boundary at all":   {"multipart/mixed", "--b1234\r\n" + part("text/plain", "hello") + "--b1234--\r\n", "hello"},
		"with a wrong boundary":       {"multipart/mixed; boundary=other", "--b1234\r\n" + part("text/plain", "hello") + "--b1234--\r\n", "hello"},
		"without a part":              {"multipart/mixed; boundary=b", "hello", "hello"},
		"HTML beside text":            {"multipart/alternative; boundary=b", "--b\r\n" + part("text/plain", "hello") + "--b\r\n" + part("text/html", "<p>hello") + "--b--", "hello"},
		"CR twice":                    {"text/plain", "hello\r\r\n", "hello"},
		"HTML alone":                  {"text/html", "<p>hello</p>", "hello"},
		"an inner one like the outer": {"multipart/mixed; boundary=b", "--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n" + part("text/plain", "hello") + "--bb--\r\n--b--", "hello"},
	} {
		if m := eml.Parse(mail(c.body, "From: a@b.example", "Content-Type: "+c.kind)); strings.TrimSpace(m.Text) != c.text {
			t.Errorf("%s: %q (%q)", name, m.Text, m.Defects)
		}
	}
	m := eml.Parse(mail("--b\r\n"+part("text/plain", "one")+"--b\r\n"+part("image/png", "x")+"--b\r\n"+part("text/plain", "two")+"--b--", "Content-Type: multipart/mixed; boundary=b"))
	if m.Text != "one" || m.Whole != "one\n\ntwo" || len(m.Attachments) != 2 {
		t.Errorf("what is written after a picture: %q, %q, %d files", m.Text, m.Whole, len(m.Attachments))
	}
}

func TestWhatWasEncodedStays(t *testing.T) {
	t.Parallel()
	m := eml.Parse(mail("a=09\r\nb=20\r\nc \t\r\n", "Content-Type: application/x-table; name=t", "Content-Transfer-Encoding: quoted-printable"))
	if len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "a\t\r\nb \r\nc\r\n" {
		t.Errorf("%+v", m.Attachments)
	}
}

func TestLineEndsThatWereMendedTwiceEndNoHeaders(t *testing.T) {
	t.Parallel()
	if m := eml.Parse([]byte("From: a@b.example\r\r\nSubject: hi\r\r\n\r\r\nhello\r\r\n")); m.Subject != "hi" || strings.TrimSpace(m.Text) != "hello" {
		t.Errorf("%q, %q", m.Subject, m.Text)
	}
}

func TestMachinesAreToldFromPeople(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers []string
		want    eml.Auto
	}{
		"a person":                       {[]string{"Subject: 退款"}, ""},
		"a person, said outright":        {[]string{"Auto-Submitted: no"}, ""},
		"a person whose server asks":     {[]string{"X-Auto-Response-Suppress: All"}, ""},
		"an answer by a machine":         {[]string{"Auto-Submitted: auto-replied (vacation)"}, eml.AutoReply},
		"by its precedence":              {[]string{"Precedence: auto_reply"}, eml.AutoReply},
		"by its subject":                 {[]string{"Subject: 自动回复: 您好"}, eml.AutoReply},
		"by its subject in English":      {[]string{"Subject: Automatic reply: Hello"}, eml.AutoReply},
		"a list":                         {[]string{"List-Id: <a.b>"}, eml.AutoList},
		"in bulk":                        {[]string{"Precedence: bulk"}, eml.AutoList},
		"an invitation":                  {[]string{"Content-Type: text/calendar; method=REQUEST"}, eml.AutoCalendar},
		"a calendar file":                {[]string{`Content-Type: text/calendar; name="a.ics"`, "Content-Disposition: attachment"}, ""},
		"a bounce in its own words":      {[]string{"From: MAILER-DAEMON@b.example", "Subject: Undelivered Mail Returned to Sender"}, eml.AutoBounce},
		"a shopper whose parcel failed":  {[]string{"From: a@gmail.example", "Subject: Delivery problem with my order", "X-Body: The delivery failed again. I paid 450 USD"}, ""},
		"a shopper who returns a coat":   {[]string{"From: li@qq.example", "Subject: 商品退回", "X-Body: 我把 499 元的大衣退回了"}, ""},
		"a shirt of the brand Away":      {[]string{"Subject: Away shirt arrived in the wrong size"}, ""},
		"away until Monday":              {[]string{"Subject: Away until Monday"}, eml.AutoReply},
		"somebody who speaks of bounces": {[]string{"Subject: Re: my mail was returned to sender", "In-Reply-To: <a@b>"}, ""},
	} {
		body := "user unknown"
		for _, h := range c.headers {
			if said, ok := strings.CutPrefix(h, "X-Body: "); ok {
				body = said
			}
		}
		if got := eml.Parse(mail(body, append([]string{"To: help@shop.example"}, c.headers...)...)).Auto; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestABounceSaysWhomItIsAbout(t *testing.T) {
	t.Parallel()
	m := eml.Parse(mail("--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.b.example\r\n\r\n"+
		"Final-Recipient: rfc822; li@qq.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"+
		"Message-ID: <t1.2.x.y@desk.example>\r\nReferences: <a@b>\r\nTo: li@qq.example\r\nSubject: x\r\n\r\nhello\r\n--b--",
		"From: MAILER-DAEMON@b.example", `Content-Type: multipart/report; report-type=delivery-status; boundary=b`))
	b := m.Bounce
	if b == nil || b.Recipient != "li@qq.example" || b.Status != "5.1.1" || b.Action != "failed" || b.Diagnostic != "550 no such user" || b.OriginalID != "t1.2.x.y@desk.example" || !b.Hard() ||
		!slices.Equal(b.OriginalReferences, []string{"a@b"}) {
		t.Errorf("%+v", b)
	}
	m = eml.Parse(mail("Your message could not be delivered:\r\n\r\n<li@qq.example>: mailbox is full\r\n\r\n--- Below is the original message ---\r\n\r\nMessage-ID: <t1@desk.example>\r\nTo: li@qq.example\r\n", "From: postmaster@b.example", "Subject: failure notice"))
	if b := m.Bounce; b == nil || b.Recipient != "li@qq.example" || b.Status != "5.2.2" || b.OriginalID != "t1@desk.example" || b.Hard() {
		t.Errorf("%+v", b)
	}
}

func TestDatesAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 3, 10, 0, 5, 0, time.UTC)
	for _, raw := range []string{
		"Tue, 3 Nov 2026 18:00:05 +0800 (CST)", "Tue,  3 Nov 2026 10:00:05 GMT", "3 Nov 26 10:00:05 +0000", "Tue Nov  3 10:00:05 2026", "2026-11-03T18:00:05+08:00",
		"2026-11-03 10:00:05", "Tue, 03 Nov 2026 18:00:05 GMT+08:00", "Tuesday, 3 Nov 2026 10:00:05",
	} {
		if got := eml.Parse(mail("x", "Date: "+raw)).Date; !got.Equal(want) {
			t.Errorf("%s: %v", raw, got)
		}
	}
	for _, raw := range []string{"yesterday", "Tue, 3 Nov 2026 10:00:00 +2400"} { // the second cannot be written as JSON
		if got := eml.Parse(mail("x", "Date: "+raw)); !got.Date.IsZero() || len(got.Defects) != 1 {
			t.Errorf("%s: %v, %q", raw, got.Date, got.Defects)
		}
	}
}
