package tickets

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// OldSecretMax is how long the secret from before a rotation may go on.
const OldSecretMax = 7 * 24 * time.Hour

// Secrets are the secrets that a signature may be made with at a time: the inbox's own, and the one before while it holds.
func (b *Inbox) Secrets(at time.Time) []string {
	secrets := []string{b.Secret}
	if b.OldSecret != "" && b.OldSecretUntil != nil && Millis(at) < *b.OldSecretUntil {
		secrets = append(secrets, b.OldSecret)
	}
	return secrets
}

// UpdateInboxSettings replaces an inbox's settings; every process follows within a second. Errors: NotFound, Invalid.
func (s *Service) UpdateInboxSettings(ctx context.Context, inbox id.ID, set InboxSettings) (*Inbox, error) {
	set, err := set.normal()
	if err != nil {
		return nil, err
	}
	return s.changeInbox(ctx, inbox, func(box *Inbox) error {
		box.Settings = set
		return nil
	})
}

// UpdateInbox renames an inbox and changes some of its settings; change starts from what holds now and may be called more
// than once. Errors: NotFound, Invalid.
func (s *Service) UpdateInbox(ctx context.Context, inbox id.ID, name string, change func(*InboxSettings)) (*Inbox, error) {
	name, err := requiredLine("name", name, NameMax)
	if err != nil {
		return nil, err
	}
	return s.changeInbox(ctx, inbox, func(box *Inbox) error {
		change(&box.Settings)
		box.Name = name
		box.Settings, err = box.Settings.normal()
		return err
	})
}

// RotateInboxSecret gives an inbox a new secret. The one of now holds for keep, so that a shop can change its servers one
// after the other; an older one ends at once. Errors: NotFound, Invalid (field keep).
func (s *Service) RotateInboxSecret(ctx context.Context, inbox id.ID, keep time.Duration) (*Inbox, error) {
	if keep < 0 || keep > OldSecretMax {
		return nil, fault.InvalidField("keep", "invalid", "error.inbox.keep", map[string]any{"days": int(OldSecretMax.Hours() / 24)})
	}
	secret, until := newSecret(), Millis(s.now().Add(keep))
	return s.changeInbox(ctx, inbox, func(box *Inbox) error {
		box.OldSecret, box.OldSecretUntil = box.Secret, &until
		if box.Secret = secret; keep == 0 {
			box.OldSecret, box.OldSecretUntil = "", nil
		}
		return nil
	})
}

// EndOldInboxSecret ends the secret from before the last rotation. Errors: NotFound.
func (s *Service) EndOldInboxSecret(ctx context.Context, inbox id.ID) (*Inbox, error) {
	return s.changeInbox(ctx, inbox, func(box *Inbox) error {
		box.OldSecret, box.OldSecretUntil = "", nil
		return nil
	})
}

// EnableInbox opens or closes an inbox. What was written through it stays. Errors: NotFound, Conflict for the one that
// calls of the API without an inbox go to.
func (s *Service) EnableInbox(ctx context.Context, inbox id.ID, on bool) (*Inbox, error) {
	at := Millis(s.now())
	return s.changeInbox(ctx, inbox, func(box *Inbox) error {
		switch {
		case !on && box.Channel == ChannelAPI:
			return fault.New(fault.Conflict, "error.inbox.default")
		case on:
			box.DisabledAt = nil
		case box.DisabledAt == nil:
			box.DisabledAt = &at
		}
		return nil
	})
}

// changeInbox changes an inbox in one transaction; every process follows within a second.
func (s *Service) changeInbox(ctx context.Context, inbox id.ID, change func(*Inbox) error) (*Inbox, error) {
	var out *Inbox
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		found, err := s.readInboxes(c, c.lock(` WHERE i.id = ?`, "i"), int64(inbox))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "error.inbox.not_found")
		}
		out = &found[0]
		if err := change(out); err != nil {
			return err
		}
		out.UpdatedAt = Millis(s.now())
		return s.saveInbox(c, out)
	})
	if err != nil {
		return nil, err
	}
	s.inboxes.put(out)
	return out, nil
}

func (s *Service) saveInbox(c conn, box *Inbox) (err error) {
	for _, one := range []struct {
		column, text string
		sealed       *[]byte
	}{
		{"name", box.Name, &box.NameSealed}, {"secret", box.Secret, &box.SecretSealed}, {"old_secret", box.OldSecret, &box.OldSealed},
	} {
		if *one.sealed, err = s.sealed(c, s.seal.DeskKey(), "inboxes", one.column, box.ID, one.text); err != nil {
			return err
		}
	}
	if err = s.sealInboxSettings(c, box); err != nil {
		return err
	}
	_, err = c.exec(`UPDATE inboxes SET name = ?, secret = ?, old_secret = ?, old_secret_until = ?, settings = ?, disabled_at = ?, updated_at = ? WHERE id = ?`,
		box.NameSealed, box.SecretSealed, box.OldSealed, box.OldSecretUntil, box.SettingsSealed, box.DisabledAt, box.UpdatedAt, int64(box.ID))
	return err
}
