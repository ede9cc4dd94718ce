package web

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/notify"
	"huiyin/tickets"
)

// deskPage is what every page of those who answer gets: navigation with its counts, preferences, keys.
type deskPage struct {
	Page
	Section string // tickets, settings, preferences
	Counts  countsView
	Tabs    []tabView // the lists
	Prefs   Preferences
	Keys    []keyView
	Unread  int  // notifications, at most notify.UnreadMost
	Alerts  int  // that stand; for administrators
	AskKeys bool // the administrator has not confirmed yet that the key ring lies elsewhere too
}

// UnreadText is what the bell shows: nothing for none, and no exact number of very many.
func (d deskPage) UnreadText() string {
	switch {
	case d.Unread == 0:
		return ""
	case d.Unread >= notify.UnreadMost:
		return strconv.Itoa(notify.UnreadMost-1) + "+"
	}
	return strconv.Itoa(d.Unread)
}

type countsView struct{ Todo int }

type tabView struct {
	Name    string
	Title   string
	Href    string
	Count   string
	Current bool
	InTabs  bool // stands above the list too, not in the navigation only
}

// desk gathers what the frame of an agent's page shows.
func (s *Server) desk(c echo.Context, section string) (deskPage, error) {
	ctx, me := c.Request().Context(), of(c).agent
	d := deskPage{Page: s.page(c), Section: section}
	var err error
	if d.Prefs, err = s.preferences(ctx, me.ID); err != nil {
		return d, err
	}
	counts, err := s.Tickets.Counts(ctx, me.ID)
	if err != nil {
		return d, err
	}
	d.Counts.Todo = counts.Unassigned + counts.Mine
	d.Tabs = tabs(d.Words, counts)
	d.Keys = keys(d.Words)
	if d.Me.IsAdmin() && s.Health.Backups != nil && s.DemoShop == nil {
		elsewhere, err := s.Health.Backups.KeysElsewhere(ctx)
		if err != nil {
			return d, err
		}
		d.AskKeys = !elsewhere
	}
	if d.Unread, err = s.Notices.Unread(ctx, me.ID); err != nil {
		return d, err
	}
	if d.Me.IsAdmin() {
		standing, err := s.Notices.Standing(ctx)
		if err != nil {
			return d, err
		}
		d.Alerts = len(standing)
	}
	d.Texts = s.Texts.Select(d.Locale, s.scripts.texts...)
	return d, nil
}

func tabs(w *Words, n tickets.Counts) []tabView {
	var all []tabView
	for _, one := range []struct {
		list   tickets.ListName
		n      int
		inTabs bool
	}{
		{tickets.ListUnassigned, n.Unassigned, true}, {tickets.ListMine, n.Mine, true}, {tickets.ListColleagues, n.Colleagues, true},
		{tickets.ListSnoozed, n.Snoozed, false}, {tickets.ListAll, n.All, true},
	} {
		all = append(all, tabView{
			Name: string(one.list), Title: w.T("console.list." + string(one.list)), Href: listURL(one.list),
			Count: w.Number(one.n), InTabs: one.inTabs,
		})
	}
	return all
}

func listURL(list tickets.ListName) string { return "/tickets?list=" + url.QueryEscape(string(list)) }

// keyView is a line of the list of keys.
type keyView struct {
	Does string
	Keys []string
}

// keys are all keys of the console; static/js has what they do.
func keys(w *Words) []keyView {
	var all []keyView
	for _, k := range []struct {
		key  string
		keys []string
	}{
		{"palette", []string{"Ctrl/⌘ K"}}, {"list", []string{"?", "Ctrl/⌘ /"}}, {"next", []string{"J", "↓"}}, {"previous", []string{"K", "↑"}},
		{"open", []string{"Enter"}}, {"leave", []string{"Esc"}}, {"reply", []string{"R"}}, {"note", []string{"N"}},
		{"solve", []string{"E"}}, {"solve_next", []string{"Shift E"}}, {"assign", []string{"A"}}, {"take", []string{"M"}},
		{"snooze", []string{"Z"}}, {"tag", []string{"T"}}, {"priority", []string{"P"}}, {"search", []string{"/", "S"}},
		{"switch", []string{"I"}}, {"side", []string{"]"}}, {"copy", []string{"."}}, {"macros", []string{"Ctrl/⌘ M"}},
	} {
		all = append(all, keyView{Does: w.T("console.keys." + k.key), Keys: k.keys})
	}
	return all
}
