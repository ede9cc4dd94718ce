package mailin_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// exported gives the files of a person's export.
func (d *desk) exported(contact id.ID) map[string]string {
	d.t.Helper()
	e, err := d.privacy().Export(bg, contact, privacy.ExportOptions{})
	must(d.t, err)
	var b bytes.Buffer
	must(d.t, e.WriteTo(bg, &b))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(d.t, err)
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		must(d.t, err)
		text, err := io.ReadAll(r)
		must(d.t, err)
		if out[f.Name] != "" {
			d.t.Errorf("%s is there twice", f.Name)
		}
		out[f.Name] = string(text)
	}
	return out
}

type exportedMail struct {
	From                      struct{ Name, Address string }
	To, CC                    []struct{ Name, Address string }
	Subject, Date, Text, HTML string
	MessageID                 string `json:"message_id"`
}

type exportedMessage struct {
	From, Body string
	Mail       *exportedMail
}

func (d *desk) data(files map[string]string) (own, elsewhere []exportedMessage) {
	d.t.Helper()
	var data struct {
		Tickets   []struct{ Messages []exportedMessage }
		Elsewhere []exportedMessage
	}
	must(d.t, json.Unmarshal([]byte(files["data.json"]), &data))
	for _, one := range data.Tickets {
		own = append(own, one.Messages...)
	}
	return own, data.Elsewhere
}

func TestAnExportHasAllThatTheMailsSaid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(rich("a1@home.test", `"王芳" <wang@home.test>`, "words of wang", "Cc: third@other.test\r\n"))
		owner := d.all()[0]
		token := "Cc: " + d.AnswerAddress(owner.ID)
		d.put(rich("b1@home.test", "li@other.test", "words of li", token+"\r\n"),
			rich("b2@home.test", "li@other.test", "li to wang too", token+", Wang@home.test\r\n"))
		_, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: owner.ID, Kind: tickets.KindNote, Body: "a note of the desk"})
		must(t, err)

		files := d.exported(owner.ContactID)
		own, _ := d.data(files)
		if len(own) != 3 || own[0].Mail == nil || own[1].Body != "words of li" || own[1].Mail != nil || own[2].Mail == nil {
			t.Fatalf("got %+v", own)
		}
		m := own[0].Mail
		if m.From.Name != "王芳" || m.From.Address != "wang@home.test" || len(m.To) != 2 || len(m.CC) != 1 || m.Subject != "Rich" || m.Date != "2026-11-26T02:00:00Z" || m.MessageID == "" ||
			!strings.Contains(m.Text, "the old words") || files[m.HTML] == "" {
			t.Errorf("her mail: %+v", m)
		}
		html := files[m.HTML]
		if !strings.HasPrefix(html, "<!doctype html>") || !strings.Contains(html, "words of wang") || !strings.Contains(html, "evil()") {
			t.Errorf("something of the mail is kept back:\n%s", html)
		}
		if !strings.Contains(html, "default-src 'none'") || strings.Contains(strings.ToLower(html), `<meta http-equiv=refresh`) {
			t.Errorf("the mail may do something:\n%s", html)
		}
		page := files["index.html"]
		for _, want := range []string{m.HTML, "the old words", "王芳 &lt;wang@home.test&gt;", "third@other.test", "Text with its formatting"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		for name, text := range files {
			if strings.Contains(text, "a note of the desk") {
				t.Errorf("%s has a note", name)
			}
			if strings.Contains(text, "words of li") && strings.HasSuffix(name, "-mail.html") {
				t.Errorf("%s is a mail that she was not sent", name)
			}
		}

		guest, err := d.tickets.Participants(bg, owner.ID)
		must(t, err)
		for _, p := range guest {
			if p.Identities[0].Value != "li@other.test" {
				continue
			}
			files := d.exported(p.ID)
			own, elsewhere := d.data(files)
			if len(own) != 0 || len(elsewhere) != 2 || elsewhere[0].Mail == nil || elsewhere[0].Mail.From.Address != "li@other.test" || files[elsewhere[0].Mail.HTML] == "" {
				t.Errorf("the guest is given %+v and %+v", own, elsewhere)
			}
			if strings.Contains(files["data.json"]+files["index.html"], "words of wang") {
				t.Error("the guest is given what somebody else wrote")
			}
			return
		}
		t.Error("there is no guest")
	})
}
