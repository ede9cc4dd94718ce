package files

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"
	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Options are what New needs.
type Options struct {
	Store   blob.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	Read    func(ctx context.Context) *gorm.DB // asked for data keys
	NewID   func() id.ID
	Now     func() time.Time
	Log     *slog.Logger
	// Enqueue asks for Finish of a file soon. nil: only the sweep does it.
	Enqueue func(ctx context.Context, file id.ID) error
	// Keeps tells which of these files others still need, who keep theirs in the same store. nil: nobody does.
	Keeps func(ctx context.Context, names []string) ([]string, error)
	// MayWrite refuses when there is no room. nil: there always is.
	MayWrite func() error
}

// Service takes and gives files. It is safe for concurrent use.
type Service struct {
	Options
	room *semaphore.Weighted // bytes of uploads that are in memory
}

const (
	memory    = 96 << 20  // bytes of uploads that are held at once
	stride    = 256 << 10 // bytes that are asked for at a time
	defaultMB = 10        // size of a file unless set
	setting   = "files"
	unsent    = 24 * time.Hour // how long a file waits for its message
)

// MaxMB is the largest size, in MB of 1,048,576 bytes, that can be set for one file.
const MaxMB = 50

// New makes the service.
func New(o Options) *Service {
	if o.Enqueue == nil {
		o.Enqueue = func(context.Context, id.ID) error { return nil }
	}
	if o.Keeps == nil {
		o.Keeps = func(context.Context, []string) ([]string, error) { return nil, nil }
	}
	if o.MayWrite == nil {
		o.MayWrite = func() error { return nil }
	}
	return &Service{Options: o, room: semaphore.NewWeighted(memory)}
}

// Limits gives the choices.
func (s *Service) Limits(ctx context.Context) (Limits, error) {
	l := Limits{MaxMB: defaultMB}
	value, set, err := s.Tickets.Setting(ctx, setting)
	if err == nil && set {
		err = json.Unmarshal(value, &l)
	}
	if len(l.Kinds) == 0 {
		l.Kinds = slices.Clone(Kinds)
	}
	return l, err
}

// SetLimits changes the choices. Errors: Invalid.
func (s *Service) SetLimits(ctx context.Context, l Limits) error {
	l, err := l.checked()
	if err != nil {
		return err
	}
	value, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.Tickets.SetSetting(ctx, setting, value)
}

// Upload is a file that somebody sends.
type Upload struct {
	By     tickets.Actor // a contact, or an agent for Ticket
	Ticket id.ID
	Name   string
	Body   io.Reader
	// Mailed says that it came with a mail: how many of them wait for their message does not matter.
	Mailed bool
}

// Take checks, seals and stores a file; it waits for a message then. Errors: Invalid (kind, pixels, empty), TooLarge,
// TooMany, NotFound, Denied, Unavailable.
func (s *Service) Take(ctx context.Context, u Upload) (*tickets.Attachment, error) {
	if err := s.MayWrite(); err != nil {
		return nil, err
	}
	key, err := s.Tickets.UploadKey(ctx, u.By, u.Ticket)
	if u.Mailed && fault.Is(err, fault.TooMany) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	k, content, held, err := s.checked(ctx, u.Name, u.Body)
	defer s.room.Release(held)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, u, key, k, content)
}

// checked reads a file, refuses what the desk does not take, and gives the rest without what tells of its maker. held is
// how much of the room it holds, also beside an error.
func (s *Service) checked(ctx context.Context, name string, body io.Reader) (k kind, content []byte, held int64, err error) {
	limits, err := s.Limits(ctx)
	if err != nil {
		return k, nil, 0, err
	}
	if content, held, err = s.read(body, limits.MaxMB); err != nil {
		return k, nil, held, err
	}
	if k, err = judge(name, content); err != nil {
		return k, nil, held, err
	}
	if !limits.Takes(kindOf(k.media)) {
		return k, nil, held, fault.InvalidField("file", "kind", "error.file.kind", nil)
	}
	return k, stripped(k.media, content), held, nil
}

// read takes an upload into memory and gives how much of the room it holds, also beside an error. It asks for room as
// the bytes come, so that a slow sender holds what she has sent and keeps nobody waiting; it never waits for room, because
// uploads that wait for each other would wait for ever.
func (s *Service) read(r io.Reader, maxMB int) (content []byte, held int64, err error) {
	most := int64(maxMB) << 20
	var b bytes.Buffer
	for {
		if !s.room.TryAcquire(stride) {
			return nil, held, &fault.Error{Kind: fault.Unavailable, Key: "error.file.busy", RetryAfter: 5 * time.Second}
		}
		held += stride
		_, err := io.CopyN(&b, r, stride)
		switch {
		case int64(b.Len()) > most:
			return nil, held, &fault.Error{Kind: fault.TooLarge, Key: "error.file.too_large", Args: map[string]any{"max": maxMB}}
		case errors.Is(err, io.EOF):
			return b.Bytes(), held, nil
		case err != nil:
			return nil, held, fault.Wrap(fault.Invalid, "error.file.broken", err)
		}
	}
}

