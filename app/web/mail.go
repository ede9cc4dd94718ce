package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/deskmail"
	"huiyin/app/mailer"
	"huiyin/tickets/fault"
)

// mailRoutes are the doors of the settings of mail.
func (s *Server) mailRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/mail", admin, limitRead, s.mailPage},
		{http.MethodPost, "/settings/mail", admin, limitWrite, s.saveMail},
		{http.MethodPost, "/settings/mail/end", admin, limitWrite, s.endMail},
		{http.MethodPost, "/settings/mail/test", admin, limitSignIn, s.tryMail},
	}
}

// mailPreset is the server of a provider. Its texts are mail.preset.NAME and mail.preset_help.NAME.
type mailPreset struct{ name, host string }

// mailPresets are providers that shops use; all of them take TLS on port 465 but Outlook, which has STARTTLS only.
var mailPresets = []mailPreset{
	{"tencent", "smtp.exmail.qq.com"}, {"aliyun", "smtp.qiye.aliyun.com"}, {"netease", "smtp.qiye.163.com"}, {"qq", "smtp.qq.com"},
	{"163", "smtp.163.com"}, {"gmail", "smtp.gmail.com"}, {"outlook", "smtp-mail.outlook.com"},
}

func (p mailPreset) settings() mailer.Settings {
	set := mailer.Settings{Host: p.host, Security: mailer.TLS}
	if p.name == "outlook" {
		set.Security = mailer.StartTLS
	}
	set.Port = set.Security.Port()
	return set
}

func presetOf(name string) (mailPreset, bool) {
	for _, p := range mailPresets {
		if p.name == name {
			return p, true
		}
	}
	return mailPreset{}, false
}

// mailPage is the server that the desk sends its mails by.
type mailPage struct {
	settingsFrame
	Error     string
	Set       bool // mails can be sent
	Presets   []presetView
	Help      string // where the chosen provider gives its code
	Server    []field
	Person    []field
	Sender    []field
	TestTo    string
	Tried     *tryView
	TriedNext string // what to do about it
}

type presetView struct {
	Name, Title string
	Current     bool
}

func (s *Server) mailPage(c echo.Context) error { return s.showMail(c, nil, nil, "") }

// showMail shows the settings as they are, as a provider wants them, or as they were sent and refused.
func (s *Server) showMail(c echo.Context, refused *form, tried *tryView, next string) error {
	frame, err := s.settings(c, "mail")
	if err != nil {
		return err
	}
	set, err := s.Mail.Settings(c.Request().Context())
	unset := errors.Is(err, mailer.ErrUnset)
	if err != nil && !unset {
		return err
	}
	p := mailPage{settingsFrame: frame, Set: !unset, Tried: tried, TriedNext: next, TestTo: of(c).agent.Email}
	kept, proposed := set.Password != "", set
	chosen, ok := presetOf(c.QueryParam("preset"))
	if ok {
		proposed = chosen.settings()
		proposed.User, proposed.From, kept = set.User, set.From, kept && strings.EqualFold(set.Host, chosen.host)
		p.Help = p.T("mail.preset_help." + chosen.name)
	}
	f := s.empty(c, mailValues(proposed))
	if refused != nil {
		f = refused
	}
	for _, one := range mailPresets {
		p.Presets = append(p.Presets, presetView{one.name, p.T("mail.preset." + one.name), one.name == chosen.name})
	}
	p.Error = f.General()
	p.fill(f, kept)
	return s.render(c, f.status(), "agent/mail", p)
}

// fill makes the form's fields.
func (p *mailPage) fill(f *form, kept bool) {
	one := func(name, kind, complete string, most int) field {
		return f.input(field{Name: name, Type: kind, Max: most, Complete: complete, Label: p.T("mail.field." + name), Hint: p.T("mail.hint." + name)})
	}
	var protection []option
	for _, security := range mailer.Securities() {
		protection = append(protection, option{string(security), p.T("mail.security." + string(security))})
	}
	host, from := one("host", "", "off", 253), one("from_email", "email", "off", 254)
	host.Required, from.Required = true, true
	p.Server = []field{host, f.input(field{Name: "security", Type: "select", Label: p.T("mail.field.security"), Hint: p.T("mail.hint.security"), Options: protection}),
		one("port", "number", "off", 0)}
	password := one("password", "password", "new-password", 200)
	if kept {
		password.Hint = p.T("mail.hint.password_kept")
	}
	p.Person = []field{one("user", "", "off", 200), password}
	p.Sender = []field{from, one("from_name", "", "off", 100)}
}

