package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// insightRoutes are what shoppers complain of, for managers.
func (s *Server) insightRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/insights", manager, limitRead, s.insightsPage},
		{get, "/insights/export", manager, limitExport, s.exportInsights},
		{get, "/insights/texts", manager, limitRead, s.insightTexts},
		{get, "/insights/texts/export", manager, limitExport, s.exportInsightTexts},
		{get, "/insights/ungrouped", manager, limitRead, s.insightUngrouped},
		{get, "/insights/groups/:group", manager, limitRead, s.insightGroup},
		{get, "/insights/groups/:group/export", manager, limitExport, s.exportInsightGroup},
		{post, "/insights/groups/:group/name", manager, limitWrite, s.renameInsight},
		{post, "/insights/groups/:group/merge", manager, limitWrite, s.mergeInsight},
		{post, "/insights/groups/:group/split", manager, limitWrite, s.splitInsight},
		{post, "/insights/groups/:group/mute", manager, limitWrite, s.muteInsight},
		{post, "/insights/groups/:group/pin", manager, limitWrite, s.pinInsight},
		{post, "/insights/groups/:group/twin", manager, limitWrite, s.answerTwin},
		{post, "/insights/moves", manager, limitWrite, s.moveInsights},
		{get, "/insights/history", manager, limitRead, s.insightHistory},
		{get, "/insights/history/export", manager, limitExport, s.exportInsightHistory},
		{post, "/insights/actions/:action/undo", manager, limitWrite, s.undoInsight},
		{get, "/insights/marks", manager, limitRead, s.insightMarks},
		{get, "/insights/marks/export", manager, limitExport, s.exportInsightMarks},
		{post, "/insights/marks", manager, limitWrite, s.addInsightMark},
		{post, "/insights/marks/year", manager, limitWrite, s.addInsightYear},
		{post, "/insights/marks/:mark/removal", manager, limitWrite, s.dropInsightMark},
		{get, "/insights/lexicon", manager, limitRead, s.insightLexicon},
		{post, "/insights/lexicon", manager, limitWrite, s.saveInsightLexicon},
	}
}

// insightView is what the pages of insights are asked for.
type insightView struct {
	successView // the period
	insights.Filter
}

// insightPeriods are the periods that one click chooses.
var insightPeriods = []string{"today", "7", "28", "90"}

// insightChannels are those whose texts are grouped; "import" are old texts.
var insightChannels = []string{string(tickets.ChannelChat), string(tickets.ChannelEmail), string(tickets.ChannelForm), string(tickets.ChannelPhone), string(tickets.ChannelAPI), insights.FromImport}

// insightOf reads the address; what it does not say, or says wrongly, is the usual. Errors: Invalid (fields from, to).
func (s *Server) insightOf(c echo.Context) (v insightView, err error) {
	w := s.words(c)
	v.successView, err = s.successOf(c)
	if v.Period == "7" && c.QueryParam("period") != "7" {
		v.Period = "28"
		if c.QueryParam("period") == "90" {
			v.Period = "90"
		}
		days, _ := strconv.Atoi(v.Period)
		v.successView.From = w.midnight(days - 1)
	}
	if v.Period == "other" && err == nil {
		v.Period = clickOf(v.successView, w)
	}
	v.Filter = insights.Filter{
		From: v.successView.From, To: v.successView.To, Channel: c.QueryParam("channel"), Language: c.QueryParam("language"), Product: c.QueryParam("product"),
		Sort: insights.Sort(c.QueryParam("sort")),
	}
	if !v.Sort.Valid() {
		v.Sort = insights.ByCount
	}
	if text := c.QueryParam("team"); text != "" {
		if text == "0" {
			v.Team = new(id.ID)
		} else if team, wrong := id.Parse(text); wrong == nil {
			v.Team = &team
		}
	}
	return v, err
}

// clickOf is the period that one click would have chosen, or "other".
func clickOf(v successView, w *Words) string {
	if !v.To.Equal(w.midnight(-1)) {
		return v.Period
	}
	for period, days := range map[string]int{"today": 1, "7": 7, "28": 28, "90": 90} {
		if v.From.Equal(w.midnight(days - 1)) {
			return period
		}
	}
	return v.Period
}

