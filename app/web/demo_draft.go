package web

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

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
