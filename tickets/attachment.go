package tickets

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Attachment is a file of a message; its content lies sealed in the file store, under the data key of the ticket's
// contact.
type Attachment struct {
	ID            id.ID  `gorm:"primaryKey;autoIncrement:false"`
	ContactID     *id.ID // who uploaded it, when a contact did
	AgentID       *id.ID // who uploaded it, when an agent did
	TicketID      *id.ID
	MessageID     *id.ID // nil until it was sent
	KeyID         id.ID
	NameSealed    []byte `gorm:"column:name"`
	Name          string `gorm:"-"` // as people see it, without a path
	Type          string // media type, by content
	Size          int64  // bytes
	File          string // random name in the file store
	Thumb         string // random name of the small picture; empty: none, or not yet
	Width, Height int    // of a picture, in pixels; else 0
	State         AttachmentState
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
}

// AttachmentState says how far a file is.
type AttachmentState string

// The states of an attachment.
const (
	AttachmentReady   AttachmentState = "ready"
	AttachmentWaiting AttachmentState = "waiting" // its small picture is being made
	AttachmentGone    AttachmentState = "gone"    // recalled with its message; the sweep takes the file
)

// NewAttachment is a file that was stored and waits for its message. Its id is the caller's, because the content is
// sealed for it.
type NewAttachment struct {
	ID            id.ID
	By            Actor // a contact, or an agent for a ticket
	TicketID      id.ID // of an agent's upload
	KeyID         id.ID // what UploadKey gave
	Name, Type    string
	Size          int64
	File          string
	Width, Height int
	Waiting       bool // a small picture is to be made
}

// UnsentMax is how many files a person may have uploaded and not sent.
const UnsentMax = 30

const (
	attachmentNameMax = 255 // code points
	attachmentColumns = `a.id, a.contact_id, a.agent_id, a.ticket_id, a.message_id, a.key_id, a.name, a.type, a.size, a.file, a.thumb, a.width, a.height, a.state, a.created_at`
	selectAttachment  = `SELECT ` + attachmentColumns + ` FROM attachments a`
)

func (a *Attachment) scanned() []any {
	return []any{
		(*int64)(&a.ID), &a.ContactID, &a.AgentID, &a.TicketID, &a.MessageID, (*int64)(&a.KeyID), &a.NameSealed, &a.Type, &a.Size, &a.File,
		&a.Thumb, &a.Width, &a.Height, (*string)(&a.State), &a.CreatedAt,
	}
}

// UploadKey gives the data key that an upload is to be sealed with: the contact's, or that of the ticket's contact when
// an agent uploads for it. Errors: NotFound, Denied, TooMany (files that were never sent; the key is given all the same).
func (s *Service) UploadKey(ctx context.Context, by Actor, ticket id.ID) (id.ID, error) {
	c := on(s.store.Read(ctx))
	var owner string
	var key, whose id.ID
	if by.Kind == ActorContact {
		p, err := c.livingContact(by.ID)
		if err != nil {
			return 0, err
		}
		key, owner, whose = p.KeyID, `a.contact_id = ?`, p.ID
	} else {
		if err := c.mayWork(by); err != nil {
			return 0, err
		}
		t, err := s.Ticket(ctx, ticket)
		if err != nil {
			return 0, err
		}
		key, owner, whose = t.KeyID, `a.contact_id IS NULL AND a.ticket_id = ?`, ticket
	}
	var unsent int
	if err := c.row(`SELECT COUNT(*) FROM attachments a WHERE a.message_id IS NULL AND a.state <> 'gone' AND `+owner, int64(whose)).Scan(&unsent); err != nil {
		return 0, err
	}
	if unsent >= UnsentMax {
		return key, &fault.Error{Kind: fault.TooMany, Key: "error.file.unsent", Args: map[string]any{"max": UnsentMax}, RetryAfter: time.Minute}
	}
	return key, nil
}

