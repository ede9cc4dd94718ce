package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/privacy"
	"huiyin/tickets/fault"
)

// noticeRoutes are the desk's own privacy notice and the page where it is written.
func (s *Server) noticeRoutes() []route {
	return []route{
		{http.MethodGet, "/privacy", visitor, limitRead, s.privacy},
		{http.MethodGet, "/settings/notice", admin, limitRead, s.noticePage},
		{http.MethodPost, "/settings/notice", admin, limitWrite, s.saveNotice},
	}
}

// noticeBlock is a piece of a notice with its links.
type noticeBlock struct {
	Heading   string
	Paragraph []segment
	Items     [][]segment
}

// noticeBlocks makes no markup: the template escapes every piece.
func noticeBlocks(text string) []noticeBlock {
	var out []noticeBlock
	for _, b := range privacy.Blocks(text) {
		one := noticeBlock{Heading: b.Heading, Paragraph: linkify(b.Paragraph)}
		for _, item := range b.Items {
			one.Items = append(one.Items, linkify(item))
		}
		out = append(out, one)
	}
	return out
}

type privacyPage struct {
	Page
	Version int64
	Since   int64 // zero: from the desk's first day
	Blocks  []noticeBlock
	Others  []noticeVersion
}

// noticeVersion is a version in a list.
type noticeVersion struct {
	Version, At int64
	Asks, Shown bool
	Who         string
}

// privacy is the desk's own notice, ?version= an older one; an inbox may name another notice.
func (s *Server) privacy(c echo.Context) error {
	ctx, wanted := c.Request().Context(), int64(0)
	if text := c.QueryParam("version"); text != "" {
		var err error
		if wanted, err = strconv.ParseInt(text, 10, 64); err != nil || wanted < 1 {
			return fault.New(fault.NotFound, "web.error.not_found")
		}
	}
	n, err := s.Privacy.Notice(ctx, wanted)
	if err != nil {
		return err
	}
	all, err := s.Privacy.Notices(ctx)
	if err != nil {
		return err
	}
	page := s.page(c)
	p := privacyPage{Page: page, Version: n.Version, Blocks: noticeBlocks(n.Text(page.Locale))}
	for _, one := range all {
		if one.Version == n.Version {
			p.Since = one.CreatedAt
		}
		p.Others = append(p.Others, noticeVersion{Version: one.Version, At: one.CreatedAt, Shown: one.Version == n.Version})
	}
	return s.render(c, http.StatusOK, "public/privacy", p)
}

// noticeSettings is the page where the notice is written.
type noticeSettings struct {
	settingsFrame
	Error    string
	Zh, En   field
	Asks     bool
	Current  int64
	Versions []noticeVersion
	Preview  []noticePreview
}

// noticePreview is how the notice looks in a language.
type noticePreview struct {
	Locale, Language string
	Blocks           []noticeBlock
}

func (s *Server) noticePage(c echo.Context) error { return s.showNotice(c, nil) }

func (s *Server) showNotice(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "notice")
	if err != nil {
		return err
	}
	now, err := s.Privacy.Notice(ctx, 0)
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		f = s.empty(c, map[string]string{"zh": now.Zh, "en": now.En})
	}
	p := noticeSettings{settingsFrame: frame, Error: f.General(), Asks: f.values("asks") != "", Current: now.Version}
	p.Zh = f.input(field{Name: "zh", Type: "textarea", Rows: 18, Label: p.T("privacy.notice.zh"), Hint: p.T("privacy.notice.form")})
	p.En = f.input(field{Name: "en", Type: "textarea", Rows: 18, Label: p.T("privacy.notice.en"), Hint: p.T("privacy.notice.form")})
	for _, one := range languages() {
		p.Preview = append(p.Preview, noticePreview{one.Value, one.Text, noticeBlocks(now.Text(one.Value))})
	}
	if err := s.fillVersions(c, &p); err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/notice", p)
}

func (s *Server) fillVersions(c echo.Context, p *noticeSettings) error {
	all, err := s.Privacy.Notices(c.Request().Context())
	if err != nil {
		return err
	}
	folk, err := s.people(c)
	for _, one := range all {
		v := noticeVersion{Version: one.Version, At: one.CreatedAt, Asks: one.Asks}
		if one.AgentID != 0 {
			v.Who = folk.name(one.AgentID)
		}
		p.Versions = append(p.Versions, v)
	}
	return err
}

func (s *Server) saveNotice(c echo.Context) error {
	f := s.sent(c)
	_, err := s.Privacy.SaveNotice(c.Request().Context(), auth.ActorOf(of(c).agent), privacy.NewNotice{
		Zh: c.FormValue("zh"), En: c.FormValue("en"), Asks: c.FormValue("asks") != "",
	})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showNotice(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/notice?saved=1")
}
