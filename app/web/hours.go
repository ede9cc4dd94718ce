package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/answers"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// hoursRoutes are the doors of the settings of hours and answers.
func (s *Server) hoursRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/hours", admin, limitRead, s.hoursPage},
		{http.MethodPost, "/settings/hours/:inbox", admin, limitWrite, s.saveHours},
	}
}

// hoursPage is the week of one inbox, and what the desk says while nobody is there.
type hoursPage struct {
	settingsFrame
	Inboxes  []inboxTab
	Inbox    string
	Error    string
	Now      string // open now, or when next
	Open     bool
	Lines    []string
	ZoneName string
	Days     []dayRow
	Slots    int
	Special  []specialRow
	Rows     int
	Wrong    string // of the special days as a whole
	Offline  field
	Minutes  field
	First    field
}

type inboxTab struct {
	ID, Name string
	Current  bool
}

// dayRow is one day of the week with its times.
type dayRow struct {
	*Words
	Name   string
	Place  string // makes ids unique
	Ranges []rangeInput
	Wrong  string
	// The first row that is wrong has the focus: a day's first time, a special day's date.
	FocusTimes, FocusDate bool
}

// specialRow is one date of its own; Name says which row it is.
type specialRow struct {
	dayRow
	DateName, Date   string
	LabelName, Label string
}

// rangeInput is one from–to.
type rangeInput struct {
	FromName, From, ToName, To string
	N                          int
}

func (s *Server) hoursPage(c echo.Context) error {
	box, err := s.hoursInbox(c, c.QueryParam("inbox"))
	if err != nil {
		return err
	}
	set, err := s.Answers.LoadSettings(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showHours(c, box, s.empty(c, map[string]string{
		"offline_text": box.Settings.OfflineText, "undelivered_minutes": strconv.Itoa(set.UndeliveredMinutes),
		"first_reply_minutes": numberOrNone(box.Settings.FirstReplyMinutes),
	}), formOfWeek(box.Settings.Hours), box.Settings.Hours)
}

// hoursInbox gives the named chat inbox, or the first one.
func (s *Server) hoursInbox(c echo.Context, named string) (*tickets.Inbox, error) {
	all, err := s.chatInboxes(c)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if named == "" || all[i].ID.String() == named {
			return &all[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "web.error.not_found")
}

func (s *Server) chatInboxes(c echo.Context) (out []tickets.Inbox, err error) {
	all, err := s.Tickets.Inboxes(c.Request().Context())
	for i := range all {
		if all[i].Channel == tickets.ChannelChat && all[i].DisabledAt == nil {
			out = append(out, all[i])
		}
	}
	return out, err
}

// showHours shows the form as it was filled in, and what the week means now.
func (s *Server) showHours(c echo.Context, box *tickets.Inbox, f *form, w weekForm, week hours.Week) error {
	desk, err := s.settings(c, "hours")
	if err != nil {
		return err
	}
	all, err := s.chatInboxes(c)
	if err != nil {
		return err
	}
	p := hoursPage{
		settingsFrame: desk, Inbox: box.ID.String(), Error: f.General(), ZoneName: desk.Zone.String(), Slots: w.slots, Rows: len(w.special),
		Days: w.days(f), Special: w.specials(f), Wrong: f.wrong("week.special"),
		Offline: f.input(field{Name: "offline_text", Type: "textarea", Rows: 3, Max: 500, Label: desk.T("console.hours.offline"), Hint: desk.T("console.hours.offline_hint")}),
		Minutes: f.input(field{Name: "undelivered_minutes", Type: "number", Label: desk.T("console.hours.minutes"), Hint: desk.T("console.hours.minutes_hint"), Max: 4}),
		First:   f.input(field{Name: "first_reply_minutes", Type: "number", Label: desk.T("console.hours.first"), Hint: desk.T("console.hours.first_hint"), Max: 5}),
	}
	for i := range all {
		p.Inboxes = append(p.Inboxes, inboxTab{all[i].ID.String(), all[i].Name, all[i].ID == box.ID})
	}
	s.previewHours(&p, week)
	return s.render(c, f.status(), "agent/hours", p)
}

// previewHours says whether the desk is open by a week, and when that changes.
func (s *Server) previewHours(p *hoursPage, week hours.Week) {
	calendar := week.In(p.Zone)
	p.Lines = week.Lines(p.Words.Now, p.Zone, func(key string, args map[string]any) string { return p.texts.Text(p.Locale, key, args) })
	next, ok := calendar.NextOpen(p.Words.Now)
	p.Open = ok && next.Equal(p.Words.Now)
	closes, ends := calendar.Closes(p.Words.Now)
	switch {
	case p.Open && ends:
		p.Now = p.T("console.hours.open_until", "time", p.Soon(closes.UnixMilli()))
	case p.Open:
		p.Now = p.T("console.hours.always_open")
	case ok:
		p.Now = p.T("console.hours.opens", "time", p.Soon(next.UnixMilli()))
	default:
		p.Now = p.T("console.hours.never")
	}
}

// saveHours keeps the form. Its other buttons only change it: copy Monday to the other weekdays, add a row.
func (s *Server) saveHours(c echo.Context) error {
	ctx := c.Request().Context()
	if _, err := id.Parse(c.Param("inbox")); err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	box, err := s.hoursInbox(c, c.Param("inbox"))
	if err != nil {
		return err
	}
	f, w := s.sent(c), sentWeek(c)
	if does := c.FormValue("do"); does != "" {
		w.change(does)
		return s.showHours(c, box, f, w, box.Settings.Hours)
	}
	week, wrong := w.week()
	minutes, _ := strconv.Atoi(c.FormValue("undelivered_minutes")) // zero is refused by name
	err = wrong
	if err == nil {
		set := box.Settings
		set.Hours, set.OfflineText = week, c.FormValue("offline_text")
		if set.FirstReplyMinutes = 0; c.FormValue("first_reply_minutes") != "" {
			if set.FirstReplyMinutes = sentNumber(c, "first_reply_minutes"); set.FirstReplyMinutes == 0 {
				set.FirstReplyMinutes = -1 // what is no number is refused by name
			}
		}
		if err = s.Answers.CheckSettings(answers.Settings{UndeliveredMinutes: minutes}); err == nil {
			_, err = s.Tickets.UpdateInboxSettings(ctx, box.ID, set)
		}
	}
	if err == nil {
		err = s.Answers.SaveSettings(ctx, answers.Settings{UndeliveredMinutes: minutes})
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showHours(c, box, f, w, box.Settings.Hours)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/hours?saved=1&inbox="+box.ID.String())
}

// numberOrNone is a number of a form in which none is left empty.
func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
