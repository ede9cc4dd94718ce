package attempts

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Kept is one attempt as it is kept.
type Kept struct {
	ID      id.ID
	Origin  string
	Outcome Outcome
	Step    string
	Reason  string
	Device  string
	Contact id.ID // zero: nobody knows
	Order   string
	Detail  string
	Page    string
	At      int64
}

// Filter chooses attempts that did not come about.
type Filter struct {
	Origin               string
	From, To             time.Time
	Step, Reason, Device *string // nil: any; a reason may be empty
}

const selectKept = `SELECT id, origin, outcome, step, reason, device, contact_id, order_no, detail, page_url, at FROM order_attempts`

// Missed gives the newest attempts of a period that did not come about, the newest first.
func (s *Service) Missed(ctx context.Context, f Filter, most int) ([]Kept, error) {
	where, args := ` WHERE origin = ? AND outcome <> 'ok' AND at >= ? AND at < ?`, []any{f.Origin, tickets.Millis(f.From), tickets.Millis(f.To)}
	for _, one := range []struct {
		column string
		word   *string
	}{{"step", f.Step}, {"reason", f.Reason}, {"device", f.Device}} {
		if one.word != nil {
			where, args = where+` AND `+one.column+` = ?`, append(args, *one.word)
		}
	}
	return s.kept(s.Store.Read(ctx), where+` ORDER BY at DESC, id DESC LIMIT ?`, append(args, most)...)
}

// Of gives the newest attempts of a contact, those of contacts who were merged into her too, and of an order (empty: of
// none) of whomever, the newest first.
func (s *Service) Of(ctx context.Context, contact id.ID, order string, most int) ([]Kept, error) {
	aliases, err := s.Tickets.Aliases(ctx, contact)
	if err != nil {
		return nil, err
	}
	where, args := ` WHERE contact_id IN ?`, []any{append(aliases, contact)}
	if key := s.Tickets.OrderKey(order); key != nil {
		where, args = where+` OR order_hash = ?`, append(args, key)
	}
	return s.kept(s.Store.Read(ctx), where+` ORDER BY at DESC, id DESC LIMIT ?`, append(args, most)...)
}

// exportMost is how many attempts of a person an export holds, the newest ones.
const exportMost = 10_000

// Exported is an attempt as the person whose it is gets it.
type Exported struct {
	When    int64   `json:"-"` // At, Unix ms
	At      string  `json:"at"`
	Origin  string  `json:"origin"`
	Outcome Outcome `json:"outcome"`
	Step    string  `json:"step"`
	Reason  string  `json:"reason"`
	Device  string  `json:"device"`
	Order   string  `json:"order"`
	Detail  string  `json:"detail"`
	Page    string  `json:"page"`
}

// Export gives a person's attempts, the newest first.
func (s *Service) Export(ctx context.Context, contact id.ID) ([]Exported, error) {
	list, err := s.Of(ctx, contact, "", exportMost)
	out := make([]Exported, len(list))
	for i, k := range list {
		out[i] = Exported{k.At, time.UnixMilli(k.At).UTC().Format(time.RFC3339), k.Origin, k.Outcome, k.Step, k.Reason, k.Device, k.Order, k.Detail, k.Page}
	}
	return out, err
}

func (s *Service) kept(tx *gorm.DB, where string, args ...any) ([]Kept, error) {
	rows, err := tx.Raw(selectKept+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Kept
	var texts [][3][]byte
	for rows.Next() {
		var k Kept
		var sealed [3][]byte
		var contact *int64
		if err := rows.Scan((*int64)(&k.ID), &k.Origin, &k.Outcome, &k.Step, &k.Reason, &k.Device, &contact, &sealed[0], &sealed[1], &sealed[2], &k.At); err != nil {
			return nil, err
		}
		if contact != nil {
			k.Contact = id.ID(*contact)
		}
		list, texts = append(list, k), append(texts, sealed)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		for j, into := range []*string{&list[i].Order, &list[i].Detail, &list[i].Page} {
			if *into, err = s.open(tx, []string{"order_no", "detail", "page_url"}[j], list[i].ID, texts[i][j]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (s *Service) open(tx *gorm.DB, column string, row id.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := s.Sealer.OpenText(tx, table, column, row, sealed)
	if errors.Is(err, seal.ErrErased) {
		return "", nil
	}
	return text, err
}
