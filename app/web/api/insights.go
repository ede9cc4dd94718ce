package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// insightGroupOut is a group of complaints in a period.
type insightGroupOut struct {
	insightNameOut
	Count   int          `json:"count"`
	Before  int          `json:"before"`
	Change  changeOut    `json:"change"`
	Per1000 *float64     `json:"per_1000_orders"`
	Costs   []costOut    `json:"costs"`
	Trend   []pointOut   `json:"trend"`
	Finding *findingOut  `json:"finding"`
	Detail  *insightMore `json:"detail,omitempty"`
}

// insightNameOut is a group by itself.
type insightNameOut struct {
	ID       string              `json:"id"`
	Name     string              `json:"name"`
	Given    bool                `json:"named_by_hand"`
	State    insights.GroupState `json:"state"`
	Pinned   bool                `json:"pinned"`
	Language string              `json:"language"`
	Aspect   string              `json:"aspect"`
	Twin     *string             `json:"twin"`
}

type changeOut struct {
	Ratio  *float64 `json:"ratio"`
	Chance float64  `json:"chance"`
	Marked bool     `json:"marked"`
}

type costOut struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
	Orders   int    `json:"orders"`
}

type pointOut struct {
	From  string `json:"from"` // a day
	Count int    `json:"count"`
}

type findingOut struct {
	Kind     string  `json:"kind"`
	Day      string  `json:"day"`
	Days     int     `json:"days"`
	Observed int     `json:"observed"`
	Expected float64 `json:"expected"`
	Chance   float64 `json:"chance"`
}

// insightMore is what only one group says of itself.
type insightMore struct {
	Channels  []partOut  `json:"channels"`
	Languages []partOut  `json:"languages"`
	Teams     []partOut  `json:"teams"`
	Products  []partOut  `json:"products"`
	Steps     []partOut  `json:"steps"`
	Reasons   []partOut  `json:"reasons"`
	Fines     []fineOut  `json:"fine_groups"`
	Quotes    []quoteOut `json:"quotes"`
}

type partOut struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type fineOut struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Terms  []string `json:"terms"`
	Count  int      `json:"count"`
	Before int      `json:"before"`
}

type quoteOut struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Source   string `json:"source"`
	Subject  string `json:"subject"`
	Channel  string `json:"channel"`
	Language string `json:"language"`
	At       string `json:"at"`
}

// insightTotals are the counts of a whole period.
type insightTotals struct {
	Count     int       `json:"count"`
	Before    int       `json:"before"`
	Change    changeOut `json:"change"`
	Ungrouped int       `json:"ungrouped"`
	Paid      int       `json:"paid_orders"`
	From      string    `json:"from"`
	To        string    `json:"to"`
}

type insightPage struct {
	Items  []insightGroupOut `json:"items"`
	Next   *string           `json:"next"`
	Totals insightTotals     `json:"totals"`
}

const (
	insightUsual = 28  // days of a period that nobody chose
	insightMost  = 400 // days
)

// insightGroups ranks the groups of a period.
func (a *API) insightGroups(c *Call) error {
	if err := c.known("from", "to", "channel", "language", "product", "team", "sort", "limit", "cursor"); err != nil {
		return err
	}
	f, err := a.insightFilter(c)
	if err != nil {
		return err
	}
	limit, err := c.limit()
	if err != nil {
		return err
	}
	after, err := c.after()
	if err != nil {
		return err
	}
	r, err := a.Insights.Report(c.Request().Context(), f)
	if err != nil {
		return err
	}
	out := insightPage{Items: []insightGroupOut{}, Totals: insightTotals{
		Count: r.Subjects, Before: r.SubjectsBefore, Change: changeOf(r.Change), Ungrouped: r.Ungrouped, Paid: r.Paid, From: day(f.From), To: day(f.To.AddDate(0, 0, -1)),
	}}
	rows := slices.Concat(r.Groups, r.Muted)
	if after != 0 { // ranks move while a program reads: it goes on behind the group that it read last
		i := slices.IndexFunc(rows, func(row insights.Row) bool { return row.ID == after })
		if i < 0 {
			return fault.InvalidField("cursor", "invalid", "error.list.cursor", nil)
		}
		rows = rows[i+1:]
	}
	rows, next := cutPage(rows, limit, func(row *insights.Row) id.ID { return row.ID })
	for i := range rows {
		out.Items = append(out.Items, insightOf(&rows[i], f, r.Paid))
	}
	if next != "" {
		out.Next = &next
	}
	return c.Send(http.StatusOK, out)
}

