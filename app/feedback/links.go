package feedback

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ShortLink is a short address of the desk that leads to a longer one.
type ShortLink struct {
	Code      string // 8 characters; only its hash is kept
	URL       string
	Target    string
	ExpiresAt int64
}

// Limits of short addresses.
const (
	codeLength   = 8
	LinkLife     = 90 * 24 * time.Hour // unless said
	LinkLifeMax  = 400 * 24 * time.Hour
	targetMax    = 1500
	codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" // none that looks like another
)

// shortened are the pages of the desk that a short address may lead to: what shoppers come to by a text message.
var shortened = []string{"/f/", "/t/", "/c/", "/help", "/privacy"}

func newCode() string {
	b := make([]byte, 4*codeLength)
	_, _ = rand.Read(b) // crypto/rand never fails
	code := make([]byte, 0, codeLength)
	for _, one := range b {
		if int(one) < 256/len(codeAlphabet)*len(codeAlphabet) && len(code) < codeLength {
			code = append(code, codeAlphabet[int(one)%len(codeAlphabet)])
		}
	}
	if len(code) < codeLength {
		return newCode()
	}
	return string(code)
}

// Shorten makes a short address that leads to a page of this desk, for a text message. It holds for LinkLife unless expires (Unix ms) says
// otherwise. Errors: Invalid (target, expires_at).
func (s *Service) Shorten(ctx context.Context, target string, expires int64) (l *ShortLink, err error) {
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		l, err = s.ShortenTx(tx, target, expires)
		return err
	})
	return l, err
}

// ShortenTx is Shorten inside a transaction of the caller.
func (s *Service) ShortenTx(tx *gorm.DB, target string, expires int64) (*ShortLink, error) {
	path, order, err := s.ownTarget(target)
	if err != nil {
		return nil, err
	}
	now := s.millis()
	if expires == 0 {
		expires = now + LinkLife.Milliseconds()
	}
	if expires <= now || expires > now+LinkLifeMax.Milliseconds() {
		return nil, fault.InvalidField("expires_at", "invalid", "feedback.error.expires", map[string]any{"days": int(LinkLifeMax.Hours() / 24)})
	}
	l := &ShortLink{Code: newCode(), ExpiresAt: expires}
	l.URL, l.Target = s.BaseURL.JoinPath("s", l.Code).String(), strings.TrimSuffix(s.BaseURL.String(), "/")+path
	row := s.IDs.Next()
	sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), "short_links", "target", row, path)
	if err != nil {
		return nil, err
	}
	return l, tx.Exec(`INSERT INTO short_links (id, code_hash, target, order_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(row), s.Sealer.Hash(hashCode, l.Code), sealed, s.orderHash(order), now, expires).Error
}

// ownTarget gives the path of an address of this desk, and the order that it names.
func (s *Service) ownTarget(target string) (path, order string, err error) {
	wrong := fault.InvalidField("target", "invalid", "feedback.error.target", nil)
	u, err := url.Parse(strings.TrimSpace(target))
	if err != nil || len(target) > targetMax || strings.ContainsAny(target, "\\\r\n\t") || u.User != nil || u.Opaque != "" {
		return "", "", wrong
	}
	own := u.Host == "" && u.Scheme == "" || strings.EqualFold(u.Scheme, s.BaseURL.Scheme) && strings.EqualFold(u.Host, s.BaseURL.Host)
	clean := (&url.URL{Path: "/"}).JoinPath(u.Path).Path
	if !own || clean != u.Path || !slices.ContainsFunc(shortened, func(p string) bool { return strings.HasPrefix(u.Path, p) }) {
		return "", "", wrong
	}
	return u.RequestURI(), u.Query().Get("order"), nil
}

// Long gives the path that a short address leads to. Errors: NotFound, alike for a code that never was and one that has expired.
func (s *Service) Long(ctx context.Context, code string) (path string, err error) {
	gone := fault.New(fault.NotFound, "feedback.error.unknown_link")
	if len(code) != codeLength {
		return "", gone
	}
	tx := s.Store.Read(ctx)
	var row id.ID
	var sealed []byte
	err = tx.Raw(`SELECT id, target FROM short_links WHERE code_hash = ? AND expires_at > ?`, s.Sealer.Hash(hashCode, code), s.millis()).Row().Scan((*int64)(&row), &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", gone
	}
	if err != nil {
		return "", err
	}
	return s.Sealer.OpenText(tx, "short_links", "target", row, sealed)
}

// Sweep deletes short addresses that have expired, as many as a transaction should.
func (s *Service) Sweep(ctx context.Context, rows int) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`DELETE FROM short_links WHERE id IN (SELECT l.id FROM short_links l WHERE l.expires_at <= ? ORDER BY l.expires_at LIMIT ?)`, s.millis(), rows).Error
	})
}
