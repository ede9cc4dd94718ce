package chat

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// FileLink gives the path under which a file's content, "file" or "thumb", can be read for a while.
type FileLink func(file id.ID, what string) string

// Taker takes an uploaded file: checked, sealed and stored, waiting for its message.
type Taker func(ctx context.Context, by tickets.Actor, name string, body io.Reader) (*tickets.Attachment, error)

// fileView is a file as messages show it.
type fileView struct {
	ID     id.ID   `json:"id"`
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Size   int64   `json:"size"`
	Width  int     `json:"width,omitempty"`
	Height int     `json:"height,omitempty"`
	URL    string  `json:"url"`
	Thumb  *string `json:"thumb"` // null until it is ready, and for what has none
	Ready  bool    `json:"ready"`
}

func (l FileLink) view(a *tickets.Attachment) fileView {
	v := fileView{
		ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Width: a.Width, Height: a.Height,
		Ready: a.State == tickets.AttachmentReady,
	}
	if l == nil {
		return v
	}
	v.URL = l(a.ID, "file")
	if a.Thumb != "" {
		thumb := l(a.ID, "thumb")
		v.Thumb = &thumb
	}
	return v
}

// encode writes the files of a message.
func (l FileLink) encode(list []tickets.Attachment) string {
	if len(list) == 0 {
		return "[]"
	}
	views := make([]fileView, len(list))
	for i := range list {
		views[i] = l.view(&list[i])
	}
	b, err := json.Marshal(views)
	if err != nil {
		panic("chat: files do not encode: " + err.Error())
	}
	return string(b)
}

// readyFile says in a message_changed frame that the small picture of a file can be had now.
type readyFile struct {
	ID    id.ID   `json:"id"`
	Thumb *string `json:"thumb"`
}

func (l FileLink) ready(files []readyMark) []readyFile {
	var out []readyFile
	for _, f := range files {
		one := readyFile{ID: f.ID}
		if f.Thumb && l != nil {
			thumb := l(f.ID, "thumb")
			one.Thumb = &thumb
		}
		out = append(out, one)
	}
	return out
}

const (
	uploadHead  = 64 << 10 // bytes of what stands around the file
	uploadsMost = 64 << 20 // bytes of one request; the desk's own limit is lower
	uploadWait  = 5 * time.Minute
)

// upload is POST /chat/v1/uploads: multipart/form-data with one file. It answers 201 with the file; its id goes into the
// attachments of a send.
func (d *Desk) upload(c *caller, w http.ResponseWriter, r *http.Request) error {
	if d.taker == nil {
		return newProblem(codeNotFound, "chat.error.attachment")
	}
	if p := c.k.session.refused(c.inbox); p != nil {
		return p
	}
	if wait := d.uploads.take(c.k.session.ID); wait > 0 {
		return tooMany(wait)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), uploadWait) // the call's own time is short
	defer cancel()
	stop := context.AfterFunc(r.Context(), func() {
		if errors.Is(r.Context().Err(), context.Canceled) {
			cancel() // she has gone
		}
	})
	defer stop()
	_ = http.NewResponseController(w).SetReadDeadline(d.now().Add(uploadWait)) // not every server has one
	r.Body = http.MaxBytesReader(w, r.Body, uploadsMost)
	part, err := filePart(r)
	if err != nil {
		return err
	}
	a, err := d.taker(ctx, c.actor(), part.FileName(), part)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, d.fileLink.view(a))
	return nil
}

// filePart finds the file among the parts of a request.
func filePart(r *http.Request) (*multipart.Part, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, newProblem(codeBadFrame, "chat.error.multipart")
	}
	for range 8 {
		part, err := parts.NextPart()
		if err != nil {
			break
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
		if _, err := io.CopyN(io.Discard, part, uploadHead); !errors.Is(err, io.EOF) {
			break
		}
	}
	return nil, newProblem(codeInvalid, "chat.error.multipart")
}

// fileIDs reads the ids of the files that a send brings.
func (in *incoming) fileIDs() ([]id.ID, *problem) {
	var out []id.ID
	for _, text := range in.Attachments {
		one, err := id.Parse(text)
		if err != nil {
			return nil, newProblem(codeNotFound, "chat.error.attachment")
		}
		out = append(out, one)
	}
	return out, nil
}
