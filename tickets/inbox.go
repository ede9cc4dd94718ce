package tickets

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Inbox is one door of a channel: a chat bubble of one site, a mailbox, a form.
type Inbox struct {
	ID             id.ID `gorm:"primaryKey;autoIncrement:false"`
	Channel        Channel
	NameSealed     []byte        `gorm:"column:name"`
	SecretSealed   []byte        `gorm:"column:secret"`
	SettingsSealed []byte        `gorm:"column:settings"`
	OldSealed      []byte        `gorm:"column:old_secret"`
	Name           string        `gorm:"-"`
	Key            string        `gorm:"column:public_key"` // public
	Secret         string        `gorm:"-"`                 // signs identities, orders, links
	OldSecret      string        `gorm:"-"`                 // the one before; see Secrets
	OldSecretUntil *int64        // Unix ms
	Settings       InboxSettings `gorm:"-"`
	DisabledAt     *int64
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
	UpdatedAt      int64 `gorm:"autoUpdateTime:false"`
}

// NewInbox is what CreateInbox needs.
type NewInbox struct {
	Channel  Channel
	Name     string
	Settings InboxSettings
}

const (
	selectInbox = `SELECT i.id, i.channel, i.name, i.public_key, i.secret, i.settings, i.old_secret, i.old_secret_until, i.disabled_at, i.created_at, i.updated_at FROM inboxes i`
	secretBytes = 32
)

// CreateInbox adds an inbox with a public key and a secret of its own. Errors: Invalid.
func (s *Service) CreateInbox(ctx context.Context, n NewInbox) (*Inbox, error) {
	box, err := s.newInbox(n)
	if err != nil {
		return nil, err
	}
	return box, s.store.Write(ctx, func(tx *gorm.DB) error { return s.insertInbox(on(tx), box) })
}

// CreateInboxTx is CreateInbox in the caller's transaction: an inbox that is nothing without what else is written there. Errors: Invalid.
func (s *Service) CreateInboxTx(tx *gorm.DB, n NewInbox) (*Inbox, error) {
	box, err := s.newInbox(n)
	if err != nil {
		return nil, err
	}
	return box, s.insertInbox(on(tx), box)
}

func (s *Service) newInbox(n NewInbox) (*Inbox, error) {
	if !n.Channel.Valid() {
		return nil, fault.InvalidField("channel", "invalid", "error.inbox.channel", nil)
	}
	name, err := requiredLine("name", n.Name, NameMax)
	if err != nil {
		return nil, err
	}
	set, err := n.Settings.normal()
	if err != nil {
		return nil, err
	}
	at := Millis(s.now())
	return &Inbox{
		ID: s.ids.Next(), Channel: n.Channel, Name: name, Key: rand.Text(), Secret: newSecret(), Settings: set,
		CreatedAt: at, UpdatedAt: at,
	}, nil
}

func newSecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // crypto/rand never fails
	return hex.EncodeToString(secret)
}

func (s *Service) insertInbox(c conn, box *Inbox) (err error) {
	if box.NameSealed, err = s.sealed(c, s.seal.DeskKey(), "inboxes", "name", box.ID, box.Name); err != nil {
		return err
	}
	if box.SecretSealed, err = s.sealed(c, s.seal.DeskKey(), "inboxes", "secret", box.ID, box.Secret); err != nil {
		return err
	}
	if err = s.sealInboxSettings(c, box); err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO inboxes (id, channel, name, public_key, secret, settings, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(box.ID), string(box.Channel), box.NameSealed, box.Key, box.SecretSealed, box.SettingsSealed, box.CreatedAt, box.UpdatedAt)
	return err
}

func (s *Service) sealInboxSettings(c conn, box *Inbox) error {
	text, err := json.Marshal(box.Settings)
	if err != nil {
		return err
	}
	box.SettingsSealed, err = s.sealed(c, s.seal.DeskKey(), "inboxes", "settings", box.ID, string(text))
	return err
}

// Inbox gives an inbox, at most a second old. The caller changes nothing in it. Errors: NotFound.
func (s *Service) Inbox(ctx context.Context, inbox id.ID) (*Inbox, error) {
	return s.inbox(on(s.store.Read(ctx)), inbox)
}

// InboxByKey gives an inbox by its public key, at most a second old. The caller changes nothing in it. Errors: NotFound.
func (s *Service) InboxByKey(ctx context.Context, key string) (*Inbox, error) {
	if box := s.inboxes.byKey(key); box != nil {
		return box, nil
	}
	return s.readInbox(on(s.store.Read(ctx)), ` WHERE i.public_key = ?`, key)
}

func (s *Service) inbox(c conn, inbox id.ID) (*Inbox, error) {
	if box := s.inboxes.byID(inbox); box != nil {
		return box, nil
	}
	return s.readInbox(c, ` WHERE i.id = ?`, int64(inbox))
}

func (s *Service) readInbox(c conn, where string, value any) (*Inbox, error) {
	found, err := s.readInboxes(c, where, value)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "error.inbox.not_found")
	}
	s.inboxes.put(&found[0])
	return &found[0], nil
}

// Inboxes gives all inboxes, disabled ones too, the oldest first.
func (s *Service) Inboxes(ctx context.Context) ([]Inbox, error) {
	return s.readInboxes(on(s.store.Read(ctx)), ` ORDER BY i.id`)
}

func (s *Service) readInboxes(c conn, where string, args ...any) ([]Inbox, error) {
	var out []Inbox
	err := c.each(func(scan func(...any) error) error {
		var box Inbox
		err := scan((*int64)(&box.ID), (*string)(&box.Channel), &box.NameSealed, &box.Key, &box.SecretSealed, &box.SettingsSealed,
			&box.OldSealed, &box.OldSecretUntil, &box.DisabledAt, &box.CreatedAt, &box.UpdatedAt)
		out = append(out, box)
		return err
	}, selectInbox+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openInbox(c, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) openInbox(c conn, box *Inbox) (err error) {
	if box.Name, err = s.open(c, "inboxes", "name", box.ID, box.NameSealed); err != nil {
		return err
	}
	if box.Secret, err = s.open(c, "inboxes", "secret", box.ID, box.SecretSealed); err != nil {
		return err
	}
	if box.OldSecret, err = s.open(c, "inboxes", "old_secret", box.ID, box.OldSealed); err != nil {
		return err
	}
	text, err := s.open(c, "inboxes", "settings", box.ID, box.SettingsSealed)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), &box.Settings)
}
