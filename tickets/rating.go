package tickets

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// RatingMax is the best score; 1 is the worst.
const (
	RatingMax        = 5
	ratingCommentMax = 1000
)

// Rating is how content a contact was with a ticket (CSAT). A ticket has one; a later one takes its place.
type Rating struct {
	ID        id.ID
	TicketID  id.ID
	AgentID   *id.ID // who was the assignee when it was given
	Score     int    // 1 to 5
	Comment   string
	CreatedAt int64
	UpdatedAt int64
}

// Rate keeps what the ticket's contact thinks of a ticket that is solved or closed. The same again changes nothing.
// Errors: NotFound, Invalid (score, comment), Conflict (the ticket is still worked on).
func (s *Service) Rate(ctx context.Context, ticket id.ID, score int, comment string) (*Rating, error) {
	if score < 1 || score > RatingMax {
		return nil, fault.InvalidField("score", "invalid", "error.rating.score", map[string]any{"max": RatingMax})
	}
	comment = strings.TrimSpace(WithoutControls(comment))
	if n := utf8.RuneCountInString(comment); !utf8.ValidString(comment) || n > ratingCommentMax {
		return nil, tooLong("comment", "error.rating.comment", n, ratingCommentMax)
	}
	r := &Rating{ID: s.ids.Next(), TicketID: ticket, Score: score, Comment: comment}
	return r, s.store.Write(ctx, func(tx *gorm.DB) error { return s.rate(on(tx), r) })
}

func (s *Service) rate(c conn, r *Rating) error {
	t, err := s.locked(c, r.TicketID)
	if err != nil {
		return err
	}
	old, err := s.rating(c, t.ID)
	if err != nil {
		return err
	}
	if old != nil && old.Score == r.Score && old.Comment == r.Comment {
		*r = *old
		return nil
	}
	if t.Status != StatusSolved && t.Status != StatusClosed {
		return fault.New(fault.Conflict, "error.rating.open")
	}
	e := s.begin(c, t, Actor{Kind: ActorContact, ID: t.ContactID}, Millis(s.now()))
	r.AgentID, r.CreatedAt, r.UpdatedAt = t.AssigneeID, e.at, e.at
	if old != nil {
		r.ID, r.CreatedAt = old.ID, old.CreatedAt
	}
	comment, err := s.sealed(c, t.KeyID, "ratings", "comment", r.ID, r.Comment)
	if err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO ratings (ticket_id, id, agent_id, score, comment, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (ticket_id) DO UPDATE SET agent_id = excluded.agent_id, score = excluded.score, comment = excluded.comment, updated_at = excluded.updated_at`,
		int64(t.ID), int64(r.ID), r.AgentID, r.Score, comment, r.CreatedAt, r.UpdatedAt)
	if err != nil {
		return err
	}
	e.event(EventRated, r.ID, `{"score":`+strconv.Itoa(r.Score)+`}`)
	return e.save()
}

// Rating gives a ticket's rating, or nil.
func (s *Service) Rating(ctx context.Context, ticket id.ID) (*Rating, error) {
	return s.rating(on(s.store.Read(ctx)), ticket)
}

func (s *Service) rating(c conn, ticket id.ID) (*Rating, error) {
	r, sealed := &Rating{}, []byte(nil)
	err := c.row(`SELECT r.ticket_id, r.id, r.agent_id, r.score, r.comment, r.created_at, r.updated_at FROM ratings r WHERE r.ticket_id = ?`,
		int64(ticket)).Scan((*int64)(&r.TicketID), (*int64)(&r.ID), &r.AgentID, &r.Score, &sealed, &r.CreatedAt, &r.UpdatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.Comment, err = s.open(c, "ratings", "comment", r.ID, sealed)
	return r, err
}
