package web

import "github.com/labstack/echo/v4"

// settingsSections are the pages of the settings, in the order of the navigation. A page belongs to the section whose
// name it passes to settings; texts are console.section.NAME.
var settingsSections = []settingsSection{
	{name: "guide", href: "/settings/guide"},
	{name: "inboxes", href: "/settings"},
	{name: "desk", href: "/settings/desk"},
	{name: "agents", href: "/settings/agents"},
	{name: "teams", href: "/settings/teams"},
	{name: "hours", href: "/settings/hours"},
	{name: "files", href: "/settings/files"},
	{name: "forms", href: "/settings/forms", managers: true},
	{name: "replies", href: "/settings/replies", anyAgent: true},
	{name: "mail", href: "/settings/mail"},
	{name: "sms", href: "/settings/sms"},
	{name: "notices", href: "/settings/notices"},
	{name: "orders", href: "/settings/orders"},
	{name: "webhooks", href: "/settings/webhooks"},
	{name: "site", href: "/settings/site"},
	{name: "notice", href: "/settings/notice"},
	{name: "retention", href: "/settings/retention"},
	{name: "access", href: "/settings/access"},
	{name: "health", href: "/settings/health"},
}

type settingsSection struct {
	name, href string
	anyAgent   bool // shown to every agent, not to administrators only
	managers   bool // shown to managers too
}

// settingsFrame is what every page of the settings gets; the layout "settings" shows it.
type settingsFrame struct {
	deskPage
	Sections []sectionView
	Saved    bool
}

type sectionView struct {
	Title, Href string
	Current     bool
}

// settings gathers what the frame of a settings page shows.
func (s *Server) settings(c echo.Context, section string) (settingsFrame, error) {
	desk, err := s.desk(c, "settings")
	if err != nil {
		return settingsFrame{}, err
	}
	f := settingsFrame{deskPage: desk, Saved: c.QueryParam("saved") != ""}
	for _, one := range settingsSections {
		if one.anyAgent || desk.Me.IsAdmin() || one.managers && desk.Me.IsManager() {
			f.Sections = append(f.Sections, sectionView{
				Title: desk.T("console.section." + one.name), Href: one.href, Current: one.name == section,
			})
		}
	}
	return f, nil
}
