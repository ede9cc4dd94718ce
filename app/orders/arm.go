package orders

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"huiyin/tickets/id"
)

// armWord is how long the key of a trial and the name of an arm are at most.
const armWord = 64

// trialArm is the trial that the shop says an order was made in, with its arm: meta {"trial": …, "arm": …}.
func (o *Order) trialArm() (trial, arm string) {
	if len(o.Meta) == 0 {
		return "", ""
	}
	var said struct {
		Trial any `json:"trial"`
		Arm   any `json:"arm"`
	}
	if json.Unmarshal(o.Meta, &said) != nil {
		return "", ""
	}
	trial, arm = word(said.Trial), word(said.Arm)
	if trial == "" || arm == "" {
		return "", ""
	}
	return trial, arm
}

// word is a short word of small letters, digits and dashes; what is none counts as not said.
func word(value any) string {
	text, _ := value.(string)
	text = strings.ToLower(text)
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return ""
		}
	}
	if len(text) > armWord {
		return ""
	}
	return text
}

// writeArms notes in which arms of trials the orders were made that are written here.
func (p *putting) writeArms() error {
	var none []id.ID
	for _, o := range slices.Concat(p.fresh, p.rewrite) {
		trial, arm := o.trialArm()
		if trial == "" {
			if slices.Contains(p.rewrite, o) {
				none = append(none, o.ID)
			}
			continue
		}
		if err := p.tx.Exec(`UPDATE orders SET trial = ?, arm = ? WHERE id = ?`, trial, arm, int64(o.ID)).Error; err != nil {
			return err
		}
	}
	if len(none) == 0 {
		return nil
	}
	return p.tx.Exec(`UPDATE orders SET trial = '', arm = '' WHERE id IN ? AND trial <> ''`, none).Error
}

// InArms tells how many orders were paid in each arm of a trial, from a time up to another.
func (s *Service) InArms(ctx context.Context, trial string, from, to int64) (map[string]int, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT arm, COUNT(*) FROM orders WHERE trial = ? AND trial <> '' AND paid_at >= ? AND paid_at < ? GROUP BY arm`, trial, from, to).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]int{}
	for rows.Next() {
		var arm string
		var n int
		if err := rows.Scan(&arm, &n); err != nil {
			return nil, err
		}
		out[arm] = n
	}
	return out, rows.Err()
}

// Arms gives the arms of a trial in which orders were made, by the keyed hash of their number.
func (s *Service) Arms(ctx context.Context, trial string, hashes [][]byte) (map[string]string, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT order_hash, arm FROM orders WHERE order_hash IN ? AND trial = ?`, hashes, trial).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]string{}
	for rows.Next() {
		var hash []byte
		var arm string
		if err := rows.Scan(&hash, &arm); err != nil {
			return nil, err
		}
		out[string(hash)] = arm
	}
	return out, rows.Err()
}
