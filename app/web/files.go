package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// fileRoutes are the doors of pictures and files. Who holds a link may read: the desk gives links only to those who
// may see the ticket, each for a day at most.
func (s *Server) fileRoutes() []route {
	return []route{
		{http.MethodGet, "/files/:file/:what/:until/:mac", public, limitAsset, s.file},
		{http.MethodPost, "/tickets/:number/uploads", agent, limitUpload, s.uploadFile},
		{http.MethodGet, "/settings/files", admin, limitRead, s.filesPage},
		{http.MethodPost, "/settings/files", admin, limitWrite, s.saveFiles},
	}
}

const (
	sendPatience = 10 * time.Minute // for a slow phone that reads a large file
	fileAge      = "private, max-age=43200, immutable"
	filePolicy   = "default-src 'none'; sandbox"
)

// file gives the content of a file to whoever holds its link. What is no harmless picture is downloaded, and nothing in
// it is ever run: no kind is guessed, no script is allowed, no page may take it in.
func (s *Server) file(c echo.Context) error {
	one, idErr := id.Parse(c.Param("file"))
	until, untilErr := strconv.ParseInt(c.Param("until"), 10, 64)
	what := c.Param("what")
	if idErr != nil || untilErr != nil || !s.Files.Opens(one, what, until, c.Param("mac")) {
		return fault.New(fault.NotFound, "error.file.link")
	}
	ctx := c.Request().Context()
	a, err := s.Tickets.Attachment(ctx, one)
	if err != nil {
		return err
	}
	content, err := s.Files.Open(ctx, a, what)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // read only
	s.fileHeaders(c, a, what)
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(s.Now().Add(sendPatience)) // not every server has one
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(c.Response(), content); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "a file was not given to its end", "id", of(c).id, "attachment", a.ID, "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a file for the whole
	}
	return nil
}

func (s *Server) fileHeaders(c echo.Context, a *tickets.Attachment, what string) {
	h := c.Response().Header()
	media, disposition := a.Type, "inline"
	if what == files.Small {
		media = "image/jpeg"
	} else {
		h.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	}
	if !files.Inline(media) {
		disposition = "attachment"
		if active(media) {
			media = "application/octet-stream"
		}
	}
	if c.QueryParam("download") != "" {
		disposition = "attachment"
	}
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": a.Name}))
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if c.QueryParam("framed") != "" { // in the frame of a mail, whose origin is nobody's: the link itself is the permission
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	h.Set("Cache-Control", fileAge)
	h.Set("X-Robots-Tag", "noindex")
}

// active tells kinds that a browser might run or render: they are given as plain bytes.
func active(media string) bool {
	switch media {
	case "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript",
		"application/x-shockwave-flash", "multipart/related", "application/pdf+xml":
		return true
	}
	return false
}

// fileView is a file as the console's scripts show it; the socket's frames have the same fields.
type fileView struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	URL    string `json:"url"`
	Thumb  string `json:"thumb,omitempty"`
	Ready  bool   `json:"ready"`
	Shown  bool   `json:"-"` // as a picture
	Sized  string `json:"-"` // the size in words
}

func (s *Server) fileViews(list []tickets.Attachment) []fileView {
	var out []fileView
	for i := range list {
		a := &list[i]
		v := fileView{
			ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Width: a.Width, Height: a.Height, URL: s.Files.Link(a.ID, files.Original),
			Ready: a.State == tickets.AttachmentReady, Shown: files.Inline(a.Type), Sized: sizeText(uint64(max(a.Size, 0))),
		}
		if a.Thumb != "" {
			v.Thumb = s.Files.Link(a.ID, files.Small)
		}
		out = append(out, v)
	}
	return out
}

// uploadFile takes one file for a ticket; it waits there for the message that brings it.
func (s *Server) uploadFile(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	part, err := uploadedPart(c)
	if err != nil {
		return err
	}
	a, err := s.Files.Take(c.Request().Context(), files.Upload{By: actor(c), Ticket: t.ID, Name: part.FileName(), Body: part})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, s.fileViews([]tickets.Attachment{*a})[0])
}

// attachmentIDs reads the files that a message brings.
func attachmentIDs(c echo.Context) ([]id.ID, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, errBadForm
	}
	var out []id.ID
	for _, text := range form["attachments"] {
		one, err := id.Parse(text)
		if err != nil {
			return nil, fault.InvalidField("attachments", "unknown", "error.message.attachment_unknown", nil)
		}
		out = append(out, one)
	}
	return out, nil
}

// takeFiles hands the files of a form on, one after the other: those before a refused one stay. Errors: Invalid and TooLarge at the
// field file, and those of take.
func (s *Server) takeFiles(c echo.Context, take func(name string, body io.Reader) error) error {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return fault.InvalidField("file", "required", "replies.file.none", nil)
	}
	for taken := 0; ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && taken == 0 {
			return fault.InvalidField("file", "required", "replies.file.none", nil)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return tooMuch(err, errBadForm)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		if err := take(part.FileName(), part); err != nil {
			if e := fault.As(err); e != nil && e.Kind != fault.Invalid && e.Kind != fault.TooLarge {
				return err
			}
			return s.atFile(c, part.FileName(), err)
		}
		taken++
	}
}