// address is a page of the same view, with pairs of names and values beside; an empty value takes one away.
func (v insightView) address(path string, pairs ...string) string {
	q := url.Values{"period": {v.Period}}
	if v.Period == "other" {
		q.Set("from", v.fromText)
		q.Set("to", v.toText)
	}
	for name, value := range map[string]string{"channel": v.Channel, "language": v.Language, "product": v.Product} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.Team != nil {
		q.Set("team", v.Team.String())
	}
	if v.Sort != insights.ByCount {
		q.Set("sort", string(v.Sort))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return path + "?" + q.Encode()
}

// insightFrame is what every page of insights gets.
type insightFrame struct {
	deskPage
	insightView
	Wrong   string // what is wrong with the address
	Parts   []successLink
	Periods []successLink
	Choose  []field
	Action  string // address of the form that chooses
	Narrow  bool   // a filter is set
}

// insightFrame gathers it; where is the path of the page.
func (s *Server) insightFrame(c echo.Context, where string) (f insightFrame, err error) {
	if f.deskPage, err = s.desk(c, "insights"); err != nil {
		return f, err
	}
	f.insightView, err = s.insightOf(c)
	if err != nil {
		e := fault.As(err)
		if e == nil || e.Kind != fault.Invalid || len(e.Fields) == 0 {
			return f, err
		}
		f.Wrong = f.T(e.Fields[0].Key, "max", periodMost)
	}
	f.Action = where
	f.Narrow = f.Channel != "" || f.Language != "" || f.Product != "" || f.Team != nil
	for _, one := range []struct{ name, path string }{
		{"list", "/insights"}, {"ungrouped", "/insights/ungrouped"}, {"history", "/insights/history"}, {"marks", "/insights/marks"}, {"lexicon", "/insights/lexicon"}, {"import", oldTextsPath},
	} {
		f.Parts = append(f.Parts, successLink{f.T("insights.part." + one.name), one.path, one.path == where})
	}
	for _, period := range insightPeriods {
		of := f.insightView
		of.Period = period
		f.Periods = append(f.Periods, successLink{f.T("insights.period." + period), of.address(where), period == f.Period})
	}
	return f, s.insightChoices(c, &f)
}

// status is that of the page: a wrong address is shown with the usual view.
func (f insightFrame) status() int {
	if f.Wrong != "" {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// insightChoices are the fields by which another view is asked for.
func (s *Server) insightChoices(c echo.Context, f *insightFrame) error {
	teams, err := s.Tickets.AllTeams(c.Request().Context())
	if err != nil {
		return err
	}
	team := ""
	if f.Team != nil {
		team = f.Team.String()
	}
	form := &form{words: f.Words, values: func(name string) string {
		return map[string]string{
			"channel": f.Channel, "language": f.Language, "product": f.Product, "team": team,
			"from": f.Filter.From.Format(time.DateOnly), "to": f.Filter.To.AddDate(0, 0, -1).Format(time.DateOnly),
		}[name]
	}}
	all := option{"", f.T("insights.any")}
	channels, languages, known := []option{all}, []option{all}, []option{all, {"0", f.T("insights.no_team")}}
	for _, one := range insightChannels {
		channels = append(channels, option{one, insightChannel(f.Words, one)})
	}
	for _, one := range []string{"zh", "en", "other"} {
		languages = append(languages, option{one, f.T("insights.language." + one)})
	}
	for i := range teams {
		known = append(known, option{teams[i].ID.String(), teams[i].Name})
	}
	f.Choose = []field{
		form.input(field{Name: "from", Type: "date", Class: "short", Label: f.T("insights.from")}),
		form.input(field{Name: "to", Type: "date", Class: "short", Label: f.T("insights.to")}),
		form.input(field{Name: "channel", Type: "select", Label: f.T("insights.channel"), Options: channels}),
		form.input(field{Name: "language", Type: "select", Label: f.T("insights.language"), Options: languages}),
		form.input(field{Name: "team", Type: "select", Label: f.T("insights.team"), Options: known}),
		form.input(field{Name: "product", Label: f.T("insights.product"), Max: 100}),
	}
	return nil
}

// insightChannel names a channel.
func insightChannel(w *Words, channel string) string {
	if channel == insights.FromImport {
		return w.T("insights.channel.import")
	}
	return w.T("console.channel." + channel)
}
