package privacy

import (
	"context"
	"io"

	"huiyin/tickets/id"
)

// Section is what another package keeps of a person, for her export.
type Section struct {
	Name  string // of the list in data.json
	Title string // on the page, in her language
	Items []Item
}

// Item is one thing of a section.
type Item struct {
	At    int64 // Unix ms
	Title string
	Text  string // lines, as a person reads them
	Data  any    // the same for a program
}

// sections gathers what other packages keep of her, also of the contacts that were merged into her.
func (e *Export) sections(ctx context.Context, locale string) ([]Section, error) {
	aliases, err := e.s.Tickets.Aliases(ctx, e.Contact.ID)
	if err != nil {
		return nil, err
	}
	var out []Section
	for _, more := range e.s.More {
		one, err := more(ctx, append([]id.ID{e.Contact.ID}, aliases...), locale)
		if err != nil {
			return nil, err
		}
		if len(one.Items) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// moreData writes the sections as lists of data.json.
func (e *Export) moreData(ctx context.Context, d *jsonWriter) error {
	list, err := e.sections(ctx, e.s.Texts.Match("", e.Contact.Locale))
	for _, one := range list {
		d.text(`,`)
		d.value(one.Name)
		d.text(`:[`)
		for i, item := range one.Items {
			if i > 0 {
				d.text(`,`)
			}
			d.value(item.Data)
		}
		d.text(`]`)
	}
	return err
}

// morePage writes the sections on the page.
func (e *Export) morePage(ctx context.Context, out io.Writer, w pageWords) error {
	list, err := e.sections(ctx, w.Locale)
	if err != nil {
		return err
	}
	for _, one := range list {
		if err := exportPage.ExecuteTemplate(out, "section", struct {
			pageWords
			Section
		}{w, one}); err != nil {
			return err
		}
	}
	return nil
}
