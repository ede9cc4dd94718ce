package mailertest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
)

// Mail is a mail that a server took.
type Mail struct {
	From    string // of the envelope; empty: none
	To      []string
	UTF8    bool // it came as one that may have addresses beyond ASCII
	Raw     []byte
	Header  mail.Header
	Subject string
	Text    string // without the files' ones
	HTML    string
}

func parse(raw []byte) (*Mail, error) {
	in, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	m := &Mail{Raw: raw, Header: in.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject")); err != nil {
		return nil, err
	}
	return m, m.read(textproto.MIMEHeader(in.Header), in.Body)
}

func (m *Mail) read(head textproto.MIMEHeader, body io.Reader) error {
	media, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil || head.Get("Content-Disposition") != "" {
		return err
	}
	if params["boundary"] != "" {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.read(part.Header, part); err != nil {
				return err
			}
		}
	}
	switch head.Get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if media == "text/html" {
		m.HTML = string(text)
	} else {
		m.Text = string(text)
	}
	return err
}

var links = regexp.MustCompile(`https?://[^\s"<>]+`)

// Link is the first link in the text; empty: there is none.
func (m *Mail) Link() string { return links.FindString(m.Text) }
