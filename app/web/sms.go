package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/sms"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
)

// smsRoutes are the doors of the settings of text messages.
func (s *Server) smsRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/sms", admin, limitRead, s.smsPage},
		{http.MethodPost, "/settings/sms", admin, limitWrite, s.saveSMS},
		{http.MethodPost, "/settings/sms/test", admin, limitSignIn, s.trySMS},
	}
}

// smsPage is the text messages' gateway.
type smsPage struct {
	settingsFrame
	Error      string
	Enabled    bool
	WholeLink  bool
	HasSecret  bool
	LinkStart  string // what a template says before the variable
	Kind       field
	Cloud      []field // of 阿里云 and 腾讯云
	Secret     field
	Generic    []field
	Limits     []field
	Phone      field
	Tried      *tryView
	TestFailed string
}

// tryView is what came of a test message.
type tryView struct {
	Good bool
	Text string
}

func (s *Server) smsPage(c echo.Context) error { return s.showSMS(c, nil, nil, nil) }

// showSMS shows the settings as they are, or as they were sent and refused; tried is what came of a test.
func (s *Server) showSMS(c echo.Context, refused, test *form, tried *tryView) error {
	desk, err := s.settings(c, "sms")
	if err != nil {
		return err
	}
	set, err := s.SMS.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	f := s.empty(c, smsValues(set))
	if refused != nil {
		f = refused
	}
	p := smsPage{
		settingsFrame: desk, Error: f.General(), HasSecret: set.Secret != "", Tried: tried,
		Enabled: f.values("enabled") != "", WholeLink: f.values("whole_link") != "", LinkStart: s.BaseURL.JoinPath("t").String() + "/",
	}
	p.fill(f)
	t := s.empty(c, nil)
	if test != nil {
		t, p.TestFailed = test, test.General()
		if p.TestFailed == "" && test.err != nil && test.wrong("phone") == "" {
			p.TestFailed = p.T("sms.test.unset")
		}
	}
	p.Phone = t.input(field{Name: "phone", Prefix: "test-", Type: "tel", Label: p.T("sms.test.phone"), Max: 32, Complete: "tel", Required: true})
	status := f.status()
	if test != nil && status == http.StatusOK {
		status = test.status()
	}
	return s.render(c, status, "agent/sms", p)
}

// fill makes the form's fields.
func (p *smsPage) fill(f *form) {
	one := func(name, kind string, most int) field {
		return f.input(field{Name: name, Type: kind, Max: most, Complete: "off", Label: p.T("sms.field." + name), Hint: p.T("sms.hint." + name)})
	}
	p.Kind = f.input(field{Name: "kind", Type: "select", Label: p.T("sms.field.kind"), Options: []option{
		{string(sms.KindAliyun), p.T("sms.kind.aliyun")}, {string(sms.KindTencent), p.T("sms.kind.tencent")}, {string(sms.KindGeneric), p.T("sms.kind.generic")},
	}})
	for _, name := range []string{"sign_name", "template", "variable", "app_id", "key_id"} {
		p.Cloud = append(p.Cloud, one(name, "", 200))
	}
	p.Secret = one("secret", "password", 200)
	if p.HasSecret {
		p.Secret.Hint = p.T("sms.hint.secret_kept")
	}
	method := f.input(field{Name: "method", Type: "select", Label: p.T("sms.field.method"), Options: []option{{"POST", "POST"}, {"GET", "GET"}}})
	body, headers := one("body", "textarea", 4000), one("headers", "textarea", 2000)
	body.Rows, headers.Rows = 4, 3
	p.Generic = []field{method, one("url", "", 200), headers, body}
	p.Limits = []field{one("quiet_from", "", 5), one("quiet_to", "", 5), one("per_number", "number", 0), one("per_day", "number", 0)}
}

// smsValues is the form of what is kept. The secret never goes back.
func smsValues(set sms.Settings) map[string]string {
	tick := func(on bool) string {
		if on {
			return "1"
		}
		return ""
	}
	return map[string]string{
		"enabled": tick(set.Enabled), "kind": string(set.Kind), "key_id": set.KeyID, "app_id": set.AppID, "sign_name": set.SignName,
		"template": set.Template, "variable": set.Variable, "whole_link": tick(set.WholeLink), "method": set.Method, "url": set.URL,
		"headers": set.Headers, "body": set.Body, "quiet_from": set.QuietFrom.String(), "quiet_to": set.QuietTo.String(),
		"per_number": strconv.Itoa(set.PerNumber), "per_day": strconv.Itoa(set.PerDay),
	}
}

func (s *Server) saveSMS(c echo.Context) error {
	ctx, f := c.Request().Context(), s.sent(c)
	set, err := s.SMS.Settings(ctx)
	if err != nil {
		return err
	}
	value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	set.Enabled, set.WholeLink = value("enabled") != "", value("whole_link") != ""
	set.Kind, set.KeyID, set.Secret, set.AppID = sms.Kind(value("kind")), value("key_id"), value("secret"), value("app_id")
	set.SignName, set.Template, set.Variable = value("sign_name"), value("template"), value("variable")
	set.Method, set.URL, set.Headers, set.Body = value("method"), value("url"), c.FormValue("headers"), c.FormValue("body")
	set.PerNumber, _ = strconv.Atoi(value("per_number")) // zero is refused by name
	set.PerDay, _ = strconv.Atoi(value("per_day"))
	err = readQuiet(&set, value)
	if err == nil {
		err = s.SMS.Save(ctx, set)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSMS(c, f, nil, nil)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/sms?saved=1")
}

func readQuiet(set *sms.Settings, value func(string) string) error {
	for name, to := range map[string]*hours.Minute{"quiet_from": &set.QuietFrom, "quiet_to": &set.QuietTo} {
		at, ok := hours.ParseMinute(value(name))
		if !ok {
			return fault.InvalidField(name, "range", "sms.error.time", nil)
		}
		*to = at
	}
	return nil
}

// trySMS sends a test message and says what happened.
func (s *Server) trySMS(c echo.Context) error {
	out, err := s.SMS.Try(c.Request().Context(), c.FormValue("phone"))
	f := s.sent(c)
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSMS(c, nil, f, nil)
	}
	w := s.words(c)
	tried := &tryView{Good: true, Text: w.T("sms.test.sent", "seconds", fmt.Sprintf("%.1f", out.Took.Seconds()))}
	if out.Failure != nil {
		tried = &tryView{Text: w.T("sms.reason." + out.Failure.Reason)}
		if why := w.noAnswer(out.Failure.Detail); why != "" {
			tried.Text = why
		} else if out.Failure.Detail != "" {
			tried.Text += " " + w.T("sms.test.detail", "detail", out.Failure.Detail)
		}
	}
	return s.showSMS(c, nil, nil, tried)
}
