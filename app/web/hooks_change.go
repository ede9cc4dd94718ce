package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/hooks"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func chosenEvents(c echo.Context) []string {
	values, err := c.FormParams()
	if err != nil {
		return nil
	}
	return values["event"]
}

func (s *Server) addHook(c echo.Context) error {
	f := s.sent(c)
	hook, secret, err := s.Hooks.Add(c.Request().Context(), actor(c), hooks.Change{URL: c.FormValue("url"), Events: chosenEvents(c)})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showHooks(c, f)
	}
	return s.showHook(c, hook, hookShown{secret: secret})
}

func (s *Server) saveHook(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	err = s.Hooks.Save(c.Request().Context(), hook, hooks.Change{URL: c.FormValue("url"), Events: chosenEvents(c)})
	if fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showHook(c, hook, hookShown{refused: f})
	}
	return hookDone(c, hook)
}

func hookDone(c echo.Context, hook id.ID) error {
	return c.Redirect(http.StatusSeeOther, "/settings/webhooks/"+hook.String()+"?saved=1")
}

func (s *Server) rotateHook(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	secret, err := s.Hooks.Rotate(c.Request().Context(), hook)
	if err != nil {
		return err
	}
	return s.showHook(c, hook, hookShown{secret: secret})
}

func (s *Server) switchHook(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	if err := s.Hooks.Switch(c.Request().Context(), hook, c.FormValue("on") == "1"); err != nil {
		return err
	}
	return hookDone(c, hook)
}

func (s *Server) removeHook(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	if err := s.Hooks.Remove(c.Request().Context(), hook); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/webhooks?saved=1")
}

// tryHook sends a test and says what happened.
func (s *Server) tryHook(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	out, err := s.Hooks.Try(c.Request().Context(), hook)
	if err != nil {
		return err
	}
	return s.showHook(c, hook, hookShown{tried: triedHook(s.words(c), out)})
}

func triedHook(w *Words, out hooks.Outcome) *tryView {
	took := fmt.Sprintf("%.1f", out.Took.Round(100*time.Millisecond).Seconds())
	switch {
	case out.Good():
		return &tryView{Good: true, Text: w.T("hooks.test.good", "status", strconv.Itoa(out.Status), "seconds", took)}
	case out.Status == http.StatusUnauthorized || out.Status == http.StatusForbidden:
		return &tryView{Text: w.T("hooks.test.denied", "status", strconv.Itoa(out.Status))}
	case out.Status == http.StatusNotFound || out.Status == http.StatusMethodNotAllowed:
		return &tryView{Text: w.T("hooks.test.absent", "status", strconv.Itoa(out.Status))}
	case out.Status == http.StatusGone:
		return &tryView{Text: w.T("hooks.test.gone")}
	case out.Status != 0:
		return &tryView{Text: w.T("hooks.test.bad", "status", strconv.Itoa(out.Status))}
	}
	return &tryView{Text: w.noAnswer(out.Word)}
}

func (s *Server) replayDelivery(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	delivery, err := id.Parse(c.Param("delivery"))
	if err != nil {
		return fault.New(fault.NotFound, "hooks.error.unknown")
	}
	if err := s.Hooks.Replay(c.Request().Context(), hook, delivery); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/webhooks/"+hook.String()+"?saved=1#log")
}
