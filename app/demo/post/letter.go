package post

import (
	"errors"
	"time"

	"huiyin/mailin/eml"
)

// kept is a mail in a mailbox that the pages show.
type kept struct {
	raw  []byte
	line Line
	seen bool
}

// Address is a person in a mail.
type Address struct{ Name, Email string }

// Line is a mail as a list shows it.
type Line struct {
	ID      int64
	At      time.Time
	From    Address
	To      []Address
	Subject string
	Sent    bool // by whose mailbox it is
	Seen    bool
}

// Letter is a mail as a page shows it. Its texts are whatever somebody wrote.
type Letter struct {
	Line
	CC, ReplyTo []Address
	Text        string // of HTML alone, what it says
	Files       []FileLine
	MessageID   string
	References  []string // with what it answers
}

// FileLine is a file of a letter without its content.
type FileLine struct {
	Name string
	Size int
}

// ErrNoSuchLetter is that of Letter.
var ErrNoSuchLetter = errors.New("post: no such letter")

// keepLetter puts a mail into a mailbox that is not read over IMAP; the caller holds the lock.
func (o *Office) keepLetter(base string, raw []byte, sent bool) error {
	box, known := o.boxes[base]
	if !known && len(o.boxes) >= maxMailboxes || len(box) >= MaxMails {
		return ErrFull
	}
	m := eml.Parse(raw)
	o.lastID++
	one := &kept{raw: raw, seen: sent, line: Line{ID: o.lastID, At: o.options.Now(), From: Address{m.From.Name, m.From.Address}, To: addresses(m.To), Subject: m.Subject, Sent: sent}}
	o.boxes[base] = append(box, one)
	return nil
}

func addresses(list []eml.Address) []Address {
	out := make([]Address, len(list))
	for i, a := range list {
		out[i] = Address{a.Name, a.Address}
	}
	return out
}

// Letters lists what is in somebody's mailbox, the newest first.
func (o *Office) Letters(address string) []Line {
	base, _ := o.mailbox(address)
	o.mu.Lock()
	defer o.mu.Unlock()
	box := o.boxes[base]
	out := make([]Line, len(box))
	for i, one := range box {
		line := one.line
		line.Seen = one.seen
		out[len(box)-1-i] = line
	}
	return out
}

// Letter gives one mail of somebody's mailbox, which is read by this. Errors: ErrNoSuchLetter.
func (o *Office) Letter(address string, id int64) (*Letter, error) {
	one := o.find(address, id)
	if one == nil {
		return nil, ErrNoSuchLetter
	}
	m := eml.Parse(one.raw)
	l := &Letter{Line: one.line, CC: addresses(m.CC), ReplyTo: addresses(m.ReplyTo), Text: m.Text, MessageID: m.MessageID, References: m.References}
	l.Seen = true
	if len(l.References) == 0 {
		l.References = m.InReplyTo
	}
	for _, f := range m.Attachments {
		l.Files = append(l.Files, FileLine{f.Name, len(f.Content)})
	}
	return l, nil
}

func (o *Office) find(address string, id int64) *kept {
	base, _ := o.mailbox(address)
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.boxes[base] {
		if one.line.ID == id {
			one.seen = true
			return one
		}
	}
	return nil
}

// File gives a file of a letter by its place in Files. Errors: ErrNoSuchLetter.
func (o *Office) File(address string, id int64, place int) (File, error) {
	one := o.find(address, id)
	if one == nil {
		return File{}, ErrNoSuchLetter
	}
	files := eml.Parse(one.raw).Attachments
	if place < 0 || place >= len(files) {
		return File{}, ErrNoSuchLetter
	}
	return File{Name: files[place].Name, Content: files[place].Content}, nil
}
