package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/improve"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// improveRoutes are the improvement tasks. Everybody reads them; managers lead, and who was mentioned may write.
func (s *Server) improveRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/improve", agent, limitRead, s.boardPage},
		{get, "/improve/all", agent, limitRead, s.taskList},
		{get, "/improve/new", manager, limitRead, s.newTaskPage},
		{post, "/improve", manager, limitWrite, s.createTask},
		{get, "/improve/:number", agent, limitRead, s.taskPage},
		{get, "/improve/:number/edit", manager, limitRead, s.editTaskPage},
		{post, "/improve/:number", manager, limitWrite, s.saveTask},
		{post, "/improve/:number/state", manager, limitWrite, s.moveTask},
		{post, "/improve/:number/trial", manager, limitWrite, s.planTrial},
		{post, "/improve/:number/effect", manager, limitWrite, s.measureTask},
		{post, "/improve/:number/comments", agent, limitWrite, s.commentTask},
		{post, "/improve/:number/files", agent, limitUpload, s.addTaskFiles},
		{get, "/improve/:number/files/:file", agent, limitRead, s.taskFile},
		{post, "/improve/:number/files/:file/removal", agent, limitWrite, s.removeTaskFile},
	}
}

// taskHref is where a task is shown.
func taskHref(number int64) string { return "/improve/" + strconv.FormatInt(number, 10) }

type boardPage struct {
	deskPage
	Lanes []laneView
	Leads bool // may move cards
	None  bool
}

// laneView is a column of the board.
type laneView struct {
	State, Name string
	Count       int
	Cards       []cardView
	More        string // address of all of them, where not all are shown
}

// cardView is a task on the board, or in a list.
type cardView struct {
	*Words
	Number, Title, Href string
	Version             int
	State, StateName    string
	Groups              []string
	Owner               string
	Due                 string // in words
	Late                bool
	Effect              *effectView
	Moves               []moveChoice // where it may stand; none: who looks at it moves nothing
}

type moveChoice struct {
	State, Name string
	Current     bool
}

func (s *Server) boardPage(c echo.Context) error {
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	columns, err := s.Improve.Board(c.Request().Context())
	if err != nil {
		return err
	}
	cards, err := s.cards(c, desk.Words)
	if err != nil {
		return err
	}
	p := boardPage{deskPage: desk, Leads: desk.Me.IsManager(), None: true}
	for i := range columns {
		column := &columns[i]
		lane := laneView{State: string(column.State), Name: p.T("improve.state." + string(column.State)), Count: column.Count}
		for j := range column.Tasks {
			card, err := cards.of(&column.Tasks[j])
			if err != nil {
				return err
			}
			lane.Cards = append(lane.Cards, card)
		}
		if column.Count > len(lane.Cards) {
			lane.More = "/improve/all?state=" + lane.State
		}
		p.Lanes, p.None = append(p.Lanes, lane), p.None && column.Count == 0
	}
	return s.render(c, http.StatusOK, "agent/improve", p)
}

// taskLines is how many tasks a page of the list shows.
const taskLines = 50

type taskListPage struct {
	deskPage
	Heading string
	Cards   []cardView
	Next    string
}

// taskList lists the tasks of a state, or of a group, the newest first.
func (s *Server) taskList(c echo.Context) error {
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	f := improve.Filter{State: improve.State(c.QueryParam("state"))}
	f.Group, _ = id.Parse(c.QueryParam("group")) // zero, of all, when it is none
	before, _ := id.Parse(c.QueryParam("before"))
	list, err := s.Improve.List(c.Request().Context(), f, before, taskLines+1)
	if err != nil {
		return err
	}
	cards, err := s.cards(c, desk.Words)
	if err != nil {
		return err
	}
	p := taskListPage{deskPage: desk, Heading: desk.T("improve.all")}
	if known(f.State) {
		p.Heading = p.T("improve.state." + string(f.State))
	}
	if len(list) > taskLines {
		list = list[:taskLines]
		p.Next = "/improve/all?state=" + c.QueryParam("state") + "&group=" + c.QueryParam("group") + "&before=" + list[taskLines-1].ID.String()
	}
	for i := range list {
		card, err := cards.of(&list[i])
		if err != nil {
			return err
		}
		card.Moves = nil
		p.Cards = append(p.Cards, card)
	}
	return s.render(c, http.StatusOK, "agent/improve_all", p)
}

func known(state improve.State) bool {
	for _, one := range improve.States() {
		if one == state {
			return true
		}
	}
	return false
}

// cards makes views of tasks; it asks for names once.
type cards struct {
	s      *Server
	words  *Words
	ctx    context.Context
	people people
	names  map[id.ID]string // of groups
	leads  bool
}

func (s *Server) cards(c echo.Context, w *Words) (*cards, error) {
	who, err := s.people(c)
	if err != nil {
		return nil, err
	}
	out := &cards{s: s, words: w, ctx: c.Request().Context(), people: who, names: map[id.ID]string{}, leads: of(c).agent.Role != tickets.RoleAgent}
	groups, err := s.Insights.Groups(out.ctx)
	for i := range groups {
		out.names[groups[i].ID] = groupName(w, groups[i].Called())
	}
	return out, err
}

// groupName is a group's name; one that has none yet is called so.
func groupName(w *Words, name string) string {
	if name == "" {
		return w.T("improve.group_unnamed")
	}
	return name
}

// group is what a group is called.
func (b *cards) group(group id.ID) (string, error) {
	if name, known := b.names[group]; known {
		return name, nil
	}
	g, err := b.s.Insights.Group(b.ctx, group)
	if fault.Is(err, fault.NotFound) {
		return b.words.T("improve.group_gone"), nil
	}
	if err != nil {
		return "", err
	}
	b.names[group] = groupName(b.words, g.Called())
	return b.names[group], nil
}

func (b *cards) of(t *improve.Task) (cardView, error) {
	w := b.words
	v := cardView{
		Words: w, Number: strconv.FormatInt(t.Number, 10), Title: t.Title, Href: taskHref(t.Number), Version: t.Version, State: string(t.State),
		StateName: w.T("improve.state." + string(t.State)), Late: t.Late(w.Now, w.Zone), Effect: w.effect(t.Effect),
	}
	if t.Owner != 0 {
		v.Owner = b.people.name(t.Owner)
	}
	if t.Due != "" {
		v.Due = w.date(t.Due)
	}
	for _, group := range t.Groups {
		name, err := b.group(group)
		if err != nil {
			return v, err
		}
		v.Groups = append(v.Groups, name)
	}
	if b.leads {
		for _, state := range improve.States() {
			v.Moves = append(v.Moves, moveChoice{string(state), w.T("improve.state." + string(state)), state == t.State})
		}
	}
	return v, nil
}
