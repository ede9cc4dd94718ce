package mailin

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"huiyin/mailin/eml"
	"huiyin/mailin/quote"
	"huiyin/mailin/safe"
)

// Parsed is a mail as `huiyin mail parse` prints it (docs: huiyin help mail parse). Lists are never nil.
type Parsed struct {
	MessageID   string        `json:"message_id"`
	InReplyTo   []string      `json:"in_reply_to"`
	References  []string      `json:"references"`
	Date        *time.Time    `json:"date"`
	From        eml.Address   `json:"from"`
	ReplyTo     []eml.Address `json:"reply_to"`
	To          []eml.Address `json:"to"`
	CC          []eml.Address `json:"cc"`
	Subject     string        `json:"subject"`
	Text        string        `json:"text"`
	Reply       string        `json:"reply"`
	HTML        string        `json:"html"`
	Attachments []ParsedFile  `json:"attachments"`
	Auto        *eml.Auto     `json:"auto"`
	Bounce      *ParsedBounce `json:"bounce"`
	Defects     []string      `json:"defects"`
}

// ParsedFile is an attachment without its content.
type ParsedFile struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int    `json:"size"` // bytes
	Inline    bool   `json:"inline"`
	ContentID string `json:"content_id"`
	SHA256    string `json:"sha256"` // hex
}

// ParsedBounce says what came back.
type ParsedBounce struct {
	Recipient  string `json:"recipient"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnostic"`
}

// Parse reads a mail. It never fails (mailin/eml).
func Parse(raw []byte) Parsed {
	m := eml.Parse(raw)
	p := Parsed{
		MessageID: m.MessageID, InReplyTo: list(m.InReplyTo), References: list(m.References), From: m.From, ReplyTo: list(m.ReplyTo), To: list(m.To), CC: list(m.CC),
		Subject: m.Subject, Text: m.Text, Reply: replyOf(m), Attachments: []ParsedFile{}, Defects: list(m.Defects),
	}
	if !m.Date.IsZero() {
		p.Date = &m.Date
	}
	if m.HTML != "" {
		p.HTML = safe.HTML(m.HTML, safe.Options{}).HTML
	}
	for _, a := range m.Attachments {
		sum := sha256.Sum256(a.Content)
		p.Attachments = append(p.Attachments, ParsedFile{a.Name, a.Type, len(a.Content), a.Inline, a.ContentID, hex.EncodeToString(sum[:])})
	}
	if m.Auto != "" {
		p.Auto = &m.Auto
	}
	if b := m.Bounce; b != nil {
		p.Bounce = &ParsedBounce{b.Recipient, b.Status, b.Diagnostic}
	}
	return p
}

// replyOf gives what the sender wrote now. HTML knows better what is quoted where there is no plain text.
func replyOf(m *eml.Message) string {
	if m.TextOfHTML {
		return quote.OfHTML(m.HTML).Reply
	}
	return quote.Text(m.Whole).Reply
}

func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
