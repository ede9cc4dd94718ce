package web

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/orders"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

type sourcePage struct {
	settingsFrame
	Error, Name, Action, Address, State string
	Secret                              string // shown once, after it was made
	On                                  bool
	Fields                              []field
	Options                             []field
	Last                                string
	Sample                              field
	Tried                               *tryView
	Order                               *orderView
	Missing                             []string
	Wrong                               []string
}

// sourceShown is what a page of a source shows beside what is kept.
type sourceShown struct {
	refused *form
	secret  string
	tried   bool
}

func (p *ordersPage) sourceRow(o *orders.Source) orderSourceRow {
	row := orderSourceRow{Name: o.Name, Href: sourcePath(o.ID), What: p.T("orders.source.counts", "taken", p.Number(int(o.Taken)), "refused", p.Number(int(o.Refused))), State: p.T("orders.source.on"), Class: "good"}
	if !o.Active {
		row.State, row.Class = p.T("orders.source.off"), ""
	}
	return row
}

func sourcePath(one id.ID) string { return "/settings/orders/sources/" + one.String() }

func (s *Server) sourceOf(c echo.Context) (id.ID, error) {
	one, err := id.Parse(c.Param("source"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "orders.error.source")
	}
	return one, nil
}

func (s *Server) addSource(c echo.Context) error {
	f := s.sent(c)
	one, secret, err := s.Orders.AddSource(c.Request().Context(), c.FormValue("name"))
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showOrders(c, s.empty(c, nil), f)
	}
	return s.showSource(c, one, sourceShown{secret: secret})
}

func (s *Server) sourcePage(c echo.Context) error {
	one, err := s.sourceOf(c)
	if err != nil {
		return err
	}
	return s.showSource(c, one, sourceShown{})
}

// inputName is a field of a mapping as a form calls it.
func inputName(field string) string { return "path_" + strings.ReplaceAll(field, ".", "_") }

// sourceValues shows a mapping in a form.
func sourceValues(o *orders.Source) map[string]string {
	m := &o.Mapping
	v := map[string]string{"name": o.Name, "time": m.Time, "currency": m.Currency, "platform": m.Platform, "unit": "major"}
	for field, path := range m.Paths {
		v[inputName(field)] = path
	}
	if m.Cents {
		v["unit"] = "cents"
	}
	var words []string
	for word, status := range m.Statuses {
		words = append(words, word+" = "+string(status))
	}
	slices.Sort(words)
	v["statuses"] = strings.Join(words, "\n")
	return v
}

// mappingOf reads a mapping from a form.
func mappingOf(c echo.Context) orders.Mapping {
	m := orders.Mapping{
		Paths: map[string]string{}, Statuses: map[string]orders.Status{}, Cents: c.FormValue("unit") == "cents", Time: c.FormValue("time"),
		Currency: strings.ToUpper(strings.TrimSpace(c.FormValue("currency"))), Platform: strings.TrimSpace(c.FormValue("platform")),
	}
	for _, field := range orders.MappedFields() {
		if path := strings.TrimSpace(c.FormValue(inputName(field))); path != "" {
			m.Paths[field] = path
		}
	}
	for _, line := range strings.Split(c.FormValue("statuses"), "\n") {
		if word, status, ok := strings.Cut(strings.ReplaceAll(line, "＝", "="), "="); ok {
			m.Statuses[strings.TrimSpace(word)] = orders.Status(strings.TrimSpace(status))
		}
	}
	return m
}

func (s *Server) showSource(c echo.Context, one id.ID, shown sourceShown) error {
	ctx := c.Request().Context()
	o, err := s.Orders.SourceOf(ctx, one)
	if err != nil {
		return err
	}
	frame, err := s.settings(c, "orders")
	if err != nil {
		return err
	}
	f := s.empty(c, sourceValues(o))
	if shown.refused != nil {
		f = shown.refused
	}
	p := sourcePage{
		settingsFrame: frame, Error: f.General(), Name: o.Name, Action: sourcePath(one), Address: s.BaseURL.JoinPath("/hooks/orders/", o.Key).String(),
		State: frame.T("orders.source.off"), Secret: shown.secret, On: o.Active,
	}
	if o.Active {
		p.State = frame.T("orders.source.on")
	}
	if shown.secret != "" {
		c.Response().Header().Set("Cache-Control", "no-store")
	}
	if o.LastAt != nil {
		p.Last = p.T("orders.source.last_good", "time", p.Full(*o.LastAt))
		if o.LastCode != "" {
			p.Last = p.T("orders.source.last_bad", "time", p.Full(*o.LastAt), "path", o.LastPath, "why", p.T("orders.error."+o.LastCode, "path", o.LastPath, "max", "", "digits", ""))
		}
	}
	p.fields(f)
	status := f.status()
	if shown.tried {
		s.try(c, &p, f)
		status = http.StatusOK
	}
	return s.render(c, status, "agent/orders_source", p)
}

