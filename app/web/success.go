package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/attempts"
	"huiyin/app/sheet"
	"huiyin/tickets/fault"
)

// successRoutes are how many orders come about, for managers.
func (s *Server) successRoutes() []route {
	const get = http.MethodGet
	return []route{
		{get, "/success", manager, limitRead, s.successPage},
		{get, "/success/export", manager, limitExport, s.exportSuccess},
		{get, "/success/missed", manager, limitRead, s.missedPage},
		{get, "/success/alarms/:alarm", manager, limitRead, s.alarmPage},
		{http.MethodPost, "/success/settings", manager, limitWrite, s.saveSuccess},
	}
}

const (
	periodMost = 400 // days
	alarmsMost = 20
)

// successView is what the page is asked for: whose word, and from when to when.
type successView struct {
	Origin   string
	Period   string // today, 7, 28, other
	From, To time.Time
	fromText string // of the other period
	toText   string
}

// successOf reads the address; what it does not say, or says wrongly, is the usual.
func (s *Server) successOf(c echo.Context) (v successView, err error) {
	w := s.words(c)
	v = successView{Origin: c.QueryParam("origin"), Period: c.QueryParam("period")}
	if v.Origin != attempts.FromShop {
		v.Origin = attempts.FromAPI
	}
	v.To = w.midnight(-1)
	switch v.Period {
	case "today":
		v.From = w.midnight(0)
	case "28":
		v.From = w.midnight(27)
	case "other":
		v.fromText, v.toText = c.QueryParam("from"), c.QueryParam("to")
		from, badFrom := time.ParseInLocation(time.DateOnly, v.fromText, w.Zone)
		to, badTo := time.ParseInLocation(time.DateOnly, v.toText, w.Zone)
		switch {
		case badFrom != nil:
			err = fault.InvalidField("from", "invalid", "success.error.day", nil)
		case badTo != nil || to.Before(from):
			err = fault.InvalidField("to", "invalid", "success.error.to", nil)
		case to.Sub(from) > periodMost*24*time.Hour:
			err = fault.InvalidField("to", "too_long", "success.error.long", map[string]any{"max": periodMost})
		default:
			v.From, v.To = from, to.AddDate(0, 0, 1)
			return v, nil
		}
		v.From = w.midnight(6)
	default:
		v.Period, v.From = "7", w.midnight(6)
	}
	return v, err
}

// midnight is when a day of the shop began: today, or so many days back.
func (w *Words) midnight(back int) time.Time {
	now := w.Now.In(w.Zone)
	return time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, w.Zone)
}

