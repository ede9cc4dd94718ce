package mailin

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const accountsTable = "mail_accounts"

// Standing is how the reading of a mailbox goes.
type Standing struct {
	PolledAt     int64 // the last look that went well, Unix ms; 0: none yet
	FailingSince int64 // 0: it works
	Step         imapbox.Step
	Reason       imapbox.Reason
	Server       string // what the server said
	LeftThere    int64  // mails in the folder that were not fetched yet, as of the last look
	Waiting      int64  // mails that were fetched and not read yet
	Failed       int64  // mails that were set aside
}

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
	}, `SELECT inbox_id, settings, active, uid_validity, last_uid, polled_at, failing_since, step, reason, server, left_there, updated_at FROM mail_accounts `+where, args...)
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
	keep := `uid_validity = mail_accounts.uid_validity, last_uid = mail_accounts.last_uid`
	if fresh {
		keep = `uid_validity = 0, last_uid = 0`
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

// FetchNow looks into a mailbox at once, also where it waits because it failed. Errors: NotFound.
func (s *Service) FetchNow(ctx context.Context, inbox id.ID) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE mail_accounts SET updated_at = ? WHERE inbox_id = ?`, tickets.Millis(s.Now()), int64(inbox))
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, "mailin.error.no_account")
		}
		return done.Error
	})
	if err == nil {
		s.changed()
	}
	return err
}

// countWaiting goes through the few mails that wait, by their index; with the inbox as a condition SQLite takes the one of all that
// ever came to it.
const countWaiting = `SELECT COUNT(CASE WHEN inbox_id = ? THEN 1 END) FROM mail_incoming WHERE state = 'new'`

// Standing tells how the reading of a mailbox goes. Errors: NotFound.
func (s *Service) Standing(ctx context.Context, inbox id.ID) (Standing, error) {
	tx := s.Store.Read(ctx)
	r, err := s.row(tx, inbox)
	if err != nil {
		return Standing{}, err
	}
	st := r.standing
	err = tx.Raw(countWaiting, int64(inbox)).Row().Scan(&st.Waiting)
	if err == nil {
		err = tx.Raw(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'failed' AND inbox_id = ?`, int64(inbox)).Row().Scan(&st.Failed)
	}
	return st, err
}

// well notes a look that went well.
func (s *Service) well(ctx context.Context, inbox id.ID, left int64) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_accounts SET polled_at = ?, failing_since = NULL, step = '', reason = '', server = NULL, left_there = ? WHERE inbox_id = ?`,
			tickets.Millis(s.Now()), left, int64(inbox)).Error
	})
}

// failing notes a look that failed and tells since when they do.
func (s *Service) failing(ctx context.Context, inbox id.ID, e *imapbox.Error) (since time.Time, err error) {
	var at int64
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		said, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), accountsTable, "server", inbox, e.Server)
		if err != nil {
			return err
		}
		return tx.Raw(`UPDATE mail_accounts SET failing_since = COALESCE(failing_since, ?), step = ?, reason = ?, server = ? WHERE inbox_id = ? RETURNING failing_since`,
			tickets.Millis(s.Now()), string(e.Step), string(e.Reason), said, int64(inbox)).Row().Scan(&at)
	})
	return time.UnixMilli(at), err
}
