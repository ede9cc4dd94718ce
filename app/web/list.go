package web

import (
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/sla"
)

const (
	listUsual = 40
	findLimit = 50
	soonWait  = 3 * time.Minute  // a wait that begins to count
	longWait  = 10 * time.Minute // a wait that must end; elements/live-time.js has both too
)

// listView is a list of tickets, or what was found.
type listView struct {
	Name, Title, Query string
	Here               string // the query of addresses that stay in the list
	Rows               []rowView
	More               string // address of the next page
	EmptyIcon          string
	EmptyTitle         string
	EmptyHelp          string
	Orders             []*orderView // that the query means
}

// rowView is a ticket in a list.
type rowView struct {
	*Words
	ID, Number, Href, Name, Initial, Text string
	Subject                               string // of a mail
	Channel                               tickets.Channel
	Mark                                  *markTag
	Anonymous, Unread, Draft, Current     bool
	WaitingSince, LastAt                  int64
	WaitClass                             string  // how long the wait is, in colour
	Assignee                              *Person // shown where it is somebody else
}

// markTag is a coloured word in a row.
type markTag struct{ Class, Text string }

// list gives a page of a list, or what the query finds.
func (s *Server) list(c echo.Context, h here, current id.ID) (listView, error) {
	ctx, me, w := c.Request().Context(), of(c).agent, s.words(c)
	v := listView{Name: string(h.list), Title: w.T("console.list." + string(h.list)), Query: h.query, Here: h.suffix()}
	v.EmptyIcon, v.EmptyTitle, v.EmptyHelp = "inbox", w.T("console.empty."+v.Name), w.T("console.empty_help."+v.Name)
	var rows []tickets.TicketRow
	var err error
	if h.query != "" {
		v.Name, v.Title = "find", w.T("console.find.title")
		v.EmptyIcon, v.EmptyTitle, v.EmptyHelp = "search", w.T("console.find.none"), w.T("console.find.help")
		if rows, err = s.Tickets.Find(ctx, h.query, findLimit); err == nil {
			v.Orders, err = s.findOrders(c, h.query)
		}
	} else {
		limit, _ := strconv.Atoi(c.QueryParam("limit")) // not a number: the usual
		if limit <= 0 || limit > tickets.PageMax {
			limit = listUsual
		}
		var page tickets.ListPage
		page, err = s.Tickets.List(ctx, tickets.ListQuery{List: h.list, Agent: me.ID, Cursor: c.QueryParam("cursor"), Limit: limit})
		rows = page.Items
		if page.Next != "" {
			v.More = "/tickets" + h.suffix() + "&cursor=" + url.QueryEscape(page.Next)
		}
	}
	if err != nil {
		return v, err
	}
	v.Rows, err = s.rows(c, h, rows, current)
	return v, err
}

func (s *Server) rows(c echo.Context, h here, rows []tickets.TicketRow, current id.ID) ([]rowView, error) {
	me, w := of(c).agent, s.words(c)
	ids := make([]id.ID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	drafts, err := s.Tickets.DraftTickets(c.Request().Context(), me.ID, ids)
	if err != nil {
		return nil, err
	}
	views := make([]rowView, len(rows))
	for i := range rows {
		views[i] = rowOf(w, h, &rows[i], me.ID)
		views[i].Draft = drafts[rows[i].ID]
		views[i].Current = rows[i].ID == current
	}
	return views, nil
}

func rowOf(w *Words, h here, r *tickets.TicketRow, me id.ID) rowView {
	v := rowView{
		Words: w, ID: r.ID.String(), Number: strconv.FormatInt(r.Number, 10), Href: ticketPath(r.Number) + h.suffix(), Channel: r.Channel,
		Name: contactName(w, r.ContactName, r.Visitor), Anonymous: r.ContactName == "", Text: r.Preview,
		Unread: r.AgentRead < r.LastSeq && r.Status.Active(), LastAt: r.LastMessageAt, Mark: markOf(w, r),
	}
	v.Initial = initial(v.Name)
	switch {
	case v.Text == "":
		v.Text = r.Subject
	case r.Channel == tickets.ChannelEmail:
		v.Subject = r.Subject
	}
	if r.WaitingSince != nil && h.list == tickets.ListUnassigned && h.query == "" {
		v.WaitingSince = *r.WaitingSince
		v.WaitClass = waitClass(w.Now.Sub(time.UnixMilli(v.WaitingSince)))
	}
	if r.AssigneeID != nil && *r.AssigneeID != me {
		v.Assignee = &Person{Name: r.AssigneeName, Initial: initial(r.AssigneeName)}
	}
	return v
}

func waitClass(waited time.Duration) string {
	switch {
	case waited > longWait:
		return "waits long"
	case waited > soonWait:
		return "waits soon"
	}
	return "waits"
}

// markOf is the one thing about a row that must be seen first.
func markOf(w *Words, r *tickets.TicketRow) *markTag {
	switch {
	case r.FirstReply(w.Now) == sla.Overdue:
		return &markTag{"bad", w.T("console.sla.overdue")}
	case !r.Status.Active():
		return &markTag{statusClass(r.Status), w.T("console.status." + string(r.Status))}
	case r.Priority == tickets.PriorityUrgent || r.Priority == tickets.PriorityHigh:
		return &markTag{"bad", w.T("console.priority." + string(r.Priority))}
	case r.VIP:
		return &markTag{"accent", "VIP"}
	}
	return nil
}

// statusClass is the colour of a status.
func statusClass(s tickets.Status) string {
	switch s {
	case tickets.StatusNew:
		return "warn"
	case tickets.StatusOpen:
		return "accent"
	case tickets.StatusSolved:
		return "good"
	case tickets.StatusSpam:
		return "bad"
	}
	return ""
}

// contactName is what a contact is called; of whom nothing is known by the code of her id.
func contactName(w *Words, name, visitor string) string {
	if name != "" {
		return name
	}
	return w.T("console.visitor", "code", visitor)
}
