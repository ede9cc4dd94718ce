package post

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"path/filepath"
	"strings"

	"huiyin/app/mailer"
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

func (o *Office) compose(d Draft) ([]byte, error) {
	_, domain, _ := strings.Cut(d.From.Email, "@")
	l := mailer.Letter{
		From: mailer.Address(d.From), To: people(d.To), CC: people(d.CC), Subject: d.Subject, Text: d.Text, Date: o.options.Now(),
		MessageID: rand.Text() + "@" + domain, InReplyTo: d.InReplyTo, References: d.References,
	}
	for _, f := range d.Files {
		content := f.Content
		kind := mime.TypeByExtension(filepath.Ext(f.Name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		l.Files = append(l.Files, mailer.File{Name: f.Name, Type: kind, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		}})
	}
	return mailer.Compose(l)
}

func people(list []Address) []mailer.Address {
	out := make([]mailer.Address, len(list))
	for i, a := range list {
		out[i] = mailer.Address(a)
	}
	return out
}
