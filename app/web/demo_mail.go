package web

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/app/i18n"
	"huiyin/tickets/fault"
)

// DemoMail is the mail of the sample shoppers of `huiyin demo`. What is in it was written by anybody.
type DemoMail interface {
	// Shop is whom they write to.
	Shop() DemoAddress
	// Shoppers are whose mailboxes can be looked into; there is at least one.
	Shoppers() []DemoShopper
	// Letters lists a shopper's mails, the newest first.
	Letters(email string) []DemoLine
	// Letter gives one, which is read by this. Errors: NotFound.
	Letter(email string, id int64) (*DemoLetter, error)
	// File gives a file of a letter by its place. Errors: NotFound.
	File(email string, id int64, place int) (*DemoFile, error)
	// Send sends a mail. Errors: Invalid (to, file).
	Send(d DemoDraft) error
}

// DemoAddress is somebody in a mail.
type DemoAddress struct{ Name, Email string }

// DemoShopper is a sample shopper with a mailbox.
type DemoShopper struct {
	ID string
	DemoAddress
	Locale string // her language
}

// DemoLine is a mail in a list.
type DemoLine struct {
	ID         int64
	At         time.Time
	From       DemoAddress
	To         []DemoAddress
	Subject    string
	Sent, Seen bool // Sent: by whose mailbox it is
}

// DemoLetter is a mail.
type DemoLetter struct {
	DemoLine
	CC, ReplyTo []DemoAddress
	Text        string
	Files       []DemoFile // without content
	MessageID   string
	References  []string
}

// DemoFile is a file of a mail.
type DemoFile struct {
	Name    string
	Size    int
	Content []byte
}

// DemoDraft is a mail that a shopper sends.
type DemoDraft struct {
	From       DemoAddress
	To, CC     []DemoAddress
	Subject    string
	Text       string
	InReplyTo  string
	References []string
	Files      []DemoFile
}

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

// demoFind gives the letter that a request names.
func (s *Server) demoFind(who DemoShopper, text string) (*DemoLetter, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	return s.DemoMail.Letter(who.Email, n)
}

func (s *Server) demoLetter(c echo.Context) error {
	p, who := s.demoMailPage(c)
	l, err := s.demoFind(who, c.Param("letter"))
	if err != nil {
		return err
	}
	p.Sent, p.Unread = l.Sent, s.demoUnread(who) // without this one
	number := strconv.FormatInt(l.ID, 10)
	v := &demoLetterView{demoLineView: p.line(l.DemoLine), From: heads(l.From), To: heads(l.To...), CC: heads(l.CC...), Text: linkify(strings.TrimSpace(l.Text))}
	if v.Initial = initial(l.From.Name); l.From.Name == "" {
		v.Initial = initial(l.From.Email)
	}
	for i, f := range l.Files {
		name := f.Name
		if name == "" {
			name = p.T("public.mail.file")
		}
		href := p.Link("/demo/mail/letters/" + number + "/files/" + strconv.Itoa(i))
		v.Files = append(v.Files, demoFileView{name, sizeText(uint64(f.Size)), href}) //nolint:gosec // a length
	}
	v.Reply = p.Link("/demo/mail/new", "re", number)
	if _, cc := answered(who, l, true); len(cc) > 0 {
		v.All = p.Link("/demo/mail/new", "re", number, "all", "1")
	}
	p.Letter = v
	return s.render(c, http.StatusOK, "public/demo_mail", p)
}

