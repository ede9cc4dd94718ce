package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

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
