package eml

import (
	"bytes"
	"strings"
	"time"
)

// Message is what a mail says. Texts are valid UTF-8; nothing in it is sanitised.
type Message struct {
	MessageID   string   // without its brackets; empty: none
	InReplyTo   []string // without brackets
	References  []string
	Date        time.Time // zero: none that can be read
	From        Address   // the first one; empty: none
	Sender      Address
	ReplyTo     []Address
	To          []Address
	CC          []Address
	Subject     string
	Text        string // the first plain text, or what the HTML says; line ends are \n
	Whole       string // all texts in their order: a mail may go on after a picture, or have a list's footer
	HTML        string // as it came; empty: none
	TextOfHTML  bool   // Text was made from HTML
	Attachments []Attachment
	Auto        Auto
	Bounce      *Bounce
	Defects     []string

	// Delivered are the addresses that the mail was delivered by: Delivered-To and its kin, for those that stand neither
	// in To nor in CC.
	Delivered []Address
	// Header gives what else is asked of the headers; names in any case.
	Header Header
}

// Header is the header section of a mail.
type Header struct {
	fields header
	reader *reader
}

// Get gives the first value of a header as text; empty: there is none.
func (h Header) Get(name string) string {
	if h.reader == nil {
		return ""
	}
	return h.reader.headerText(h.fields.first(strings.ToLower(name)))
}

// All gives every value of a header as text.
func (h Header) All(name string) (out []string) {
	for _, raw := range h.fields.all(strings.ToLower(name)) {
		out = append(out, h.reader.headerText(raw))
	}
	return out
}

// Attachment is a part that is no text of the mail.
type Attachment struct {
	Name      string // as it was sent, a path perhaps; empty: none
	Type      string // media type in lower case; what the sender says
	Content   []byte
	Inline    bool   // shown within the mail, by its ContentID or its disposition
	ContentID string // without brackets
}

// reader reads one mail.
type reader struct {
	lim  *budget
	hint string // a charset that the mail uses
}

// Parse reads a mail. It never fails: whatever the bytes are, a message comes back, with what was broken in its Defects.
// It keeps within the limits of this package (limits.go), about two seconds and a few times the size of the mail. The
// message may share memory with raw.
func Parse(raw []byte) *Message {
	m := &reader{lim: newBudget(time.Now())}
	raw = trimLead(raw)
	m.hint = charsetOf(raw)
	m.lim.part()
	root := m.parse(raw, 0, false)
	msg := m.envelope(root.header)
	m.collect(root).into(msg)
	msg.Auto = automatic(msg, root)
	if msg.Bounce = m.bounce(msg, root); msg.Bounce != nil {
		msg.Auto = AutoBounce
	}
	msg.Defects = m.lim.defects
	return msg
}

// trimLead takes away what stands before the headers: empty lines, the mark of UTF-8, an mbox's "From " line.
func trimLead(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	for {
		line, rest := nextLine(raw)
		switch {
		case len(raw) > 0 && len(bytes.TrimSpace(line)) == 0,
			bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte("From :")),
			bytes.HasPrefix(line, []byte(">From ")):
			raw = rest
		default:
			return raw
		}
	}
}

// charsetOf finds the first charset that the mail names, other than the plain ones: what is unnamed is likely in it.
func charsetOf(raw []byte) string {
	look := bytes.ToLower(raw[:min(len(raw), 64<<10)])
	for at := 0; ; {
		i := bytes.Index(look[at:], []byte("charset"))
		if i < 0 {
			break
		}
		at += i + len("charset")
		label := bytes.TrimLeft(look[at:min(len(look), at+60)], " \t=\"'")
		end := bytes.IndexAny(label, " \t\r\n\"';>")
		if end < 0 {
			end = len(label)
		}
		if name := normalLabel(string(label[:end])); usefulHint(name) {
			return name
		}
	}
	for at := 0; ; { // of an encoded word
		i := bytes.Index(look[at:], []byte("=?"))
		if i < 0 {
			break
		}
		at += i + 2
		label, _, _ := strings.Cut(string(look[at:min(len(look), at+40)]), "?")
		if name := normalLabel(label); usefulHint(name) {
			return name
		}
	}
	for sign, name := range map[string]string{"foxmail": "gb18030", "@qq.com": "gb18030", "@163.com": "gb18030", "@126.com": "gb18030", "@sina.com": "gb18030"} {
		if bytes.Contains(look, []byte(sign)) {
			return name
		}
	}
	return ""
}

func usefulHint(name string) bool {
	return name != "" && !isUTF8(name) && name != "us-ascii" && name != "ascii" && !strings.HasPrefix(name, "utf-") && lookUp(name) != nil
}

// envelope reads the headers of the mail.
func (m *reader) envelope(h header) *Message {
	msg := &Message{Header: Header{h, m}}
	msg.MessageID = first(ids(m.rawText(h.first("message-id"))))
	msg.InReplyTo = ids(m.rawText(h.first("in-reply-to")))
	msg.References = ids(m.rawText(h.first("references")))
	msg.Subject = strings.Join(strings.Fields(m.headerText(h.first("subject"))), " ")
	msg.From = first(m.addresses(h.first("from")))
	msg.Sender = first(m.addresses(h.first("sender")))
	msg.ReplyTo = m.addresses(h.first("reply-to"))
	msg.To, msg.CC = m.addressesOfAll(h, "to"), m.addressesOfAll(h, "cc")
	for _, name := range []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "x-rcpt-to", "x-real-to"} {
		msg.Delivered = append(msg.Delivered, m.addressesOfAll(h, name)...)
	}
	if raw := h.first("date"); raw != nil {
		var ok bool
		if msg.Date, ok = parseDate(m.rawText(raw)); !ok || !possible(msg.Date) {
			m.lim.say(defectDate)
			msg.Date = time.Time{}
		}
	}
	return msg
}

func (m *reader) addressesOfAll(h header, name string) (out []Address) {
	for _, raw := range h.all(name) {
		if out = append(out, m.addresses(raw)...); len(out) > addressesMax {
			m.lim.say(defectAddresses)
			return out[:addressesMax]
		}
	}
	return out
}

func first[T any](all []T) (one T) {
	if len(all) > 0 {
		one = all[0]
	}
	return one
}

// ids reads message ids: what stands in brackets, or, where nothing does, what stands between spaces.
func ids(s string) (out []string) {
	for rest := s; len(out) < idsMax; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		one, next, closed := strings.Cut(after, ">")
		if one = strings.Join(strings.Fields(one), ""); one != "" && len(one) <= 998 {
			out = append(out, one)
		}
		if !closed {
			break
		}
		rest = next
	}
	if len(out) > 0 || strings.ContainsRune(s, '<') {
		return out
	}
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == ',' }) {
		if strings.Contains(one, "@") && len(out) < idsMax && len(one) <= 998 {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		if one := strings.TrimSpace(s); one != "" && !strings.ContainsAny(one, " \t") && len(one) <= 998 {
			out = append(out, one)
		}
	}
	return out
}
