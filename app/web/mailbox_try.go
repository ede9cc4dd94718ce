package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/mailin/probe"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// testView is the test of a mailbox; the part "mail-test" shows its steps and js/elements/mail-test.js lets them appear as they come.
type testView struct {
	*Words
	Href  string
	Steps []stepView
	Begin bool // it begins by itself, where there are scripts
	Start bool // a test that goes well switches the mailbox on
}

// stepView is a step in words.
type stepView struct {
	*Words
	Title, State  string
	Why, Mend     string
	Said, Folders string
}

// testTime is how long a test may take; the answer must be written before the server's own limit.
const testTime = 75 * time.Second

// ndjson is a sequence of JSON objects, a line each, written as they come.
const ndjson = "application/x-ndjson"

// tryMailbox tries the mailbox as it is kept. A script gets the steps as they come; a browser without one gets the page when all
// is known.
func (s *Server) tryMailbox(c echo.Context) error {
	box, a, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	if a.Address == "" {
		return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID))
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), testTime)
	defer cancel()
	start := c.FormValue("start") != "" // a body cannot be read once the answer has begun
	live := strings.Contains(c.Request().Header.Get("Accept"), ndjson)
	view := testView{Words: s.words(c), Href: mailboxPath(box.ID)}
	if live {
		h := c.Response().Header()
		h.Set("Content-Type", ndjson)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // nginx would keep the lines until the end
		c.Response().WriteHeader(http.StatusOK)
	}
	var told []probe.Step
	result := probe.Run(ctx, s.MailPlan(a, box.Name), func(step probe.Step) {
		told = noted(told, step)
		if view.Steps = view.steps(told); live {
			s.writeSteps(c, view, false)
		}
	})
	// What was found is kept although whoever asked may be gone.
	if err := s.keepFound(context.WithoutCancel(ctx), a.InboxID, result, start); err != nil {
		if !live {
			return err
		}
		s.Log.ErrorContext(ctx, "what a test has found is not kept", "inbox", a.InboxID, "error", err)
	}
	if live {
		s.writeSteps(c, view, true)
		return nil
	}
	return s.showTried(c, box, view.Steps)
}

func (s *Server) showTried(c echo.Context, box *tickets.Inbox, steps []stepView) error {
	a, err := s.Mailboxes.Account(c.Request().Context(), box.ID)
	if err != nil {
		return err
	}
	return s.showMailbox(c, box, a, mailboxShown{steps: steps})
}

// writeSteps writes one line: the steps as markup. Whoever is gone is told nothing; the test goes on to put its mails away.
func (s *Server) writeSteps(c echo.Context, view testView, done bool) {
	var b bytes.Buffer
	if err := s.pages.RenderPart(&b, "agent/mailbox", "mail-steps", view); err != nil {
		s.Log.ErrorContext(c.Request().Context(), "render the steps of a test", "error", err)
		return
	}
	if json.NewEncoder(c.Response()).Encode(map[string]any{"html": b.String(), "done": done}) == nil {
		c.Response().Flush()
	}
}

// keepFound keeps whether plus-addresses arrive, and switches on what was tried for the first time and can be read. The account
// is read anew: a test takes a minute.
func (s *Server) keepFound(ctx context.Context, inbox id.ID, found probe.Result, start bool) error {
	a, err := s.Mailboxes.Account(ctx, inbox)
	if err != nil {
		return err
	}
	was := *a
	if found.Plus != "" {
		a.Plus = found.Plus
	}
	if start && found.Reads {
		a.Active = true
	}
	if a.Plus == was.Plus && a.Active == was.Active {
		return nil
	}
	return s.Mailboxes.Save(ctx, *a)
}

// noted puts a step in the place of what was told of it before.
func noted(told []probe.Step, step probe.Step) []probe.Step {
	for i := range told {
		if told[i].Name == step.Name {
			told[i] = step
			return told
		}
	}
	told = append(told, step)
	names := probe.Names()
	slices.SortFunc(told, func(a, b probe.Step) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	return told
}

func (v *testView) steps(told []probe.Step) []stepView {
	out := make([]stepView, len(told))
	for i, one := range told {
		out[i] = v.step(one)
	}
	return out
}

// step says it in words. What SMTP says has texts of its own.
func (v *testView) step(one probe.Step) stepView {
	view := stepView{Words: v.Words, Title: v.T("mailbox.step." + string(one.Name)), State: string(one.State)}
	if one.Reason == "" {
		return view
	}
	view.Folders = strings.Join(one.Folders, " · ")
	if one.Said != "" {
		view.Said = v.T("mail.test.said", "said", one.Said)
	}
	switch one.Name {
	case probe.SMTP:
		view.Why, view.Mend = v.T("mail.reason."+one.Reason), v.T("mail.next."+one.Reason)
		if one.Reason == "recipient" { // here the recipient is the mailbox itself
			view.Mend = v.T("mailbox.mend.recipient")
		}
	case probe.Plus:
		view.Why, view.Mend = v.T("mailbox.why.plus"), v.T("mailbox.mend.plus")
	default:
		view.Why, view.Mend = v.T("mailbox.why."+one.Reason, "host", one.Host, "folder", one.Folder), v.T("mailbox.mend."+one.Reason)
	}
	return view
}