// heads are addresses as a mail's head shows them.
func heads(list ...DemoAddress) string {
	var out []string
	for _, one := range list {
		text := one.Name + " <" + one.Email + ">"
		if one.Name == "" {
			text = one.Email
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// answered tells whom an answer to a letter goes to: who asks for answers or wrote it, and with all whoever else had it.
func answered(who DemoShopper, l *DemoLetter, all bool) (to, cc []DemoAddress) {
	known := map[string]bool{strings.ToLower(who.Email): true}
	add := func(list *[]DemoAddress, more ...DemoAddress) {
		for _, one := range more {
			if key := strings.ToLower(one.Email); key != "" && !known[key] {
				known[key] = true
				*list = append(*list, one)
			}
		}
	}
	switch {
	case l.Sent:
		add(&to, l.To...)
	case len(l.ReplyTo) > 0:
		add(&to, l.ReplyTo...)
		known[strings.ToLower(l.From.Email)] = true
	default:
		add(&to, l.From)
	}
	if all {
		add(&cc, l.To...)
		add(&cc, l.CC...)
	}
	return to, cc
}

// demoAnswer is a draft with everything but what she writes.
func (s *Server) demoAnswer(c echo.Context, p *demoMailPage, who DemoShopper) (DemoDraft, error) {
	d := DemoDraft{From: who.DemoAddress, To: []DemoAddress{s.DemoMail.Shop()}}
	number := c.QueryParam("re")
	if number == "" {
		return d, nil
	}
	l, err := s.demoFind(who, number)
	if err != nil {
		return d, err
	}
	if d.To, d.CC = answered(who, l, c.QueryParam("all") != ""); len(d.To) == 0 {
		d.To = []DemoAddress{s.DemoMail.Shop()}
	}
	d.Subject = answerSubject(l.Subject)
	d.InReplyTo, d.References = l.MessageID, slices.Clone(l.References)
	if l.MessageID != "" {
		d.References = append(d.References, l.MessageID)
	}
	var quoted strings.Builder // a textarea drops the first line break
	quoted.WriteString("\n\n\n" + p.T("public.mail.wrote", "when", p.Full(l.At.UnixMilli()), "who", heads(l.From)) + "\n")
	for line := range strings.SplitSeq(strings.TrimSpace(l.Text), "\n") {
		quoted.WriteString(strings.TrimRight("> "+line, " \r") + "\n")
	}
	d.Text = quoted.String()
	if utf8.RuneCountInString(d.Text) > demoTextMax/2 { // a long one need not be quoted in full
		d.Text = string([]rune(d.Text)[:demoTextMax/2])
	}
	return d, nil
}

// answerSubject says once that it is an answer.
func answerSubject(subject string) string {
	low := strings.ToLower(strings.TrimSpace(subject))
	for _, mark := range []string{"re:", "re：", "回复:", "回复："} {
		if strings.HasPrefix(low, mark) {
			return strings.TrimSpace(subject)
		}
	}
	return "Re: " + strings.TrimSpace(subject)
}

func (s *Server) demoDraft(c echo.Context) error {
	p, who := s.demoMailPage(c)
	d, err := s.demoAnswer(c, p, who)
	if err != nil {
		return err
	}
	return s.showDemoDraft(c, p, d, s.empty(c, map[string]string{"subject": d.Subject, "text": d.Text}))
}

func (s *Server) showDemoDraft(c echo.Context, p *demoMailPage, d DemoDraft, f *form) error {
	var pairs []string
	back := p.Link("/demo/mail")
	if re := c.QueryParam("re"); re != "" {
		pairs = append(pairs, "re", re, "all", c.QueryParam("all"))
		back = p.Link("/demo/mail/letters/" + url.PathEscape(re))
	}
	p.Draft = &demoDraftView{
		Action: p.Link("/demo/mail/letters", pairs...), Back: back, To: heads(d.To...), CC: heads(d.CC...),
		Subject:   f.input(field{Name: "subject", Label: p.T("public.mail.subject"), Max: demoSubjectMax, Required: true}),
		Text:      f.input(field{Name: "text", Type: "textarea", Label: p.T("public.mail.text"), Rows: 12, Max: demoTextMax, Required: true}),
		FileHint:  p.T("public.mail.files_hint", "count", demoFilesMax, "size", sizeText(demoFilesBytes)),
		FileWrong: f.wrong("file"), General: f.General() + f.wrong("to"),
	}
	// Where the page of a draft that was refused stands, only a form can lead.
	p.Other = ""
	if c.Request().Method == http.MethodGet {
		p.Other = p.Link("/demo/mail/new", append(pairs, "lang", p.OtherLocale)...)
	}
	return s.render(c, f.status(), "public/demo_mail", p)
}

func (s *Server) demoSend(c echo.Context) error {
	p, who := s.demoMailPage(c)
	d, err := s.demoAnswer(c, p, who)
	if err != nil {
		return err
	}
	values, err := readDemoDraft(c, &d)
	if err == nil {
		err = s.DemoMail.Send(d)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, p.Link("/demo/mail", "box", "sent", "done", "1"))
	}
	f := &form{values: values.Get, words: s.words(c), header: c.Response().Header()}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showDemoDraft(c, p, d, f)
}

// readDemoDraft puts what she wrote into a draft and gives the form's values beside an error.
func readDemoDraft(c echo.Context, d *DemoDraft) (url.Values, error) {
	sent, err := c.MultipartForm()
	if err != nil {
		return url.Values{"subject": {d.Subject}, "text": {d.Text}}, tooMuch(err, errBadForm)
	}
	defer sent.RemoveAll() //nolint:errcheck // nothing is on the disk
	values := url.Values(sent.Value)
	d.Subject, d.Text = strings.TrimSpace(values.Get("subject")), strings.TrimRight(values.Get("text"), " \r\n")
	switch {
	case d.Subject == "":
		return values, fault.InvalidField("subject", "required", "public.mail.subject_missing", nil)
	case utf8.RuneCountInString(d.Subject) > demoSubjectMax:
		return values, fault.InvalidField("subject", "long", "public.mail.subject_long", map[string]any{"max": demoSubjectMax})
	case strings.TrimSpace(d.Text) == "":
		return values, fault.InvalidField("text", "required", "public.mail.text_missing", nil)
	case utf8.RuneCountInString(d.Text) > demoTextMax:
		return values, fault.InvalidField("text", "long", "public.mail.text_long", map[string]any{"max": demoTextMax})
	}
	d.Files, err = demoFiles(sent.File["file"])
	return values, err
}

func demoFiles(parts []*multipart.FileHeader) (out []DemoFile, err error) {
	for _, part := range parts {
		if part.Filename == "" {
			continue // a file field that was left alone
		}
		if len(out) == demoFilesMax {
			return nil, fault.InvalidField("file", "many", "public.mail.files_many", map[string]any{"max": demoFilesMax})
		}
		one, err := part.Open()
		if err != nil {
			return nil, fmt.Errorf("read a file of the form: %w", err)
		}
		content, err := io.ReadAll(one)
		_ = one.Close()
		if err != nil {
			return nil, fmt.Errorf("read a file of the form: %w", err)
		}
		out = append(out, DemoFile{Name: part.Filename, Size: len(content), Content: content})
	}
	return out, nil
}

// demoFile gives a file to keep, never to be shown or run here.
func (s *Server) demoFile(c echo.Context) error {
	_, who := s.demoMailPage(c)
	l, err := s.demoFind(who, c.Param("letter"))
	if err != nil {
		return err
	}
	place, err := strconv.Atoi(c.Param("place"))
	if err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	f, err := s.DemoMail.File(who.Email, l.ID, place)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", filePolicy)
	return c.Blob(http.StatusOK, "application/octet-stream", f.Content)
}
