package api

import (
	"net/http"
	"slices"
	"strings"

	"huiyin/app/feedback"
	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// formOut is a form as the API gives it.
type formOut struct {
	ID         string               `json:"id"`
	Key        string               `json:"key"`
	Name       string               `json:"name"`
	Occasion   feedback.Occasion    `json:"occasion"`
	State      string               `json:"state"`
	Version    int                  `json:"version"`
	Inbox      string               `json:"inbox"`
	URL        string               `json:"url"`
	QuietDays  int                  `json:"quiet_days"`
	Thresholds map[string]int       `json:"thresholds"`
	Definition *feedback.Definition `json:"definition"`
	CreatedAt  string               `json:"created_at"`
	UpdatedAt  string               `json:"updated_at"`
}

func (a *API) formOf(f *feedback.Form) formOut {
	out := formOut{
		ID: f.ID.String(), Key: f.Key, Name: f.Name, Occasion: f.Occasion, State: f.State, Version: f.Version, Inbox: f.InboxID.String(),
		URL: a.BaseURL.JoinPath("f", f.Key).String(), QuietDays: f.Settings.QuietDays, Thresholds: f.Settings.Thresholds, Definition: f.Definition,
		CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(f.UpdatedAt),
	}
	if out.Thresholds == nil {
		out.Thresholds = map[string]int{}
	}
	return out
}

// forms gives all forms, the oldest first.
func (a *API) forms(c *Call) error {
	limit, after, err := c.idPage()
	if err != nil {
		return err
	}
	list, err := a.Feedback.Forms(c.Request().Context())
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(f feedback.Form) bool { return f.ID <= after })
	list, next := cutPage(list, limit, func(f *feedback.Form) id.ID { return f.ID })
	out := make([]formOut, len(list))
	for i := range list {
		out[i] = a.formOf(&list[i])
	}
	return sendPage(c, out, next)
}

// newForm is what POST /forms takes.
type newForm struct {
	Name       string              `json:"name"`
	Occasion   feedback.Occasion   `json:"occasion"`
	Inbox      string              `json:"inbox"`
	QuietDays  *int                `json:"quiet_days"`
	Thresholds map[string]int      `json:"thresholds"`
	Definition feedback.Definition `json:"definition"`
}

// createForm makes a form and publishes it.
func (a *API) createForm(c *Call) error {
	if !slices.Contains([]tickets.Role{tickets.RoleManager, tickets.RoleAdmin}, c.Token.Agent.Role) {
		return fault.New(fault.Denied, "web.error.denied")
	}
	var in newForm
	if err := c.Read(&in); err != nil {
		return err
	}
	n := feedback.NewForm{Name: in.Name, Occasion: in.Occasion, Definition: in.Definition, Settings: feedback.Settings{QuietDays: feedback.DefaultQuietDays, Thresholds: in.Thresholds}}
	if in.QuietDays != nil {
		n.Settings.QuietDays = *in.QuietDays
	}
	if in.Inbox != "" {
		box, err := a.inboxOf(c.Request().Context(), in.Inbox)
		if err != nil {
			return err
		}
		n.InboxID = box.ID
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		f, err := a.Feedback.CreatePublishedTx(tx, c.by(), n)
		if err != nil {
			return done{}, inDefinition(err)
		}
		return done{http.StatusCreated, a.formOf(f), nil}, nil
	})
}

// inDefinition names the places of a definition as they stand in the body.
func inDefinition(err error) error {
	return renamed(err, func(name string) string {
		if slices.Contains([]string{"name", "occasion", "inbox", "quiet_days"}, name) || strings.HasPrefix(name, "thresholds.") {
			return name
		}
		return "definition." + name
	})
}
