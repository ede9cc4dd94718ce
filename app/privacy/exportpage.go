package privacy

import (
	"context"
	"html/template"
	"io"
	"time"

	"huiyin/app/i18n"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Pieces of index.html: it is read from a disk, so it carries its few rules of style itself and has no script.
var exportPage = template.Must(template.New("head").Parse(`<!doctype html>
<html lang="{{.Locale}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self'">
<title>{{.T "title"}}</title><style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-top:1px solid;padding-top:1rem}dt{font-weight:600}dd{margin:0 0 .5rem}.text{white-space:pre-wrap;overflow-wrap:anywhere}
article{margin:1rem 0}small{opacity:.75}</style></head>
<body><main><h1>{{.T "title"}}</h1><p>{{.T "about"}}</p>
<dl><dt>{{.T "name"}}</dt><dd>{{.Contact.Name}}</dd><dt>{{.T "since"}}</dt><dd>{{.At .Contact.CreatedAt}}</dd>
{{range .Contact.Identities}}<dt>{{$.Identity .}}</dt><dd>{{.Value}}</dd>
{{end}}{{range .Consents}}<dt>{{$.T (print "consent." .Purpose)}}</dt><dd>{{$.Version .}} · {{$.At .GivenAt}}{{with .WithdrawnAt}} · {{$.T "withdrawn"}} {{$.At .}}{{end}}</dd>
{{end}}</dl>
{{define "ticket"}}<section><h2>#{{.Ticket.Number}}{{with .Ticket.Subject}} {{.}}{{end}}</h2><p><small>{{.At .Ticket.CreatedAt}}{{with .Ticket.Order}} · {{.}}{{end}}{{with .Ticket.PageURL}} · {{.}}{{end}}</small></p>
{{with .Rating}}<p>{{$.Score .Score}}{{with .Comment}}: {{.}}{{end}}</p>{{end}}{{with .Wish}}<p>{{$.T "text"}}: {{.Phone}}</p>{{end}}
{{end}}{{define "message"}}<article><small>{{.Who}} · {{.At .Message.CreatedAt}}</small>{{if .Note}} · {{.T "note"}}{{end}}{{with .Message.State}}<p><small>{{$.T (print "state." .)}}</small></p>{{end}}{{with .Message.Body}}<p class="text">{{.}}</p>{{end}}
{{with .Mail}}<details><summary>{{$.T "mail"}}</summary><dl><dt>{{$.T "mail_from"}}</dt><dd>{{.From}}</dd>{{with .To}}<dt>{{$.T "mail_to"}}</dt><dd>{{.}}</dd>{{end}}{{with .CC}}<dt>{{$.T "mail_cc"}}</dt><dd>{{.}}</dd>{{end}}{{with .Subject}}<dt>{{$.T "mail_subject"}}</dt><dd>{{.}}</dd>{{end}}{{with .Date}}<dt>{{$.T "mail_date"}}</dt><dd>{{$.At .}}</dd>{{end}}</dl>{{with .Text}}<p class="text">{{.}}</p>{{end}}{{with .Href}}<p><a href="{{.}}">{{$.T "mail_html"}}</a> <small>{{$.T "mail_html_hint"}}</small></p>{{end}}</details>
{{end}}{{range .Files}}<p><a href="{{.Href}}">{{.Name}}</a></p>{{end}}</article>
{{end}}{{define "elsewhere"}}<h2>{{.T "elsewhere"}}</h2>
{{end}}{{define "part"}}<h2>{{.}}</h2>
{{end}}{{define "record"}}<article><small>{{.At .When}}</small><p>{{.Title}}</p>{{range .Lines}}<p class="text">{{.}}</p>{{end}}</article>
{{end}}{{define "foot"}}</main></body></html>
{{end}}`))

// pageWords is what every piece of the page says things with.
type pageWords struct {
	s      *Service
	zone   *time.Location
	Locale string
}

// T is a text of the export.
func (w pageWords) T(key string) string { return w.s.Texts.Text(w.Locale, "privacy.export."+key, nil) }

// At is a time with its date, in the shop's zone.
func (w pageWords) At(ms int64) string {
	return i18n.DateTime(w.Locale, time.UnixMilli(ms).In(w.zone))
}

// Version is which version of what she agreed to.
func (w pageWords) Version(k tickets.Consent) string {
	return w.s.Texts.Text(w.Locale, "privacy.export.version", map[string]any{"version": k.Version})
}

// Identity is the sort of a way to know her.
func (w pageWords) Identity(i tickets.Identity) string {
	return w.s.Texts.Text(w.Locale, "console.identity."+string(i.Kind), nil)
}

// Score is a rating in words.
func (w pageWords) Score(n int) string {
	return w.s.Texts.Text(w.Locale, "privacy.export.score", map[string]any{"score": n})
}

// who wrote a message, to the person of the export.
func (w pageWords) who(m *tickets.Message, her id.ID) string {
	switch from(m, her) {
	case "participant":
		return w.T("guest")
	case string(tickets.ActorContact):
		return w.T("you")
	}
	return w.T("shop")
}

type fileLink struct{ Href, Name string }

// page writes index.html.
func (e *Export) page(ctx context.Context, out io.Writer) error {
	shop, err := e.s.Tickets.Shop(ctx)
	if err != nil {
		return err
	}
	w := pageWords{s: e.s, zone: shop.Zone(), Locale: e.locale()}
	err = exportPage.Execute(out, struct {
		pageWords
		*Export
	}{w, e})
	if err != nil {
		return err
	}
	tell := func(m *tickets.Message) error {
		var links []fileLink
		for i := range m.Attachments {
			links = append(links, fileLink{fileName(&m.Attachments[i]), m.Attachments[i].Name})
		}
		var view *mailView
		mail, err := e.mail(ctx, m)
		if err != nil {
			return err
		}
		if mail != nil {
			view = viewOfMail(mail, m.ID)
		}
		return exportPage.ExecuteTemplate(out, "message", struct {
			pageWords
			Message *tickets.Message
			Who     string
			Note    bool
			Files   []fileLink
			Mail    *mailView
		}{w, m, w.who(m, e.Contact.ID), m.Kind == tickets.KindNote, links, view})
	}
	err = e.walk(ctx, walker{
		begin: func(t *tickets.Ticket, r *tickets.Rating, wish *tickets.TextWish) error {
			return exportPage.ExecuteTemplate(out, "ticket", struct {
				pageWords
				Ticket *tickets.Ticket
				Rating *tickets.Rating
				Wish   *tickets.TextWish
			}{w, t, r, wish})
		},
		message: tell,
		end:     func() error { _, err := io.WriteString(out, "</section>\n"); return err },
	})
	if err != nil {
		return err
	}
	first := true
	err = e.elsewhere(ctx, func(m *tickets.Message) error {
		if first {
			first = false
			if err := exportPage.ExecuteTemplate(out, "elsewhere", w); err != nil {
				return err
			}
		}
		return tell(m)
	})
	if err != nil {
		return err
	}
	if err := e.partsPage(ctx, w, out); err != nil {
		return err
	}
	return exportPage.ExecuteTemplate(out, "foot", nil)
}
