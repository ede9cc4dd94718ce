package feedback

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"huiyin/tickets/id"
)

// Kept is one response of somebody, as she is told what is kept of her.
type Kept struct {
	At    int64
	Title string // of the form
	Lines []string
	Data  json.RawMessage
}

// KeptOf gives all that somebody has answered, what she said before she changed it too, the oldest first, and that she wants to be
// asked no more.
func (s *Service) KeptOf(ctx context.Context, contacts []id.ID, locale string) ([]Kept, error) {
	tx := s.Store.Read(ctx)
	list, err := s.readResponses(tx, ` WHERE r.contact_id IN ? ORDER BY r.id`, contacts)
	if err != nil {
		return nil, err
	}
	var out []Kept
	for i := range list {
		r := &list[i]
		before, err := s.Revisions(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range append(before, Revision{Revision: r.Revision, Version: r.Version, Answers: r.Answers, At: r.UpdatedAt}) {
			one, err := s.kept(ctx, r, v, locale)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	at, err := s.refusedAt(tx, contacts)
	if at == 0 || err != nil {
		return out, err
	}
	data, err := json.Marshal(map[string]any{"no_questions_since": time.UnixMilli(at).UTC().Format(time.RFC3339)})
	return append(out, Kept{At: at, Title: s.Text(locale, "feedback.stop.kept", nil), Data: data}), err
}

func (s *Service) kept(ctx context.Context, r *Response, v Revision, locale string) (Kept, error) {
	d, err := s.Definition(ctx, r.FormID, v.Version)
	if err != nil {
		return Kept{}, err
	}
	k := Kept{At: v.At, Title: d.Title.In(locale)}
	if r.Order != "" {
		k.Title += " · " + r.Order
	}
	for _, q := range d.Questions() {
		if values := v.Answers[q.ID]; len(values) > 0 {
			k.Lines = append(k.Lines, strings.TrimSpace(s.Text(locale, "feedback.ticket.line", map[string]any{"question": q.Label.In(locale), "answer": q.said(values, locale)})))
		}
	}
	k.Data, err = json.Marshal(map[string]any{
		"form": d.Title.In(locale), "order": r.Order, "page": r.Page, "source": r.Source, "revision": v.Revision, "answers": v.Answers, "at": time.UnixMilli(v.At).UTC().Format(time.RFC3339),
	})
	return k, err
}
