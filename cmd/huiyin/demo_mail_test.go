package main

import (
	"bytes"
	"context"
	"mime/multipart"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/demo"
	"huiyin/app/mailer"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
)

// What a shopper writes on the page arrives in the shop's mailbox, and what the shop answers arrives on her page.
func TestTheDemosMailGoesBothWays(t *testing.T) {
	t.Parallel()
	out, _, ended, stop := start(t, map[string]string{"HUIYIN_DATA": t.TempDir(), "HUIYIN_LISTEN": "127.0.0.1:0", "LANG": "en"}, "demo")
	out.waitFor(t, ended, "Ctrl+C")
	base := address.FindString(out.String())
	ports := regexp.MustCompile(`IMAP (\S+:\d+), SMTP (\S+:\d+),`).FindStringSubmatch(out.String())
	if ports == nil {
		t.Fatalf("the demo does not say where its mail is:\n%s", out)
	}
	body, kind := mailForm(t, map[string]string{"subject": "My cup", "text": "It leaks."}, "photo.jpg", "\xff\xd8 a picture")
	res, err := http.Post(base+"/demo/mail/letters?lang=en", kind, body)
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, res)
	if res.StatusCode != http.StatusOK || !strings.Contains(page, "The mail is on its way to the desk.") || !strings.Contains(page, "My cup") {
		t.Fatalf("%d\n%s", res.StatusCode, page)
	}
	m := shopMail(t, ports[1])
	if m.Subject != "My cup" || m.From.Name != "Mia Chen" || m.To[0].Address != demo.SupportEmail || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "\xff\xd8 a picture" {
		t.Fatalf("the shop got %+v", m)
	}

	answer(t, ports[2], m)
	list, err := http.Get(base + "/demo/mail?lang=en")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`href="(/demo/mail/letters/\d+\?[^"]+)"`).FindStringSubmatch(read(t, list))
	if link == nil {
		t.Fatal("the shop's answer is not in her list")
	}
	letter, err := http.Get(base + strings.ReplaceAll(link[1], "&amp;", "&"))
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, letter); !strings.Contains(text, "We send another &lt;b&gt;cup&lt;/b&gt;.") || !strings.Contains(text, "Re: My cup") {
		t.Errorf("her page does not show the answer:\n%s", text)
	}
	stop()
	for _, at := range ports[1:] {
		if conn, err := net.DialTimeout("tcp", at, time.Second); err == nil {
			_ = conn.Close()
			t.Errorf("%s is open after the demo's end", at)
		}
	}
}

func mailForm(t *testing.T, values map[string]string, file, content string) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, value := range values {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shopMail waits for the one mail in the shop's mailbox, as the desk does.
func shopMail(t *testing.T, at string) *eml.Message {
	t.Helper()
	host, port := split(t, at)
	b, err := imapbox.Open(t.Context(), imapbox.Config{Host: host, Port: port, Security: imapbox.Plain, User: demo.SupportEmail, Password: demo.Password})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var raw []byte
	if _, err := b.New(t.Context(), 0, 10, 30<<20, func(m imapbox.Mail) error { raw = bytes.Clone(m.Raw); return nil }); err != nil || raw == nil {
		t.Fatalf("no mail in the shop's mailbox: %v", err)
	}
	return eml.Parse(raw)
}

func answer(t *testing.T, at string, m *eml.Message) {
	t.Helper()
	host, port := split(t, at)
	set := mailer.Settings{
		Host: host, Port: port, Security: mailer.None, User: demo.SupportEmail, Password: demo.Password,
		From: mailer.Address{Name: demo.ShopName, Email: demo.SupportEmail},
	}
	out := mailer.New(mailer.Options{Settings: func(context.Context) (mailer.Settings, error) { return set, nil }})
	if _, err := out.Deliver(t.Context(), set, mailer.Letter{
		To: []mailer.Address{{Name: m.From.Name, Email: m.From.Address}}, Subject: "Re: " + m.Subject, Text: "We send another <b>cup</b>.", InReplyTo: m.MessageID,
	}); err != nil {
		t.Fatal(err)
	}
}

func split(t *testing.T, at string) (host string, port int) {
	t.Helper()
	host, text, err := net.SplitHostPort(at)
	if err != nil {
		t.Fatal(err)
	}
	if port, err = strconv.Atoi(text); err != nil {
		t.Fatal(err)
	}
	return host, port
}
