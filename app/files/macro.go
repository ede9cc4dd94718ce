package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"huiyin/app/blob"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const macroTable = "macro_files"

// TakeForMacro checks, seals with the desk's key and stores a file of a quick reply. Errors: as Take, and Invalid when it
// has enough.
func (s *Service) TakeForMacro(ctx context.Context, by tickets.Actor, macro id.ID, name string, body io.Reader) error {
	if err := s.MayWrite(); err != nil {
		return err
	}
	if err := s.Tickets.MayAddMacroFile(ctx, by, macro); err != nil {
		return err
	}
	k, content, held, err := s.checked(ctx, name, body)
	defer s.room.Release(held)
	if err != nil {
		return err
	}
	f := &tickets.MacroFile{
		ID: s.NewID(), MacroID: macro, Name: cleanName(name, k.media), Type: k.media, Size: int64(len(content)), File: blob.NewName(),
	}
	if err := s.put(ctx, f.File, macroTable, Original, s.Sealer.DeskKey(), f.ID, bytes.NewReader(content)); err != nil {
		return &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	if err := s.Tickets.AddMacroFile(ctx, by, f); err != nil {
		return errors.Join(err, s.Store.Delete(context.WithoutCancel(ctx), f.File))
	}
	return nil
}

// OpenOfMacro gives the content of a quick reply's file. Errors: NotFound, Unavailable.
func (s *Service) OpenOfMacro(ctx context.Context, f *tickets.MacroFile) (io.ReadCloser, error) {
	return s.get(ctx, macroTable, Original, f.ID, f.File)
}

// CopyOfMacro copies the files of a quick reply for a ticket, as uploads of the agent who uses it. What was copied before
// an error is given beside it. Errors: as Take.
func (s *Service) CopyOfMacro(ctx context.Context, by tickets.Actor, ticket, macro id.ID) ([]tickets.Attachment, error) {
	all, err := s.Tickets.MacroFiles(ctx, by, macro)
	if err != nil {
		return nil, err
	}
	var out []tickets.Attachment
	for i := range all {
		a, err := s.copyOne(ctx, by, ticket, &all[i])
		if err != nil {
			return out, err
		}
		out = append(out, *a)
	}
	return out, nil
}

func (s *Service) copyOne(ctx context.Context, by tickets.Actor, ticket id.ID, f *tickets.MacroFile) (*tickets.Attachment, error) {
	content, err := s.OpenOfMacro(ctx, f)
	if err != nil {
		return nil, err
	}
	defer content.Close() //nolint:errcheck // read only
	return s.Copy(ctx, by, ticket, f.Name, content)
}