func day(at time.Time) string { return at.Format(time.DateOnly) }

// insightFilter reads the query of a report. Errors: Invalid.
func (a *API) insightFilter(c *Call) (f insights.Filter, err error) {
	shop, err := a.Tickets.Shop(c.Request().Context())
	if err != nil {
		return f, err
	}
	zone := shop.Zone()
	now := a.Insights.Now().In(zone)
	last := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	first := last.AddDate(0, 0, 1-insightUsual)
	if last, err = dayQuery(c, "to", last); err != nil {
		return f, err
	}
	if c.QueryParam("from") == "" {
		first = last.AddDate(0, 0, 1-insightUsual)
	}
	if first, err = dayQuery(c, "from", first); err != nil {
		return f, err
	}
	f = insights.Filter{
		From: first, To: last.AddDate(0, 0, 1), Channel: c.QueryParam("channel"), Language: c.QueryParam("language"), Product: c.QueryParam("product"),
		Sort: insights.Sort(c.QueryParam("sort")),
	}
	switch {
	case last.Before(first):
		return f, fault.InvalidField("to", "invalid", "insights.error.to", nil)
	case last.Sub(first) > insightMost*24*time.Hour:
		return f, fault.InvalidField("to", "too_long", "success.error.long", map[string]any{"max": insightMost})
	case f.Sort != "" && !f.Sort.Valid():
		return f, fault.InvalidField("sort", "invalid", "api.error.value", nil)
	}
	switch text := c.QueryParam("team"); text {
	case "":
	case "none":
		f.Team = new(id.ID)
	default:
		team, err := c.idQuery("team")
		if err != nil {
			return f, err
		}
		f.Team = &team
	}
	return f, nil
}

// dayQuery reads a day of the shop, or the one in which a time lies. Errors: Invalid.
func dayQuery(c *Call, name string, usual time.Time) (time.Time, error) {
	text := c.QueryParam(name)
	if text == "" {
		return usual, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, usual.Location())
	if err != nil {
		ms, wrong := c.timeQuery(name)
		if wrong != nil {
			return at, wrong
		}
		at = time.UnixMilli(ms).In(usual.Location())
	}
	if at.Year() < 2000 || at.Year() > 2200 {
		return at, fault.InvalidField(name, "invalid", "insights.error.day", nil)
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, usual.Location()), nil
}

func insightOf(row *insights.Row, f insights.Filter, paid int) insightGroupOut {
	out := insightGroupOut{insightNameOut: insightName(&row.Group), Count: row.N, Before: row.Before, Change: changeOf(row.Change), Costs: []costOut{}, Trend: []pointOut{}}
	if rate, known := insights.Per1000(row.N, paid); known {
		out.Per1000 = &rate
	}
	for _, m := range row.Costs {
		out.Costs = append(out.Costs, costOut{m.Currency, orders.Decimal(m.Amount, m.Currency), m.Orders})
	}
	for i, from := range f.Points() {
		out.Trend = append(out.Trend, pointOut{day(from), row.Trend[i]})
	}
	if d := row.Finding; d != nil {
		out.Finding = &findingOut{"rise", day(d.Day), d.Days, d.Observed, d.Expected, d.Chance}
		if d.New {
			out.Finding.Kind = "new"
		}
	}
	return out
}

func insightName(g *insights.Group) insightNameOut {
	out := insightNameOut{ID: g.ID.String(), Name: g.Called(), Given: g.Title != "", State: g.State, Pinned: g.Pinned, Language: g.Language, Aspect: g.Aspect}
	if g.TwinID != nil && !g.TwinRefused {
		text := g.TwinID.String()
		out.Twin = &text
	}
	return out
}

func changeOf(c insights.Change) changeOut {
	out := changeOut{Chance: c.Chance, Marked: c.Marked}
	if c.Ratio > 0 {
		out.Ratio = &c.Ratio
	}
	return out
}

