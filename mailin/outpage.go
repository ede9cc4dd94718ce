package mailin

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"huiyin/mailin/quote"
)

// page is what a mail says, from which its text and its HTML are made.
type page struct {
	w         words
	body      string
	signature string
	mark      string // by which an answer finds the ticket
	quoted    *quotation
}

// quotation is the message that a mail answers.
type quotation struct {
	who, address string
	at           time.Time
	text         string
}

// words names things in the language of who gets a mail, and moments in the shop's zone.
type words struct {
	s      *Service
	locale string
	zone   *time.Location
}

func (w words) t(key string, args map[string]any) string { return w.s.Text(w.locale, key, args) }

// moment is a day and a time: 11月26日 10:05, 10:05 on 26 November.
func (w words) moment(at time.Time) string {
	at = at.In(w.zone)
	day := w.t("hours.date", map[string]any{"month": w.t("hours.month."+strconv.Itoa(int(at.Month())), nil), "day": at.Day()})
	return w.t("answers.day", map[string]any{"day": day, "time": strings.TrimPrefix(at.Format("15:04"), "0")})
}

// above is the line above which an answer is asked for, with the ticket's mark.
func (p *page) above() string {
	return quote.Marker + " " + p.w.t("mailin.out.above", nil) + " " + p.mark + " -##"
}

// wrote is the line that introduces the quotation, in the form that programs know as one.
func (p *page) wrote() string {
	q := p.quoted
	who := q.who
	switch {
	case who == "":
		who = q.address
	case q.address != "":
		who += " <" + q.address + ">"
	}
	if who == "" {
		who = p.w.t("mailin.out.you", nil)
	}
	return p.w.t("mailin.out.wrote", map[string]any{"at": q.at.In(p.w.zone).Format("2006-01-02 15:04"), "who": strings.Join(strings.Fields(who), " ")})
}

func (p *page) text() string {
	var b strings.Builder
	b.WriteString(p.body)
	if p.signature != "" {
		b.WriteString("\n\n-- \n" + p.signature)
	}
	b.WriteString("\n\n" + p.above() + "\n")
	if p.quoted != nil {
		b.WriteString("\n" + p.wrote() + "\n")
		for line := range strings.SplitSeq(p.quoted.text, "\n") {
			b.WriteString(strings.TrimRight("> "+line, " \r") + "\n")
		}
	}
	return b.String()
}

func (p *page) html() string {
	var b strings.Builder
	b.WriteString(`<div>` + paragraphs(p.body) + `</div>`)
	if p.signature != "" {
		b.WriteString(`<div style="color:#666">-- <br>` + lines(p.signature) + `</div>`)
	}
	b.WriteString(`<p style="color:#999;font-size:12px">` + html.EscapeString(p.above()) + `</p>`)
	if p.quoted != nil {
		b.WriteString(`<div>` + html.EscapeString(p.wrote()) + `</div><blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` +
			paragraphs(p.quoted.text) + `</blockquote>`)
	}
	return b.String()
}

var link = regexp.MustCompile(`https?://[^\s<>"'，。；：！？、（）]+[^\s<>"'，。；：！？、（）.,;:!?)]`)

// lines is a text as HTML, line by line, with its links.
func lines(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		address := html.EscapeString(text[at[0]:at[1]])
		b.WriteString(html.EscapeString(text[from:at[0]]) + `<a href="` + address + `">` + address + `</a>`)
		from = at[1]
	}
	b.WriteString(html.EscapeString(text[from:]))
	return strings.ReplaceAll(b.String(), "\n", "<br>\n")
}

func paragraphs(text string) string {
	var b strings.Builder
	for one := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		b.WriteString(`<p>` + lines(one) + "</p>\n")
	}
	return b.String()
}
