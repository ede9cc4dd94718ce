package mailin

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/mailin/safe"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// contentMost bounds what a stored mail may unpack to.
const contentMost = 16 << 20

// Mail is what a message was as a mail.
type Mail struct {
	Message id.ID
	Inbox   id.ID
	Reason  string   // why it stands in its ticket: mailin.reason.…
	Auto    eml.Auto // why it is automatic; empty: it is not
	Head    Head
	Raw     id.ID // the mail as it came, while it is kept; else zero
}

// Mails gives what messages were as mails, for those that were. What was erased is left out.
func (s *Service) Mails(ctx context.Context, messages []id.ID) (map[id.ID]*Mail, error) {
	out := map[id.ID]*Mail{}
	if len(messages) == 0 {
		return out, nil
	}
	tx := s.Store.Read(ctx)
	sealed := map[id.ID][]byte{}
	err := all(tx, func(scan func(...any) error) error {
		m := &Mail{}
		var head []byte
		var incoming, key *int64
		err := scan((*int64)(&m.Message), (*int64)(&m.Inbox), &m.Reason, (*string)(&m.Auto), &head, &incoming, &key)
		if orZero(key) != 0 {
			m.Raw = id.ID(orZero(incoming))
		}
		out[m.Message], sealed[m.Message] = m, head
		return err
	}, `SELECT m.message_id, m.inbox_id, m.reason, m.auto, m.head, m.incoming_id, i.key_id FROM mail_messages m LEFT JOIN mail_incoming i ON i.id = m.incoming_id WHERE m.message_id IN ?`, messages)
	if err != nil {
		return nil, err
	}
	for message, head := range sealed {
		there, err := openJSON(tx, s.Sealer, "head", message, head, false, &out[message].Head)
		if err != nil {
			return nil, err
		}
		if !there {
			delete(out, message)
		}
	}
	return out, nil
}

// openJSON opens what sealJSON sealed; false: it was erased.
func openJSON(tx *gorm.DB, sealer *seal.Sealer, column string, message id.ID, sealed []byte, packed bool, value any) (bool, error) {
	plain, err := sealer.OpenText(tx, mailTable, column, message, sealed)
	if errors.Is(err, seal.ErrErased) {
		return false, nil
	}
	if plain == "" || err != nil {
		return false, err
	}
	text := []byte(plain)
	if packed {
		r, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return false, err
		}
		if text, err = io.ReadAll(io.LimitReader(r, contentMost)); err != nil {
			return false, err
		}
	}
	return true, json.Unmarshal(text, value)
}

// Content gives all that a message's mail said. Errors: NotFound.
func (s *Service) Content(ctx context.Context, message id.ID) (*Content, error) {
	tx := s.Store.Read(ctx)
	var sealed []byte
	found := false
	err := all(tx, func(scan func(...any) error) error { found = true; return scan(&sealed) }, `SELECT content FROM mail_messages WHERE message_id = ?`, int64(message))
	if err != nil {
		return nil, err
	}
	c := &Content{}
	if found && sealed != nil {
		found, err = openJSON(tx, s.Sealer, "content", message, sealed, true, c)
	}
	if err == nil && !found {
		err = fault.New(fault.NotFound, "error.message.not_found")
	}
	return c, err
}

// HTML gives a mail's HTML as it may be shown; link gives the address of a picture that came with it, and remote lets pictures
// on other servers be shown. Errors: NotFound.
func (s *Service) HTML(ctx context.Context, message id.ID, remote bool, link func(file id.ID) string) (safe.Result, error) {
	c, err := s.Content(ctx, message)
	if err != nil {
		return safe.Result{}, err
	}
	if c.HTML == "" {
		return safe.Result{}, fault.New(fault.NotFound, "error.message.not_found")
	}
	byCID := map[string]id.ID{}
	for _, f := range c.Files {
		if f.ContentID != "" {
			byCID[f.ContentID] = f.ID
		}
	}
	r := safe.HTML(c.HTML, safe.Options{Remote: remote, CID: func(cid string) string {
		if file, ok := byCID[cid]; ok {
			return link(file)
		}
		if plain, err := url.PathUnescape(cid); err == nil { // RFC 2392: an address escapes what an id may have
			if file, ok := byCID[plain]; ok {
				return link(file)
			}
		}
		return ""
	}})
	r.Cut = r.Cut || c.Cut
	return r, nil
}
