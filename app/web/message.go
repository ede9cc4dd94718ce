package web

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// posted is what a script gets for a message that is stored: what the socket calls ack.
type posted struct {
	ID  string `json:"id"` // the sender's own id
	Pos int64  `json:"pos"`
	Seq *int64 `json:"seq"`
	At  string `json:"at"`
	// Masked says which sorts of number were hidden in it.
	Masked []string `json:"masked,omitempty"`
}

// newerMessages is the answer when something has come that she has not seen.
type newerMessages struct {
	Newer []messageFrame `json:"newer"`
}

// messageFrame has the fields of the agent socket's message frames that the scripts show.
type messageFrame struct {
	Pos    int64               `json:"pos"`
	Seq    *int64              `json:"seq"`
	Kind   tickets.MessageKind `json:"kind"`
	Author frameAuthor         `json:"author"`
	Body   string              `json:"body"`
	At     string              `json:"at"`
	Files  []fileView          `json:"attachments"`
	Masked []string            `json:"masked,omitempty"`
}

type frameAuthor struct {
	Kind tickets.ActorKind `json:"kind"`
	ID   id.ID             `json:"id"`
	Name string            `json:"name"`
}

// post stores a reply or note: the way of forms, and of scripts while the socket is away. A script sends the same
// message again under the same id until it is acked.
func (s *Server) post(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(c.FormValue("seen"), 10, 64)
	if err != nil {
		return fault.InvalidField("seen", "invalid", "web.error.bad_request", nil)
	}
	attached, err := attachmentIDs(c)
	if err != nil {
		return err
	}
	o := tickets.Outgoing{
		TicketID: t.ID, Kind: tickets.MessageKind(c.FormValue("kind")), ClientID: c.FormValue("id"), Body: c.FormValue("body"), Seen: &seen, Attachments: attached,
	}
	if a, ok := chosenAnswer(c); ok && o.Kind == tickets.KindReply && s.Mailboxes != nil {
		o.Also = s.Mailboxes.Choosing(a)
	}
	out, err := s.Tickets.Post(c.Request().Context(), actor(c), o)
	if err == nil {
		return s.done(c, backOf(c), posted{c.FormValue("id"), out.Message.Pos, out.Message.Seq, isoMillis(out.Message.CreatedAt), out.Message.Masked.Kinds()})
	}
	if wantsJSON(c) {
		return s.refuseScript(c, t, seen, err)
	}
	return s.refuseForm(c, t, err)
}

func isNewer(err error) bool {
	e := fault.As(err)
	return e != nil && e.Kind == fault.Conflict && e.Key == "error.newer_messages"
}

// refuseScript adds to the refusal what is newer.
func (s *Server) refuseScript(c echo.Context, t *tickets.Ticket, seen int64, err error) error {
	if !isNewer(err) {
		return err
	}
	entries, readErr := s.Tickets.Timeline(c.Request().Context(), t.ID, seen, tickets.PageMax)
	if readErr != nil {
		return readErr
	}
	tell, readErr := s.teller(c, t, entries)
	if readErr != nil {
		return readErr
	}
	e := *fault.As(err)
	e.Args = map[string]any{moreArg: newerMessages{tell.newer(entries)}}
	return &e
}

// newer are the messages that others wrote.
func (t teller) newer(entries []tickets.Entry) []messageFrame {
	frames := []messageFrame{}
	for _, e := range entries {
		m := e.Message
		if m == nil || m.AuthorKind == tickets.ActorSystem || (m.AuthorKind == tickets.ActorAgent && m.AuthorID == t.me) {
			continue
		}
		frames = append(frames, messageFrame{
			Pos: m.Pos, Seq: m.Seq, Kind: m.Kind, Body: m.Body, At: isoMillis(m.CreatedAt), Files: t.files(m.Attachments), Masked: m.Masked.Kinds(),
			Author: frameAuthor{m.AuthorKind, m.AuthorID, t.author(m.AuthorKind, m.AuthorID)},
		})
	}
	return frames
}

// refuseForm shows the ticket again, with what she wrote and why it was not sent.
func (s *Server) refuseForm(c echo.Context, t *tickets.Ticket, err error) error {
	f := s.sent(c)
	if err := f.refused(err); err != nil {
		return err
	}
	h := hereOf(c)
	thread, err := s.thread(c, h, t)
	if err != nil {
		return err
	}
	if thread.Recipients != nil {
		if thread.Recipients, err = s.recipientsOf(c, t, f); err != nil {
			return err
		}
	}
	thread.Draft.Body, thread.Draft.Kind = c.FormValue("body"), tickets.MessageKind(c.FormValue("kind"))
	if thread.NewID = c.FormValue("id"); isNewer(f.err) {
		thread.Newer = true // the page shows it now: sent again, it goes
	} else {
		thread.Error = s.say(c, f.err.Key, f.err.Args)
	}
	return s.showTicket(c, h, t, thread, f.status())
}

// recallMessage takes back one's own reply, while that is still allowed.
func (s *Server) recallMessage(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		seq, err := strconv.ParseInt(c.FormValue("seq"), 10, 64)
		if err != nil {
			return errBadForm
		}
		_, err = s.Tickets.Recall(c.Request().Context(), a, t.ID, seq)
		return err
	})
}

func isoMillis(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
