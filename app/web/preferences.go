package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Preferences are what an agent chose for the console, beside what stands in her row.
type Preferences struct {
	Letters bool   `json:"letters"` // single letters are keys
	Enter   bool   `json:"enter"`   // Enter sends; else Ctrl or ⌘ with it
	After   string `json:"after"`   // where solving leads: stay, next, back
	Suggest bool   `json:"suggest"` // quick replies that fit are offered while she types
	// Signature stands under her answers that leave as mail, above the inbox's.
	Signature string `json:"signature,omitempty"`
}

// signatureMax is in characters.
const signatureMax = 500

var (
	defaultPreferences = Preferences{Letters: true, Enter: true, After: "stay", Suggest: true}
	afters             = []string{"stay", "next", "back"}
)

func preferencesSetting(agent id.ID) string { return "agent/" + agent.String() }

func (s *Server) preferences(ctx context.Context, agent id.ID) (Preferences, error) {
	p := defaultPreferences
	data, found, err := s.Tickets.Setting(ctx, preferencesSetting(agent))
	if err == nil && found {
		err = json.Unmarshal(data, &p)
	}
	return p, err
}

func (s *Server) keepPreferences(ctx context.Context, agent id.ID, p Preferences) error {
	if !slices.Contains(afters, p.After) {
		return fault.InvalidField("after", "invalid", "web.error.choice", nil)
	}
	if utf8.RuneCountInString(p.Signature) > signatureMax {
		return fault.InvalidField("signature", "too_long", "mailin.error.long", map[string]any{"max": signatureMax})
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode preferences: %w", err)
	}
	return s.Tickets.SetSetting(ctx, preferencesSetting(agent), data)
}

// Signature gives what an agent wants under her answers that leave as mail; empty: nothing.
func (s *Server) Signature(ctx context.Context, agent id.ID) (string, error) {
	p, err := s.preferences(ctx, agent)
	return p.Signature, err
}

type preferencesPage struct {
	deskPage
	Saved                        bool
	Error                        string
	Language                     field
	Look, Signature              field
	Afters                       []string
	NewToken                     string // made just now, shown for the only time
	Tokens                       []auth.Token
	Scopes                       []option
	TokenName, Current, Password field
}

func (s *Server) preferencesPage(c echo.Context) error { return s.showPreferences(c, s.empty(c, nil)) }

// showPreferences shows the page; a form that was refused keeps what was typed in it, the others show what is saved.
func (s *Server) showPreferences(c echo.Context, f *form) error {
	me := of(c).agent
	signature, err := s.Signature(c.Request().Context(), me.ID)
	if err != nil {
		return err
	}
	if sent := f.values; f.err == nil || c.Path() != "/preferences" {
		saved := map[string]string{"locale": me.Locale, "theme": me.Theme, "signature": signature}
		f.values = func(name string) string {
			if value, ok := saved[name]; ok {
				return value
			}
			return sent(name)
		}
	}
	desk, err := s.desk(c, "preferences")
	if err != nil {
		return err
	}
	w := f.words
	tokens, err := s.Auth.Tokens(c.Request().Context(), of(c).agent.ID)
	if err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/preferences", preferencesPage{
		NewToken: s.takeOnce(c, "token").Secret, Tokens: tokens, Scopes: scopeOptions(w),
		TokenName: f.input(field{Name: "name", Label: w.T("people.token.name"), Hint: w.T("people.token.hint"), Complete: "off", Max: tickets.NameMax}),
		Current:   f.input(field{Name: "current", Type: "password", Label: w.T("people.password.current"), Complete: "current-password", Required: true}),
		Password:  f.input(field{Name: "password", Type: "password", Label: w.T("people.password.new"), Hint: w.T("auth.hint.password", "min", auth.PasswordMin), Complete: "new-password", Required: true}),
		deskPage:  desk, Saved: c.QueryParam("saved") != "", Error: f.General(), Afters: afters,
		Language: f.input(field{Name: "locale", Type: "select", Label: w.T("console.preferences.language"),
			Options: append([]option{{"", w.T("console.preferences.follow_browser")}}, languages()...)}),
		Signature: f.input(field{Name: "signature", Type: "textarea", Rows: 3, Max: signatureMax, Label: w.T("console.preferences.signature"), Hint: w.T("console.preferences.signature_help")}),
		Look: f.input(field{Name: "theme", Type: "select", Label: w.T("console.preferences.theme"), Options: []option{
			{"", w.T("console.preferences.follow_system")}, {"light", w.T("console.preferences.light")}, {"dark", w.T("console.preferences.dark")}}}),
	})
}

func (s *Server) savePreferences(c echo.Context) error {
	f, ctx, me := s.sent(c), c.Request().Context(), of(c).agent
	err := s.Tickets.SetAgentPreferences(ctx, me.ID, c.FormValue("locale"), c.FormValue("theme"), c.FormValue("availability"))
	if err == nil {
		s.AgentChanged(me.ID)
		err = s.keepPreferences(ctx, me.ID, Preferences{
			Letters: c.FormValue("letters") != "", Enter: c.FormValue("enter") == "enter", After: c.FormValue("after"),
			Suggest: c.FormValue("suggest") != "", Signature: strings.TrimSpace(c.FormValue("signature")),
		})
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showPreferences(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/preferences?saved=1")
}

// setAvailability says whether she is there for shoppers.
func (s *Server) setAvailability(c echo.Context) error {
	me := of(c).agent
	err := s.Tickets.SetAgentPreferences(c.Request().Context(), me.ID, me.Locale, me.Theme, c.FormValue("availability"))
	if err != nil {
		return err
	}
	s.AgentChanged(me.ID)
	return s.done(c, backOf(c), nil)
}

// setAfter remembers where solving leads.
func (s *Server) setAfter(c echo.Context) error {
	ctx, me := c.Request().Context(), of(c).agent
	p, err := s.preferences(ctx, me.ID)
	if err != nil {
		return err
	}
	p.After = c.FormValue("after")
	if err := s.keepPreferences(ctx, me.ID, p); err != nil {
		return err
	}
	return s.done(c, localPath(c.FormValue("back"), "/tickets"), nil)
}

// scopeOptions are what a token may be made for.
func scopeOptions(w *Words) (list []option) {
	for _, scope := range auth.Scopes() {
		list = append(list, option{string(scope), w.T("people.scope." + string(scope))})
	}
	return list
}
