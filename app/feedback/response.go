package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Source is how a response came.
type Source string

// The sources.
const (
	SourceLink  Source = "link"
	SourceEmbed Source = "embed"
	SourceEmail Source = "email"
	SourceChat  Source = "chat"
	SourceAPI   Source = "api"
	SourceQR    Source = "qr"
)

// Sources are all of them, in the order of the reports.
func Sources() []Source {
	return []Source{SourceLink, SourceEmbed, SourceEmail, SourceChat, SourceAPI, SourceQR}
}

// EditFor is how long a response can be given again.
const EditFor = 24 * time.Hour

// Response is what somebody answered.
type Response struct {
	ID            id.ID
	FormID        id.ID
	Version       int
	Revision      int // 1, 2, …: how often it was given
	ContactID     id.ID
	TicketID      *id.ID // that it opened
	AskID         *id.ID // by which she was asked
	AboutID       *id.ID // the ticket that it is about
	AgentID       *id.ID // the agent whom it is about
	Source        Source
	Locale        string
	Order         string
	OrderVerified bool // signed by the shop, or named by a program of it
	Page          string
	Rating, NPS   *int    // of the first question of each kind
	Answers       Answers // nil: she was erased
	CreatedAt     int64
	UpdatedAt     int64
	EditableUntil int64
}

// Revision is what a response said before it was given again.
type Revision struct {
	Revision    int
	Version     int
	Rating, NPS *int
	Answers     Answers
	At          int64 // when it was said
}

const (
	tableResponses  = "form_responses"
	tableRevisions  = "form_revisions"
	selectResponses = `SELECT r.id, r.form_id, r.n, r.revision, r.contact_id, r.ticket_id, r.ask_id, r.about_id, r.agent_id, r.channel, r.locale,
 r.order_no, r.order_verified, r.page, r.rating, r.nps, r.answers, r.created_at, r.updated_at, r.editable_until FROM form_responses r`
)

// sealedResponse is a row before it is opened.
type sealedResponse struct {
	Response
	order, page, answers []byte
}