// mailValues is the form of what is kept. The password never goes back.
func mailValues(set mailer.Settings) map[string]string {
	port := ""
	if set.Port > 0 {
		port = strconv.Itoa(set.Port)
	}
	return map[string]string{
		"host": set.Host, "port": port, "security": string(set.Security), "user": set.User, "from_email": set.From.Email, "from_name": set.From.Name,
	}
}

func (s *Server) saveMail(c echo.Context) error {
	f := s.sent(c)
	value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	set := mailer.Settings{
		Host: value("host"), Security: mailer.Security(value("security")), User: value("user"), Password: c.FormValue("password"),
		From: mailer.Address{Email: value("from_email"), Name: value("from_name")},
	}
	var err error
	if text := value("port"); text != "" {
		if set.Port, err = strconv.Atoi(text); err != nil || set.Port < 1 {
			set.Port = -1 // refused by name, with the other fields
		}
	}
	if err := s.Mail.Save(c.Request().Context(), set); err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showMail(c, f, nil, "")
	}
	return c.Redirect(http.StatusSeeOther, "/settings/mail?saved=1#test")
}

// endMail forgets the settings.
func (s *Server) endMail(c echo.Context) error {
	return orRedirect(c, s.Mail.Clear(c.Request().Context()), "/settings/mail?saved=1")
}

// tryMail sends a test mail to the administrator who asks and says what happened.
func (s *Server) tryMail(c echo.Context) error {
	ctx, me, w := c.Request().Context(), of(c).agent, s.words(c)
	out, err := s.Mail.Try(ctx, mail.Address{Name: me.Name, Address: me.Email}, w.Locale)
	if errors.Is(err, mailer.ErrUnset) {
		return s.showMail(c, nil, &tryView{Text: w.T("mail.test.unset")}, "")
	}
	if err != nil {
		return err
	}
	if out.Failure == nil {
		good := &tryView{Good: true, Text: w.T("mail.test.sent", "email", me.Email, "seconds", fmt.Sprintf("%.1f", out.Took.Seconds()))}
		return s.showMail(c, nil, good, w.T("mail.test.sent_next"))
	}
	set, err := s.Mail.Settings(ctx)
	if err != nil {
		return err
	}
	reason := deskmail.Reason(out.Failure, set.Security)
	bad := &tryView{Text: w.T("mail.reason." + reason)}
	if said := saidBy(out.Failure); said != "" {
		bad.Text += " " + w.T("mail.test.said", "said", said)
	}
	return s.showMail(c, nil, bad, w.T("mail.next."+reason))
}

// saidBy is the server's own answer.
func saidBy(e *mailer.Error) string {
	if e.Code == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(e.Code) + " " + e.Detail)
}

// Letter is a letter of the desk as the page of a mail.
func (s *Server) Letter(l deskmail.Letter) (string, error) {
	var b strings.Builder
	if err := s.pages.Render(&b, "email/letter", l); err != nil {
		return "", fmt.Errorf("render a mail: %w", err)
	}
	return b.String(), nil
}

// forgotPage is the page of somebody who forgot her password.
type forgotPage struct {
	Page
	Error string
	Ready bool // mails can be sent
	Sent  bool
	Email field
}

func (s *Server) forgotPage(c echo.Context) error { return s.showForgot(c, s.empty(c, nil)) }

func (s *Server) showForgot(c echo.Context, f *form) error {
	ready, err := s.Mail.Ready(c.Request().Context())
	if err != nil {
		return err
	}
	return s.render(c, f.status(), "public/forgot", forgotPage{
		Page: s.page(c), Error: f.General(), Ready: ready, Sent: c.QueryParam("sent") != "" && f.err == nil,
		Email: f.input(field{Name: "email", Type: "email", Label: f.words.T("auth.field.email"), Complete: "username", Required: true, Focus: true}),
	})
}

// forgot has a link sent to whoever has the address. What it says and does is the same when nobody has.
func (s *Server) forgot(c echo.Context) error {
	f, ctx := s.sent(c), c.Request().Context()
	ready, err := s.Mail.Ready(ctx)
	if err != nil {
		return err
	}
	if !ready {
		err = fault.New(fault.Conflict, "mail.forgot.unset")
	} else if agent, forgot := s.Auth.Forgot(ctx, c.FormValue("email"), address(c)); forgot != nil {
		err = forgot
	} else {
		err = s.Mail.QueuePassword(ctx, agent)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showForgot(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/forgot?sent=1")
}
