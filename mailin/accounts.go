package mailin

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const accountsTable = "mail_accounts"

// row is an account with how far it was read.
type row struct {
	Account
	standing  Standing
	epoch     int64 // as epochOf gives it; 0: nothing was read there yet
	lastUID   uint32
	updatedAt int64
}

// Accounts gives all accounts, the oldest first.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.rows(s.Store.Read(ctx), `ORDER BY inbox_id`)
	out := make([]Account, len(rows))
	for i := range rows {
		out[i] = rows[i].Account
	}
	return out, err
}

// Account gives the mailbox of an inbox. Errors: NotFound.
func (s *Service) Account(ctx context.Context, inbox id.ID) (*Account, error) {
	r, err := s.row(s.Store.Read(ctx), inbox)
	if err != nil {
		return nil, err
	}
	return &r.Account, nil
}

func (s *Service) row(tx *gorm.DB, inbox id.ID) (*row, error) {
	rows, err := s.rows(tx, `WHERE inbox_id = ?`, int64(inbox))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "mailin.error.no_account")
	}
	return &rows[0], nil
}

func (s *Service) rows(tx *gorm.DB, where string, args ...any) ([]row, error) {
	var out []row
	var sealed, server [][]byte
	err := all(tx, func(scan func(...any) error) error {
		var r row
		var settings, said []byte
		var polled, failing *int64
		st := &r.standing
		err := scan((*int64)(&r.InboxID), &settings, &r.Active, &r.epoch, &r.lastUID, &polled, &failing, (*string)(&st.Step), (*string)(&st.Reason),
			&said, &st.LeftThere, &r.updatedAt)
		st.PolledAt, st.FailingSince = orZero(polled), orZero(failing)
		out, sealed, server = append(out, r), append(sealed, settings), append(server, said)
		return err
	}, `SELECT inbox_id, settings, active, epoch, last_uid, polled_at, failing_since, step, reason, server, left_there, updated_at FROM mail_accounts `+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		text, err := s.Sealer.OpenText(tx, accountsTable, "settings", out[i].InboxID, sealed[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &out[i].Account); err != nil {
			return nil, err
		}
		if out[i].standing.Server, err = s.Sealer.OpenText(tx, accountsTable, "server", out[i].InboxID, server[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// Check tells what cannot be kept of an account, without keeping it. Errors: Invalid.
func (s *Service) Check(a Account) error {
	_, err := a.checked()
	return err
}

// Save keeps the mailbox of an e-mail inbox; a running reader begins anew with it. Where server, user or folder are
// others than before, the folder is read from its beginning. Errors: Invalid, NotFound (no e-mail inbox), Conflict (the
// address is another inbox's).
func (s *Service) Save(ctx context.Context, a Account) error {
	a, err := a.checked()
	if err != nil {
		return err
	}
	box, err := s.Tickets.Inbox(ctx, a.InboxID)
	if err != nil {
		return err
	}
	if box.Channel != tickets.ChannelEmail {
		return fault.New(fault.NotFound, "error.inbox.not_found")
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.save(tx, a) })
	if err == nil {
		s.changed()
	}
	return err
}

func (s *Service) save(tx *gorm.DB, a Account) error {
	if err := holdAccount(tx, a.InboxID); err != nil {
		return err
	}
	others, err := s.rows(tx, ``)
	if err != nil {
		return err
	}
	now, fresh := tickets.Millis(s.Now()), true
	for i := range others {
		o := &others[i]
		if o.InboxID == a.InboxID {
			fresh, a.OAuth = o.place() != a.place(), a.OAuth.orNewer(o.OAuth)
			continue
		}
		if o.own(a.Address) || a.own(o.Address) {
			e := fault.InvalidField("address", "taken", "mailin.error.taken", nil)
			e.Kind = fault.Conflict
			return e
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), accountsTable, "settings", a.InboxID, string(text))
	if err != nil {
		return err
	}
	keep := `epoch = mail_accounts.epoch, last_uid = mail_accounts.last_uid`
	if fresh {
		keep = `epoch = 0, last_uid = 0`
	}
	return tx.Exec(`INSERT INTO mail_accounts (inbox_id, settings, active, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (inbox_id) DO UPDATE SET settings = excluded.settings, active = excluded.active, updated_at = excluded.updated_at, failing_since = NULL, step = '', reason = '', server = NULL, `+keep,
		int64(a.InboxID), sealed, a.Active, now, now).Error
}

// holdAccount takes an account's row, so that of two who change it, or count by it, one comes after the other.
func holdAccount(tx *gorm.DB, inbox id.ID) error {
	return tx.Exec(`UPDATE mail_accounts SET active = active WHERE inbox_id = ?`, int64(inbox)).Error
}

// orNewer is a registration that is to be kept, with the tokens of the one that is there where those are newer: whoever fills in a
// page, or tests for a minute, has read the ones of before, and a refresh token is often good once.
func (o *OAuth) orNewer(there *OAuth) *OAuth {
	if o == nil || there == nil || o.Refresh == "" || o.ExpiresAt >= there.ExpiresAt ||
		o.Provider != there.Provider || o.ClientID != there.ClientID || o.TokenURL != there.TokenURL {
		return o
	}
	out := *o
	out.Refresh, out.Access, out.ExpiresAt = there.Refresh, there.Access, there.ExpiresAt
	return &out
}

// KeepTokens keeps what a refresh has given: a provider may give another refresh token each time. The registration stays as it is.
func (s *Service) KeepTokens(ctx context.Context, inbox id.ID, o OAuth) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := holdAccount(tx, inbox); err != nil {
			return err
		}
		r, err := s.row(tx, inbox)
		if err != nil || r.OAuth == nil {
			return err
		}
		r.OAuth.Refresh, r.OAuth.Access, r.OAuth.ExpiresAt = o.Refresh, o.Access, o.ExpiresAt
		text, err := json.Marshal(r.Account)
		if err != nil {
			return err
		}
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), accountsTable, "settings", inbox, string(text))
		if err != nil {
			return err
		}
		return tx.Exec(`UPDATE mail_accounts SET settings = ? WHERE inbox_id = ?`, sealed, int64(inbox)).Error
	})
}

// user is the name to sign in with.
func (v Server) user(a *Account) string {
	if v.User == "" {
		return a.Address
	}
	return v.User
}

func (s *Service) changed() {
	s.accounts.forget()
	s.Woken()
	s.Wake()
}
