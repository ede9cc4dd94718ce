package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// How long links hold. One that an administrator makes has to find its way to a colleague; one that comes by mail is
// asked for a moment before.
const (
	InvitationLife   = 7 * 24 * time.Hour
	PasswordLinkLife = 24 * time.Hour
	MailedLinkLife   = time.Hour
	linkKeptFor      = 30 * 24 * time.Hour // after its end
	linkBytes        = 24
)

// Kinds of links.
const (
	linkInvitation = "invitation"
	linkPassword   = "password"
)

// link is a row of agent_links: an address that works once. Its token is nowhere but in the address.
type link struct {
	ID          id.ID `gorm:"primaryKey;autoIncrement:false"`
	Kind        string
	TokenHash   []byte
	AgentID     *id.ID // whose password it sets
	Role        tickets.Role
	EmailSealed []byte `gorm:"column:email"`
	EmailHash   []byte
	NameSealed  []byte `gorm:"column:name"`
	MadeBy      id.ID  // zero: the desk, by mail
	CreatedAt   int64  `gorm:"autoCreateTime:false"`
	ExpiresAt   int64
	EndedAt     *int64 // used, or taken back

	Email string `gorm:"-"`
	Name  string `gorm:"-"`
}

func (link) TableName() string { return "agent_links" }

const (
	linkHolds  = "ended_at IS NULL AND expires_at > ?"
	linkMailOf = "invitation.email" // kind of keyed hash
)

// newLink makes a link of a kind with its token.
func (s *Service) newLink(kind string, by tickets.Actor, life time.Duration) (*link, string) {
	b := make([]byte, linkBytes)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(b)
	now := s.now()
	return &link{
		ID: s.ids.Next(), Kind: kind, TokenHash: hashToken(token), MadeBy: by.ID,
		CreatedAt: now.UnixMilli(), ExpiresAt: now.Add(life).UnixMilli(),
	}, token
}

// findLink finds the link of a token while it holds. Errors: NotFound, alike for a wrong, used, revoked or old one.
func (s *Service) findLink(ctx context.Context, kind, token string) (*link, error) {
	var l link
	db := s.store.Read(ctx)
	q := db.Where("token_hash = ? AND kind = ? AND "+linkHolds, hashToken(token), kind, s.now().UnixMilli()).Limit(1).Find(&l)
	if q.Error != nil {
		return nil, q.Error
	}
	if q.RowsAffected == 0 {
		return nil, fault.New(fault.NotFound, "auth.error.link")
	}
	return &l, s.openLink(db, &l)
}

func (s *Service) openLink(db *gorm.DB, l *link) (err error) {
	for _, one := range []struct {
		column string
		sealed []byte
		text   *string
	}{{"email", l.EmailSealed, &l.Email}, {"name", l.NameSealed, &l.Name}} {
		if len(one.sealed) == 0 {
			continue
		}
		if *one.text, err = s.seal.OpenText(db, "agent_links", one.column, l.ID, one.sealed); err != nil {
			return err
		}
	}
	return nil
}

// spend ends a link that holds; whoever comes second finds it used. It belongs into the transaction of what the link is
// for. Errors: NotFound.
func (s *Service) spend(tx *gorm.DB, l *link) error {
	now := s.now().UnixMilli()
	q := tx.Model(&link{}).Where("id = ? AND "+linkHolds, l.ID, now).UpdateColumn("ended_at", now)
	if q.Error == nil && q.RowsAffected == 0 {
		return fault.New(fault.NotFound, "auth.error.link")
	}
	return q.Error
}

// endLinks takes back the links that a condition names.
func (s *Service) endLinks(tx *gorm.DB, where string, args ...any) error {
	return tx.Model(&link{}).Where("ended_at IS NULL").Where(where, args...).UpdateColumn("ended_at", s.now().UnixMilli()).Error
}