// query is the address of the same view with something else in it: pairs of names and values.
func (v successView) query(pairs ...string) string {
	q := url.Values{"origin": {v.Origin}, "period": {v.Period}}
	if v.Period == "other" {
		q.Set("from", v.fromText)
		q.Set("to", v.toText)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

type successPage struct {
	deskPage
	successView
	Saved            bool
	Origins, Periods []successLink
	FromField        field
	ToField          field
	Total            successCount
	Charts           []chart // the same picture, wide and narrow
	Parts, Hours     []successRow
	ByDay            bool
	Steps, Reasons   []successRow
	Devices          []successRow
	Export           string
	Alarms           []alarmRow
	Usual            string
	Error            string
	Fields           []field
	On               bool
}

type successLink struct {
	Text, Href string
	Current    bool
}

// successTable is a table of rows; Head names what they are.
type successTable struct {
	*Words
	Head string
	Rows []successRow
}

// Table is what the part "success-table" shows.
func (p successPage) Table(rows []successRow, head string) successTable {
	return successTable{p.Words, head, rows}
}

// PartWord is what the parts of the period are.
func (p successPage) PartWord() string {
	if p.ByDay {
		return "day"
	}
	return "hour"
}

// successCount is a count in words.
type successCount struct {
	All, OK, Failed, Abandoned, Missed string
	Rate                               string // – when there were none
	None                               bool
}

// successRow is a line of a table: what is counted, and how.
type successRow struct {
	Name string
	Href string // of the attempts that did not come about; empty: there are none
	successCount
	Share int // of all that did not come about, in per cent
}

func countText(w *Words, c attempts.Count) successCount {
	out := successCount{
		All: w.Number(c.All()), OK: w.Number(c.OK), Failed: w.Number(c.Failed), Abandoned: w.Number(c.Abandoned), Missed: w.Number(c.Missed()),
		Rate: "–", None: c.All() == 0,
	}
	if !out.None {
		out.Rate = rateText(c.Rate())
	}
	return out
}

// rateText is a rate; what is no whole never reads as one.
func rateText(rate float64) string {
	text := strconv.FormatFloat(rate*100, 'f', 1, 64)
	if text == "100.0" && rate < 1 {
		text = "99.9"
	}
	return text + "%"
}

func (s *Server) successPage(c echo.Context) error { return s.showSuccess(c, nil) }

func (s *Server) showSuccess(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	desk, err := s.desk(c, "success")
	if err != nil {
		return err
	}
	view, wrong := s.successOf(c)
	p := successPage{deskPage: desk, successView: view, Saved: c.QueryParam("saved") != "", Export: "/success/export" + view.query()}
	asked := s.sentQuery(c)
	if wrong != nil {
		if err := asked.refused(wrong); err != nil {
			return err
		}
	}
	p.links(asked)
	r, err := s.Attempts.Report(ctx, view.Origin, view.From, view.To)
	if err != nil {
		return err
	}
	p.fill(r)
	if err := s.fillAlarms(c, &p, refused); err != nil {
		return err
	}
	status := asked.status()
	if refused != nil {
		status = refused.status()
	}
	return s.render(c, status, "agent/success", p)
}

// sentQuery is a form that comes in the address.
func (s *Server) sentQuery(c echo.Context) *form {
	return &form{values: c.QueryParam, words: s.words(c), header: c.Response().Header()}
}

// links fills what chooses another view.
func (p *successPage) links(asked *form) {
	for _, origin := range attempts.Origins() {
		p.Origins = append(p.Origins, successLink{p.T("success.origin." + origin), "/success" + p.query("origin", origin), origin == p.Origin})
	}
	for _, period := range []string{"today", "7", "28"} {
		p.Periods = append(p.Periods, successLink{p.T("success.period." + period), "/success?" + url.Values{"origin": {p.Origin}, "period": {period}}.Encode(), period == p.Period})
	}
	p.FromField = asked.input(field{Name: "from", Type: "date", Class: "short", Label: p.T("success.from")})
	p.ToField = asked.input(field{Name: "to", Type: "date", Class: "short", Label: p.T("success.to")})
	if p.FromField.Value == "" {
		p.FromField.Value = p.From.Format(time.DateOnly)
	}
	if p.ToField.Value == "" {
		p.ToField.Value = p.To.AddDate(0, 0, -1).Format(time.DateOnly)
	}
}

// fill puts a report into words and pictures.
func (p *successPage) fill(r *attempts.Report) {
	p.Total, p.ByDay = countText(p.Words, r.Total), r.ByDay
	if p.Total.None {
		return
	}
	p.Charts = []chart{p.chart(r, true), p.chart(r, false)}
	for _, part := range r.Parts {
		if part.From.After(p.Now) {
			break
		}
		p.Parts = append(p.Parts, successRow{Name: p.partName(part.From, r.ByDay), successCount: countText(p.Words, part.Count)})
	}
	if r.ByDay {
		for hour, count := range r.Hours {
			p.Hours = append(p.Hours, successRow{Name: twoDigits(hour) + ":00", successCount: countText(p.Words, count)})
		}
	}
	missed := max(r.Total.Missed(), 1)
	row := func(one attempts.Row, name, param string) successRow {
		out := successRow{Name: name, successCount: countText(p.Words, one.Count), Share: (one.Missed()*100 + missed/2) / missed}
		if one.Missed() > 0 {
			out.Href = "/success/missed" + p.query(param, one.Word)
		}
		return out
	}
	for _, one := range r.Steps {
		line := row(one, stepName(p.Words, one.Word), "step")
		if one.OK == 0 {
			line.Rate = "–" // no attempt ends well there: orders succeed at the last step
		}
		p.Steps = append(p.Steps, line)
	}
	for _, one := range r.Reasons {
		p.Reasons = append(p.Reasons, row(one, reasonName(p.Words, one.Word), "reason"))
	}
	for _, one := range r.Devices {
		p.Devices = append(p.Devices, row(one, p.T("success.device."+one.Word), "device"))
	}
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// partName is a day, or an hour with its day.
func (p *successPage) partName(at time.Time, byDay bool) string {
	if byDay {
		return p.Date(at.UnixMilli())
	}
	return p.Full(at.UnixMilli())
}

// stepName is the shop's own word.
func stepName(w *Words, step string) string {
	switch step {
	case "":
		return w.T("success.no_step")
	case "other":
		return w.T("success.other_steps")
	}
	return step
}

func reasonName(w *Words, reason string) string {
	if reason == "" {
		return w.T("success.no_reason")
	}
	return w.T("success.reason." + reason)
}

// saveSuccess keeps when a fall is told.
func (s *Server) saveSuccess(c echo.Context) error {
	was, err := s.Attempts.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	was.On = c.FormValue("on") != ""
	for _, one := range successFields(&was) {
		if *one.n, err = strconv.Atoi(c.FormValue(one.name)); err != nil {
			*one.n = -1
		}
	}
	if err := s.Attempts.SaveSettings(c.Request().Context(), was); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSuccess(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/success?saved=1#alarms")
}

func successFields(l *attempts.Settings) []struct {
	name string
	n    *int
} {
	return []struct {
		name string
		n    *int
	}{{"least", &l.Least}, {"points", &l.Points}, {"days", &l.Days}}
}

// exportSuccess gives the counts of the view as a table for a spreadsheet.
func (s *Server) exportSuccess(c echo.Context) error {
	view, err := s.successOf(c)
	if err != nil {
		return err
	}
	r, err := s.Attempts.Report(c.Request().Context(), view.Origin, view.From, view.To)
	if err != nil {
		return err
	}
	w := s.words(c)
	rows := [][]string{{w.T("success.column.by"), w.T("success.column.what"), w.T("success.column.all"), w.T("success.column.ok"), w.T("success.column.failed"), w.T("success.column.abandoned"), w.T("success.column.rate")}}
	add := func(by, what string, n attempts.Count) {
		rows = append(rows, []string{by, what, strconv.Itoa(n.All()), strconv.Itoa(n.OK), strconv.Itoa(n.Failed), strconv.Itoa(n.Abandoned), countText(w, n).Rate})
	}
	add(w.T("success.column.total"), view.From.Format(time.DateOnly)+" – "+view.To.AddDate(0, 0, -1).Format(time.DateOnly), r.Total)
	for _, part := range r.Parts {
		if r.ByDay {
			add(w.T("success.column.day"), part.From.Format(time.DateOnly), part.Count)
		} else {
			add(w.T("success.column.hour"), part.From.Format("2006-01-02 15:04"), part.Count)
		}
	}
	for _, group := range []struct {
		by   string
		name func(string) string
		rows []attempts.Row
	}{
		{"success.column.step", func(word string) string { return stepName(w, word) }, r.Steps},
		{"success.column.reason", func(word string) string { return reasonName(w, word) }, r.Reasons},
		{"success.column.device", func(word string) string { return w.T("success.device." + word) }, r.Devices},
	} {
		for _, one := range group.rows {
			add(w.T(group.by), group.name(one.Word), one.Count)
		}
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="success-`+view.Origin+"-"+view.From.Format("20060102")+`.csv"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	return sheet.WriteCSV(c.Response(), rows)
}
