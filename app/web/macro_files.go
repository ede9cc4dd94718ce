package web

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// fillReplyFiles adds the files of a quick reply that is saved; a new one has none yet.
func (s *Server) fillReplyFiles(c echo.Context, p *replyPage, macro id.ID, f *form) error {
	if macro == 0 {
		return nil
	}
	all, err := s.Tickets.MacroFiles(c.Request().Context(), actor(c), macro)
	if err != nil {
		return err
	}
	for i := range all {
		one := &all[i]
		p.Files = append(p.Files, fileView{
			ID: one.ID, Name: one.Name, Type: one.Type, Size: one.Size, Sized: sizeText(uint64(max(one.Size, 0))),
			URL: "/settings/replies/" + macro.String() + "/files/" + one.ID.String(),
		})
	}
	p.FilesFull = len(all) >= tickets.MacroFilesMax
	if p.FileRules, err = s.fileRules(c, f.words); err != nil {
		return err
	}
	p.File = f.input(field{Name: "file", Type: "file", Label: f.words.T("replies.files.add"), Hint: p.FileRules.Says, Required: true})
	return nil
}

// addReplyFiles adds the files of the form, one after the other: those before a refused one stay.
func (s *Server) addReplyFiles(c echo.Context) error {
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	if err := s.takeFiles(c, func(name string, body io.Reader) error {
		return s.Files.TakeForMacro(c.Request().Context(), actor(c), macro, name, body)
	}); err != nil {
		f, readErr := s.replyForm(c, macro)
		if readErr != nil {
			return readErr
		}
		if err := f.refused(err); err != nil {
			return err
		}
		if len(f.err.Fields) == 0 { // who may not is told by a page of its own
			return err
		}
		return s.showReply(c, macro, f)
	}
	return s.toReplyFiles(c, macro)
}

func (s *Server) toReplyFiles(c echo.Context, macro id.ID) error {
	return s.done(c, "/settings/replies/"+macro.String()+"?saved=1#files", nil)
}

func (s *Server) removeReplyFile(c echo.Context) error {
	macro, file, err := replyFileIDs(c)
	if err != nil {
		return err
	}
	if err := s.Tickets.RemoveMacroFile(c.Request().Context(), actor(c), macro, file); err != nil {
		return err
	}
	return s.toReplyFiles(c, macro)
}

func replyFileIDs(c echo.Context) (macro, file id.ID, err error) {
	if macro, err = macroID(c); err != nil {
		return 0, 0, err
	}
	if file, err = id.Parse(c.Param("file")); err != nil {
		return 0, 0, fault.New(fault.NotFound, "error.file.not_found")
	}
	return macro, file, nil
}

// replyFile gives a file of a quick reply to who may use it; nobody else has an address for it.
func (s *Server) replyFile(c echo.Context) error {
	macro, file, err := replyFileIDs(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	f, err := s.Tickets.MacroFile(ctx, actor(c), macro, file)
	if err != nil {
		return err
	}
	content, err := s.Files.OpenOfMacro(ctx, f)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // read only
	s.fileHeaders(c, &tickets.Attachment{Name: f.Name, Type: f.Type, Size: f.Size}, files.Original)
	c.Response().Header().Set("Cache-Control", "private, no-cache") // the right to it may end
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(c.Response(), content); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "a quick reply's file was not given to its end", "id", of(c).id, "file", f.ID, "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a file for the whole
	}
	return nil
}

// copyReplyFiles copies the files of a quick reply for a ticket; they wait there for the message that brings them.
func (s *Server) copyReplyFiles(c echo.Context) error {
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	copied, err := s.Files.CopyOfMacro(c.Request().Context(), actor(c), t.ID, macro)
	if err != nil {
		return err // what was copied before is never sent, and goes after a day
	}
	return c.JSON(http.StatusCreated, append([]fileView{}, s.fileViews(copied)...))
}
