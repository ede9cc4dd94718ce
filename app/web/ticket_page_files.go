package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	answerFiles = 10       // files of one answer
	answerText  = 48 << 10 // bytes of one of its texts: BodyMax characters of any script, and the spaces around them
	answerParts = 40       // parts of one form
)

// pageAnswer is an answer as the page's form sent it: with scripts the files came before and are named, without they are
// in the form.
type pageAnswer struct {
	values url.Values
	files  []id.ID
}

func (a *pageAnswer) value(name string) string { return a.values.Get(name) }

// readAnswer reads the form as it comes and stores its files one by one, so that nothing of it lies open on the disk. It
// gives what it has beside an error: a form that is shown again keeps the files that were good.
func (s *Server) readAnswer(c echo.Context, who *tickets.Contact) (*pageAnswer, error) {
	a := &pageAnswer{values: url.Values{}}
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/") {
		sent, err := c.FormParams()
		if err != nil {
			return a, errBadForm
		}
		a.values = sent
		return a, a.named()
	}
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return a, errBadForm
	}
	var wrong error
	for range answerParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return a, errors.Join(wrong, a.named())
		}
		if err != nil {
			return a, tooMuch(err, errBadForm)
		}
		if err := s.readAnswerPart(c, who, a, part); err != nil {
			if fault.As(err) == nil || part.FileName() == "" {
				return a, err
			}
			wrong = err // the rest may still be good
		}
	}
	return a, errBadForm
}

func (s *Server) readAnswerPart(c echo.Context, who *tickets.Contact, a *pageAnswer, part *multipart.Part) error {
	if part.FormName() != "file" {
		text, err := io.ReadAll(io.LimitReader(part, answerText))
		if err != nil {
			return tooMuch(err, errBadForm)
		}
		a.values.Add(part.FormName(), string(text))
		return nil
	}
	if part.FileName() == "" {
		return nil // a file field that was left alone
	}
	if len(a.files) >= answerFiles {
		return fault.InvalidField("file", "many", "error.message.attachments", map[string]any{"max": answerFiles})
	}
	one, err := s.takeFrom(c, who, part)
	if err != nil {
		return s.atFile(c, part.FileName(), err)
	}
	a.files = append(a.files, one.ID)
	return nil
}

func (s *Server) takeFrom(c echo.Context, who *tickets.Contact, part *multipart.Part) (*tickets.Attachment, error) {
	by := tickets.Actor{Kind: tickets.ActorContact, ID: who.ID}
	return s.Files.Take(c.Request().Context(), files.Upload{By: by, Name: part.FileName(), Body: part})
}

// atFile says at the form's field which file was refused and why, so that what she wrote stays on the page.
func (s *Server) atFile(c echo.Context, name string, err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooMuch(err, err)
	}
	e := fault.As(err)
	if e == nil || e.Kind == fault.Internal {
		return err
	}
	key, args := e.Key, e.Args
	if len(e.Fields) > 0 {
		key, args = e.Fields[0].Key, e.Fields[0].Args
	}
	return fault.InvalidField("file", "refused", "page.file", map[string]any{"name": name, "why": s.say(c, key, args)})
}

// named adds the files that were taken before. Whose they are is looked at when the message takes them.
func (a *pageAnswer) named() error {
	for _, text := range a.values["attachments"] {
		one, err := id.Parse(text)
		if err != nil || len(a.files) > answerFiles {
			return fault.InvalidField("file", "unknown", "error.message.attachment_unknown", nil)
		}
		a.files = append(a.files, one)
	}
	return nil
}

// tooMuch tells a form that is too large from one that cannot be read.
func tooMuch(err, otherwise error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.InvalidField("file", "large", "error.file.together", nil)
	}
	return otherwise
}

// ticketUpload takes one file from the page's script; it waits for the answer that names it.
func (s *Server) ticketUpload(c echo.Context) error {
	_, who, err := s.byLink(c)
	if err != nil {
		return err
	}
	part, err := uploadedPart(c)
	if err != nil {
		return err
	}
	one, err := s.takeFrom(c, who, part)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, s.fileViews([]tickets.Attachment{*one})[0])
}

// uploadedPart is the file of an upload by script.
func uploadedPart(c echo.Context) (*multipart.Part, error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "error.file.multipart")
	}
	part, err := parts.NextPart()
	if err != nil || part.FormName() != "file" || part.FileName() == "" {
		return nil, errors.Join(fault.New(fault.Invalid, "error.file.multipart"), err)
	}
	return part, nil
}

// keptFiles are files of hers that a form which is shown again still has.
func (s *Server) keptFiles(c echo.Context, who *tickets.Contact, ids []id.ID) []fileView {
	var kept []tickets.Attachment
	for _, one := range ids {
		a, err := s.Tickets.Attachment(c.Request().Context(), one)
		if err == nil && a.MessageID == nil && a.ContactID != nil && *a.ContactID == who.ID {
			kept = append(kept, *a)
		}
	}
	return s.fileViews(kept)
}
