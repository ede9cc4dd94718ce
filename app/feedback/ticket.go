package feedback

import (
	"encoding/json"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// opens tells whether answers want somebody to look at them: a text, a photo, a score under its threshold.
func (e *entry) opens(a Answers) bool {
	for _, q := range e.asked.Questions() {
		if len(a[q.ID]) == 0 {
			continue
		}
		if q.Kind == KindText || q.Kind == KindPhoto {
			return true
		}
		if n, ok := a.score(q.ID); ok && q.Kind.Scored() && n < e.form.Settings.Threshold(q) {
			return true
		}
	}
	return false
}

// tell opens a ticket with the response, or adds it to the one that it has. What a blocked contact answers is counted and opens none.
func (s *Service) tell(tx *gorm.DB, e *entry, out *Receipt, who *tickets.Contact, changed bool) error {
	r := out.Response
	if who.Blocked {
		return s.withTicket(tx, out)
	}
	in := tickets.Inbound{
		InboxID: e.box.ID, ContactID: who.ID, SourceID: "form:" + r.ID.String() + ":" + strconv.Itoa(r.Revision), Subject: s.subject(e, r), Body: s.body(e, r, changed),
		Page: tickets.Page{URL: r.Page}, Order: r.Order, OrderVerified: r.OrderVerified, Attachments: e.files,
	}
	if r.TicketID != nil {
		in.TicketID = *r.TicketID
	}
	got, err := s.Tickets.ReceiveTx(tx, in)
	if err != nil {
		return atPhotos(e, err)
	}
	out.Ticket, out.Opened = got.Ticket, got.Created
	if r.TicketID != nil && *r.TicketID == got.Ticket.ID {
		return nil
	}
	r.TicketID = &got.Ticket.ID
	return tx.Exec(`UPDATE form_responses SET ticket_id = ? WHERE id = ?`, int64(got.Ticket.ID), int64(r.ID)).Error
}

// atPhotos names the question whose photos were refused.
func atPhotos(e *entry, err error) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 || f.Fields[0].Name != "attachments" {
		return err
	}
	for _, q := range e.asked.Questions() {
		if q.Kind == KindPhoto && len(e.answers[q.ID]) > 0 {
			return named(err, Field(q.ID))
		}
	}
	return err
}

// subject is that of the ticket: the form's title and the score.
func (s *Service) subject(e *entry, r *Response) string {
	title := cut(e.asked.Title.In(r.Locale), 150)
	switch {
	case r.Rating != nil:
		return s.Text(r.Locale, "feedback.ticket.subject_score", map[string]any{"form": title, "score": strconv.Itoa(*r.Rating) + " / 5"})
	case r.NPS != nil:
		return s.Text(r.Locale, "feedback.ticket.subject_score", map[string]any{"form": title, "score": strconv.Itoa(*r.NPS) + " / 10"})
	}
	return s.Text(r.Locale, "feedback.ticket.subject", map[string]any{"form": title})
}

// body is what an agent reads: each question with its answer, in the language of the response.
func (s *Service) body(e *entry, r *Response, changed bool) string {
	var lines []string
	if changed {
		lines = append(lines, s.Text(r.Locale, "feedback.ticket.changed", nil))
	}
	for _, q := range e.asked.Questions() {
		values := r.Answers[q.ID]
		if len(values) == 0 {
			continue
		}
		label := strings.TrimRight(strings.Join(strings.Fields(q.Label.In(r.Locale)), " "), ":：?？ ")
		said := q.said(values, r.Locale)
		if q.Kind == KindPhoto {
			said = s.Text(r.Locale, "feedback.ticket.photos", map[string]any{"count": len(values)})
		}
		if q.Kind == KindText {
			said = "\n" + said
		}
		lines = append(lines, strings.TrimRight(s.Text(r.Locale, "feedback.ticket.line", map[string]any{"question": label, "answer": said}), " "))
	}
	return cut(strings.Join(lines, "\n"), tickets.BodyMax)
}

// noted puts the response into the log: what listens to it is told after the commit. It gives the ticket that it is about its score.
func (s *Service) noted(tx *gorm.DB, e *entry, out *Receipt) error {
	r := out.Response
	if r.AboutID != nil && r.Rating != nil {
		err := s.Tickets.RateTx(tx, *r.AboutID, *r.Rating)
		if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	data, err := json.Marshal(map[string]any{
		"form": e.form.Key, "response": r.ID.String(), "revision": r.Revision, "rating": r.Rating, "nps": r.NPS, "source": string(r.Source), "ticket_id": r.TicketID,
		"opened": out.Opened,
	})
	if err != nil {
		return err
	}
	return s.Tickets.FeedbackReceivedTx(tx, r.ContactID, r.ID, string(data))
}
