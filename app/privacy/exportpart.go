package privacy

import (
	"context"
	"io"

	"huiyin/tickets/id"
)

// Part is a sort of what other packages keep of a person and an export holds.
type Part struct {
	// Name is its key in data.json; privacy.export.part.NAME is its heading.
	Name string
	// Each gives all that is kept of the contact, one after the other, with words in her language.
	Each func(ctx context.Context, contact id.ID, locale string, fn func(Record) error) error
}

// Record is one thing that is kept.
type Record struct {
	Data  any // for programs
	When  int64
	Title string
	Lines []string // for her
}

// partsData writes the parts into data.json.
func (e *Export) partsData(ctx context.Context, d *jsonWriter) error {
	for _, p := range e.s.Parts {
		d.text(`,"` + p.Name + `":[`)
		some := false
		err := p.Each(ctx, e.Contact.ID, e.locale(), func(r Record) error {
			d.comma(&some)
			d.value(r.Data)
			return d.err
		})
		if err != nil {
			return err
		}
		d.text("]")
	}
	return d.err
}

// partsPage writes the parts into index.html.
func (e *Export) partsPage(ctx context.Context, w pageWords, out io.Writer) error {
	for _, p := range e.s.Parts {
		first := true
		err := p.Each(ctx, e.Contact.ID, w.Locale, func(r Record) error {
			if first {
				first = false
				if err := exportPage.ExecuteTemplate(out, "part", w.T("part."+p.Name)); err != nil {
					return err
				}
			}
			return exportPage.ExecuteTemplate(out, "record", struct {
				pageWords
				Record
			}{w, r})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Export) locale() string { return e.s.Texts.Match("", e.Contact.Locale) }
