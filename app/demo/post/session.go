package post

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

const inbox = "INBOX"

// session is one IMAP connection: go-imap's mailboxes in memory, but for what they do not do well (v2.0.0-beta.8).
type session struct {
	*imapmemserver.UserSession // nil until somebody has signed in; the server asks for nothing of it before
	office                     *Office
}

var _ imapserver.SessionMove = (*session)(nil)

// Login is part of imapserver.Session.
func (s *session) Login(name, password string) error {
	user := s.office.users[name]
	if user == nil {
		return imapserver.ErrAuthFailed
	}
	if err := user.Login(name, password); err != nil {
		return err
	}
	s.UserSession = imapmemserver.NewUserSession(user)
	return nil
}

// Close is part of imapserver.Session.
func (s *session) Close() error {
	if s.UserSession == nil {
		return nil
	}
	return s.UserSession.Close()
}

// Append is part of imapserver.Session; it holds what clients upload to the limits.
func (s *session) Append(folder string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if r.Size() > MaxMail {
		return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeTooBig, Text: "the mail is too large"}
	}
	status, err := s.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err == nil && *status.NumMessages >= MaxMails || !s.office.take(r.Size()) {
		return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeOverQuota, Text: "the mailbox is full"}
	}
	data, err := s.UserSession.Append(folder, r, options)
	if err == nil {
		data.UIDValidity += s.office.born
	}
	return data, err
}

// Select is part of imapserver.Session. go-imap's mailboxes have the same UIDVALIDITY at each start, and a desk that keeps its data
// would take the new mails for those that it has read; so it is counted from when the office was opened, here and wherever it is told.
func (s *session) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := s.UserSession.Select(folder, options)
	if err == nil {
		data.UIDValidity += s.office.born
	}
	return data, err
}

// Status is part of imapserver.Session.
func (s *session) Status(folder string, options *imap.StatusOptions) (*imap.StatusData, error) {
	data, err := s.UserSession.Status(folder, options)
	if err == nil && options.UIDValidity {
		data.UIDValidity += s.office.born
	}
	return data, err
}

// Copy is part of imapserver.Session.
func (s *session) Copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	data, err := s.UserSession.Copy(set, folder)
	if err == nil {
		data.UIDValidity += s.office.born
	}
	return data, err
}

// take counts what lies in memory; false: there is no room for more.
func (o *Office) take(size int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes+size > maxBytes {
		return false
	}
	o.bytes += size
	return true
}

// Move is part of imapserver.SessionMove. go-imap's own tells the connection of every mail twice: at once, and with the news that follow.
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	data, err := s.Copy(set, folder)
	if err != nil {
		return err
	}
	if len(data.SourceUIDs) == 0 {
		return nil
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.Store(nil, data.SourceUIDs, deleted, &imap.StoreOptions{}); err != nil {
		return err
	}
	return s.Expunge(nil, &data.SourceUIDs)
}

// Idle is part of imapserver.Session. go-imap's own does not tell what came just before it began.
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		changed := s.office.Changed()
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}
