package web

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const textsShown = 30

// textView is one complaint in its words.
type textView struct {
	Voice     string
	Text      string
	Forgotten bool
	At        int64
	Channel   string
	Ticket    string // its number; empty: there is none
	Href      string // of what it was said in
	Label     string // what Href opens
}

// Short is the beginning of the text, for those who hear a list of boxes.
func (v textView) Short() string {
	runes := []rune(v.Text)
	return string(runes[:min(len(runes), 40)])
}

// quotesView is what the parts "insight-quotes" and "insight-move" show.
type quotesView struct {
	*Words
	List   []textView
	Choose bool   // texts can be ticked
	From   string // address that a move leads back to
}

// Said are texts to read.
func (f insightFrame) Said(list []textView) quotesView { return quotesView{Words: f.Words, List: list} }

// Movable are texts that can be ticked and moved; from is where that leads back to.
func (f insightFrame) Movable(list []textView, from string) quotesView {
	return quotesView{f.Words, list, true, from}
}

type insightTextsPage struct {
	insightFrame
	Title   string
	Hint    string
	Back    string
	List    []textView
	Next    string
	Targets []groupOption // that texts may be moved to; empty: they are not moved from here
	From    string        // address that a move leads back to
	Moved   bool
	Export  string
	Book    string
}

// groupOption is a group that can be chosen by writing.
type groupOption struct{ Value string }

// insightTexts lists the tickets behind a number.
func (s *Server) insightTexts(c echo.Context) error {
	frame, err := s.insightFrame(c, "/insights")
	if err != nil {
		return err
	}
	p := insightTextsPage{insightFrame: frame, Title: frame.T("insights.texts.all"), Back: frame.address("/insights")}
	chosen, err := s.chosenTexts(c, &p)
	if err != nil {
		return err
	}
	return s.renderTexts(c, &p, chosen, "/insights/texts")
}

// chosenTexts reads whose texts an address wants, and names them.
func (s *Server) chosenTexts(c echo.Context, p *insightTextsPage) (insights.Chosen, error) {
	chosen := insights.Chosen{Filter: p.Filter, Ungrouped: c.QueryParam("ungrouped") != ""}
	if text := c.QueryParam("group"); text != "" {
		g, err := s.insightGroupNamed(c, text)
		if err != nil {
			return chosen, err
		}
		p.Title, p.Back = groupName(p.Words, g.Called()), p.address("/insights/groups/"+g.ID.String())
		if chosen.Groups = []id.ID{g.ID}; g.Level == insights.LevelFine && g.ParentID != nil {
			chosen.Groups, chosen.Fine, p.Back = nil, g.ID, p.address("/insights/groups/"+g.ParentID.String())
		}
	} else if aspect := c.QueryParam("aspect"); aspect != "" {
		names, err := s.Insights.AspectNames(c.Request().Context(), p.Locale)
		if err != nil {
			return chosen, err
		}
		chosen.Aspect, p.Title = &aspect, names[aspect]
		if p.Title == "" {
			p.Title = p.T("insights.aspect.other")
		}
	}
	return chosen, nil
}

// insightUngrouped lists what no group has.
func (s *Server) insightUngrouped(c echo.Context) error {
	frame, err := s.insightFrame(c, "/insights/ungrouped")
	if err != nil {
		return err
	}
	r, err := s.Insights.Report(c.Request().Context(), frame.Filter)
	if err != nil {
		return err
	}
	p := insightTextsPage{insightFrame: frame, Title: frame.T("insights.part.ungrouped")}
	p.Hint = p.T("insights.ungrouped_hint", "count", r.Ungrouped, "all", p.Number(r.Subjects), "share", r.UngroupedShare())
	return s.renderTexts(c, &p, insights.Chosen{Filter: p.Filter, Ungrouped: true}, "/insights/ungrouped")
}

// renderTexts shows a page of texts, from which they can be moved to a group.
func (s *Server) renderTexts(c echo.Context, p *insightTextsPage, chosen insights.Chosen, path string) error {
	ctx := c.Request().Context()
	list, err := s.Insights.Subjects(ctx, chosen, cursorOf(c), textsShown+1)
	if err != nil {
		return err
	}
	same := []string{"group", c.QueryParam("group"), "aspect", c.QueryParam("aspect")}
	if len(list) > textsShown {
		list = list[:textsShown]
		last := list[textsShown-1]
		p.Next = p.address(path, append(same, "before", strconv.FormatInt(last.At.UnixMilli(), 10)+"-"+last.Voice.String())...)
	}
	ungrouped := ""
	if chosen.Ungrouped {
		ungrouped = "1"
	}
	p.Export = p.address("/insights/texts/export", append(same, "ungrouped", ungrouped)...)
	p.Book = p.address("/insights/texts/export", append(same, "ungrouped", ungrouped, "as", "xlsx")...)
	p.Moved, p.From = c.QueryParam("moved") != "", p.address(path, same...)
	if p.List, err = s.textViews(c, p.Words, list); err != nil {
		return err
	}
	if p.Targets, err = s.groupOptions(c, 0); err != nil {
		return err
	}
	return s.render(c, p.status(), "agent/insight_texts", *p)
}

