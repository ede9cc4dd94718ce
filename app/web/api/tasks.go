package api

import (
	"context"
	"net/http"

	"huiyin/app/improve"
	"huiyin/app/improve/effect"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// taskOut is an improvement task.
type taskOut struct {
	ID        string        `json:"id"`
	Number    int64         `json:"number"`
	Title     string        `json:"title"`
	What      string        `json:"what"`
	Why       string        `json:"why"`
	Links     []string      `json:"links"`
	Owner     *string       `json:"owner"`
	Due       *string       `json:"due"`
	Target    int           `json:"target"`
	State     improve.State `json:"state"`
	How       improve.How   `json:"how"`
	ChangeDay *string       `json:"change_day"`
	Groups    []string      `json:"groups"`
	Trial     *trialOut     `json:"trial"`
	Verdict   *string       `json:"verdict"`
	Version   int           `json:"version"`
	CreatedAt string        `json:"created_at"`
	UpdatedAt string        `json:"updated_at"`
}

// trialOut is the newest trial of a task.
type trialOut struct {
	Key       string             `json:"key"`
	Mode      improve.Mode       `json:"mode"`
	Share     int                `json:"share"`
	State     improve.TrialState `json:"state"`
	Need      int                `json:"need"`
	Weeks     int                `json:"weeks"`
	HarmOnly  bool               `json:"harm_only"`
	StartedAt *string            `json:"started_at"`
	EndedAt   *string            `json:"ended_at"`
}

// taskIn is what POST /tasks takes.
type taskIn struct {
	Title     string      `json:"title"`
	What      string      `json:"what"`
	Why       string      `json:"why"`
	Links     []string    `json:"links"`
	Owner     id.ID       `json:"owner"`
	Due       string      `json:"due"`
	Target    int         `json:"target"`
	How       improve.How `json:"how"`
	ChangeDay string      `json:"change_day"`
	Groups    []id.ID     `json:"groups"`
}

// taskChange is what PATCH /tasks/{id} takes.
type taskChange struct {
	Version   *int                    `json:"version"`
	Title     optional[string]        `json:"title"`
	What      optional[string]        `json:"what"`
	Why       optional[string]        `json:"why"`
	Links     optional[[]string]      `json:"links"`
	Owner     optional[id.ID]         `json:"owner"`
	Due       optional[string]        `json:"due"`
	Target    optional[int]           `json:"target"`
	How       optional[improve.How]   `json:"how"`
	ChangeDay optional[string]        `json:"change_day"`
	Groups    optional[[]id.ID]       `json:"groups"`
	State     optional[improve.State] `json:"state"`
	Note      string                  `json:"note"`
	Trial     *trialPlan              `json:"trial"`
}

// trialPlan plans the trial of a task.
type trialPlan struct {
	Mode  improve.Mode `json:"mode"`
	Share int          `json:"share"`
}

// wordOrNull is a word; null for none.
func wordOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func millisOrNull(ms int64) *string {
	if ms == 0 {
		return nil
	}
	return new(stamp(ms))
}

// taskOf shapes a task.
func (a *API) taskOf(ctx context.Context, t *improve.Task) (taskOut, error) {
	out := taskOut{
		ID: t.ID.String(), Number: t.Number, Title: t.Title, What: t.What, Why: t.Why, Links: append([]string{}, t.Links...), Due: wordOrNull(t.Due), Target: t.Target,
		State: t.State, How: t.How, ChangeDay: wordOrNull(t.ChangeDay), Groups: []string{}, Version: t.Version, CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt),
	}
	if t.Owner != 0 {
		out.Owner = new(t.Owner.String())
	}
	for _, group := range t.Groups {
		out.Groups = append(out.Groups, group.String())
	}
	if t.Effect != nil {
		out.Verdict = new(string(t.Effect.Verdict))
	}
	trial, err := a.Improve.TrialOf(ctx, t.ID)
	if err == nil && trial != nil {
		out.Trial = &trialOut{
			Key: trial.Key, Mode: trial.Mode, Share: trial.Share, State: trial.State, Need: trial.Need, Weeks: trial.Weeks, HarmOnly: trial.HarmOnly,
			StartedAt: millisOrNull(trial.StartedAt), EndedAt: millisOrNull(trial.EndedAt),
		}
	}
	return out, err
}

