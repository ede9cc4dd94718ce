package web

import (
	"fmt"
	"mime"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
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

// answerFields are the fields of the form that say to whom a reply goes.
func answerFields(a *mailin.Answer) map[string]string {
	if a == nil {
		return nil
	}
	fields := map[string]string{"to": addressesLine(a.To), "cc": addressesLine(a.CC), "subject": a.Subject}
	if a.Quote {
		fields["quote"] = "on"
	}
	return fields
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

// recipientsView is to whom a reply in a ticket of mails goes.
type recipientsView struct {
	*Words
	To, CC, Subject field
	Line            string
	NoWay           bool // the inbox sends nothing
	Quote, Open     bool
	Settings        string // address of the mailbox's page, for those who may
}

// recipientsOf gathers to whom a reply goes; nil where none leaves as mail.
func (s *Server) recipientsOf(c echo.Context, t *tickets.Ticket, f *form) (*recipientsView, error) {
	if t.Channel != tickets.ChannelEmail || s.Mailboxes == nil {
		return nil, nil
	}
	ctx, w := c.Request().Context(), s.words(c)
	a, err := s.Mailboxes.Account(ctx, t.InboxID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	v := &recipientsView{Words: w, NoWay: a == nil || a.SMTP.Host == "", Quote: true}
	if of(c).agent.Role == tickets.RoleAdmin {
		v.Settings = "/settings/inboxes/" + t.InboxID.String() + "/mail"
	}
	proposed, err := s.Mailboxes.Proposed(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if back, err := id.Parse(c.QueryParam("undone")); err == nil {
		chosen, err := s.Mailboxes.Chosen(ctx, t.ID, back)
		if err != nil {
			return nil, err
		}
		if chosen != nil {
			proposed, v.Quote = *chosen, chosen.Quote
		}
	}
	if f == nil || c.FormValue("mail") == "" {
		f = s.empty(c, answerFields(&proposed))
	} else {
		v.Open, v.Quote = true, c.FormValue("quote") != ""
	}
	v.To = f.input(field{Name: "to", Label: w.T("console.out.to"), Complete: "off"})
	v.CC = f.input(field{Name: "cc", Label: w.T("console.out.cc"), Complete: "off"})
	v.Subject = f.input(field{Name: "subject", Label: w.T("console.out.subject"), Complete: "off"})
	v.Line = addressesLine(append(append([]eml.Address{}, proposed.To...), proposed.CC...))
	return v, nil
}

// recipients is the part of the composer that says to whom a reply goes, as of now.
func (s *Server) recipients(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	v, err := s.recipientsOf(c, t, nil)
	if err != nil {
		return err
	}
	if v == nil {
		return errNoMessage
	}
	return s.renderPart(c, "agent/console", "recipients", v)
}

func addressesLine(list []eml.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, addressLine(a))
	}
	return strings.Join(out, ", ")
}

// chosenAnswer is to whom a form says that a reply goes; ok is false where it says nothing.
func chosenAnswer(c echo.Context) (a mailin.Answer, ok bool) {
	if c.FormValue("mail") == "" {
		return a, false
	}
	return mailin.Answer{To: addressesOf(c.FormValue("to")), CC: addressesOf(c.FormValue("cc")), Subject: c.FormValue("subject"), Quote: c.FormValue("quote") != ""}, true
}

// addressesOf reads a line of addresses as people write them, also with the commas of other scripts. What is no address comes back as
// it was written, to be refused where it is checked.
func addressesOf(line string) (out []eml.Address) {
	if list, err := mail.ParseAddressList(line); err == nil {
		for _, a := range list {
			out = append(out, eml.Address{Name: a.Name, Address: a.Address})
		}
		return out
	}
	for one := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(",;，；、\n", r) }) {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		if a, err := mail.ParseAddress(one); err == nil {
			out = append(out, eml.Address{Name: a.Name, Address: a.Address})
		} else {
			out = append(out, eml.Address{Address: one})
		}
	}
	return out
}

// fillRecipients adds to whom a reply goes, and the files of one that was just taken back.
func (s *Server) fillRecipients(c echo.Context, v *threadView, _ people) (err error) {
	if v.NoReply {
		return nil
	}
	if v.Recipients, err = s.recipientsOf(c, v.Ticket, nil); err != nil {
		return err
	}
	for _, text := range c.QueryParams()["file"] {
		one, err := id.Parse(text)
		if err != nil {
			continue
		}
		a, err := s.Tickets.Attachment(c.Request().Context(), one)
		if err != nil || a.MessageID != nil || a.TicketID == nil || *a.TicketID != v.ID {
			continue // sent, or of another ticket: nothing is shown of it
		}
		v.Returned = append(v.Returned, s.fileViews([]tickets.Attachment{*a})...)
	}
	return nil
}
