package feedback

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// ReportFilter says what a report counts. From is inclusive, To is not; days are cut in From's zone.
type ReportFilter struct {
	Form     id.ID
	From, To time.Time
	Source   Source // empty: all
	Agent    id.ID  // zero: all
}

// Report is what was answered in a period. It is read from counts alone.
type Report struct {
	Reach
	BySource  []SourceReach
	Questions []QuestionCount // of the version in force, in its order
	Days      []DayScore      // of the first scored question
	Agents    []AgentScore    // of the first scored question; the best known first
	Products  []ProductScore  // of the first scored question, those with the most answers first; not by source or agent
}

// Reach is how far a form came.
type Reach struct{ Asked, Opened, Answered, Tickets int }

// Rate is the share of those who could answer that did, from 0 to 1: of those who were asked, else of those who opened the
// form; ok is false where neither is counted, or where more have answered: programs send responses that nobody opened here.
func (r Reach) Rate() (rate float64, ok bool) {
	of := r.Asked
	if of == 0 {
		of = r.Opened
	}
	if of == 0 || of < r.Answered {
		return 0, false
	}
	return float64(r.Answered) / float64(of), true
}

// SourceReach is the reach by one source.
type SourceReach struct {
	Source Source
	Reach
}

// QuestionCount is what was answered to one question.
type QuestionCount struct {
	Question *Question
	Score    Score
	Options  []OptionCount // of a choice
	Given    int           // of what is no choice
}

// OptionCount is how often an option was chosen.
type OptionCount struct {
	Option *Option
	N      int
}

// Score is the distribution of a scored question's answers.
type Score struct {
	Kind Kind
	N    []int // by score, from the lowest that there is
}

// All is how many answers there are.
func (s Score) All() int {
	sum := 0
	for _, n := range s.N {
		sum += n
	}
	return sum
}

// Value is what the score is called by: of a rating the share of 4 and 5 (CSAT, 0 to 100), of NPS the share of 9 and 10 less
// that of 0 to 6 (-100 to 100; Reichheld, «The One Number You Need to Grow», Harvard Business Review 12/2003).
func (s Score) Value() int {
	all := s.All()
	if all == 0 {
		return 0
	}
	low, _ := s.Kind.Range()
	points := 0
	for i, n := range s.N {
		score := low + i
		switch {
		case s.Kind == KindRating && score >= 4, s.Kind == KindNPS && score >= 9:
			points += n
		case s.Kind == KindNPS && score <= 6:
			points -= n
		}
	}
	return roundedShare(points, all)
}

func roundedShare(part, all int) int {
	if part < 0 {
		return -roundedShare(-part, all)
	}
	return (part*100 + all/2) / all
}

// Average is the mean score.
func (s Score) Average() float64 {
	low, _ := s.Kind.Range()
	sum := 0
	for i, n := range s.N {
		sum += (low + i) * n
	}
	return float64(sum) / float64(max(s.All(), 1))
}

func (s *Score) add(value string, n int) {
	low, high := s.Kind.Range()
	score, err := strconv.Atoi(value)
	if err != nil || score < low || score > high {
		return
	}
	if s.N == nil {
		s.N = make([]int, high-low+1)
	}
	s.N[score-low] += n
}

// DayScore is a day's answers.
type DayScore struct {
	Day time.Time
	Score
}

// AgentScore is what was said of an agent's tickets.
type AgentScore struct {
	Agent id.ID
	Score
}

// ProductScore is what was said of orders with a product.
type ProductScore struct {
	SKU string
	Score
}

// productsMost is how many products a report lists.
const productsMost = 50

// Report counts a period. Errors: NotFound (the form).
func (s *Service) Report(ctx context.Context, f ReportFilter) (*Report, error) {
	form, err := s.Form(ctx, f.Form)
	if err != nil {
		return nil, err
	}
	d, err := s.Definition(ctx, f.Form, form.Version)
	if err != nil {
		return nil, err
	}
	r := &reporting{Report: &Report{}, s: s, filter: f, sources: map[Source]*Reach{}, agents: map[id.ID]*Score{}, byID: map[string]*QuestionCount{}}
	for _, q := range d.Questions() {
		one := QuestionCount{Question: q, Score: Score{Kind: q.Kind}}
		for i := range q.Options {
			one.Options = append(one.Options, OptionCount{Option: &q.Options[i]})
		}
		r.Questions = append(r.Questions, one)
	}
	for i := range r.Questions {
		one := &r.Questions[i]
		r.byID[one.Question.ID] = one
		if r.main == nil && one.Question.Kind.Scored() {
			r.main = one.Question
		}
	}
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	if r.main != nil {
		if err := r.days(ctx); err != nil {
			return nil, err
		}
		if err := r.products(ctx); err != nil {
			return nil, err
		}
	}
	return r.finish(), nil
}

// reporting is a report while it is counted.
type reporting struct {
	*Report
	s       *Service
	filter  ReportFilter
	main    *Question // the first scored one; nil: there is none
	byID    map[string]*QuestionCount
	sources map[Source]*Reach
	agents  map[id.ID]*Score
}

