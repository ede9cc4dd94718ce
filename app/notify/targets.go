package notify

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// The sorts of a target.
const (
	TargetWeCom    = "wecom"    // 企业微信
	TargetDingTalk = "dingtalk" // 钉钉
	TargetFeishu   = "feishu"   // 飞书
	TargetWebhook  = "webhook"  // JSON to an address of the shop's own
)

// TargetSorts are all sorts of a target, in the order of the pages.
var TargetSorts = []string{TargetWeCom, TargetDingTalk, TargetFeishu, TargetWebhook}

const (
	targetsMost = 20
	nameMax     = 60
	urlMax      = 500
	secretMax   = 200
)

// Target is a group or a program that is told. URL and Secret are for sending only: pages do not show them.
type Target struct {
	ID        id.ID
	Sort      string
	Name      string
	URL       string
	Secret    string
	Kinds     []Kind
	Locale    string
	QuietFrom hours.Minute
	QuietTo   hours.Minute
	Off       bool
	FailingAt int64 // since when nothing gets there; 0: it does
}

// Host is the host of the address, to tell targets apart on a page.
func (t *Target) Host() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// Targets gives all targets, the oldest first.
func (s *Service) Targets(ctx context.Context) ([]Target, error) { return s.targets(ctx, `1 = 1`) }

// Target gives one. Errors: NotFound.
func (s *Service) Target(ctx context.Context, target id.ID) (*Target, error) {
	list, err := s.targets(ctx, `id = ?`, int64(target))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "notices.error.target")
	}
	return &list[0], nil
}

func (s *Service) targets(ctx context.Context, where string, args ...any) (list []Target, err error) {
	read := s.Store.Read(ctx)
	rows, err := read.Raw(`SELECT id, kind, name, url, secret, kinds, locale, quiet_from, quiet_to, disabled_at, failing_at FROM notice_targets WHERE `+where+` ORDER BY id`, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	type sealed struct{ name, url, secret []byte }
	var values []sealed
	for rows.Next() {
		var t Target
		var v sealed
		var kinds string
		var off, failing *int64
		if err := rows.Scan((*int64)(&t.ID), &t.Sort, &v.name, &v.url, &v.secret, &kinds, &t.Locale, (*int)(&t.QuietFrom), (*int)(&t.QuietTo), &off, &failing); err != nil {
			return nil, err
		}
		for _, k := range strings.Fields(kinds) {
			t.Kinds = append(t.Kinds, Kind(k))
		}
		if t.Off = off != nil; failing != nil {
			t.FailingAt = *failing
		}
		list, values = append(list, t), append(values, v)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		t, v := &list[i], values[i]
		for column, to := range map[string]struct {
			sealed []byte
			text   *string
		}{"name": {v.name, &t.Name}, "url": {v.url, &t.URL}, "secret": {v.secret, &t.Secret}} {
			if *to.text, err = s.Sealer.OpenText(read, "notice_targets", column, t.ID, to.sealed); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// SaveTarget adds a target, or changes the one with the ID. An empty URL or Secret keeps what is there. Errors: Invalid,
// NotFound.
func (s *Service) SaveTarget(ctx context.Context, t Target) (id.ID, error) {
	fresh := t.ID == 0
	if fresh {
		list, err := s.Targets(ctx)
		if err != nil {
			return 0, err
		}
		if len(list) >= targetsMost {
			return 0, fault.New(fault.Invalid, "notices.error.too_many")
		}
		t.ID = s.IDs.Next()
	} else {
		old, err := s.Target(ctx, t.ID)
		if err != nil {
			return 0, err
		}
		if t.URL == "" {
			t.URL = old.URL
		}
		if t.Secret == "" {
			t.Secret = old.Secret
		}
	}
	if err := t.check(); err != nil {
		return 0, err
	}
	if s.CheckTarget != nil {
		if err := s.CheckTarget(ctx, t); err != nil {
			return 0, err
		}
	}
	return t.ID, s.Store.Write(ctx, func(tx *gorm.DB) error { return s.putTarget(tx, t, fresh) })
}

func (t *Target) check() error {
	e := fault.New(fault.Invalid, "error.invalid")
	wrong := func(field, code, key string, args map[string]any) {
		e.Fields = append(e.Fields, fault.Field{Name: field, Code: code, Key: key, Args: args})
	}
	t.Name, t.URL, t.Secret = strings.TrimSpace(t.Name), strings.TrimSpace(t.URL), strings.TrimSpace(t.Secret)
	if !slices.Contains(TargetSorts, t.Sort) {
		wrong("sort", "invalid", "web.error.choice", nil)
	}
	if t.Name == "" || !utf8.ValidString(t.Name) || utf8.RuneCountInString(t.Name) > nameMax {
		wrong("name", "invalid", "notices.error.name", map[string]any{"max": nameMax})
	}
	if u, err := url.Parse(t.URL); err != nil || len(t.URL) > urlMax || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		wrong("url", "invalid", "notices.error.url", nil)
	}
	if len(t.Secret) > secretMax {
		wrong("secret", "too_long", "notices.error.secret", map[string]any{"max": secretMax})
	}
	if t.Locale != "zh-CN" && t.Locale != "en" {
		wrong("locale", "invalid", "web.error.choice", nil)
	}
	t.Kinds = slices.DeleteFunc(TargetKinds(), func(k Kind) bool { return !slices.Contains(t.Kinds, k) })
	if len(t.Kinds) == 0 {
		wrong("kinds", "required", "notices.error.kinds", nil)
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func (s *Service) putTarget(tx *gorm.DB, t Target, fresh bool) error {
	sealed := make([][]byte, 3)
	for i, one := range []struct{ column, text string }{{"name", t.Name}, {"url", t.URL}, {"secret", t.Secret}} {
		var err error
		if sealed[i], err = s.Sealer.SealText(tx, s.Sealer.DeskKey(), "notice_targets", one.column, t.ID, one.text); err != nil {
			return err
		}
	}
	kinds := make([]string, len(t.Kinds))
	for i, k := range t.Kinds {
		kinds[i] = string(k)
	}
	now := tickets.Millis(s.Now())
	var off *int64
	if t.Off {
		off = &now
	}
	args := []any{t.Sort, sealed[0], sealed[1], sealed[2], strings.Join(kinds, " "), t.Locale, int(t.QuietFrom), int(t.QuietTo), off, now, int64(t.ID)}
	if fresh {
		return tx.Exec(`INSERT INTO notice_targets (kind, name, url, secret, kinds, locale, quiet_from, quiet_to, disabled_at, updated_at, id, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(args, now)...).Error
	}
	done := tx.Exec(`UPDATE notice_targets SET kind = ?, name = ?, url = ?, secret = ?, kinds = ?, locale = ?, quiet_from = ?, quiet_to = ?, disabled_at = ?,
 failing_at = NULL, updated_at = ? WHERE id = ?`, args...)
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.New(fault.NotFound, "notices.error.target")
	}
	return done.Error
}

// DeleteTarget removes a target with what still waits for it. Errors: NotFound.
func (s *Service) DeleteTarget(ctx context.Context, target id.ID) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM notice_targets WHERE id = ?`, int64(target))
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, "notices.error.target")
		}
		if done.Error != nil {
			return done.Error
		}
		return tx.Exec(`UPDATE notice_sends SET state = ?, done_at = ? WHERE target_id = ? AND state = ?`, stateSkipped, tickets.Millis(s.Now()), int64(target), stateQueued).Error
	})
	if err == nil {
		s.settleAlert(ctx)
	}
	return err
}
