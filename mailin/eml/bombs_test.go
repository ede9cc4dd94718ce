package eml_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/eml"
)

// bombs are mails made to cost more than they weigh, by what they abuse.
func bombs() map[string][]byte {
	lines := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	nested := func(n int, closed bool) string {
		s := lines(n, func(i int) string {
			return fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}) + "\nhello\n"
		if closed {
			for i := n - 1; i >= 0; i-- {
				s += fmt.Sprintf("--b%d--\n", i)
			}
		}
		return s
	}
	head := "From: a@b.example\nSubject: bomb\n"
	texts := map[string]string{
		"25 unclosed multiparts":               head + nested(25, false),
		"10,000 unclosed multiparts":           head + nested(10_000, false),
		"2,000 closed multiparts":              head + nested(2_000, true),
		"200,000 empty parts":                  head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n", 200_000) + "--b--\n",
		"a boundary that all lines begin with": head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--bb\n", 1_000_000),
		"a thousand mails in each other":       head + strings.Repeat("Content-Type: message/rfc822\nContent-Disposition: inline\n\n", 1_000) + "x",
		"50,000 pieces of a parameter":         head + "Content-Type: text/plain" + lines(50_000, func(i int) string { return fmt.Sprintf(";\n name*%d=abc", i) }) + "\n\nx",
		"500,000 header lines":                 head + lines(500_000, func(i int) string { return fmt.Sprintf("X-%d: y\n", i) }) + "\nx",
		"a header of 20 MB":                    head + "X-Long: " + strings.Repeat("x", 20<<20) + "\n\nx",
		"a header folded 500,000 times":        head + "X-Folded: a" + strings.Repeat("\n x", 500_000) + "\n\nx",
		"200,000 addresses":                    head + "To: " + lines(200_000, func(i int) string { return fmt.Sprintf("a%d@b.example, ", i) }) + "\n\nx",
		"addresses of quotes":                  head + "To: " + strings.Repeat(`"`, 250_000) + "\n\nx",
		"addresses of brackets":                head + "To: " + strings.Repeat("<", 250_000) + "\n\nx",
		"addresses of colons":                  head + "To: " + strings.Repeat(`":"`, 80_000) + "A\n\nx",
		"addresses of comments":                head + "To: " + strings.Repeat("(", 250_000) + "\n\nx",
		"a type of comments":                   head + "Content-Type: " + strings.Repeat("(a)", 80_000) + "text/plain\n\nx",
		"parameters of equal signs":            head + "Content-Type: text/plain; " + strings.Repeat("=;", 100_000) + "\n\nx",
		"parameters of semicolons":             head + "Content-Type: text/plain; a=" + strings.Repeat(";", 240_000) + "\n\nx",
		"100,000 encoded words":                "From: a@b.example\nSubject: " + strings.Repeat("=?utf-8?q?=41?= ", 100_000) + "\n\nx",
		"encoded words without an end":         "From: a@b.example\nSubject: " + strings.Repeat("=?utf-8?q?=41", 100_000) + "\n\nx",
		"question marks in a word":             "From: a@b.example\nSubject: =?utf-8?q?" + strings.Repeat("?=3D", 60_000) + "\n\nx",
		"100,000 message ids":                  head + "References: " + strings.Repeat("<a@b>\n ", 100_000) + "\n\nx",
		"30 MB of HTML":                        head + "Content-Type: text/html\n\n" + strings.Repeat("<div><p>word</p>", 30<<20/16),
		"HTML that never closes":               head + "Content-Type: text/html\n\n" + strings.Repeat("<", 8<<20),
		"entities":                             head + "Content-Type: text/html\n\n" + strings.Repeat("&", 4<<20),
		"uuencoded beginnings":                 head + "\n" + strings.Repeat("begin 644 x\n", 500_000),
		"uuencoded bodies without end":         head + "\n" + strings.Repeat("begin 644 x\n#0V%T\n", 200_000),
		"25 MB of base64":                      head + "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(make([]byte, 18<<20)),
		"25 MB of quoted-printable":            head + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=41=42=0D=0A", 2<<20),
		"equal signs":                          head + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("= ", 10<<20),
		"a flowed text":                        head + "Content-Type: text/plain; format=flowed; delsp=yes\n\n" + strings.Repeat("x \n", 4<<20),
		"a bounce of colons":                   "From: mailer-daemon@b.example\nSubject: Undelivered\n\n" + strings.Repeat("user ", 500_000),
		"a bounce of digits":                   "From: mailer-daemon@b.example\nSubject: Undelivered\n\n" + strings.Repeat("5.1.", 500_000),
		"a report of recipients":               head + "Content-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: rfc822; a@b\n\n", 200_000),
		"lines of dashes":                      head + "Content-Type: multipart/mixed\n\n" + lines(200_000, func(i int) string { return fmt.Sprintf("--dash-%d\n", i) }),
		"carriage returns":                     strings.Repeat("\r", 10<<20),
		"NUL":                                  strings.Repeat("\x00", 10<<20),
		"0xFF":                                 strings.Repeat("\xff", 10<<20),
		"From lines":                           strings.Repeat("From x\n", 1_000_000),
		"Japanese that is none":                head + "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B\xff", 1_000_000),
	}
	out := map[string][]byte{}
	for name, text := range texts {
		out[name] = []byte(text)
	}
	return out
}

// Each costs under two seconds and, for 25 MB, under 256 MiB.
func TestBombsAreReadWithinTheLimits(t *testing.T) {
	for name, raw := range bombs() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			begin := time.Now()
			m := eml.Parse(raw)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 256 {
				t.Errorf("%d MiB were made for %d KiB", made, len(raw)>>10)
			}
			t.Logf("%v, %d MiB, %q", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, m.Defects)
		})
	}
}

// FuzzParse looks for bytes that make it fail, or that it reads differently a second time.
func FuzzParse(f *testing.F) {
	for _, raw := range bombs() {
		f.Add(raw[:min(len(raw), 2<<10)])
	}
	for _, seed := range []string{
		"From: =?gb2312?B?1cXI/Q==?= <a@qq.com>\nSubject: =?utf-8?Q?=E4=BD=A0?= =?utf-8?Q?=E5=A5=BD?=\nContent-Type: text/plain; charset=gbk\n\n\xc4\xe3\xba\xc3",
		"Content-Type: multipart/alternative; boundary=\"a b\"\n\n--a b\nContent-Type: text/html\n\n<p>x</p>\n--a b--\n",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n--x--\n",
		"Content-Disposition: attachment; filename*0*=utf-8''%e4%bd; filename*1*=%a0.txt\n\nbegin 644 x\n#0V%T\n`\nend\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := eml.Parse(bytes.Clone(raw))
		for what, text := range map[string]string{"subject": m.Subject, "text": m.Text, "whole": m.Whole, "HTML": m.HTML, "from": m.From.Name + m.From.Address} {
			if strings.ToValidUTF8(text, "") != text {
				t.Errorf("the %s is not UTF-8: %q", what, text)
			}
		}
		if again := eml.Parse(bytes.Clone(raw)); again.Text != m.Text || again.Subject != m.Subject || len(again.Attachments) != len(m.Attachments) {
			t.Error("the same bytes are read differently")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	raw := []byte("From: =?utf-8?B?5byg5LiJ?= <zhang@shop.example>\r\nTo: help@desk.example\r\nSubject: Re: [#1001]\r\nMessage-ID: <a@b>\r\n" +
		"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("退款还没到。", 100))) + "\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>" + strings.Repeat("退款还没到。", 100) + "</p>\r\n--x--\r\n")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		eml.Parse(raw)
	}
}