// cursorOf reads the place in a list of texts; what is none is the beginning.
func cursorOf(c echo.Context) insights.Cursor {
	at, voice, _ := strings.Cut(c.QueryParam("before"), "-")
	ms, wrong := strconv.ParseInt(at, 10, 64)
	one, err := id.Parse(voice)
	if wrong != nil || err != nil || ms <= 0 {
		return insights.Cursor{}
	}
	return insights.Cursor{At: ms, Voice: one}
}

// insightGroupNamed finds a group by what an address says. Errors: NotFound.
func (s *Server) insightGroupNamed(c echo.Context, text string) (*insights.Group, error) {
	one, err := id.Parse(text)
	if err != nil {
		return nil, fault.New(fault.NotFound, "insights.error.group")
	}
	return s.Insights.Group(c.Request().Context(), one)
}

// groupOptions are the groups that can be chosen, but one.
func (s *Server) groupOptions(c echo.Context, but id.ID) ([]groupOption, error) {
	groups, err := s.Insights.Groups(c.Request().Context())
	w := s.words(c)
	var out []groupOption
	for i := range groups {
		if groups[i].ID != but {
			out = append(out, groupOption{groupName(w, groups[i].Called()) + " #" + groups[i].ID.String()})
		}
	}
	return out, err
}

// chosenGroup reads what was chosen among groupOptions: the number behind #, or a name that only one has. Errors: Invalid.
func (s *Server) chosenGroup(c echo.Context, field string) (id.ID, error) {
	text := strings.TrimSpace(c.FormValue(field))
	if _, number, ok := strings.Cut(text, "#"); ok {
		if one, err := id.Parse(strings.TrimSpace(number[strings.LastIndexByte(number, '#')+1:])); err == nil {
			return one, nil
		}
	}
	if text == "" {
		return 0, fault.InvalidField(field, "required", "insights.error.choose_any", nil)
	}
	groups, err := s.Insights.Groups(c.Request().Context())
	if err != nil {
		return 0, err
	}
	found, w := id.ID(0), s.words(c)
	for i := range groups {
		if groupName(w, groups[i].Called()) == text {
			if found != 0 {
				return 0, fault.InvalidField(field, "ambiguous", "insights.error.choose_one", nil)
			}
			found = groups[i].ID
		}
	}
	if found == 0 {
		return 0, fault.InvalidField(field, "unknown", "insights.error.choose_known", nil)
	}
	return found, nil
}

// textViews puts texts into words, each with what opens it.
func (s *Server) textViews(c echo.Context, w *Words, list []insights.Quote) ([]textView, error) {
	out := make([]textView, 0, len(list))
	for i := range list {
		q := &list[i]
		v := textView{Voice: q.Voice.String(), Text: q.Text, Forgotten: q.Text == "", At: q.At.UnixMilli(), Channel: insightChannel(w, q.Channel)}
		ticket := q.Subject
		if q.Source == insights.FromResponse {
			if ticket = 0; q.Contact != nil {
				v.Href, v.Label = "/contacts/"+q.Contact.String(), w.T("insights.who")
			}
			r, err := s.Feedback.Response(c.Request().Context(), q.Subject)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			if err == nil && r.TicketID != nil {
				ticket = *r.TicketID
			}
		}
		if q.Source == insights.FromImport {
			ticket = 0
		}
		t, err := s.ticketBehind(c, ticket)
		if err != nil {
			return nil, err
		}
		if t != nil {
			v.Ticket, v.Href = "#"+strconv.FormatInt(t.Number, 10), ticketPath(t.Number)
			v.Label = v.Ticket
		}
		out = append(out, v)
	}
	return out, nil
}

// ticketBehind gives a ticket; nil when there is none.
func (s *Server) ticketBehind(c echo.Context, ticket id.ID) (*tickets.Ticket, error) {
	if ticket == 0 {
		return nil, nil
	}
	t, err := s.Tickets.Ticket(c.Request().Context(), ticket)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return t, err
}

// tagGroup are the complaints of one tag, while there are too few for groups.
type tagGroup struct {
	Tag  string // empty: of no tag
	N    int
	List []textView
}

// byTag lists all complaints by the tags of their tickets; there are at most insights.Needed.
func (s *Server) byTag(c echo.Context, w *Words) ([]tagGroup, error) {
	all := insights.Chosen{Filter: insights.Filter{From: w.at(0), To: w.Now.AddDate(0, 0, 1)}}
	list, err := s.Insights.Subjects(c.Request().Context(), all, insights.Cursor{}, insights.Needed)
	if err != nil {
		return nil, err
	}
	views, err := s.textViews(c, w, list)
	if err != nil {
		return nil, err
	}
	var out []tagGroup
	add := func(tag string, v textView) {
		for i := range out {
			if out[i].Tag == tag {
				out[i].N, out[i].List = out[i].N+1, append(out[i].List, v)
				return
			}
		}
		out = append(out, tagGroup{tag, 1, []textView{v}})
	}
	for i := range list {
		var tags []string
		if list[i].Source == insights.FromTicket {
			t, err := s.ticketBehind(c, list[i].Subject)
			if err != nil {
				return nil, err
			}
			if t != nil {
				tags = t.Tags
			}
		}
		for _, tag := range tags {
			add(tag, views[i])
		}
		if len(tags) == 0 {
			add("", views[i])
		}
	}
	sortTags(out)
	return out, nil
}
