package privacy

import (
	"archive/zip"
	"context"
	"io"
	"regexp"
	"slices"
	"strings"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// mail gives what a message was as a mail, if the person sent it or was sent it: what another person wrote into her ticket,
// and to whom, is hers only where her address was among them. nil: it is none that she is given.
func (e *Export) mail(ctx context.Context, m *tickets.Message) (*mailin.Whole, error) {
	if m.State == tickets.StateErased || m.Kind == tickets.KindNote {
		return nil, nil
	}
	got, err := e.s.Mail(ctx, m.ID)
	if got == nil || err != nil || from(m, e.Contact.ID) != "participant" || e.wasSent(&got.Head) {
		return got, err
	}
	return nil, nil
}

func (e *Export) wasSent(h *mailin.Head) bool {
	return slices.ContainsFunc(slices.Concat(h.To, h.CC), func(a eml.Address) bool {
		return slices.ContainsFunc(e.Contact.Identities, func(i tickets.Identity) bool {
			return i.Kind == tickets.IdentityEmail && strings.EqualFold(a.Address, i.Value)
		})
	})
}

// mailData is a mail's part of data.json.
func mailData(m *mailin.Whole, message id.ID) map[string]any {
	h, c := &m.Head, &m.Content
	out := map[string]any{
		"from": addressed(h.From)[0], "to": addressed(h.To...), "cc": addressed(h.CC...), "reply_to": addressed(h.ReplyTo...),
		"subject": h.Subject, "message_id": h.MessageID, "date": nil, "text": nil, "html": nil,
	}
	if h.Date != 0 {
		out["date"] = stamp(h.Date)
	}
	if c.Text != "" {
		out["text"] = c.Text
	}
	if c.HTML != "" {
		out["html"], out["html_cut"] = mailFile(message), c.Cut
	}
	return out
}

func addressed(list ...eml.Address) []map[string]string {
	out := []map[string]string{}
	for _, a := range list {
		out = append(out, map[string]string{"name": a.Name, "address": a.Address})
	}
	return out
}

// mailFile is the place of a mail's HTML in the ZIP.
func mailFile(message id.ID) string { return "files/" + message.String() + "-mail.html" }

// Whoever opens a mail's HTML from a disk has none of the desk's guards: this forbids scripts, forms, frames, and that it tells
// anybody that it was read. A meta element of the mail could lead elsewhere, so none of them is one any more.
const mailGuard = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"><meta name="referrer" content="no-referrer">
`

var metaTags = regexp.MustCompile(`(?i)<meta`)

// mailHTML writes a mail's HTML, if it has any, as it came but for what mailGuard says.
func (e *Export) mailHTML(ctx context.Context, z *zip.Writer, m *tickets.Message) error {
	mail, err := e.mail(ctx, m)
	if mail == nil || mail.Content.HTML == "" || err != nil {
		return err
	}
	f, err := z.Create(mailFile(m.ID))
	if err == nil {
		_, err = io.WriteString(f, mailGuard+metaTags.ReplaceAllString(mail.Content.HTML, "<x-meta"))
	}
	return err
}

// mailView is a mail on the page.
type mailView struct {
	From, To, CC string
	Subject      string
	Date         int64
	Text, Href   string
}

func viewOfMail(m *mailin.Whole, message id.ID) *mailView {
	h := &m.Head
	v := &mailView{From: named(h.From), To: named(h.To...), CC: named(h.CC...), Subject: h.Subject, Date: h.Date, Text: m.Content.Text}
	if m.Content.HTML != "" {
		v.Href = mailFile(message)
	}
	return v
}

// named writes addresses for people.
func named(list ...eml.Address) string {
	var out []string
	for _, a := range list {
		if a.Name != "" {
			out = append(out, a.Name+" <"+a.Address+">")
		} else {
			out = append(out, a.Address)
		}
	}
	return strings.Join(out, ", ")
}