func (a *API) tasks(c *Call) error {
	limit, err := c.limit()
	if err != nil {
		return err
	}
	f := improve.Filter{State: improve.State(c.QueryParam("state"))}
	var before id.ID
	for _, one := range []struct {
		name string
		to   *id.ID
	}{{"group", &f.Group}, {"owner", &f.Owner}, {"cursor", &before}} {
		text := c.QueryParam(one.name)
		if text == "" {
			continue
		}
		if *one.to, err = id.Parse(text); err != nil {
			return fault.InvalidField(one.name, "invalid", "api.error.id", nil)
		}
	}
	ctx := c.Request().Context()
	list, err := a.Improve.List(ctx, f, before, limit+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID.String()
	}
	items := make([]taskOut, len(list))
	for i := range list {
		if items[i], err = a.taskOf(ctx, &list[i]); err != nil {
			return err
		}
	}
	return sendPage(c, items, next)
}

func (a *API) createTask(c *Call) error {
	var in taskIn
	if err := c.Read(&in); err != nil {
		return err
	}
	return c.OnceLong(func(ctx context.Context) (done, error) {
		t, err := a.Improve.Create(ctx, c.by(), improve.Draft{
			Title: in.Title, What: in.What, Why: in.Why, Links: in.Links, Owner: in.Owner, Due: in.Due, Target: in.Target, How: in.How, ChangeDay: in.ChangeDay, Groups: in.Groups,
		})
		if err != nil {
			return done{}, err
		}
		out, err := a.taskOf(ctx, t)
		return done{http.StatusCreated, out, nil}, err
	})
}

// taskNamed is the task of the address. Errors: NotFound.
func (a *API) taskNamed(c *Call) (*improve.Task, error) {
	one, err := id.Parse(c.Param("task"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "improve.error.unknown")
	}
	return a.Improve.Task(c.Request().Context(), one)
}

func (a *API) task(c *Call) error {
	t, err := a.taskNamed(c)
	if err != nil {
		return err
	}
	out, err := a.taskOf(c.Request().Context(), t)
	if err != nil {
		return err
	}
	return c.Send(http.StatusOK, out)
}

// draft is a task with what is to be changed of it; changes tells that something is.
func (in *taskChange) draft(t *improve.Task) (d improve.Draft, changes bool) {
	d = t.Draft()
	set(&d.Title, in.Title, &changes)
	set(&d.What, in.What, &changes)
	set(&d.Why, in.Why, &changes)
	set(&d.Links, in.Links, &changes)
	set(&d.Owner, in.Owner, &changes)
	set(&d.Due, in.Due, &changes)
	set(&d.Target, in.Target, &changes)
	set(&d.How, in.How, &changes)
	set(&d.ChangeDay, in.ChangeDay, &changes)
	set(&d.Groups, in.Groups, &changes)
	return d, changes
}

// set takes over a field that is there; null empties it.
func set[T any](to *T, from optional[T], changes *bool) {
	if !from.Set {
		return
	}
	*changes = true
	*to = from.Value
}