// fields are those of the mapping's form.
func (p *sourcePage) fields(f *form) {
	for _, name := range orders.MappedFields() {
		one := f.input(field{Name: inputName(name), Label: p.T("orders.map." + name), Complete: "off", Max: 200, Required: name == "number"})
		if one.Wrong = f.wrong(name); one.Wrong == "" && f.err != nil {
			one.Focus = false
		}
		p.Fields = append(p.Fields, one)
	}
	var times []option
	for _, form := range orders.TimeForms() {
		times = append(times, option{form, p.T("orders.time." + form)})
	}
	p.Options = []field{
		f.input(field{Name: "name", Label: p.T("orders.source.name"), Complete: "off", Max: 100, Required: true}),
		f.input(field{Name: "time", Type: "select", Label: p.T("orders.source.time"), Options: times}),
		f.input(field{Name: "unit", Type: "select", Label: p.T("orders.source.unit"), Options: []option{{"major", p.T("orders.source.unit_major")}, {"cents", p.T("orders.source.unit_cents")}}}),
		f.input(field{Name: "currency", Label: p.T("orders.source.currency"), Hint: p.T("orders.source.currency_hint"), Complete: "off", Max: 3}),
		f.input(field{Name: "platform", Label: p.T("orders.platform"), Complete: "off", Max: 100}),
		f.input(field{Name: "statuses", Type: "textarea", Rows: 6, Label: p.T("orders.source.statuses"), Hint: p.T("orders.source.statuses_hint")}),
	}
	p.Sample = f.input(field{Name: "sample", Type: "textarea", Rows: 10, Label: p.T("orders.source.sample"), Hint: p.T("orders.source.sample_hint")})
}

// try shows the order that a sample would become, or what is wrong with it.
func (s *Server) try(c echo.Context, p *sourcePage, f *form) {
	o, missing, err := s.Orders.Try(c.Request().Context(), mappingOf(c), []byte(c.FormValue("sample")))
	if e := fault.As(err); e != nil {
		p.Tried = &tryView{Text: p.T("orders.source.tried_bad")}
		for _, one := range e.Fields {
			p.Wrong = append(p.Wrong, one.Name+": "+s.say(c, one.Key, one.Args))
		}
		return
	}
	if err != nil {
		p.Tried = &tryView{Text: p.T("web.error.internal")}
		return
	}
	p.Tried = &tryView{Good: true, Text: p.T("orders.source.tried_good")}
	p.Order = viewOfOrder(f.words, o)
	for _, name := range missing {
		p.Missing = append(p.Missing, p.T("orders.map."+name)+" ("+c.FormValue(inputName(name))+")")
	}
}

// saveSource keeps a mapping, or tries it on a sample.
func (s *Server) saveSource(c echo.Context) error {
	one, err := s.sourceOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	if c.FormValue("try") != "" {
		return s.showSource(c, one, sourceShown{refused: f, tried: true})
	}
	err = s.Orders.SaveSource(c.Request().Context(), one, c.FormValue("name"), mappingOf(c))
	if fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSource(c, one, sourceShown{refused: f})
	}
	return c.Redirect(http.StatusSeeOther, sourcePath(one)+"?saved=1")
}

func (s *Server) rotateSource(c echo.Context) error {
	one, err := s.sourceOf(c)
	if err != nil {
		return err
	}
	secret, err := s.Orders.RotateSource(c.Request().Context(), one)
	if err != nil {
		return err
	}
	return s.showSource(c, one, sourceShown{secret: secret})
}

func (s *Server) switchSource(c echo.Context) error {
	one, err := s.sourceOf(c)
	if err != nil {
		return err
	}
	if err := s.Orders.SwitchSource(c.Request().Context(), one, c.FormValue("on") == "1"); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, sourcePath(one)+"?saved=1")
}

func (s *Server) removeSource(c echo.Context) error {
	one, err := s.sourceOf(c)
	if err != nil {
		return err
	}
	if err := s.Orders.RemoveSource(c.Request().Context(), one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/orders?saved=1")
}

// takeOrder is POST /hooks/orders/KEY: an order in another program's words, signed as our own webhooks are.
func (s *Server) takeOrder(c echo.Context) error {
	r := c.Request()
	r.Header.Set("Accept", "application/json") // whatever it asks for: a program reads the answer
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	number, out, err := s.Orders.Take(r.Context(), orders.Delivery{
		Key: c.Param("key"), Timestamp: r.Header.Get("X-Huiyin-Timestamp"), Signature: r.Header.Get("X-Huiyin-Signature"), Body: body,
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"order": number, "outcome": string(out)})
}
