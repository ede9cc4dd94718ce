package hooks

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/app/egress"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The states of a hook.
const (
	StateOn   = "on"
	StateOff  = "off"  // by an administrator
	StateGone = "gone" // its receiver said that it is gone (410)
)

// Hook is one address that is told what happens.
type Hook struct {
	ID        id.ID
	URL       string
	Events    []string
	State     string
	CreatedAt int64
	secret    string
}

// Host is the part of the address that a page may show: the rest may hold a key.
func (h *Hook) Host() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// Change is what a form says of a hook.
type Change struct {
	URL    string
	Events []string
}

// checked refuses what cannot work, each with its field.
func (s *Service) checked(ctx context.Context, c Change) (Change, error) {
	c.URL = strings.TrimSpace(c.URL)
	e := fault.New(fault.Invalid, "error.invalid")
	wrong := func(field, code, key string) {
		e.Fields = append(e.Fields, fault.Field{Name: field, Code: code, Key: key, Args: map[string]any{"max": urlMax}})
	}
	var no *egress.Error
	switch err := s.HTTP.Check(ctx, c.URL); {
	case c.URL == "":
		wrong("url", "required", "hooks.error.url")
	case len(c.URL) > urlMax:
		wrong("url", "too_long", "hooks.error.long")
	case errors.As(err, &no):
		wrong("url", "invalid", "egress."+no.Word())
	}
	var events []string
	for _, name := range Events() {
		if slices.Contains(c.Events, name) {
			events = append(events, name)
		}
	}
	if len(events) == 0 || len(events) < len(slices.Compact(slices.Sorted(slices.Values(c.Events)))) {
		wrong("events", "required", "hooks.error.events")
	}
	c.Events = events
	if len(e.Fields) > 0 {
		return c, e
	}
	return c, nil
}

// Add makes a hook and gives its secret, which is not shown again. Errors: Invalid, Conflict (too many).
func (s *Service) Add(ctx context.Context, by tickets.Actor, c Change) (hook id.ID, secret string, err error) {
	if c, err = s.checked(ctx, c); err != nil {
		return 0, "", err
	}
	hook, secret = s.IDs.Next(), newSecret()
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		var n int
		if err := tx.Raw(`SELECT COUNT(*) FROM webhooks`).Row().Scan(&n); err != nil {
			return err
		}
		if n >= Most {
			e := fault.New(fault.Conflict, "hooks.error.many")
			e.Args = map[string]any{"max": Most}
			return e
		}
		address, word, err := s.sealed(tx, hook, c.URL, secret)
		if err != nil {
			return err
		}
		now := tickets.Millis(s.Now())
		return tx.Exec(`INSERT INTO webhooks (id, url, secret, events, state, agent_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			int64(hook), address, word, strings.Join(c.Events, " "), StateOn, int64(by.ID), now, now).Error
	})
	return hook, secret, err
}

func newSecret() string { return "whsec_" + rand.Text() }

func (s *Service) sealed(tx *gorm.DB, hook id.ID, address, secret string) (url, word []byte, err error) {
	if url, err = s.Sealer.SealText(tx, s.Sealer.DeskKey(), table, sealedURL, hook, address); err != nil {
		return nil, nil, err
	}
	word, err = s.Sealer.SealText(tx, s.Sealer.DeskKey(), table, sealedWord, hook, secret)
	return url, word, err
}

// Save changes a hook's address and events. Errors: Invalid, NotFound.
func (s *Service) Save(ctx context.Context, hook id.ID, c Change) error {
	c, err := s.checked(ctx, c)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *gorm.DB) *gorm.DB {
		address, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), table, sealedURL, hook, c.URL)
		if err != nil {
			_ = tx.AddError(err)
			return tx
		}
		return tx.Exec(`UPDATE webhooks SET url = ?, events = ?, updated_at = ? WHERE id = ?`, address, strings.Join(c.Events, " "), tickets.Millis(s.Now()), int64(hook))
	})
}

// Rotate gives a hook another secret, which holds at once and is not shown again. Errors: NotFound.
func (s *Service) Rotate(ctx context.Context, hook id.ID) (secret string, err error) {
	secret = newSecret()
	return secret, s.update(ctx, func(tx *gorm.DB) *gorm.DB {
		word, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), table, sealedWord, hook, secret)
		if err != nil {
			_ = tx.AddError(err)
			return tx
		}
		return tx.Exec(`UPDATE webhooks SET secret = ?, updated_at = ? WHERE id = ?`, word, tickets.Millis(s.Now()), int64(hook))
	})
}

// Switch turns a hook on or off. What waits for one that is off is given up. Errors: NotFound.
func (s *Service) Switch(ctx context.Context, hook id.ID, on bool) error {
	state := StateOff
	if on {
		state = StateOn
	}
	err := s.update(ctx, func(tx *gorm.DB) *gorm.DB {
		done := tx.Exec(`UPDATE webhooks SET state = ?, updated_at = ? WHERE id = ?`, state, tickets.Millis(s.Now()), int64(hook))
		if done.Error == nil && done.RowsAffected > 0 {
			done.Error = s.Queue(tx, Drain{Hook: hook})
		}
		return done
	})
	if err == nil && on {
		s.AlertOver(ctx, alertOff)
	}
	return err
}

// Remove takes a hook away; its job takes the log. Errors: NotFound.
func (s *Service) Remove(ctx context.Context, hook id.ID) error {
	return s.update(ctx, func(tx *gorm.DB) *gorm.DB {
		done := tx.Exec(`DELETE FROM webhooks WHERE id = ?`, int64(hook))
		if done.Error == nil && done.RowsAffected > 0 {
			done.Error = s.Queue(tx, Drain{Hook: hook})
		}
		return done
	})
}

// update changes the row of one hook.
func (s *Service) update(ctx context.Context, change func(tx *gorm.DB) *gorm.DB) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := change(tx)
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, "hooks.error.unknown")
		}
		return done.Error
	})
}

// Hooks gives all hooks, the oldest first.
func (s *Service) Hooks(ctx context.Context) ([]Hook, error) {
	return s.hooks(s.Store.Read(ctx), `ORDER BY id`)
}

// Hook gives one. Errors: NotFound.
func (s *Service) Hook(ctx context.Context, hook id.ID) (*Hook, error) {
	list, err := s.hooks(s.Store.Read(ctx), `WHERE id = ?`, int64(hook))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "hooks.error.unknown")
	}
	return &list[0], nil
}

func (s *Service) hooks(tx *gorm.DB, where string, args ...any) ([]Hook, error) {
	rows, err := tx.Raw(`SELECT id, url, secret, events, state, created_at FROM webhooks `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Hook
	var sealed [][2][]byte
	for rows.Next() {
		var h Hook
		var address, word []byte
		var events string
		if err := rows.Scan((*int64)(&h.ID), &address, &word, &events, &h.State, &h.CreatedAt); err != nil {
			return nil, err
		}
		h.Events = strings.Fields(events)
		out, sealed = append(out, h), append(sealed, [2][]byte{address, word})
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].URL, err = s.Sealer.OpenText(tx, table, sealedURL, out[i].ID, sealed[i][0]); err != nil {
			return nil, err
		}
		if out[i].secret, err = s.Sealer.OpenText(tx, table, sealedWord, out[i].ID, sealed[i][1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
