package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/i18n"
)

// What a mail of the pages may have.
const (
	demoSubjectMax = 200
	demoTextMax    = 20_000
	demoFilesMax   = 3
	demoFilesBytes = 20 << 20 // together: with base64 they stay under what the servers take
)

var limitDemoMail = limit{body: demoFilesBytes + 256<<10, every: 5, burst: 60, wait: 30 * time.Second}

// demoMailRoutes are the sample shoppers' webmail; it needs no scripts.
func (s *Server) demoMailRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/demo/mail", public, limitRead, s.demoLetters},
		{get, "/demo/mail/new", public, limitRead, s.demoDraft},
		{post, "/demo/mail/letters", public, limitDemoMail, s.demoSend},
		{get, "/demo/mail/letters/:letter", public, limitRead, s.demoLetter},
		{get, "/demo/mail/letters/:letter/files/:place", public, limitRead, s.demoFile},
	}
}

// demoMailPage is a page of the webmail: a list, a letter or a draft.
type demoMailPage struct {
	Page
	Mine        demoPerson // whose mailbox it is
	People      []demoPerson
	ShopSite    string // the sample shop's page
	Desk        string
	Sent        bool // the list of what she sent
	Done        bool // a mail has just gone
	Lines       []demoLineView
	Unread      int
	Letter      *demoLetterView
	Draft       *demoDraftView
	Other       string // the same page in the other language
	OtherLocale string
	as          string
}

type demoPerson struct {
	Name, Email, Initial, Href string
	Current                    bool
}

type demoLineView struct {
	Who, Initial, Subject, Href string
	At                          int64
	Unread                      bool
}

type demoLetterView struct {
	demoLineView
	From, To, CC string
	Text         []segment
	Files        []demoFileView
	Reply, All   string // empty: there is nobody else to answer
}

type demoFileView struct{ Name, Sized, Href string }

type demoDraftView struct {
	Action, Back  string
	To, CC        string
	Subject, Text field
	FileHint      string
	FileWrong     string
	General       string
}

// demoMailPage finds whose mailbox is looked into, and in which language.
func (s *Server) demoMailPage(c echo.Context) (*demoMailPage, DemoShopper) {
	locale := s.speak(c)
	all := s.DemoMail.Shoppers()
	who := all[max(0, slices.IndexFunc(all, func(one DemoShopper) bool { return one.Locale == locale }))]
	if i := slices.IndexFunc(all, func(one DemoShopper) bool { return one.ID == c.QueryParam("as") }); i >= 0 {
		who = all[i]
	}
	p := &demoMailPage{Page: s.page(c), Desk: "/", as: who.ID, OtherLocale: i18n.English}
	if p.Locale == i18n.English {
		p.OtherLocale = i18n.Chinese
	}
	q := maps.Clone(c.QueryParams())
	q.Set("lang", p.OtherLocale)
	q.Set("as", who.ID)
	q.Del("done")
	p.Other = p.Path + "?" + q.Encode()
	p.ShopSite = "/demo/shop?" + url.Values{"lang": {p.Locale}, "as": {who.ID}}.Encode()
	for _, one := range all {
		view := demoPerson{Name: one.Name, Email: one.Email, Initial: initial(one.Name), Current: one.ID == who.ID}
		view.Href = "/demo/mail?" + url.Values{"lang": {p.Locale}, "as": {one.ID}}.Encode()
		if view.Current {
			p.Mine = view
		}
		p.People = append(p.People, view)
	}
	p.Unread = s.demoUnread(who)
	return p, who
}

func (s *Server) demoUnread(who DemoShopper) (n int) {
	for _, one := range s.DemoMail.Letters(who.Email) {
		if !one.Sent && !one.Seen {
			n++
		}
	}
	return n
}

// Link is a page of the webmail for the same person in the same language; pairs are further names and values.
func (p *demoMailPage) Link(path string, pairs ...string) string {
	q := url.Values{"lang": {p.Locale}, "as": {p.as}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return path + "?" + q.Encode()
}

func (p *demoMailPage) line(one DemoLine) demoLineView {
	who := one.From
	if one.Sent {
		who = DemoAddress{}
		if len(one.To) > 0 {
			who = one.To[0]
		}
	}
	v := demoLineView{Who: who.Name, Subject: one.Subject, At: one.At.UnixMilli(), Unread: !one.Sent && !one.Seen}
	if v.Who == "" {
		v.Who = who.Email
	}
	v.Initial = initial(v.Who)
	if strings.TrimSpace(v.Subject) == "" {
		v.Subject = p.T("public.mail.no_subject")
	}
	v.Href = p.Link("/demo/mail/letters/" + strconv.FormatInt(one.ID, 10))
	return v
}

func (s *Server) demoLetters(c echo.Context) error {
	p, who := s.demoMailPage(c)
	p.Sent, p.Done = c.QueryParam("box") == "sent", c.QueryParam("done") != ""
	for _, one := range s.DemoMail.Letters(who.Email) {
		if one.Sent == p.Sent {
			p.Lines = append(p.Lines, p.line(one))
		}
	}
	return s.render(c, http.StatusOK, "public/demo_mail", p)
}