// insightGroup tells all of one group in a period.
func (a *API) insightGroup(c *Call) error {
	if err := c.known("from", "to", "channel", "language", "product", "team"); err != nil {
		return err
	}
	one, err := c.idParam("group")
	if err != nil {
		return err
	}
	f, err := a.insightFilter(c)
	if err != nil {
		return err
	}
	d, err := a.Insights.Detail(c.Request().Context(), one, f)
	if err != nil {
		return err
	}
	out := insightOf(&d.Row, f, d.Paid)
	out.Detail = &insightMore{
		Channels: partsOut(d.Channels), Languages: partsOut(d.Languages), Teams: partsOut(d.Teams), Products: partsOut(d.Products), Steps: partsOut(d.Steps), Reasons: partsOut(d.Reasons),
		Fines: []fineOut{}, Quotes: []quoteOut{},
	}
	for _, one := range d.Fines {
		terms := one.Terms
		if terms == nil {
			terms = []string{}
		}
		out.Detail.Fines = append(out.Detail.Fines, fineOut{one.ID.String(), one.Called(), terms, one.N, one.Before})
	}
	for _, q := range d.Quotes {
		out.Detail.Quotes = append(out.Detail.Quotes, quoteOut{q.Voice.String(), q.Text, q.Source, q.Subject.String(), q.Channel, q.Language, stamp(q.At.UnixMilli())})
	}
	return c.Send(http.StatusOK, out)
}

func partsOut(list []insights.Part) []partOut {
	out := []partOut{}
	for _, one := range list {
		out = append(out, partOut{one.Word, one.N})
	}
	return out
}

// insightDone is what a change by hand answers: the group that there is now.
type insightDone struct {
	Action string         `json:"action"`
	Group  insightNameOut `json:"group"`
}

// insightByHand does a change of the group of the address once; change gives the action and the group that there is then.
func (a *API) insightByHand(c *Call, status int, change func(ctx context.Context, by, group id.ID) (action, then id.ID, err error)) error {
	one, err := c.idParam("group")
	if err != nil {
		return err
	}
	return c.OnceLong(func(ctx context.Context) (done, error) {
		action, then, err := change(ctx, c.Token.Agent.ID, one)
		if err != nil {
			return done{}, err
		}
		g, err := a.Insights.Group(ctx, then)
		if err != nil {
			return done{}, err
		}
		return done{status, insightDone{action.String(), insightName(g)}, nil}, nil
	})
}

func (a *API) renameInsight(c *Call) error {
	var in struct {
		Title string `json:"title"`
	}
	if err := c.Read(&in); err != nil {
		return err
	}
	return a.insightByHand(c, http.StatusOK, func(ctx context.Context, by, group id.ID) (id.ID, id.ID, error) {
		action, err := a.Insights.Rename(ctx, by, group, in.Title)
		return action, group, err
	})
}

func (a *API) mergeInsight(c *Call) error {
	var in struct {
		Into id.ID `json:"into"`
	}
	if err := c.Read(&in); err != nil {
		return err
	}
	if in.Into == 0 {
		return fault.InvalidField("into", "required", "api.error.required", nil)
	}
	return a.insightByHand(c, http.StatusOK, func(ctx context.Context, by, group id.ID) (id.ID, id.ID, error) {
		action, err := a.Insights.Merge(ctx, by, in.Into, []id.ID{group})
		return action, in.Into, err
	})
}

func (a *API) splitInsight(c *Call) error {
	var in struct {
		Fines []id.ID `json:"fine_groups"`
		Title string  `json:"title"`
	}
	if err := c.Read(&in); err != nil {
		return err
	}
	return a.insightByHand(c, http.StatusCreated, func(ctx context.Context, by, group id.ID) (id.ID, id.ID, error) {
		then, action, err := a.Insights.Split(ctx, by, group, in.Fines, strings.TrimSpace(in.Title))
		return action, then, err
	})
}

func (a *API) muteInsight(c *Call) error {
	in := struct {
		On *bool `json:"on"`
	}{}
	if err := c.Read(&in); err != nil {
		return err
	}
	return a.insightByHand(c, http.StatusOK, func(ctx context.Context, by, group id.ID) (id.ID, id.ID, error) {
		action, err := a.Insights.Mute(ctx, by, group, in.On == nil || *in.On)
		return action, group, err
	})
}