func (s *Service) readResponses(tx *gorm.DB, where string, args ...any) ([]Response, error) {
	rows, err := tx.Raw(selectResponses+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sealed []sealedResponse
	for rows.Next() {
		var r sealedResponse
		if err := rows.Scan((*int64)(&r.ID), (*int64)(&r.FormID), &r.Version, &r.Revision, (*int64)(&r.ContactID), &r.TicketID, &r.AskID, &r.AboutID, &r.AgentID,
			(*string)(&r.Source), &r.Locale, &r.order, &r.OrderVerified, &r.page, &r.Rating, &r.NPS, &r.answers, &r.CreatedAt, &r.UpdatedAt, &r.EditableUntil); err != nil {
			return nil, err
		}
		sealed = append(sealed, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]Response, len(sealed))
	for i := range sealed {
		r := &sealed[i]
		if r.Order, err = s.open(tx, tableResponses, "order_no", r.ID, r.order); err != nil {
			return nil, err
		}
		if r.Page, err = s.open(tx, tableResponses, "page", r.ID, r.page); err != nil {
			return nil, err
		}
		if r.Answers, err = s.openAnswers(tx, tableResponses, r.ID, r.answers); err != nil {
			return nil, err
		}
		out[i] = r.Response
	}
	return out, nil
}

// open opens one sealed text; that of an erased person is empty.
func (s *Service) open(tx *gorm.DB, table, column string, row id.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := s.Sealer.OpenText(tx, table, column, row, sealed)
	if errors.Is(err, seal.ErrErased) {
		return "", nil
	}
	return text, err
}

func (s *Service) openAnswers(tx *gorm.DB, table string, row id.ID, sealed []byte) (Answers, error) {
	text, err := s.open(tx, table, "answers", row, sealed)
	if text == "" || err != nil {
		return nil, err
	}
	var a Answers
	return a, json.Unmarshal([]byte(text), &a)
}

// sealed seals one text; an empty one is NULL. Errors: Conflict when the person was erased meanwhile.
func (s *Service) sealed(tx *gorm.DB, key id.ID, table, column string, row id.ID, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	b, err := s.Sealer.SealText(tx, key, table, column, row, text)
	if key == 0 || errors.Is(err, seal.ErrErased) {
		return nil, fault.Wrap(fault.Conflict, "error.contact.erased", err)
	}
	return b, err
}

func (s *Service) sealAnswers(tx *gorm.DB, key id.ID, table string, row id.ID, a Answers) ([]byte, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return s.sealed(tx, key, table, "answers", row, string(text))
}

// Response gives one. Errors: NotFound.
func (s *Service) Response(ctx context.Context, response id.ID) (*Response, error) {
	return s.oneResponse(s.Store.Read(ctx), ` WHERE r.id = ?`, int64(response))
}

// oneResponse gives the response that there is. Errors: NotFound.
func (s *Service) oneResponse(tx *gorm.DB, where string, args ...any) (*Response, error) {
	list, err := s.readResponses(tx, where, args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_response")
	}
	return &list[0], nil
}

// ResponseByEdit gives the response that an edit token names. Errors: NotFound.
func (s *Service) ResponseByEdit(ctx context.Context, token string) (*Response, error) {
	r := s.untoken(tokenEdit, token)
	if r == 0 {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_response")
	}
	return s.Response(ctx, r)
}

// ResponseOfOrder gives the response of a form to an order that was proved, or nil.
func (s *Service) ResponseOfOrder(ctx context.Context, form id.ID, order string) (*Response, error) {
	r, err := s.oneResponse(s.Store.Read(ctx), ` WHERE r.form_id = ? AND r.order_hash = ? AND r.order_verified`, int64(form), s.orderHash(order))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}

// ResponseOfTicket gives the response that opened a ticket, or nil.
func (s *Service) ResponseOfTicket(ctx context.Context, ticket id.ID) (*Response, error) {
	r, err := s.oneResponse(s.Store.Read(ctx), ` WHERE r.ticket_id = ? ORDER BY r.id DESC LIMIT 1`, int64(ticket))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}

// Filter says which responses are asked for; zero values ask for all.
type Filter struct {
	Form     id.ID
	From, To int64 // Unix ms of the first answer; To is the first moment not wanted
	Source   Source
	Agent    id.ID
	Contact  id.ID
	// MinRating to MaxNPS are scores of the first question of each kind; nil: any, also none.
	MinRating, MaxRating, MinNPS, MaxNPS *int
	After                                id.ID // the last one of the page before; zero: from the newest on
	Limit                                int   // at most 200
}

// ResponsesMax is the largest page that Responses gives.
const ResponsesMax = 200

// Responses gives a page of responses, the newest first.
func (s *Service) Responses(ctx context.Context, f Filter) ([]Response, error) {
	where, args := []string{}, []any{}
	and := func(wanted bool, text string, values ...any) {
		if wanted {
			where, args = append(where, text), append(args, values...)
		}
	}
	number := func(text string, n *int) {
		if n != nil {
			and(true, text, *n)
		}
	}
	and(f.Form != 0, `r.form_id = ?`, int64(f.Form))
	and(f.From != 0, `r.created_at >= ?`, f.From)
	and(f.To != 0, `r.created_at < ?`, f.To)
	and(f.Source != "", `r.channel = ?`, string(f.Source))
	and(f.Agent != 0, `r.agent_id = ?`, int64(f.Agent))
	and(f.Contact != 0, `r.contact_id IN (SELECT p.id FROM contacts p WHERE p.id = ? OR p.merged_into = ?)`, int64(f.Contact), int64(f.Contact))
	number(`r.rating >= ?`, f.MinRating)
	number(`r.rating <= ?`, f.MaxRating)
	number(`r.nps >= ?`, f.MinNPS)
	number(`r.nps <= ?`, f.MaxNPS)
	and(f.After != 0, `(r.created_at, r.id) < (SELECT x.created_at, x.id FROM form_responses x WHERE x.id = ?)`, int64(f.After))
	text := ""
	if len(where) > 0 {
		text = ` WHERE ` + strings.Join(where, ` AND `)
	}
	limit := f.Limit
	if limit <= 0 || limit > ResponsesMax {
		limit = ResponsesMax
	}
	return s.readResponses(s.Store.Read(ctx), text+` ORDER BY r.created_at DESC, r.id DESC LIMIT ?`, append(args, limit)...)
}

// Revisions gives what a response said before, the oldest first.
func (s *Service) Revisions(ctx context.Context, response id.ID) ([]Revision, error) {
	return s.readRevisions(s.Store.Read(ctx), ` WHERE v.response_id = ? ORDER BY v.revision`, int64(response))
}

func (s *Service) readRevisions(tx *gorm.DB, where string, args ...any) ([]Revision, error) {
	rows, err := tx.Raw(`SELECT v.id, v.revision, v.n, v.rating, v.nps, v.answers, v.at FROM form_revisions v`+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Revision
	var ids []id.ID
	var sealed [][]byte
	for rows.Next() {
		var r Revision
		var row id.ID
		var answers []byte
		if err := rows.Scan((*int64)(&row), &r.Revision, &r.Version, &r.Rating, &r.NPS, &answers, &r.At); err != nil {
			return nil, err
		}
		out, ids, sealed = append(out, r), append(ids, row), append(sealed, answers)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Answers, err = s.openAnswers(tx, tableRevisions, ids[i], sealed[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// revisionBefore gives what a response said as its nth revision.
func (s *Service) revision(tx *gorm.DB, response id.ID, n int) (*Revision, error) {
	list, err := s.readRevisions(tx, ` WHERE v.response_id = ? AND v.revision = ?`, int64(response), n)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, sql.ErrNoRows
	}
	return &list[0], nil
}

// EditToken is what whoever gave a response changes it by, while it is editable.
func (s *Service) EditToken(response id.ID) string { return s.token(tokenEdit, response) }
