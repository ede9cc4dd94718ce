package mailin

import (
	"net/url"
	"slices"
	"strings"

	"huiyin/mailin/eml"
	"huiyin/mailin/safe"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Head is what people see of a mail's head.
type Head struct {
	From       eml.Address   `json:"from"`
	ReplyTo    []eml.Address `json:"reply_to,omitempty"`
	To         []eml.Address `json:"to,omitempty"`
	CC         []eml.Address `json:"cc,omitempty"`
	Subject    string        `json:"subject,omitempty"`
	MessageID  string        `json:"message_id,omitempty"`
	InReplyTo  string        `json:"in_reply_to,omitempty"`
	References []string      `json:"references,omitempty"`
	Date       int64         `json:"date,omitempty"` // as the sender says, Unix ms
	Refused    []RefusedFile `json:"refused,omitempty"`
	Named      int64         `json:"named,omitempty"` // a ticket number in the subject that the writer has no part in
	// Forwarder passed the mail on from somebody else.
	Forwarder *eml.Address `json:"forwarder,omitempty"`
	More      bool         `json:"more,omitempty"` // the mail says more than its message shows
	HTML      bool         `json:"html,omitempty"`
	Shown     []id.ID      `json:"shown,omitempty"` // attachments that its HTML shows in its text
	// Silent asks that no machine answers it.
	Silent bool `json:"silent,omitempty"`
	// Guessed says that only the ticket's number led there, which anybody can write, and that nobody vouches for the sender: an
	// answer goes to the address that she says is hers, and to nobody else whom the mail names.
	Guessed bool `json:"guessed,omitempty"`
	// Partial says that the mail was too large, and only its beginning was fetched.
	Partial bool `json:"partial,omitempty"`
}

func (l *letter) head() Head {
	h := Head{
		From: l.From, ReplyTo: few(l.ReplyTo), To: few(l.To), CC: few(l.CC), Subject: firstBytes(l.Subject, 2000), MessageID: l.MessageID,
		References: chain(l.References, l.InReplyTo), Refused: l.refused, Named: l.named, Guessed: l.guessed, Partial: l.size > int64(len(l.raw)),
		More: l.whole != "", HTML: l.HTML != "", Silent: l.silent(), Forwarder: l.forwarder,
	}
	for _, f := range l.files {
		if f.ContentID != "" && (strings.Contains(l.HTML, "cid:"+f.ContentID) || strings.Contains(l.HTML, "cid:"+url.PathEscape(f.ContentID))) {
			h.Shown = append(h.Shown, f.ID)
		}
	}
	if len(l.InReplyTo) > 0 {
		h.InReplyTo = l.InReplyTo[0]
	}
	if !l.Date.IsZero() {
		h.Date = tickets.Millis(l.Date)
	}
	return h
}

// silent tells whether a mail asks for no automatic answer: in words of Exchange, by a loop's mark, or because nothing can go back
// to where it came from.
func (l *letter) silent() bool {
	for _, word := range strings.FieldsFunc(strings.ToLower(l.Header.Get("X-Auto-Response-Suppress")), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		if word == "all" || word == "oof" || word == "autoreply" {
			return true
		}
	}
	return l.Header.Get("X-Loop") != "" || strings.TrimSpace(l.Header.Get("Return-Path")) == "<>"
}

func few(list []eml.Address) []eml.Address { return list[:min(len(list), addressesKept)] }

// chain is the References of an answer's answer: the first and the newest of the mails that one answers.
func chain(references, inReplyTo []string) []string {
	out := slices.Clone(references)
	for _, one := range inReplyTo {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	if len(out) > referencesMost {
		out = append(out[:1:1], out[len(out)-referencesMost+1:]...)
	}
	return out
}

// Content is all that a mail said, beside what its message shows.
type Content struct {
	Text  string     `json:"text,omitempty"` // all of its text; empty: the message has it
	HTML  string     `json:"html,omitempty"` // as it came: only ever shown through mailin/safe
	Files []KeptFile `json:"files,omitempty"`
	Cut   bool       `json:"cut,omitempty"` // the HTML is longer than what is kept
}

func (l *letter) content() Content {
	c := Content{Text: l.whole, HTML: l.HTML, Files: l.files}
	if len(c.HTML) > safe.Max {
		c.HTML, c.Cut = firstBytes(c.HTML, safe.Max), true
	}
	return c
}
