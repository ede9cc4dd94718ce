package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

// field is a form's field as the partial "field" shows it.
type field struct {
	*Words
	Name     string
	Type     string // text, email, password, textarea, select …
	Label    string
	Hint     string
	Wrong    string // what is wrong with the value, and how to mend it
	Value    string
	Class    string
	Complete string // autocomplete
	Max      int
	Rows     int
	Required bool
	Focus    bool
	Prefix   string // makes the id unique where a page has the same form twice
	Options  []option
}

type option struct{ Value, Text string }

// ID is the id of the input.
func (f field) ID() string { return "f-" + f.Prefix + strings.ReplaceAll(f.Name, "_", "-") }

// Described names the elements that explain the field.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.ID()+"-wrong")
	}
	return strings.Join(ids, " ")
}

// form is a form that was sent: its values, and after a refusal what is wrong.
type form struct {
	values func(name string) string
	words  *Words
	header http.Header // of the answer
	err    *fault.Error
}

// sent reads the form of a request.
func (s *Server) sent(c echo.Context) *form {
	return &form{values: c.FormValue, words: s.words(c), header: c.Response().Header()}
}

// empty is a form that nobody has filled in, with proposed values.
func (s *Server) empty(c echo.Context, proposed map[string]string) *form {
	return &form{values: func(name string) string { return proposed[name] }, words: s.words(c), header: c.Response().Header()}
}

// refused notes why a service refused what was sent; it gives the error back when no form can mend it.
func (f *form) refused(err error) error {
	e := fault.As(err)
	if e == nil || e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		return err
	}
	f.err = e
	sayWhenToRetry(f.header, e)
	return nil
}

// General is what is wrong with the form as a whole: the error of no field.
func (f *form) General() string {
	if f.err == nil || len(f.err.Fields) > 0 {
		return ""
	}
	return f.words.texts.Text(f.words.Locale, f.err.Key, f.err.Args)
}

// input makes a field of the form, with what was sent in it and what is wrong with it.
func (f *form) input(one field) field {
	one.Words = f.words
	if one.Type == "" {
		one.Type = "text"
	}
	if one.Type != "password" {
		one.Value = f.values(one.Name)
	}
	if f.err == nil {
		return one
	}
	for _, wrong := range f.err.Fields {
		if wrong.Name == one.Name {
			one.Wrong = f.words.texts.Text(f.words.Locale, wrong.Key, wrong.Args)
			one.Focus = true
		}
	}
	return one
}

// wrong is what is wrong with a value that is no field of its own.
func (f *form) wrong(name string) string {
	if f.err == nil {
		return ""
	}
	for _, one := range f.err.Fields {
		if one.Name == name {
			return f.words.texts.Text(f.words.Locale, one.Key, one.Args)
		}
	}
	return ""
}

// any is the first thing that is wrong, wherever it is.
func (f *form) any() string {
	if f.err == nil || len(f.err.Fields) == 0 {
		return f.General()
	}
	return f.wrong(f.err.Fields[0].Name)
}

// status is the status of the page that shows the form.
func (f *form) status() int {
	if f.err == nil {
		return 200
	}
	return statuses[f.err.Kind]
}
