package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

type formFile struct {
	name    string
	content []byte
}

// answers sends the form of a ticket's page as a browser without scripts does; it follows no redirect.
func (d *desk) answers(path string, fields map[string][]string, list ...formFile) (status int, body string) {
	d.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, v := range values {
			must(d.t, form.WriteField(name, v))
		}
	}
	for _, f := range list {
		part, err := form.CreateFormFile("file", f.name)
		must(d.t, err)
		_, err = part.Write(f.content)
		must(d.t, err)
	}
	must(d.t, form.Close())
	req, err := http.NewRequest(http.MethodPost, d.http.URL+path+"/messages", &b)
	must(d.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	must(d.t, err)
	defer res.Body.Close() //nolint:errcheck // read only
	raw, err := io.ReadAll(res.Body)
	must(d.t, err)
	return res.StatusCode, string(raw)
}

func (d *desk) talk(ticket id.ID) []tickets.Message {
	d.t.Helper()
	list, err := d.tickets.Visible(context.Background(), ticket, 0, 50)
	must(d.t, err)
	return list
}

func TestAnAnswerOnTheTicketPageBringsFilesWithoutScripts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, path := d.shopperTicket("包裹破了")
	status, body := d.answers(path, map[string][]string{"id": {"a"}, "body": {"照片在这里"}}, formFile{"坏.txt", []byte("words")}, formFile{"", nil}, formFile{"b.svg", []byte(svg)})
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, body)
	}
	said := d.talk(ticket.ID)
	if len(said) != 2 || len(said[1].Attachments) != 2 || said[1].Body != "照片在这里" {
		t.Fatalf("%+v", said)
	}
	page := d.browser().get(path).body
	for _, one := range said[1].Attachments {
		if !strings.Contains(page, fmt.Sprintf(`href="/files/%d/file/`, one.ID)) || !strings.Contains(page, one.Name) {
			t.Errorf("the page does not show %s", one.Name)
		}
	}
	if strings.Contains(page, `<img src="/files/`) {
		t.Error("what is no harmless picture is shown in the page")
	}
	if status, _ = d.answers(path, map[string][]string{"id": {"b"}, "body": {""}}, formFile{"c.txt", []byte("c")}); status != http.StatusSeeOther {
		t.Errorf("a file without words: %d", status)
	}
}

func TestARefusedFileOnTheTicketPageIsNamedAndNothingElseIsLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, path := d.shopperTicket("包裹破了")
	for name, c := range map[string]struct {
		bad  formFile
		says string
	}{
		"a program":                      {formFile{"a.png", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), make([]byte, 200)...)}, "程序"},
		"too large":                      {formFile{"大.bin", make([]byte, 10<<20+1)}, "大.bin：文件太大了，最多 10 MB"},
		"a picture that would blow up":   {formFile{"bomb.png", blowsUp()}, "像素过大"},
		"all of them larger than a form": {formFile{"all.bin", make([]byte, 52<<20)}, ""},
	} {
		status, body := d.answers(path, map[string][]string{"id": {name}, "body": {"我写的字"}}, formFile{"好.txt", []byte("good")}, c.bad)
		if name == "all of them larger than a form" {
			if status != http.StatusRequestEntityTooLarge && status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, status)
			}
			continue
		}
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || !strings.Contains(body, "我写的字") || !strings.Contains(body, "好.txt") {
			t.Errorf("%s: %d", name, status)
			continue
		}
		kept := regexp.MustCompile(`name="attachments" value="(\d+)" checked`).FindStringSubmatch(body)
		if kept == nil {
			t.Errorf("%s: the good file is not kept", name)
			continue
		}
		if status, _ := d.answers(path, map[string][]string{"id": {name + "2"}, "body": {"再发一次"}, "attachments": {kept[1]}}); status != http.StatusSeeOther {
			t.Errorf("%s: the kept file goes with the next try: %d", name, status)
		}
	}
	said := d.talk(ticket.ID)
	if n := len(slices.DeleteFunc(said, func(m tickets.Message) bool { return len(m.Attachments) != 1 })); n != 3 {
		t.Errorf("%d answers with one file, want 3", n)
	}
}

// blowsUp is a PNG that says it has a hundred thousand by a hundred thousand pixels.
func blowsUp() []byte {
	head := []byte("IHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00")
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head)), make([]byte, 64))
}

func TestNobodyElsesFileGoesWithAnAnswerAndNoDeadAddressTakesOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "Lin", tickets.RoleAgent)
	ticket, path := d.shopperTicket("第一位")
	hers := d.shopper()
	status, other := uploads(t, http.DefaultClient, d.http.URL+"/chat/v1/uploads", hers, "a.txt", []byte("another's"))
	if status != http.StatusCreated {
		t.Fatal(status)
	}
	status, own := uploads(t, http.DefaultClient, d.http.URL+path+"/uploads", "", "own.txt", []byte("own"))
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, own)
	}
	for name, file := range map[string]string{"another's file": other["id"].(string), "no file at all": "12345", "no id": "x"} {
		status, body := d.answers(path, map[string][]string{"id": {name}, "body": {"看"}, "attachments": {file}})
		if status != http.StatusUnprocessableEntity || strings.Contains(body, "a.txt") {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := d.answers(path, map[string][]string{"id": {"own"}, "body": {"看"}, "attachments": {own["id"].(string)}}); status != http.StatusSeeOther {
		t.Errorf("her own: %d", status)
	}
	must(t, d.tickets.RevokeLinks(context.Background(), tickets.Actor{Kind: tickets.ActorAgent, ID: lin.ID, Role: lin.Role}, ticket.ID))
	for name, to := range map[string]string{"a revoked address": path, "a wrong one": "/t/AAAAAAAAAAAAAAAAAAAAAA"} {
		if status, _ := uploads(t, http.DefaultClient, d.http.URL+to+"/uploads", "", "b.txt", []byte("b")); status != http.StatusNotFound {
			t.Errorf("%s takes an upload: %d", name, status)
		}
		if status, _ := d.answers(to, map[string][]string{"id": {"z"}, "body": {"z"}}, formFile{"z.txt", []byte("z")}); status != http.StatusNotFound {
			t.Errorf("%s takes an answer: %d", name, status)
		}
	}
	left, err := d.tickets.StaleAttachments(context.Background(), d.web.Now().Add(1<<40), 50)
	must(t, err)
	if len(left) != 1 { // the other shopper's
		t.Errorf("%d files were left behind by those who may not", len(left))
	}
}