// keep stores an upload.
func (s *Service) keep(ctx context.Context, u Upload, key id.ID, k kind, content []byte) (*tickets.Attachment, error) {
	n := tickets.NewAttachment{
		ID: s.NewID(), By: u.By, TicketID: u.Ticket, KeyID: key, Name: cleanName(u.Name, k.media), Type: k.media, Size: int64(len(content)),
		File: blob.NewName(), Width: k.width, Height: k.height, Waiting: k.thumb,
	}
	return s.note(ctx, n, bytes.NewReader(content))
}

// note seals what content gives into the store and notes it. What was stored and cannot be noted is removed again.
func (s *Service) note(ctx context.Context, n tickets.NewAttachment, content io.Reader) (*tickets.Attachment, error) {
	if err := s.put(ctx, n.File, attachmentTable, Original, n.KeyID, n.ID, content); err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	a, err := s.Tickets.AddAttachment(ctx, n)
	if err != nil {
		return nil, errors.Join(err, s.Store.Delete(context.WithoutCancel(ctx), n.File))
	}
	if a.State == tickets.AttachmentWaiting {
		if err := s.Enqueue(ctx, a.ID); err != nil { // the sweep will do it
			s.Log.WarnContext(ctx, "ask for a small picture", "attachment", a.ID, "error", err)
		}
	}
	return a, nil
}

const attachmentTable = "attachments"

// put seals what r gives, for a column of a table's row, into the store.
func (s *Service) put(ctx context.Context, name, table, column string, key, row id.ID, r io.Reader) error {
	return s.Store.Put(ctx, name, blob.Seal(r, func(place string, plain []byte) ([]byte, error) {
		return s.Sealer.Seal(s.Read(ctx), key, table, column+"/"+place, row, plain)
	}))
}

// Kinds of content of an attachment.
const (
	Original = "file"
	Small    = "thumb"
)

// Open gives a file's content: Original, or Small where there is one. Errors: NotFound.
func (s *Service) Open(ctx context.Context, a *tickets.Attachment, what string) (io.ReadCloser, error) {
	name := a.File
	if what == Small {
		name = a.Thumb
	}
	if name == "" {
		return nil, fault.New(fault.NotFound, "error.file.not_found")
	}
	return s.get(ctx, attachmentTable, what, a.ID, name)
}

// get opens what put sealed. Errors: NotFound, Unavailable.
func (s *Service) get(ctx context.Context, table, column string, row id.ID, name string) (io.ReadCloser, error) {
	sealed, err := s.Store.Get(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, "error.file.not_found", err)
	}
	if err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	plain := blob.Open(sealed, func(place string, piece []byte) ([]byte, error) {
		b, err := s.Sealer.Open(s.Read(ctx), table, column+"/"+place, row, piece)
		if errors.Is(err, seal.ErrDamaged) {
			err = fmt.Errorf("%w: %w", blob.ErrDamaged, err)
		}
		return b, err
	})
	return struct {
		io.Reader
		io.Closer
	}{plain, sealed}, nil
}

// Copy stores a file of the desk's own (a quick reply's) once more for a ticket, as an upload of the agent.
func (s *Service) Copy(ctx context.Context, by tickets.Actor, ticket id.ID, name string, body io.Reader) (*tickets.Attachment, error) {
	return s.Take(ctx, Upload{By: by, Ticket: ticket, Name: name, Body: body})
}

// CopyFor stores a message's file once more, sealed with a contact's key, as an upload of whoever uploaded it that no
// message has yet: the message goes into a ticket of hers. It was judged when it came. Errors: NotFound, Conflict (she was
// erased), Unavailable.
func (s *Service) CopyFor(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error) {
	if err := s.MayWrite(); err != nil {
		return nil, err
	}
	p, err := s.Tickets.Contact(ctx, contact)
	if err != nil {
		return nil, err
	}
	if p.KeyID == 0 {
		return nil, fault.New(fault.Conflict, "error.contact.erased")
	}
	n := tickets.NewAttachment{
		ID: s.NewID(), KeyID: p.KeyID, Name: a.Name, Type: a.Type, Size: a.Size, File: blob.NewName(), Width: a.Width, Height: a.Height,
		Waiting: a.Thumb != "" || a.State == tickets.AttachmentWaiting,
	}
	switch {
	case a.ContactID != nil:
		n.By = tickets.Actor{Kind: tickets.ActorContact, ID: *a.ContactID}
	case a.AgentID != nil:
		n.By = tickets.Actor{Kind: tickets.ActorAgent, ID: *a.AgentID}
	}
	if a.TicketID != nil {
		n.TicketID = *a.TicketID
	}
	content, err := s.Open(ctx, a, Original)
	if err != nil {
		return nil, err
	}
	defer content.Close() //nolint:errcheck // read only
	return s.note(ctx, n, content)
}

// DeleteContent removes a file's content from the store, for good.
func (s *Service) DeleteContent(ctx context.Context, a *tickets.Attachment) error {
	err := s.Store.Delete(ctx, a.File)
	if a.Thumb != "" {
		err = errors.Join(err, s.Store.Delete(ctx, a.Thumb))
	}
	return err
}
