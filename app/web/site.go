package web

import (
	"errors"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/certs"
	"huiyin/tickets"
)

// siteRoutes are the settings of the desk's own address, and the files that they put there.
func (s *Server) siteRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/settings/site", admin, limitRead, s.sitePage},
		{post, "/settings/site", admin, limitWrite, s.saveSite},
		{post, "/settings/site/files", admin, limitWrite, s.putSiteFile},
		{post, "/settings/site/files/removal", admin, limitWrite, s.removeSiteFile},

		{get, "/:file", public, limitAsset, s.siteFile},
		{get, "/.well-known/:file", public, limitAsset, s.siteFile},
		{get, "/.well-known/:folder/:file", public, limitAsset, s.siteFile},
	}
}

type sitePage struct {
	settingsFrame
	ICP, Police      field
	NumbersError     string
	Files            []siteFileView
	Name, Text, File field
	FileError        string
	Certificates     []certificateView
	Secure           bool // browsers come by https
}

type siteFileView struct{ Name, URL string }

// certificateView is how the certificate of one host stands.
type certificateView struct {
	*Words
	Host, Issuer, Until string
	Wrong, WrongText    string
}

// The forms of the page.
const (
	numbersForm = "numbers"
	fileForm    = "file"
)

func (s *Server) sitePage(c echo.Context) error { return s.showSite(c, nil, "") }

// showSite shows the page; which names the form that was refused.
func (s *Server) showSite(c echo.Context, refused *form, which string) error {
	frame, err := s.settings(c, "site")
	if err != nil {
		return err
	}
	site, err := s.Tickets.Site(c.Request().Context())
	if err != nil {
		return err
	}
	numbers, file, status := s.empty(c, map[string]string{"icp": site.ICP, "police": site.Police}), s.empty(c, nil), http.StatusOK
	switch which {
	case numbersForm:
		numbers, status = refused, refused.status()
	case fileForm:
		file, status = refused, refused.status()
	}
	p := sitePage{
		settingsFrame: frame, NumbersError: numbers.General(), FileError: file.General(), Secure: s.secure(),
		ICP:    numbers.input(field{Name: "icp", Label: frame.T("site.icp"), Hint: frame.T("site.icp_hint"), Max: 60, Complete: "off"}),
		Police: numbers.input(field{Name: "police", Label: frame.T("site.police"), Hint: frame.T("site.police_hint"), Max: 60, Complete: "off"}),
		File:   file.input(field{Name: "file", Type: "file", Label: frame.T("site.file"), Hint: frame.T("site.file_hint")}),
		Name:   file.input(field{Name: "name", Label: frame.T("site.name"), Hint: frame.T("site.name_hint"), Max: 200, Complete: "off"}),
		Text:   file.input(field{Name: "text", Type: "textarea", Rows: 3, Label: frame.T("site.text"), Hint: frame.T("site.text_hint")}),
	}
	for _, one := range site.Files {
		p.Files = append(p.Files, siteFileView{one.Name, s.BaseURL.JoinPath(one.Name).String()})
	}
	if s.Certificates != nil {
		p.Certificates = certificateViews(frame.Words, s.Certificates())
	}
	return s.render(c, status, "agent/site", p)
}

func certificateViews(w *Words, list []certs.HostState) []certificateView {
	var views []certificateView
	for _, h := range list {
		v := certificateView{Words: w, Host: h.Host, Issuer: h.Issuer}
		if !h.NotAfter.IsZero() {
			v.Until = w.Date(h.NotAfter.UnixMilli())
		}
		if h.Problem != nil {
			key := "notify.alert." + strings.ReplaceAll(h.Problem.Kind, ".", "_")
			args := map[string]any{}
			for name, value := range h.Problem.Args {
				args[name] = value
			}
			v.Wrong, v.WrongText = w.texts.Text(w.Locale, key+".title", args), w.texts.Text(w.Locale, key+".text", args)
		}
		views = append(views, v)
	}
	return views
}

// certificateFacts are the certificates in lines, for the page of the desk's health.
func certificateFacts(w *Words, list []certs.HostState) []factView {
	var facts []factView
	for _, v := range certificateViews(w, list) {
		f := factView{Label: w.T("site.https") + " " + v.Host, Value: v.Wrong, Bad: v.Wrong != ""}
		switch {
		case f.Bad:
		case v.Until == "":
			f.Value = w.T("site.certificate_none")
		default:
			f.Value = w.T("site.certificate_until", "date", v.Until, "issuer", v.Issuer)
		}
		facts = append(facts, f)
	}
	return facts
}

func (s *Server) saveSite(c echo.Context) error {
	f := s.sent(c)
	err := s.Tickets.SetSiteNumbers(c.Request().Context(), c.FormValue("icp"), c.FormValue("police"))
	return s.siteSaved(c, f, numbersForm, err)
}

// putSiteFile takes a file as it was downloaded from a platform, or its name and text written by hand.
func (s *Server) putSiteFile(c echo.Context) error {
	f, name, text := s.sent(c), c.FormValue("name"), []byte(strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n"))
	file, err := c.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart), err == nil && file.Size == 0 && file.Filename == "":
	case err != nil:
		return err
	default:
		opened, err := file.Open()
		if err != nil {
			return err
		}
		defer func() { _ = opened.Close() }() // was only read
		if text, err = io.ReadAll(opened); err != nil {
			return err
		}
		if strings.TrimSpace(name) == "" {
			name = path.Base(file.Filename)
		}
	}
	return s.siteSaved(c, f, fileForm, s.Tickets.PutSiteFile(c.Request().Context(), name, text))
}

func (s *Server) removeSiteFile(c echo.Context) error {
	return s.siteSaved(c, s.sent(c), fileForm, s.Tickets.RemoveSiteFile(c.Request().Context(), c.FormValue("name")))
}

func (s *Server) siteSaved(c echo.Context, f *form, which string, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/settings/site?saved=1")
	}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showSite(c, f, which)
}

// filing is what the foot of public pages says of the desk's filing in mainland China.
type filing struct{ ICP, Police, PoliceURL string }

// siteOf gives the site's settings; when the database does not answer, the last known ones.
func (s *Server) siteOf(c echo.Context) tickets.Site {
	site, err := s.Tickets.Site(c.Request().Context())
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "read the site's settings", "error", err)
	}
	return site
}

func (s *Server) filingOf(c echo.Context) filing {
	site := s.siteOf(c)
	f := filing{ICP: site.ICP, Police: site.Police}
	if _, digits, ok := strings.Cut(strings.TrimSuffix(site.Police, "号"), "安备"); ok {
		f.PoliceURL = "https://beian.mps.gov.cn/#/query/webSearch?code=" + digits
	}
	return f
}
