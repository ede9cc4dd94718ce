package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	formAnswer = "a."      // begins the names of answers
	formTrap   = "website" // a field that no person sees: who fills it in is a program
	formParts  = 200       // parts of one form
)

// formSent is a form as it came.
type formSent struct {
	values url.Values
}

func (f *formSent) value(name string) string { return f.values.Get(name) }

// answers are what the form's fields say.
func (f *formSent) answers() feedback.Answers {
	out := feedback.Answers{}
	for name, values := range f.values {
		if question, ok := strings.CutPrefix(name, formAnswer); ok {
			out[question] = values
		}
	}
	return out
}

// formSubmit takes what somebody has answered.
func (s *Server) formSubmit(c echo.Context) error {
	sent, failed := s.readForm(c)
	v := formVisitOf(c.Param("key"), func(name string) string {
		if q := c.QueryParam(name); q != "" {
			return q
		}
		return sent.value(name)
	})
	f, box, done, err := s.formOpen(c, v)
	if done || err != nil {
		return err
	}
	if sent.value(formTrap) != "" { // it looks as if it had worked
		return c.Redirect(http.StatusSeeOther, "/f/"+f.Key+"/thanks"+v.query(of(c).locale))
	}
	in := v.submission(of(c).locale)
	in.Answers, in.SourceID = sent.answers(), sent.value("id")
	in.Version, _ = strconv.Atoi(sent.value("version"))
	show := formShow{visit: v, form: f, box: box, asked: f.Definition, version: f.Version, answers: in.Answers, source: in.SourceID}
	if in.Version != 0 && in.Version != f.Version {
		if show.asked, err = s.Feedback.Definition(c.Request().Context(), f.ID, in.Version); err != nil {
			return err
		}
		show.version = in.Version
	}
	if failed == nil && (in.SourceID == "" || len(in.SourceID) > tickets.ClientIDMax) {
		failed = fault.InvalidField("answers", "invalid", "page.again", nil)
	}
	var got *feedback.Receipt
	if failed == nil {
		got, failed = s.Feedback.Submit(c.Request().Context(), in)
	}
	switch e := noForm(failed); {
	case e != nil:
		return s.refuseFeedback(c, v, e)
	case failed != nil:
		return s.refuseAnswers(c, show, failed)
	}
	return s.formTaken(c, v, got)
}

// formTaken leads to the thanks.
func (s *Server) formTaken(c echo.Context, v formVisit, got *feedback.Receipt) error {
	q, err := url.ParseQuery(strings.TrimPrefix(v.query(of(c).locale), "?"))
	if err != nil {
		return err
	}
	q.Set("r", got.Edit)
	if got.Ticket != nil {
		token, err := s.Tickets.NewLink(c.Request().Context(), got.Ticket.ID)
		if err != nil {
			return err
		}
		q.Set("t", token)
	}
	if got.Masked {
		q.Set("masked", "1")
	}
	return c.Redirect(http.StatusSeeOther, "/f/"+url.PathEscape(v.key)+"/thanks?"+q.Encode())
}

// readForm reads the fields of a form, and takes its photos one by one, so that nothing of them lies open on the disk. It gives what it
// has beside an error.
func (s *Server) readForm(c echo.Context) (*formSent, error) {
	f := &formSent{values: url.Values{}}
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/") {
		sent, err := c.FormParams()
		if err != nil {
			return f, tooMuch(err, errBadForm)
		}
		for name := range c.QueryParams() {
			sent.Del(name)
		}
		f.values = sent
		return f, nil
	}
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return f, errBadForm
	}
	var wrong error
	for range formParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, wrong
		}
		if err != nil {
			return f, tooMuch(err, errBadForm)
		}
		if err := s.readFormPart(c, f, part); err != nil {
			if fault.As(err) == nil || part.FileName() == "" {
				return f, err
			}
			wrong = err // the rest may still be good
		}
	}
	return f, errBadForm
}

func (s *Server) readFormPart(c echo.Context, f *formSent, part *multipart.Part) error {
	name := part.FormName()
	if part.FileName() == "" {
		text, err := io.ReadAll(io.LimitReader(part, answerText))
		if err != nil {
			return tooMuch(err, errBadForm)
		}
		if _, isFile := part.Header["Content-Type"]; !isFile { // a file field that was left alone has one
			f.values.Add(name, string(text))
		}
		return nil
	}
	question, ok := strings.CutPrefix(name, formAnswer)
	if !ok {
		return errBadForm
	}
	if len(f.values[name]) >= feedback.PhotosMax {
		return fault.InvalidField(feedback.Field(question), "too_many", "feedback.error.too_many", map[string]any{"max": feedback.PhotosMax})
	}
	one, err := s.takePhoto(c, f, part)
	if err != nil {
		var e *fault.Error
		if err = s.atFile(c, part.FileName(), err); errors.As(err, &e) && len(e.Fields) > 0 {
			e.Fields[0].Name = feedback.Field(question)
		}
		return err
	}
	f.values.Add(name, one.ID.String())
	return nil
}

// takePhoto keeps a photo for whoever the form belongs to. Only pictures are taken.
func (s *Server) takePhoto(c echo.Context, f *formSent, part *multipart.Part) (*tickets.Attachment, error) {
	v := formVisitOf(c.Param("key"), f.value)
	who, token, err := s.Feedback.Visitor(c.Request().Context(), v.submission(of(c).locale))
	if err != nil {
		return nil, err
	}
	f.values.Set("visitor", token)
	return s.takeFor(c, who, part)
}

func (s *Server) takeFor(c echo.Context, who id.ID, part *multipart.Part) (*tickets.Attachment, error) {
	one, err := s.Files.Take(c.Request().Context(), files.Upload{By: tickets.Actor{Kind: tickets.ActorContact, ID: who}, Name: part.FileName(), Body: part})
	if err == nil && !strings.HasPrefix(one.Type, "image/") {
		err = fault.InvalidField("file", "kind", "feedback.page.pictures_only", nil) // the sweep takes it
	}
	return one, err
}

// formPhoto is a photo that the page's script has sent ahead.
type formPhoto struct {
	fileView
	Visitor string `json:"visitor"`
}

// formUpload takes one photo from the page's script. The fields that say whose it is are in the address.
func (s *Server) formUpload(c echo.Context) error {
	v := formVisitOf(c.Param("key"), c.QueryParam)
	if _, _, done, err := s.formOpen(c, v); done || err != nil {
		return err
	}
	part, err := uploadedPart(c)
	if err != nil {
		return err
	}
	who, token, err := s.Feedback.Visitor(c.Request().Context(), v.submission(of(c).locale))
	if err != nil {
		return err
	}
	one, err := s.takeFor(c, who, part)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, formPhoto{s.fileViews([]tickets.Attachment{*one})[0], token})
}
