package web

import (
	"context"
	"time"

	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// insightTask is what is done about a group.
type insightTask struct {
	Href, Title, State, Tone string
}

// tasksOfGroups gives the newest tasks by the groups that they are about, the newest first.
func (s *Server) tasksOfGroups(ctx context.Context) (map[id.ID][]improve.Task, error) {
	list, err := s.Improve.List(ctx, improve.Filter{}, 0, improve.ListMost)
	out := map[id.ID][]improve.Task{}
	for i := range list {
		for _, g := range list[i].Groups {
			out[g] = append(out[g], list[i])
		}
	}
	return out, err
}

func insightTaskOf(w *Words, t *improve.Task) insightTask {
	tone := map[improve.State]string{improve.Trying: "accent", improve.InWork: "accent", improve.RolledOut: "accent", improve.Verified: "good", improve.NoEffect: "warn"}
	return insightTask{taskHref(t.Number), t.Title, w.T("improve.state." + string(t.State)), tone[t.State]}
}

// stages are the days on which tasks changed something for shoppers: when a trial began, and when everybody got it.
func (s *Server) stages(ctx context.Context, f *insightFrame, list []improve.Task) ([]insightMark, error) {
	var out []insightMark
	add := func(t *improve.Task, from time.Time, state improve.State) {
		if from.Before(f.Filter.To) && !from.Before(f.Filter.From) {
			m := f.mark(insights.Mark{Kind: insights.Release, Title: t.Title, From: from, To: from})
			m.Kind = f.T("improve.state." + string(state))
			out = append(out, m)
		}
	}
	for i := range list {
		t := &list[i]
		trial, err := s.Improve.TrialOf(ctx, t.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil && trial != nil && trial.StartedAt > 0 {
			at := f.at(trial.StartedAt)
			add(t, time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, f.Zone), improve.Trying)
		}
		if day, err := time.ParseInLocation(time.DateOnly, t.ChangeDay, f.Zone); err == nil {
			add(t, day, improve.RolledOut)
		}
	}
	return out, nil
}
