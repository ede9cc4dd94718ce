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

// addTaskFiles adds the files of the form, one after the other: those before a refused one stay.
func (s *Server) addTaskFiles(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	if err := s.takeFiles(c, func(name string, body io.Reader) error {
		return s.Improve.Attach(c.Request().Context(), actor(c), t.ID, name, body)
	}); err != nil {
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid && e.Kind != fault.TooLarge {
			return err
		}
		return s.refusedTask(c, t, err)
	}
	return s.done(c, taskHref(t.Number)+"?saved=1#files", nil)
}

func taskFileID(c echo.Context) (id.ID, error) {
	file, err := id.Parse(c.Param("file"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "error.file.not_found")
	}
	return file, nil
}

func (s *Server) removeTaskFile(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	file, err := taskFileID(c)
	if err != nil {
		return err
	}
	if err := s.Improve.Detach(c.Request().Context(), actor(c), t.ID, file); err != nil {
		return err
	}
	return s.done(c, taskHref(t.Number)+"?saved=1#files", nil)
}

// taskFile gives a file of a task.
func (s *Server) taskFile(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	file, err := taskFileID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	f, content, err := s.Improve.OpenFile(ctx, t.ID, file)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // read only
	s.fileHeaders(c, &tickets.Attachment{Name: f.Name, Type: f.Type, Size: f.Size}, files.Original)
	c.Response().Header().Set("Cache-Control", "private, no-cache") // it may be taken away
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(c.Response(), content); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "a task's file was not given to its end", "id", of(c).id, "file", f.ID, "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a file for the whole
	}
	return nil
}
