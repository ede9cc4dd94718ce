package web

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// entriesAtOnce is how much of a timeline a page shows.
const entriesAtOnce = 60

// threadView is an open ticket.
type threadView struct {
	*Words
	*tickets.Ticket
	Number, URL, ListURL, List, Title string
	InboxName, StatusClass            string
	Colleagues                        []Person
	Assignee                          *Person
	TeamName                          string
	Teams                             []choice // that it can be handed to
	teamNames                         []choice // of all that ever were
	Statuses                          []tickets.Status
	Priorities                        []tickets.Priority
	Snoozes                           []snoozeView
	Afters                            []string
	After                             string
	CanTake, Active                   bool
	Entries                           []entryView
	Earlier                           string // address of what was said before
	Draft                             draftView
	MacroValues                       string // JSON: what variables of quick replies stand for here
	EnterSends, NoReply               bool
	NewID                             string
	FileRules                         fileRules
	Recipients                        *recipientsView // nil: no reply leaves as mail
	Returned                          []fileView      // files of a reply that was taken back, for pages without scripts
	Newer                             bool            // something newer has come than she had seen when she sent
	Contact                           contactView
	OrderMark                         markView
	OrderCard                         *orderView   // nil: the shop has told nothing of the ticket's order
	Orders                            []*orderView // her latest others
	PageName                          string
	EarlierTickets, MergeChoices      []earlierView
	WentTo                            *mergedView  // the ticket that it was merged into
	Merged                            []mergedView // what was merged into it
	Participants                      []participantView
	Attempts                          []attemptLine // the contact's last ones to order
	Rating                            *tickets.Rating
	Error                             string // why what she sent was refused
}

type choice struct{ ID, Name string }

// AssigneeID is the agent's id as text, "" for nobody: templates compare it with those of the menu.
func (v *threadView) AssigneeID() string {
	if v.Assignee == nil {
		return ""
	}
	return v.Assignee.ID
}

// RatingClass is the look of the rating: good, bad or neither.
func (v *threadView) RatingClass() string {
	switch {
	case v.Rating == nil:
		return ""
	case v.Rating.Score >= 4:
		return "good"
	case v.Rating.Score <= 2:
		return "bad"
	}
	return ""
}

// TagsLine is the tags in one text, as the form of tags sends them back.
func (v *threadView) TagsLine() string { return strings.Join(v.Tags, "\n") }

// FirstReplyBy is until when the first reply was promised, 0 for never, and ReplyState how that stands.
func (v *threadView) FirstReplyBy() int64 {
	if v.FirstReplyDueAt == nil {
		return 0
	}
	return *v.FirstReplyDueAt
}

// ReplyState is a word of tickets/sla.
func (v *threadView) ReplyState() string { return string(v.FirstReply(v.Words.Now)) }

// SnoozedUntil is the time, 0 for none.
func (v *threadView) SnoozedUntil() int64 {
	if v.Ticket.SnoozedUntil == nil {
		return 0
	}
	return *v.Ticket.SnoozedUntil
}

// thread gathers what the page of a ticket shows.
func (s *Server) thread(c echo.Context, h here, t *tickets.Ticket) (*threadView, error) {
	ctx, me, w := c.Request().Context(), of(c).agent, s.words(c)
	folk, err := s.people(c)
	if err != nil {
		return nil, err
	}
	v := &threadView{
		Words: w, Ticket: t, Number: strconv.FormatInt(t.Number, 10), URL: ticketPath(t.Number), ListURL: "/tickets" + h.suffix(),
		List: string(h.list), StatusClass: statusClass(t.Status), Colleagues: folk.working(me.ID), Statuses: movesFrom(t.Status),
		Priorities: []tickets.Priority{tickets.PriorityLow, tickets.PriorityNormal, tickets.PriorityHigh, tickets.PriorityUrgent},
		Snoozes:    snoozes(w), Afters: afters, Active: t.Status.Active(), NewID: random(16),
		NoReply: t.Status == tickets.StatusClosed || t.Status == tickets.StatusSpam,
	}
	if t.AssigneeID != nil {
		name := folk.name(*t.AssigneeID)
		v.Assignee = &Person{ID: t.AssigneeID.String(), Name: name, Initial: initial(name)}
	}
	v.CanTake = v.Active && (t.AssigneeID == nil || *t.AssigneeID != me.ID)
	prefs, err := s.preferences(ctx, me.ID)
	if err != nil {
		return nil, err
	}
	v.After, v.EnterSends = prefs.After, prefs.Enter
	if v.FileRules, err = s.fileRules(c, w); err != nil {
		return nil, err
	}
	for _, fill := range []func(echo.Context, *threadView, people) error{s.fillContact, s.fillPlace, s.fillMerges, s.fillParticipants, s.fillOrders, s.fillAttempts, s.fillTimeline, s.fillDraft, s.fillMacros, s.fillRecipients} {
		if err := fill(c, v, folk); err != nil {
			return nil, err
		}
	}
	if v.Title = t.Subject; v.Title == "" {
		v.Title = v.Contact.Name
	}
	return v, nil
}

