package web

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// outgoingRoutes are the doors of replies that leave as mail.
func (s *Server) outgoingRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/tickets/:number/recipients", agent, limitRead, s.recipients},
		{post, "/tickets/:number/messages/:message/undo", agent, limitWrite, s.undoReply},
		{post, "/tickets/:number/messages/:message/release", agent, limitWrite, s.releaseReply},
		{post, "/tickets/:number/messages/:message/again", agent, limitWrite, s.sendAgain},
		{get, "/tickets/:number/messages/:message/returned/:mail", agent, limitRead, s.returnedMail},
	}
}

// heldView is a reply that its contact does not have yet.
type heldView struct {
	*Words
	URL   string
	Until int64
	Mine  bool // its writer looks: she may take it back
	May   bool // who looks may send it now
}

// outView is how far a reply has come as mail.
type outView struct {
	*Words
	URL    string
	Bad    bool
	Waits  bool // something is still to come
	Line   string
	People []outPerson
	Again  bool // some may be tried again
	Unsure bool
}

// outPerson is one to whom a reply went.
type outPerson struct {
	Address, State, Reason, Said string
	Bad                          bool
	Returned                     string // address of the mail that came back
}

// held adds to a message that it can be taken back.
func (t teller) held(v *messageView, m *tickets.Message) {
	if m.State != tickets.StateHeld {
		return
	}
	mine := m.AuthorKind == tickets.ActorAgent && m.AuthorID == t.me
	v.Held = &heldView{Words: t.words, URL: ticketPath(t.ticket.Number) + "/messages/" + m.ID.String(), Until: *m.HeldUntil, Mine: mine, May: mine || t.leads}
}

// outgoing adds to a message how far it has come as mail.
func (t teller) outgoing(v *messageView, m *tickets.Message) {
	d := t.sent[m.ID]
	if d == nil || m.State != tickets.StateAsWritten {
		return
	}
	o := &outView{
		Words: t.words, URL: ticketPath(t.ticket.Number) + "/messages/" + m.ID.String(), Bad: d.Bad(), Waits: d.Waits(), Unsure: d.Unsure,
	}
	had, failed := 0, ""
	for _, r := range d.Recipients {
		p := outPerson{Address: r.Address, State: t.words.T(r.StateKey()), Said: r.Detail, Bad: r.State.Bad()}
		if key := r.ReasonKey(); key != "" {
			p.Reason = t.words.T(key)
		}
		if r.Incoming != 0 {
			p.Returned = o.URL + "/returned/" + r.Incoming.String()
		}
		if r.State.Bad() {
			o.Again = true
			failed = r.Address
		} else if r.State == mailin.Delivered || r.State == mailin.Delayed {
			had++
		}
		o.People = append(o.People, p)
	}
	o.Line = t.outLine(d, had, failed)
	v.Out = o
}

// outLine says in one line how a reply fares.
func (t teller) outLine(d *mailin.Delivery, had int, failed string) string {
	all := len(d.Recipients)
	switch {
	case all == 0:
		if key := d.ReasonKey(); key != "" {
			return t.words.T(key)
		}
		return t.words.T("console.out.waits")
	case d.Bad() && all == 1:
		return t.words.T("console.out.failed", "who", failed)
	case d.Bad():
		return t.words.T("console.out.some", "had", had, "all", all)
	case d.Waits() && d.ReasonKey() != "":
		return t.words.T("console.out.later", "why", t.words.T(d.ReasonKey()), "time", t.words.Moment(d.NextAt))
	case d.Waits():
		return t.words.T("console.out.waits")
	case all == 1:
		return t.words.T("console.out.sent", "who", d.Recipients[0].Address)
	}
	return t.words.T("console.out.sent_all", "all", all)
}

// sentMails gives how far replies have come as mail.
func (s *Server) sentMails(c echo.Context, entries []tickets.Entry) (map[id.ID]*mailin.Delivery, error) {
	if s.Mailboxes == nil {
		return nil, nil
	}
	var messages []id.ID
	for _, e := range entries {
		if e.Message != nil && e.Message.Kind == tickets.KindReply && e.Message.State == tickets.StateAsWritten {
			messages = append(messages, e.Message.ID)
		}
	}
	return s.Mailboxes.Deliveries(c.Request().Context(), messages)
}

// undone is what a script gets for a reply that was taken back: what goes back to where it was written.
type undone struct {
	Body  string            `json:"body"`
	Files []fileView        `json:"files"`
	Mail  map[string]string `json:"mail,omitempty"` // fields of the form: to whom it was to go
}

// undoReply takes back one's own reply while it is held. Without scripts the page that comes has its text and its files.
func (s *Server) undoReply(c echo.Context) error {
	t, m, err := s.anyMessageOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Tickets.UndoHeld(c.Request().Context(), actor(c), m.ID); err != nil {
		return err
	}
	chosen, err := s.Mailboxes.Chosen(c.Request().Context(), t.ID, m.ID)
	if err != nil {
		return err
	}
	query := url.Values{"undone": {m.ID.String()}, "list": {string(hereOf(c).list)}}
	for _, f := range m.Attachments {
		query.Add("file", f.ID.String())
	}
	return s.done(c, ticketPath(t.Number)+"?"+query.Encode()+"#body", undone{m.Body, s.fileViews(m.Attachments), answerFields(chosen)})
}

func (s *Server) releaseReply(c echo.Context) error {
	t, m, err := s.anyMessageOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Tickets.ReleaseNow(c.Request().Context(), actor(c), m.ID); err != nil {
		return err
	}
	return s.done(c, ticketPath(t.Number)+hereOf(c).suffix(), nil)
}

// sendAgain tries those once more who have not got a reply.
func (s *Server) sendAgain(c echo.Context) error {
	t, m, err := s.messageOf(c)
	if err != nil {
		return err
	}
	if err := s.Mailboxes.SendAgain(c.Request().Context(), m.ID); err != nil {
		return err
	}
	return s.done(c, ticketPath(t.Number)+hereOf(c).suffix(), nil)
}

// returnedMail is a mail that came back, as it came.
func (s *Server) returnedMail(c echo.Context) error {
	_, m, err := s.messageOf(c)
	if err != nil {
		return err
	}
	returned, err := id.Parse(c.Param("mail"))
	if err != nil {
		return errNoMessage
	}
	sent, err := s.Mailboxes.Deliveries(c.Request().Context(), []id.ID{m.ID})
	if err != nil {
		return err
	}
	d := sent[m.ID]
	if d == nil {
		return errNoMessage
	}
	for _, r := range d.Recipients {
		if r.Incoming == returned {
			raw, err := s.Mailboxes.Raw(c.Request().Context(), d.Inbox, returned)
			if err != nil {
				return err
			}
			return s.rawMail(c, raw, fmt.Sprintf("%s-%d-returned.eml", c.Param("number"), m.Pos))
		}
	}
	return errNoMessage
}

// rawMail gives a mail as it came, to be kept as a file and never shown.
func (s *Server) rawMail(c echo.Context, raw []byte, name string) error {
	h := c.Response().Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, "message/rfc822", raw)
}
