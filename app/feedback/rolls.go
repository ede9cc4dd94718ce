package feedback

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"database/sql"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// What is counted of a form itself.
const (
	CountAsked    = "asked"    // the desk has asked somebody
	CountOpened   = "opened"   // the page was shown
	CountAnswered = "answered" // responses
	CountTicket   = "ticket"   // responses that opened a ticket
	// ValueGiven counts answers that are no choice: texts, addresses, photos.
	ValueGiven = "given"
)

const quarterMillis = 15 * 60 * 1000

// quarter is the beginning of the quarter of an hour, in UTC.
func quarter(ms int64) int64 { return ms - ms%quarterMillis }

// roll is one count that changes by n.
type roll struct {
	form            id.ID
	at              int64
	source          Source
	agent           id.ID
	sku             string // of form_product_rolls; empty: of form_rolls
	question, value string
	n               int
}

func (r roll) key() roll { r.n = 0; return r }

// Read counts responses and asks whose tickets were solved. It belongs into the transaction that moves the reader's cursor: nothing is
// counted twice, whatever dies.
func (s *Service) Read(_ context.Context, tx *gorm.DB, events []tickets.Event) error {
	var rolls []roll
	for i := range events {
		e := &events[i]
		switch {
		case e.Type == tickets.EventFeedbackReceived && e.SubjectID != nil:
			more, err := s.counts(tx, e)
			if err != nil {
				return err
			}
			rolls = append(rolls, more...)
		case e.TicketID != nil && solves(e):
			if err := s.askOfTicket(tx, *e.TicketID); err != nil {
				return err
			}
		}
	}
	return addRolls(tx, rolls)
}

func solves(e *tickets.Event) bool {
	said := e.Type == tickets.EventMessageReleased || e.Type == tickets.EventMessageCreated && !e.Held()
	return (e.Type == tickets.EventStatusChanged || said) && strings.Contains(e.Data, `"to":"`+string(tickets.StatusSolved)+`"`)
}

// counts gives what one event of a response changes: its first revision adds, a later one takes away what the one before has added.
func (s *Service) counts(tx *gorm.DB, e *tickets.Event) ([]roll, error) {
	var data struct {
		Revision int  `json:"revision"`
		Opened   bool `json:"opened"`
	}
	if err := json.Unmarshal([]byte(e.Data), &data); err != nil {
		return nil, err
	}
	r, err := s.oneResponse(tx, ` WHERE r.id = ?`, int64(*e.SubjectID))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := Revision{Version: r.Version, Answers: r.Answers}
	if data.Revision != r.Revision {
		if now, err = s.revisionOr(tx, r.ID, data.Revision); err != nil {
			return nil, err
		}
	}
	skus := []string(nil)
	if r.Order != "" && r.OrderVerified {
		if skus, err = s.OrderSKUs(tx, r.Order); err != nil {
			return nil, err
		}
	}
	out, err := s.rollsOf(tx, r, now, skus, 1)
	if err != nil {
		return nil, err
	}
	if data.Opened {
		out = append(out, r.roll("", CountTicket, 1))
	}
	if data.Revision == 1 {
		return append(out, r.roll("", CountAnswered, 1)), nil
	}
	was, err := s.revisionOr(tx, r.ID, data.Revision-1)
	if err != nil {
		return nil, err
	}
	less, err := s.rollsOf(tx, r, was, skus, -1)
	return append(out, less...), err
}

// revisionOr gives an earlier revision, empty when she was erased meanwhile.
func (s *Service) revisionOr(tx *gorm.DB, response id.ID, n int) (Revision, error) {
	v, err := s.revision(tx, response, n)
	if errors.Is(err, sql.ErrNoRows) {
		return Revision{}, nil
	}
	if err != nil {
		return Revision{}, err
	}
	return *v, nil
}

func (r *Response) roll(question, value string, n int) roll {
	return roll{form: r.FormID, at: quarter(r.CreatedAt), source: r.Source, agent: orZero(r.AgentID), question: question, value: value, n: n}
}

// rollsOf gives the counts of the answers of one revision.
func (s *Service) rollsOf(tx *gorm.DB, r *Response, v Revision, skus []string, n int) ([]roll, error) {
	if v.Answers == nil {
		return nil, nil
	}
	d, err := s.definition(tx, r.FormID, v.Version)
	if err != nil {
		return nil, err
	}
	var out []roll
	for _, q := range d.Questions() {
		values := v.Answers[q.ID]
		if len(values) == 0 {
			continue
		}
		if !q.Kind.Scored() && !q.Kind.Chosen() {
			values = []string{ValueGiven}
		}
		for _, value := range values {
			out = append(out, r.roll(q.ID, value, n))
		}
		if !q.Kind.Scored() {
			continue
		}
		for _, sku := range skus {
			one := r.roll(q.ID, values[0], n)
			one.sku, one.source, one.agent = sku, "", 0
			out = append(out, one)
		}
	}
	return out, nil
}

// rollsAtOnce is how many rows go into one statement.
const rollsAtOnce = 100

// addRolls changes counts, always in the same order: two writers never wait for each other.
func addRolls(tx *gorm.DB, rolls []roll) error {
	sums := map[roll]int{}
	for _, r := range rolls {
		sums[r.key()] += r.n
	}
	var keys []roll
	for k, n := range sums {
		if k.n = n; n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b roll) int {
		return cmp.Or(cmp.Compare(a.sku, b.sku), cmp.Compare(a.form, b.form), cmp.Compare(a.at, b.at), cmp.Compare(a.source, b.source), cmp.Compare(a.agent, b.agent),
			cmp.Compare(a.question, b.question), cmp.Compare(a.value, b.value))
	})
	var forms, goods [][]any
	for _, k := range keys {
		if k.sku == "" {
			forms = append(forms, []any{int64(k.form), k.at, string(k.source), int64(k.agent), k.question, k.value, k.n})
		} else {
			goods = append(goods, []any{int64(k.form), k.at, k.sku, k.question, k.value, k.n})
		}
	}
	if err := addRows(tx, `form_rolls (form_id, at, channel, agent_id, question, value, n)`, `(form_id, at, channel, agent_id, question, value)`, `form_rolls`, forms); err != nil {
		return err
	}
	return addRows(tx, `form_product_rolls (form_id, at, sku, question, value, n)`, `(form_id, at, sku, question, value)`, `form_product_rolls`, goods)
}

func addRows(tx *gorm.DB, into, key, table string, rows [][]any) error {
	for part := range slices.Chunk(rows, rollsAtOnce) {
		one := `(` + strings.Repeat(`?, `, len(part[0])-1) + `?)`
		err := tx.Exec(`INSERT INTO `+into+` VALUES `+one+strings.Repeat(`, `+one, len(part)-1)+
			` ON CONFLICT `+key+` DO UPDATE SET n = `+table+`.n + excluded.n`, slices.Concat(part...)...).Error
		if err != nil {
			return err
		}
	}
	return nil
}