// where is the part of form_rolls that counts.
func (r *reporting) where() (string, []any) {
	text, args := ` WHERE form_id = ? AND at >= ? AND at < ?`, []any{int64(r.filter.Form), quarter(tickets.Millis(r.filter.From)), tickets.Millis(r.filter.To)}
	if r.filter.Source != "" {
		text, args = text+` AND channel = ?`, append(args, string(r.filter.Source))
	}
	if r.filter.Agent != 0 {
		text, args = text+` AND agent_id = ?`, append(args, int64(r.filter.Agent))
	}
	return text, args
}

// count sums the period by everything but time.
func (r *reporting) count(ctx context.Context) error {
	where, args := r.where()
	rows, err := r.s.Store.Read(ctx).Raw(`SELECT channel, agent_id, question, value, SUM(n) FROM form_rolls`+where+` GROUP BY channel, agent_id, question, value`, args...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var source, question, value string
		var agent int64
		var n int
		if err := rows.Scan(&source, &agent, &question, &value, &n); err != nil {
			return err
		}
		r.add(Source(source), id.ID(agent), question, value, n)
	}
	return rows.Err()
}

func (r *reporting) add(source Source, agent id.ID, question, value string, n int) {
	if question == "" {
		one := r.sources[source]
		if one == nil {
			one = &Reach{}
			r.sources[source] = one
		}
		one.add(value, n)
		r.Reach.add(value, n)
		return
	}
	one := r.byID[question]
	if one == nil {
		return // asked by an older version only
	}
	switch {
	case one.Question.Kind.Scored():
		one.Score.add(value, n)
		if one.Question == r.main && agent != 0 {
			if r.agents[agent] == nil {
				r.agents[agent] = &Score{Kind: r.main.Kind}
			}
			r.agents[agent].add(value, n)
		}
	case one.Question.Kind.Chosen():
		for i := range one.Options {
			if one.Options[i].Option.ID == value {
				one.Options[i].N += n
			}
		}
	default:
		one.Given += n
	}
}

func (r *Reach) add(value string, n int) {
	switch value {
	case CountAsked:
		r.Asked += n
	case CountOpened:
		r.Opened += n
	case CountAnswered:
		r.Answered += n
	case CountTicket:
		r.Tickets += n
	}
}

// days sums the first scored question by day.
func (r *reporting) days(ctx context.Context) error {
	where, args := r.where()
	rows, err := r.s.Store.Read(ctx).Raw(`SELECT at, value, SUM(n) FROM form_rolls`+where+` AND question = ? GROUP BY at, value ORDER BY at`, append(args, r.main.ID)...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	zone := r.filter.From.Location()
	for rows.Next() {
		var at int64
		var value string
		var n int
		if err := rows.Scan(&at, &value, &n); err != nil {
			return err
		}
		y, m, d := time.UnixMilli(at).In(zone).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, zone)
		if last := len(r.Days) - 1; last < 0 || !r.Days[last].Day.Equal(day) {
			r.Days = append(r.Days, DayScore{day, Score{Kind: r.main.Kind}})
		}
		r.Days[len(r.Days)-1].add(value, n)
	}
	return rows.Err()
}

// products sums the first scored question by the goods of the orders.
func (r *reporting) products(ctx context.Context) error {
	rows, err := r.s.Store.Read(ctx).Raw(`SELECT sku, value, SUM(n) FROM form_product_rolls WHERE form_id = ? AND at >= ? AND at < ? AND question = ? GROUP BY sku, value`,
		int64(r.filter.Form), quarter(tickets.Millis(r.filter.From)), tickets.Millis(r.filter.To), r.main.ID).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	sums := map[string]*Score{}
	for rows.Next() {
		var sku, value string
		var n int
		if err := rows.Scan(&sku, &value, &n); err != nil {
			return err
		}
		if sums[sku] == nil {
			sums[sku] = &Score{Kind: r.main.Kind}
		}
		sums[sku].add(value, n)
	}
	for sku, score := range sums {
		if score.All() > 0 {
			r.Products = append(r.Products, ProductScore{sku, *score})
		}
	}
	slices.SortFunc(r.Products, func(a, b ProductScore) int { return cmp.Or(b.All()-a.All(), cmp.Compare(a.SKU, b.SKU)) })
	r.Products = r.Products[:min(len(r.Products), productsMost)]
	return rows.Err()
}

// finish puts the sums in order.
func (r *reporting) finish() *Report {
	for _, source := range Sources() {
		if one := r.sources[source]; one != nil {
			r.BySource = append(r.BySource, SourceReach{source, *one})
		}
	}
	for _, agent := range slices.Sorted(maps.Keys(r.agents)) {
		if r.agents[agent].All() > 0 {
			r.Agents = append(r.Agents, AgentScore{agent, *r.agents[agent]})
		}
	}
	slices.SortStableFunc(r.Agents, func(a, b AgentScore) int { return b.All() - a.All() })
	return r.Report
}
