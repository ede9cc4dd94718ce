package main

import (
	"bytes"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"huiyin/app/demo"
)

// What a shopper writes on the page becomes a ticket, and what an agent answers there arrives on her page.
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
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	agent := &http.Client{Jar: jar}
	send := func(path string, form url.Values) {
		res, err := agent.PostForm(base+path, form)
		if err != nil {
			t.Fatal(err)
		}
		read(t, res)
	}
	send("/sign-in", url.Values{"email": {"wang.fang@example.com"}, "password": {demo.Password}})
	eventually := func(what string, client *http.Client, path string, form *regexp.Regexp) string {
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			res, err := client.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			if found := form.FindStringSubmatch(read(t, res)); found != nil {
				return found[1]
			}
		}
		t.Fatalf("%s is not there", what)
		return ""
	}
	number := eventually("her ticket", agent, "/tickets?list=all", regexp.MustCompile(`(?s)href="/tickets/(\d+)[^"]*"(?:[^h]|h[^r])*?It leaks\.`))
	eventually("her file", agent, "/tickets/"+number, regexp.MustCompile(`(photo\.jpg)`))
	send("/tickets/"+number+"/messages", url.Values{
		"kind": {"reply"}, "body": {"We send another <b>cup</b>."}, "id": {"a-reply"}, "seen": {"1000"},
	})
	links, answered := regexp.MustCompile(`href="(/demo/mail/letters/\d+\?[^"]+)"`), false
	for end := time.Now().Add(30 * time.Second); !answered && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		list, err := http.Get(base + "/demo/mail?lang=en")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links.FindAllStringSubmatch(read(t, list), -1) { // the desk has answered by itself too
			letter, err := http.Get(base + strings.ReplaceAll(link[1], "&amp;", "&"))
			if err != nil {
				t.Fatal(err)
			}
			text := read(t, letter)
			answered = answered || strings.Contains(text, "We send another &lt;b&gt;cup&lt;/b&gt;.") && strings.Contains(text, "Re: My cup [#"+number+"]")
		}
	}
	if !answered {
		t.Error("the agent's answer is not in her mailbox")
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