// AddAttachment notes a stored file. Errors: Invalid, Conflict when the person was erased meanwhile.
func (s *Service) AddAttachment(ctx context.Context, n NewAttachment) (*Attachment, error) {
	name, err := requiredLine("name", cut(n.Name, attachmentNameMax), attachmentNameMax)
	if err != nil {
		return nil, err
	}
	a := &Attachment{
		ID: n.ID, KeyID: n.KeyID, Name: name, Type: n.Type, Size: n.Size, File: n.File, Width: n.Width, Height: n.Height,
		State: AttachmentReady, CreatedAt: Millis(s.now()),
	}
	if n.Waiting {
		a.State = AttachmentWaiting
	}
	if n.By.Kind == ActorContact {
		a.ContactID = &n.By.ID
	} else {
		a.TicketID = &n.TicketID
		if n.By.Kind == ActorAgent {
			a.AgentID = &n.By.ID
		}
	}
	return a, s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if a.NameSealed, err = s.sealed(c, a.KeyID, "attachments", "name", a.ID, a.Name); err != nil {
			return err
		}
		_, err := c.exec(`INSERT INTO attachments (id, contact_id, agent_id, ticket_id, key_id, name, type, size, file, width, height, state, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(a.ID), (*int64)(a.ContactID), (*int64)(a.AgentID), (*int64)(a.TicketID), int64(a.KeyID),
			a.NameSealed, a.Type, a.Size, a.File, a.Width, a.Height, string(a.State), a.CreatedAt)
		return err
	})
}

// Attachment gives a file that is still there. Errors: NotFound, also for one that was recalled or erased.
func (s *Service) Attachment(ctx context.Context, file id.ID) (*Attachment, error) {
	found, err := s.attachments(on(s.store.Read(ctx)), ` WHERE a.id = ? AND a.state <> 'gone'`, int64(file))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Name == "" { // without its key it has no name either
		return nil, fault.New(fault.NotFound, "error.file.not_found")
	}
	return &found[0], nil
}

func (s *Service) attachments(c conn, where string, args ...any) ([]Attachment, error) {
	var out []Attachment
	err := c.each(func(scan func(...any) error) error {
		out = append(out, Attachment{})
		return scan(out[len(out)-1].scanned()...)
	}, selectAttachment+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Name, err = s.open(c, "attachments", "name", out[i].ID, out[i].NameSealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// withFiles adds their files to the messages that have some.
func (s *Service) withFiles(c conn, messages ...*Message) error {
	byID := map[id.ID]*Message{}
	var ids []int64
	for _, m := range messages {
		if m.Files > 0 && (m.State == StateAsWritten || m.State == StateHeld) {
			byID[m.ID], ids = m, append(ids, int64(m.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	in, args := list(ids)
	found, err := s.attachments(c, ` WHERE a.message_id IN `+in+` ORDER BY a.id`, args...)
	for i := range found {
		m := byID[*found[i].MessageID]
		m.Attachments = append(m.Attachments, found[i])
	}
	return err
}

// WaitingAttachments gives files whose small picture is to be made, the oldest first.
func (s *Service) WaitingAttachments(ctx context.Context, limit int) ([]Attachment, error) {
	return s.attachments(on(s.store.Read(ctx)), ` WHERE a.state = 'waiting' ORDER BY a.id LIMIT ?`, limit)
}

// FinishAttachment notes that a file's small picture was made (thumb, a name in the store) or cannot be (empty), and
// tells the screens.
func (s *Service) FinishAttachment(ctx context.Context, file id.ID, thumb string) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		n, err := c.exec(`UPDATE attachments SET thumb = ?, state = 'ready' WHERE id = ? AND state = 'waiting'`, thumb, int64(file))
		if n == 0 || err != nil {
			return err
		}
		m, err := c.message(selectMessage+` JOIN attachments a ON a.message_id = m.id WHERE a.id = ?`, int64(file))
		if m == nil || err != nil {
			return err
		}
		t, err := s.locked(c, m.TicketID)
		if err != nil {
			return err
		}
		at := Millis(s.now())
		if _, err := c.exec(`UPDATE messages SET changed_at = ? WHERE id = ?`, at, int64(m.ID)); err != nil {
			return err
		}
		m.ChangedAt = &at
		if err := s.openMessage(c, m); err != nil {
			return err
		}
		if err := s.withFiles(c, m); err != nil {
			return err
		}
		s.tell(tx, Change{Ticket: t, Message: m, Type: ChangeState})
		return nil
	})
}

// StaleAttachments gives files that no message has and that were uploaded before a time, or were recalled: their
// content is to be deleted, then DropAttachments called.
func (s *Service) StaleAttachments(ctx context.Context, before time.Time, limit int) ([]Attachment, error) {
	return s.attachments(on(s.store.Read(ctx)), ` WHERE a.message_id IS NULL AND (a.state = 'gone' OR a.created_at < ?) ORDER BY a.created_at LIMIT ?`,
		Millis(before), limit)
}

// DropAttachments deletes rows of files that no message has.
func (s *Service) DropAttachments(ctx context.Context, files []id.ID) error {
	if len(files) == 0 {
		return nil
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		in, args := list(files)
		_, err := on(tx).exec(`DELETE FROM attachments WHERE message_id IS NULL AND id IN `+in, args...)
		return err
	})
}

// UnknownFiles tells which of these names in the store neither an attachment nor a quick reply's file has.
func (s *Service) UnknownFiles(ctx context.Context, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	in, args := list(names)
	known := map[string]bool{}
	c := on(s.store.Read(ctx))
	for column, table := range map[string]string{"a.file": "attachments a", "a.thumb": "attachments a", "f.file": "macro_files f"} {
		err := c.each(func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			known[name] = true
			return err
		}, `SELECT `+column+` FROM `+table+` WHERE `+column+` IN `+in+` AND `+column+` <> ''`, args...)
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return known[name] }), nil
}

// FilesOfContact gives the names in the store of all files of a contact's tickets and uploads: what an erasure deletes.
func (s *Service) FilesOfContact(ctx context.Context, contact, after id.ID, limit int) ([]Attachment, error) {
	return s.attachments(on(s.store.Read(ctx)), ` WHERE a.id > ? AND (a.contact_id = ? OR a.ticket_id IN (SELECT t.id FROM tickets t WHERE t.contact_id = ?)) ORDER BY a.id LIMIT ?`,
		int64(after), int64(contact), int64(contact), limit)
}
