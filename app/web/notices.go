package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/notify"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// bellLines is how many lines of the bell a page shows.
const bellLines = 30

// notificationRoutes are the bell, what an agent wants to be told, and whom the desk tells.
func (s *Server) notificationRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/notifications", agent, limitRead, s.bellPage},
		{post, "/notifications/read", agent, limitWrite, s.readAll},
		{post, "/notifications/:notification/read", agent, limitWrite, s.readOne},
		{post, "/tickets/:number/read", agent, limitWrite, s.readTicket},

		{get, "/preferences/notices", agent, limitRead, s.choicesPage},
		{post, "/preferences/notices", agent, limitWrite, s.saveChoices},
		{post, "/preferences/notices/mail", agent, limitSignIn, s.tryNoticeMail},

		{get, "/settings/notices", admin, limitRead, s.noticesPage},
		{post, "/settings/notices", admin, limitWrite, s.saveNotices},
		{post, "/settings/notices/targets", admin, limitWrite, s.addTarget},
		{post, "/settings/notices/targets/:target", admin, limitWrite, s.saveTarget},
		{post, "/settings/notices/targets/:target/test", admin, limitSignIn, s.tryTarget},
		{post, "/settings/notices/targets/:target/end", admin, limitWrite, s.deleteTarget},
	}
}

type bellPage struct {
	deskPage
	Lines []bellLine
	Next  string // address of older lines
}

// bellLine is one notification.
type bellLine struct {
	ID, Icon, Text, More string // More: what an alert says
	Href                 string
	At                   int64
	Read                 bool
}

var noticeIcons = map[notify.Kind]string{
	notify.Waiting: "inbox", notify.Assigned: "take", notify.Message: "chat", notify.Unanswered: "clock", notify.Rated: "flag", notify.Task: "flag", notify.Alert: "alert",
}

// bellPage is what an agent was told.
func (s *Server) bellPage(c echo.Context) error {
	ctx, me := c.Request().Context(), of(c).agent
	desk, err := s.desk(c, "notifications")
	if err != nil {
		return err
	}
	list, next, err := s.Notices.Bell(ctx, me.ID, placeOf(c), bellLines)
	if err != nil {
		return err
	}
	p := bellPage{deskPage: desk}
	for i := range list {
		n := &list[i]
		line := bellLine{ID: n.ID.String(), Icon: noticeIcons[n.Kind], At: n.At, Read: n.Read}
		switch {
		case n.Alert != nil:
			say := func(key string, args map[string]any) string { return s.Texts.Text(p.Locale, key, args) }
			line.Text, line.More, line.Href = n.Alert.Title(say), n.Alert.Text(say), n.Alert.Page()
		case n.Number != 0 && n.Kind == notify.Task:
			line.Text, line.Href = p.T("notices.say.task", "number", n.Number), taskHref(n.Number)
		case n.Number != 0:
			line.Text, line.Href = p.T("notices.say."+string(n.Kind), "number", n.Number), ticketPath(n.Number)
		default:
			continue // what it is about is not there any more
		}
		p.Lines = append(p.Lines, line)
	}
	if next != nil {
		p.Next = "/notifications?at=" + strconv.FormatInt(next.At, 10) + "&id=" + next.ID.String()
	}
	return s.render(c, http.StatusOK, "agent/notifications", p)
}

// placeOf is where a page of the bell begins; what cannot be read is the start.
func placeOf(c echo.Context) notify.Place {
	at, err := strconv.ParseInt(c.QueryParam("at"), 10, 64)
	one, bad := id.Parse(c.QueryParam("id"))
	if err != nil || bad != nil {
		return notify.Place{}
	}
	return notify.Place{At: at, ID: one}
}

func (s *Server) readAll(c echo.Context) error {
	if err := s.Notices.ReadAll(c.Request().Context(), of(c).agent.ID); err != nil {
		return err
	}
	return s.done(c, "/notifications", nil)
}

func (s *Server) readOne(c echo.Context) error {
	one, err := id.Parse(c.Param("notification"))
	if err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	if err := s.Notices.ReadOne(c.Request().Context(), of(c).agent.ID, one); err != nil {
		return err
	}
	return s.done(c, localPath(c.FormValue("to"), "/notifications"), nil)
}

// readTicket says that she has a ticket before her eyes.
func (s *Server) readTicket(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	if err := s.Notices.ReadTicket(c.Request().Context(), of(c).agent.ID, t.ID); err != nil {
		return err
	}
	return s.done(c, ticketPath(t.Number), nil)
}
