package orders

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// SourcesMax is how many programs may send orders.
	SourcesMax  = 20
	sourceTable = "order_sources"
	// window is how far a sender's clock may be off.
	window = 5 * time.Minute
)

// Source is a program that sends orders in its own words.
type Source struct {
	ID      id.ID
	Key     string // in the address that it posts to
	Name    string
	Mapping Mapping
	Active  bool
	Taken   int64
	Refused int64
	LastAt  *int64
	// LastPath and LastCode are what was wrong with the last body; empty: it was taken.
	LastPath, LastCode string
	CreatedAt          int64

	secret string
}

// AddSource makes a source and gives its secret, which is not shown again. Errors: Invalid, Conflict (too many).
func (s *Service) AddSource(ctx context.Context, name string) (one id.ID, secret string, err error) {
	if name, err = sourceName(name); err != nil {
		return 0, "", err
	}
	one, secret = s.IDs.Next(), newSecret()
	now := tickets.Millis(s.Now())
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		var n int
		if err := tx.Raw(`SELECT COUNT(*) FROM order_sources`).Row().Scan(&n); err != nil {
			return err
		}
		if n >= SourcesMax {
			return &fault.Error{Kind: fault.Conflict, Key: "orders.error.sources", Args: map[string]any{"max": SourcesMax}}
		}
		sealed, err := s.sealedSource(tx, one, name, secret, &Mapping{Time: TimeForms()[0]})
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO order_sources (id, public_key, name, secret, mapping, active, taken, refused, last_code, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, 0, 0, '', ?, ?)`, int64(one), strings.ToLower(rand.Text()), sealed[0], sealed[1], sealed[2], true, now, now).Error
	})
	return one, secret, err
}

func newSecret() string { return "hosec_" + rand.Text() }

func sourceName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", fault.InvalidField("name", "required", "orders.error.required", nil)
	case n > tickets.NameMax:
		return "", fault.InvalidField("name", "too_long", "orders.error.too_long", map[string]any{"max": tickets.NameMax})
	}
	return name, nil
}

func (s *Service) sealedSource(tx *gorm.DB, one id.ID, name, secret string, m *Mapping) (out [3][]byte, err error) {
	plain, err := json.Marshal(m)
	if err != nil {
		return out, err
	}
	for i, part := range []struct{ column, text string }{{"name", name}, {"secret", secret}, {"mapping", string(plain)}} {
		if out[i], err = s.Sealer.SealText(tx, s.Sealer.DeskKey(), sourceTable, part.column, one, part.text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// SaveSource changes a source's name and mapping. Errors: Invalid, NotFound.
func (s *Service) SaveSource(ctx context.Context, one id.ID, name string, m Mapping) error {
	name, err := sourceName(name)
	if err != nil {
		return err
	}
	if err := m.check(); err != nil {
		return err
	}
	return s.changeSource(ctx, func(tx *gorm.DB) *gorm.DB {
		sealed, err := s.sealedSource(tx, one, name, "-", &m)
		if err != nil {
			_ = tx.AddError(err)
			return tx
		}
		return tx.Exec(`UPDATE order_sources SET name = ?, mapping = ?, updated_at = ? WHERE id = ?`, sealed[0], sealed[2], tickets.Millis(s.Now()), int64(one))
	})
}

// RotateSource gives a source another secret, which holds at once and is not shown again. Errors: NotFound.
func (s *Service) RotateSource(ctx context.Context, one id.ID) (secret string, err error) {
	secret = newSecret()
	return secret, s.changeSource(ctx, func(tx *gorm.DB) *gorm.DB {
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), sourceTable, "secret", one, secret)
		if err != nil {
			_ = tx.AddError(err)
			return tx
		}
		return tx.Exec(`UPDATE order_sources SET secret = ?, updated_at = ? WHERE id = ?`, sealed, tickets.Millis(s.Now()), int64(one))
	})
}

// SwitchSource turns a source on or off. Errors: NotFound.
func (s *Service) SwitchSource(ctx context.Context, one id.ID, on bool) error {
	return s.changeSource(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec(`UPDATE order_sources SET active = ?, updated_at = ? WHERE id = ?`, on, tickets.Millis(s.Now()), int64(one))
	})
}

// RemoveSource takes a source away; the orders that it sent stay. Errors: NotFound.
func (s *Service) RemoveSource(ctx context.Context, one id.ID) error {
	return s.changeSource(ctx, func(tx *gorm.DB) *gorm.DB { return tx.Exec(`DELETE FROM order_sources WHERE id = ?`, int64(one)) })
}

func (s *Service) changeSource(ctx context.Context, change func(tx *gorm.DB) *gorm.DB) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := change(tx)
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, "orders.error.source")
		}
		return done.Error
	})
}

// Sources gives all sources, the oldest first.
func (s *Service) Sources(ctx context.Context) ([]Source, error) {
	return s.sources(s.Store.Read(ctx), `ORDER BY id`)
}

// SourceOf gives one. Errors: NotFound.
func (s *Service) SourceOf(ctx context.Context, one id.ID) (*Source, error) {
	return s.source(ctx, `WHERE id = ?`, int64(one))
}

func (s *Service) source(ctx context.Context, where string, arg any) (*Source, error) {
	list, err := s.sources(s.Store.Read(ctx), where, arg)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "orders.error.source")
	}
	return &list[0], nil
}

func (s *Service) sources(tx *gorm.DB, where string, args ...any) (out []Source, err error) {
	rows, err := tx.Raw(`SELECT id, public_key, name, secret, mapping, active, taken, refused, last_at, last_path, last_code, created_at FROM order_sources `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var sealed [][4][]byte
	for rows.Next() {
		var o Source
		var b [4][]byte
		if err := rows.Scan((*int64)(&o.ID), &o.Key, &b[0], &b[1], &b[2], &o.Active, &o.Taken, &o.Refused, &o.LastAt, &b[3], &o.LastCode, &o.CreatedAt); err != nil {
			return nil, err
		}
		out, sealed = append(out, o), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		o := &out[i]
		var plain string
		for n, to := range []struct {
			column string
			text   *string
		}{{"name", &o.Name}, {"secret", &o.secret}, {"mapping", &plain}, {"last_path", &o.LastPath}} {
			if *to.text, err = s.Sealer.OpenText(tx, sourceTable, to.column, o.ID, sealed[i][n]); err != nil {
				return nil, err
			}
		}
		if err := json.Unmarshal([]byte(plain), &o.Mapping); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Delivery is a body that a source posts, with what proves where it comes from.
type Delivery struct {
	Key       string // of the source
	Timestamp string // Unix seconds
	Signature string // sha256=hex(HMAC-SHA256(secret, timestamp + "." + body))
	Body      []byte
}

// Take takes in what a source posts and gives the order's number. The same body again changes nothing. Errors: NotFound (no
// such source, or it is off), Denied (signature, or a clock that is off), Invalid with fields named by their paths.
func (s *Service) Take(ctx context.Context, d Delivery) (number string, out Outcome, err error) {
	o, err := s.source(ctx, `WHERE public_key = ?`, d.Key)
	if err != nil {
		return "", "", err
	}
	if !o.Active {
		return "", "", fault.New(fault.NotFound, "orders.error.source")
	}
	at, err := o.proved(d, s.Now())
	if err != nil {
		return "", "", err
	}
	m, c, err := s.mapped(ctx, &o.Mapping, d.Body, at)
	if err == nil {
		number = m.Number
		err = again(func() error {
			return s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
				if out, err = s.PutTx(tx, c); err != nil {
					return err
				}
				return s.noteTaken(tx, o.ID)
			})
		})
		err = o.Mapping.byPath(err)
	}
	if e := fault.As(err); e != nil && e.Kind == fault.Invalid {
		if err := s.noteRefused(ctx, o.ID, e); err != nil {
			return "", "", err
		}
	}
	return number, out, err
}

// proved holds a delivery against the source's secret.
func (o *Source) proved(d Delivery, now time.Time) (time.Time, error) {
	seconds, err := strconv.ParseInt(d.Timestamp, 10, 64)
	at := time.Unix(seconds, 0)
	if err != nil || at.Before(now.Add(-window)) || at.After(now.Add(window)) {
		return at, fault.New(fault.Denied, "orders.error.clock")
	}
	mac := hmac.New(sha256.New, []byte(o.secret))
	mac.Write([]byte(d.Timestamp + "."))
	mac.Write(d.Body)
	sum, err := hex.DecodeString(strings.TrimPrefix(d.Signature, "sha256="))
	if err != nil || !hmac.Equal(sum, mac.Sum(nil)) {
		return at, fault.New(fault.Denied, "orders.error.signature")
	}
	return at, nil
}

// mapped reads a body by a mapping and checks what it says. Errors: Invalid.
func (s *Service) mapped(ctx context.Context, m *Mapping, body []byte, at time.Time) (*Mapped, Checked, error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, Checked{}, err
	}
	got, err := m.read(body, shop.Currency, shop.Zone(), at)
	if err != nil {
		return nil, Checked{}, err
	}
	c, err := s.Check(ctx, got.Number, &got.Draft, PutOptions{Partial: true})
	return got, c, m.byPath(err)
}

// Try reads a sample body as the mapping would, and writes nothing. Errors: Invalid with fields named by their paths.
func (s *Service) Try(ctx context.Context, m Mapping, body []byte) (*Order, []string, error) {
	if err := m.check(); err != nil {
		return nil, nil, err
	}
	got, c, err := s.mapped(ctx, &m, body, s.Now())
	if err != nil {
		return nil, nil, err
	}
	o := c.Order
	o.complete()
	return &o, got.Missing, nil
}

func (s *Service) noteTaken(tx *gorm.DB, one id.ID) error {
	return tx.Exec(`UPDATE order_sources SET taken = taken + 1, last_at = ?, last_path = NULL, last_code = '' WHERE id = ?`, tickets.Millis(s.Now()), int64(one)).Error
}

// noteRefused notes what was wrong, for the page of the source.
func (s *Service) noteRefused(ctx context.Context, one id.ID, e *fault.Error) error {
	path, code := "", "invalid"
	if len(e.Fields) > 0 {
		path, code = e.Fields[0].Name, e.Fields[0].Code
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), sourceTable, "last_path", one, intake.Shortened(path, pathMax))
		if err != nil {
			return err
		}
		return tx.Exec(`UPDATE order_sources SET refused = refused + 1, last_at = ?, last_path = ?, last_code = ? WHERE id = ?`,
			tickets.Millis(s.Now()), sealed, code, int64(one)).Error
	})
}
