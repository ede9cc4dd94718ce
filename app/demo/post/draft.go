package post

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"
)

// Draft is a mail that somebody writes on the pages.
type Draft struct {
	From       Address
	To, CC     []Address
	Subject    string
	Text       string
	InReplyTo  string // without angle brackets; empty: it answers nothing
	References []string
	Files      []File
}

// File is a file of a draft.
type File struct {
	Name    string
	Content []byte
}

// Send hands a draft over to everybody in To and CC, and keeps a copy for the sender. Nobody gets it when one of them is not of this
// office. Errors: those of Deliver.
func (o *Office) Send(d Draft) error {
	everybody := append(append([]Address(nil), d.To...), d.CC...)
	for _, to := range everybody {
		if _, ok := o.mailbox(to.Email); !ok {
			return ErrNoSuchDomain
		}
	}
	raw, err := o.compose(d)
	if err != nil {
		return fmt.Errorf("write the mail: %w", err)
	}
	for _, to := range everybody {
		if err := o.Deliver(d.From.Email, to.Email, raw); err != nil {
			return err
		}
	}
	own, _ := o.mailbox(d.From.Email)
	return o.keep(own, raw, true)
}

// messageID is what may stand in angle brackets (RFC 5322, 3.6.4).
var messageID = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.\[\]:-]+$`)

func (o *Office) compose(d Draft) ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat(d.From.Name, d.From.Email); err != nil {
		return nil, err
	}
	for _, to := range d.To {
		if err := m.AddToFormat(to.Name, to.Email); err != nil {
			return nil, err
		}
	}
	for _, cc := range d.CC {
		if err := m.AddCcFormat(cc.Name, cc.Email); err != nil {
			return nil, err
		}
	}
	_, domain, _ := strings.Cut(d.From.Email, "@")
	m.Subject(oneLine(d.Subject))
	m.SetDateWithValue(o.options.Now())
	m.SetMessageIDWithValue(rand.Text() + "@" + domain)
	if messageID.MatchString(d.InReplyTo) {
		m.SetGenHeader(mail.HeaderInReplyTo, "<"+d.InReplyTo+">")
	}
	var chain []string
	for _, id := range d.References {
		if messageID.MatchString(id) {
			chain = append(chain, "<"+id+">")
		}
	}
	if len(chain) > 0 {
		m.SetGenHeader(mail.HeaderReferences, strings.Join(chain, " "))
	}
	m.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(strings.ReplaceAll(d.Text, "\r\n", "\n"), "\n", "\r\n"))
	for _, f := range d.Files {
		kind := mime.TypeByExtension(filepath.Ext(f.Name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		if err := m.AttachReader(oneLine(f.Name), bytes.NewReader(f.Content), mail.WithFileContentType(mail.ContentType(kind))); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	_, err := m.WriteTo(&b)
	return b.Bytes(), err
}

// oneLine keeps a text within its header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}