// fillPlace adds inbox, team, page and order.
func (s *Server) fillPlace(c echo.Context, v *threadView, _ people) error {
	ctx, t := c.Request().Context(), v.Ticket
	inbox, err := s.Tickets.Inbox(ctx, t.InboxID)
	if err != nil {
		return err
	}
	v.InboxName = inbox.Name
	teams, err := s.Tickets.AllTeams(ctx) // what was done still names a team that is gone
	if err != nil {
		return err
	}
	for _, team := range teams {
		named := choice{team.ID.String(), team.Name}
		v.teamNames = append(v.teamNames, named)
		if team.DeletedAt == nil {
			v.Teams = append(v.Teams, named)
		}
		if t.TeamID != nil && *t.TeamID == team.ID {
			v.TeamName = team.Name
		}
	}
	if v.Rating, err = s.Tickets.Rating(ctx, t.ID); err != nil {
		return err
	}
	v.OrderMark = verifiedMark(v.Words, t.OrderVerified)
	if v.PageName = t.PageTitle; v.PageName == "" {
		v.PageName = strings.TrimPrefix(strings.TrimPrefix(t.PageURL, "https://"), "http://")
	}
	return nil
}

// fillTimeline adds what was said and done: the newest, or what comes before a place.
func (s *Server) fillTimeline(c echo.Context, v *threadView, folk people) error {
	before, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64) // not a number: the newest
	entries, err := s.Tickets.TimelineBefore(c.Request().Context(), v.ID, max(before, 0), entriesAtOnce)
	if err != nil {
		return err
	}
	tell := teller{words: v.Words, folk: folk, ticket: v.Ticket, contact: v.Contact.Name, teams: v.teamNames, me: of(c).agent.ID, files: s.fileViews}
	if err := s.learn(c, &tell, entries); err != nil {
		return err
	}
	v.Entries = tell.entries(entries)
	if len(entries) > 0 && *entries[0].Event.Pos > 1 {
		v.Earlier = v.URL + hereOf(c).suffix() + "&before=" + strconv.FormatInt(*entries[0].Event.Pos, 10)
	}
	return nil
}

// draftView is what she had begun to write.
type draftView struct {
	Kind              tickets.MessageKind
	Body, Reply, Note string
}

func (s *Server) fillDraft(c echo.Context, v *threadView, _ people) error {
	drafts, err := s.Tickets.Drafts(c.Request().Context(), of(c).agent.ID, v.ID)
	v.Draft.Kind = tickets.KindReply
	if v.NoReply {
		v.Draft.Kind = tickets.KindNote
	}
	newest := int64(0)
	for _, d := range drafts {
		if d.Kind == tickets.KindNote {
			v.Draft.Note = d.Body
		} else {
			v.Draft.Reply = d.Body
		}
		if d.UpdatedAt > newest && !v.NoReply {
			newest, v.Draft.Kind = d.UpdatedAt, d.Kind
		}
	}
	if v.Draft.Body = v.Draft.Reply; v.Draft.Kind == tickets.KindNote {
		v.Draft.Body = v.Draft.Note
	}
	return err
}

// movesFrom are the statuses that somebody may choose from one; the domain refuses others.
func movesFrom(from tickets.Status) []tickets.Status {
	switch from {
	case tickets.StatusClosed:
		return nil
	case tickets.StatusSpam:
		return []tickets.Status{tickets.StatusOpen, tickets.StatusClosed}
	}
	var to []tickets.Status
	for _, status := range []tickets.Status{tickets.StatusOpen, tickets.StatusPending, tickets.StatusSolved, tickets.StatusClosed, tickets.StatusSpam} {
		if status != from {
			to = append(to, status)
		}
	}
	return to
}
