package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	sessionLife  = 400 * 24 * time.Hour // slides: every day of use puts the end off again
	sessionSlide = 24 * time.Hour
	tokenBytes   = 32
	tokenMax     = 128 // characters of what a client may send as a token
)

// session is one browser of one contact. The token itself is kept by the browser alone.
type session struct {
	ID            id.ID `gorm:"primaryKey;autoIncrement:false"`
	TokenHash     []byte
	ContactID     id.ID
	InboxID       id.ID
	Signed        bool   // the shop has vouched for who she is
	ContextSealed []byte `gorm:"column:context"`
	ExpiresAt     int64
	RevokedAt     *int64
	SeenAt        int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`

	Context sessionContext `gorm:"-"`
}

// TableName is the sessions' table.
func (session) TableName() string { return "chat_sessions" }

// sessionContext is what the shop's page said at the start, sealed with the contact's key.
type sessionContext struct {
	Locale        string `json:"locale,omitempty"`
	PageURL       string `json:"page_url,omitempty"`
	PageTitle     string `json:"page_title,omitempty"`
	Order         string `json:"order,omitempty"`
	OrderVerified bool   `json:"order_verified,omitempty"`
	ClaimedID     string `json:"claimed_id,omitempty"` // an unsigned user id: tells one claim from another, finds nobody
	Claims        string `json:"claims,omitempty"`     // mark of what was said of the person last
}

// newToken makes a token and its hash.
func newToken() (token string, hash []byte) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

// hashToken is what the database keeps of a token. The token is random, so a plain hash cannot be guessed back.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// known is a session with its contact.
type known struct {
	session *session
	contact *tickets.Contact
	expired bool
}

// lookUp finds the session of a token; nil when the token is unknown, revoked, of another inbox, or its contact is no
// more. A contact that somebody merged into another does not hand her history to an old token.
func (d *Desk) lookUp(ctx context.Context, token string, inbox id.ID) (*known, error) {
	if token == "" || len(token) > tokenMax {
		return nil, nil
	}
	db := d.store.Read(ctx)
	s := &session{}
	err := db.Where("token_hash = ?", hashToken(token)).Take(s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.RevokedAt != nil || (inbox != 0 && s.InboxID != inbox) {
		return nil, nil
	}
	contact, err := d.tickets.Contact(ctx, s.ContactID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if contact.ID != s.ContactID || contact.MergedInto != nil {
		return nil, nil
	}
	if err := d.openContext(db, s); err != nil {
		return nil, err
	}
	d.names.put(tickets.ActorContact, contact.ID, contact.Name)
	return &known{s, contact, s.ExpiresAt <= d.nowMillis()}, nil
}

func (d *Desk) openContext(tx *gorm.DB, s *session) error {
	if len(s.ContextSealed) == 0 {
		return nil
	}
	plain, err := d.sealer.Open(tx, "chat_sessions", "context", s.ID, s.ContextSealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &s.Context)
}

func (d *Desk) sealContext(tx *gorm.DB, key id.ID, s *session) error {
	plain, err := json.Marshal(s.Context)
	if err != nil {
		return err
	}
	s.ContextSealed, err = d.sealer.Seal(tx, key, "chat_sessions", "context", s.ID, plain)
	return err
}

// admit finds the session for a call and holds it against the inbox: it must be alive, and signed where the inbox
// wants that. It slides on the way.
func (d *Desk) admit(ctx context.Context, token string) (*known, *tickets.Inbox, error) {
	k, err := d.lookUp(ctx, token, 0)
	if err != nil {
		return nil, nil, err
	}
	if k == nil || k.expired {
		return nil, nil, noSession()
	}
	inbox, err := d.tickets.Inbox(ctx, k.session.InboxID)
	if err != nil {
		return nil, nil, err
	}
	if p := k.session.refused(inbox); p != nil {
		return nil, nil, p
	}
	return k, inbox, d.slide(ctx, k.session)
}

// refused tells why the inbox, as it is set now, does not let the session in; nil when it does.
func (s *session) refused(inbox *tickets.Inbox) *problem {
	var p *problem
	switch {
	case inbox.DisabledAt != nil:
		p = denied("chat.error.inbox", "")
	case inbox.Settings.EnforceIdentity && !s.Signed:
		p = denied("chat.error.unsigned", "enforce_identity")
	default:
		return nil
	}
	p.ends = true
	return p
}

// slide puts the end of a session off, at most once a day.
func (d *Desk) slide(ctx context.Context, s *session) error {
	now := d.nowMillis()
	if now-s.SeenAt < sessionSlide.Milliseconds() {
		return nil
	}
	s.SeenAt, s.ExpiresAt = now, now+sessionLife.Milliseconds()
	return d.store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&session{}).Where("id = ? AND revoked_at IS NULL", s.ID).
			UpdateColumns(map[string]any{"seen_at": s.SeenAt, "expires_at": s.ExpiresAt}).Error
	})
}

// revoke ends sessions for good; where says which.
func (d *Desk) revoke(tx *gorm.DB, where string, args ...any) error {
	return tx.Model(&session{}).Where("revoked_at IS NULL").Where(where, args...).UpdateColumn("revoked_at", d.nowMillis()).Error
}

// sessionLives tells whether a session was neither revoked nor erased.
func (d *Desk) sessionLives(ctx context.Context, one id.ID) (bool, error) {
	var n int64
	err := d.store.Read(ctx).Model(&session{}).Where("id = ? AND revoked_at IS NULL", one).Count(&n).Error
	return n == 1, err
}
