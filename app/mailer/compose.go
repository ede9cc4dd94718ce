package mailer

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxBytes is the usual limit of a mail: what most servers take.
const maxBytes = 25 << 20

// Compose gives a mail as it would be sent, by a server that takes any address. The error is an *Error.
func Compose(l Letter) ([]byte, error) {
	d, err := l.ready(time.Now(), maxBytes)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := d.write(&b, true); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// write writes the mail. Files are read as they go out: no more than some KiB of them are held.
func (d *draft) write(w io.Writer, utf8 bool) error {
	w = &limited{w: w, left: d.max}
	h := &header{w: w, utf8: utf8}
	h.text("Date", d.Date.Format(time.RFC1123Z))
	h.addresses("From", []Address{d.From})
	h.addresses("Reply-To", d.ReplyTo)
	if len(d.To) == 0 && len(d.CC) == 0 {
		h.text("To", "undisclosed-recipients:;")
	}
	h.addresses("To", d.To)
	h.addresses("Cc", d.CC)
	h.text("Subject", d.Subject)
	h.ids("Message-ID", []string{d.MessageID})
	h.ids("In-Reply-To", []string{d.InReplyTo})
	h.ids("References", d.References)
	further := maps.Clone(d.Headers)
	if d.Automatic {
		further = maps.Clone(automaticHeaders)
		maps.Copy(further, d.Headers)
	}
	for _, name := range slices.Sorted(maps.Keys(further)) {
		h.text(name, further[name])
	}
	h.text("MIME-Version", "1.0")
	if h.err != nil {
		return h.err
	}
	return d.body().write(func(head textproto.MIMEHeader) (io.Writer, error) {
		for _, name := range slices.Sorted(maps.Keys(head)) {
			if _, err := io.WriteString(w, name+": "+head.Get(name)+"\r\n"); err != nil {
				return nil, err
			}
		}
		_, err := io.WriteString(w, "\r\n")
		return w, err
	})
}

// limited is a writer that ends when a mail grows too large.
type limited struct {
	w    io.Writer
	left int64
}

// Write is part of io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, &Error{Step: StepSettings, Kind: TooLarge}
	}
	return l.w.Write(p)
}

// part is a piece of a mail's body: a leaf, or others under one kind.
type part struct {
	head  textproto.MIMEHeader
	body  func(io.Writer) error
	kind  string // multipart/…
	parts []part
}

// write writes a part where open says, once it knows the part's header.
func (p part) write(open func(textproto.MIMEHeader) (io.Writer, error)) error {
	if p.kind == "" {
		w, err := open(p.head)
		if err != nil {
			return err
		}
		return p.body(w)
	}
	boundary := rand.Text()
	w, err := open(textproto.MIMEHeader{"Content-Type": {p.kind + "; boundary=" + boundary}})
	if err != nil {
		return err
	}
	parts := multipart.NewWriter(w)
	if err := parts.SetBoundary(boundary); err != nil {
		return err
	}
	for _, one := range p.parts {
		if err := one.write(parts.CreatePart); err != nil {
			return err
		}
	}
	return parts.Close()
}

// body is the tree of the mail: mixed (related (alternative (text, HTML), pictures), files), each level only where it has
// more than one to hold.
func (d *draft) body() part {
	var texts, pictures, files []part
	if d.Text != "" || d.HTML == "" {
		texts = append(texts, textPart("text/plain", d.Text))
	}
	if d.HTML != "" {
		texts = append(texts, textPart("text/html", d.HTML))
	}
	for _, f := range d.Files {
		if f.Inline && f.ContentID != "" && d.HTML != "" {
			pictures = append(pictures, filePart(f))
		} else {
			files = append(files, filePart(f))
		}
	}
	text := together("multipart/alternative", texts)
	shown := together("multipart/related", append([]part{text}, pictures...))
	return together("multipart/mixed", append([]part{shown}, files...))
}

func together(kind string, parts []part) part {
	if len(parts) == 1 {
		return parts[0]
	}
	return part{kind: kind, parts: parts}
}

// textPart is a text in the shorter encoding: quoted-printable makes three bytes of each of Chinese.
func textPart(kind, text string) part {
	text = crlf(strings.ToValidUTF8(text, "\uFFFD"))
	head := textproto.MIMEHeader{"Content-Type": {kind + "; charset=utf-8"}}
	if manyHigh(text) {
		head.Set("Content-Transfer-Encoding", "base64")
		return part{head: head, body: func(w io.Writer) error { return inBase64(w, strings.NewReader(text)) }}
	}
	head.Set("Content-Transfer-Encoding", "quoted-printable")
	return part{head: head, body: func(w io.Writer) error {
		q := quotedprintable.NewWriter(w)
		if _, err := io.WriteString(q, text); err != nil {
			return err
		}
		return q.Close()
	}}
}

func filePart(f File) part {
	name := fileName(f.Name)
	shown := "attachment"
	if f.Inline {
		shown = "inline"
	}
	head := textproto.MIMEHeader{
		"Content-Type":              {mediaType(f.Type) + encodedParameter("name", name)},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Disposition":       {shown + parameter("filename", name)},
	}
	if f.ContentID != "" {
		head["Content-Id"] = []string{"<" + f.ContentID + ">"}
	}
	return part{head: head, body: func(w io.Writer) error {
		file, err := f.Open()
		if err != nil {
			return unreadable(err)
		}
		defer file.Close() //nolint:errcheck // read only
		read := &reading{r: file}
		if err := inBase64(w, read); err != nil {
			return err
		}
		if f.Size > 0 && read.n != f.Size {
			return unreadable(errTorn)
		}
		return nil
	}}
}

var errTorn = errors.New("mailer: a file is not as long as it should be")

func unreadable(err error) error { return &Error{Step: StepData, Kind: Unreadable, cause: err} }

// reading is a file's reader, whose errors are told from those of the connection.
type reading struct {
	r io.Reader
	n int64
}

// Read is part of io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
		err = unreadable(err)
	}
	return n, err
}

// fileName is a file's name without what would be a folder.
func fileName(name string) string {
	if name = strings.NewReplacer("/", "_", `\`, "_").Replace(oneLine(name)); name == "" {
		return "file"
	}
	return name
}

var media = regexp.MustCompile(`^[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}$`)

// mediaType is a file's type: not one whose content has to be a mail or parts, for that may not be encoded.
func mediaType(given string) string {
	kind, params, err := mime.ParseMediaType(given)
	if err != nil || !media.MatchString(kind) || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return "application/octet-stream"
	}
	if charset := params["charset"]; headerName.MatchString(charset) {
		kind += "; charset=" + charset
	}
	return kind
}

// inBase64 writes what r gives in lines of 76.
func inBase64(w io.Writer, r io.Reader) error {
	raw, lines := make([]byte, 57*512), make([]byte, 0, 78*512)
	for {
		n, err := io.ReadFull(r, raw)
		lines = lines[:0]
		for at := 0; at < n; at += 57 {
			lines = append(base64.StdEncoding.AppendEncode(lines, raw[at:min(at+57, n)]), "\r\n"...)
		}
		if _, err := w.Write(lines); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// crlf gives text the line ends of mail, also within base64 (RFC 2045, 6.8).
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func manyHigh(text string) bool {
	high := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			high++
		}
	}
	return high > len(text)/6
}
