package app

import (
	"bytes"
	"context"
	"io"
	"time"

	"huiyin/app/files"
	"huiyin/app/i18n"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// newLetters makes what turns mails into tickets.
func (s *server) newLetters(texts *i18n.Bundle) *mailin.Service {
	return mailin.New(mailin.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		TakeFile: func(ctx context.Context, contact id.ID, name, _ string, content []byte) (*tickets.Attachment, error) {
			by := tickets.Actor{Kind: tickets.ActorContact, ID: contact}
			return s.files.Take(ctx, files.Upload{By: by, Name: name, Body: bytes.NewReader(content), Mailed: true})
		},
		OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
			return s.files.Open(ctx, a, files.Original)
		},
		MayReceive: s.standing.MayWrite,
	})
}