func (a *API) changeTask(c *Call) error {
	t, err := a.taskNamed(c)
	if err != nil {
		return err
	}
	var in taskChange
	if err := c.Read(&in); err != nil {
		return err
	}
	return c.OnceLong(func(ctx context.Context) (done, error) {
		if in.Version != nil && *in.Version != t.Version {
			return done{}, fault.New(fault.Conflict, "improve.error.changed")
		}
		now := t
		if draft, changes := in.draft(t); changes {
			if now, err = a.Improve.Change(ctx, c.by(), t.ID, now.Version, draft); err != nil {
				return done{}, err
			}
		}
		if in.Trial != nil {
			if _, err := a.Improve.PlanTrial(ctx, c.by(), t.ID, in.Trial.Mode, in.Trial.Share); err != nil {
				return done{}, err
			}
		}
		if in.State.Set && in.State.Value != now.State {
			if now, err = a.Improve.MoveTo(ctx, c.by(), t.ID, improve.Move{Version: now.Version, To: in.State.Value, Note: in.Note}); err != nil {
				return done{}, err
			}
		}
		out, err := a.taskOf(ctx, now)
		return done{http.StatusOK, out, nil}, err
	})
}

// effectOut is what is known of a task's effect.
type effectOut struct {
	Basis       string         `json:"basis"`
	Verdict     effect.Verdict `json:"verdict"`
	Per         string         `json:"per"`
	Before      rateOut        `json:"before"`
	After       rateOut        `json:"after"`
	Ratio       *float64       `json:"ratio"`
	Low         float64        `json:"low"`
	High        *float64       `json:"high"`
	Level       float64        `json:"level"`
	Power       float64        `json:"power"`
	From        string         `json:"from"`
	To          string         `json:"to"`
	Need        int            `json:"need"`
	More        int            `json:"more"`
	MoreOrders  int            `json:"more_orders"`
	MoreWeeks   int            `json:"more_weeks"`
	HarmOnly    bool           `json:"harm_only"`
	ShareOff    bool           `json:"share_off"`
	Unknown     int            `json:"unknown"`
	LeftOut     leftOut        `json:"left_out"`
	Others      []string       `json:"others"`
	OthersWorse bool           `json:"others_worse"`
	Fixed       int            `json:"fixed"`
	Still       int            `json:"still"`
}

type rateOut struct {
	Persons int     `json:"persons"`
	Of      int     `json:"of"`
	Rate    float64 `json:"rate"`
}

type leftOut struct {
	Campaign int `json:"campaign"`
	Rise     int `json:"rise"`
}

func numberOrNull(x float64) *float64 {
	if x == 0 {
		return nil
	}
	return &x
}

func (a *API) taskEffect(c *Call) error {
	t, err := a.taskNamed(c)
	if err != nil {
		return err
	}
	e, err := a.Improve.Effect(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	if e == nil {
		return fault.New(fault.NotFound, "improve.error.nothing")
	}
	out := effectOut{
		Basis: e.Of, Verdict: e.Verdict, Per: e.Unit, Before: rateOut{e.Before.Persons, e.Before.Of, e.Before.PerMille(e.Unit)}, After: rateOut{e.After.Persons, e.After.Of, e.After.PerMille(e.Unit)},
		Ratio: numberOrNull(e.Ratio), Low: e.Low, High: numberOrNull(e.High), Level: e.Level, Power: e.Power, From: e.From, To: e.To, Need: e.Need, More: e.More,
		MoreOrders: e.MoreOrders, MoreWeeks: e.MoreWeeks, HarmOnly: e.HarmOnly, ShareOff: e.ShareOff, Unknown: e.Unknown, LeftOut: leftOut{e.Campaign, e.Rise},
		Others: []string{}, OthersWorse: e.OthersWorse, Fixed: e.Fixed, Still: e.Still,
	}
	for _, group := range e.Others {
		out.Others = append(out.Others, group.String())
	}
	return c.Send(http.StatusOK, out)
}

type assignmentOut struct {
	Trial   string             `json:"trial"`
	State   improve.TrialState `json:"state"`
	Arm     string             `json:"arm"`
	Treated bool               `json:"treated"`
	Share   int                `json:"share"`
}

// assignment says how a shopper is to be treated.
func (a *API) assignment(c *Call) error {
	got, err := a.Improve.Assign(c.Request().Context(), c.Param("trial"), improve.Unit{External: c.QueryParam("contact"), Session: c.QueryParam("session")})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Send(http.StatusOK, assignmentOut(got))
}
