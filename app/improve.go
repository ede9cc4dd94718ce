package app

import (
	"context"
	"io"
	"time"

	"huiyin/app/attempts"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/app/jobs"
	"huiyin/chat"
	"huiyin/tickets/id"
)

// measureEvery is how often the clock looks for tasks whose effect was not measured today.
const measureEvery = time.Hour

// Measure is the job that finds the effect of improvement tasks.
type Measure struct{}

// Kind names the job.
func (Measure) Kind() string { return "improve_measure" }

// newImprove makes what keeps improvement tasks.
func (s *server) newImprove() *improve.Service {
	o := s.improveOptions(s.insights, time.Now)
	o.Files = improve.Files{
		Keep: func(ctx context.Context, row id.ID, name string, body io.Reader) (improve.Stored, error) {
			f, err := s.files.TakeForTask(ctx, row, name, body)
			return improve.Stored{Name: f.Name, Type: f.Type, Size: f.Size, File: f.File}, err
		},
		Open: s.files.OpenOfTask, Drop: s.files.DropOfTask,
	}
	o.Answers = func(ctx context.Context, task id.ID) (fixed, still int, err error) {
		return s.telling.Answers(ctx, task)
	}
	return improve.New(o)
}

// improveOptions are what improvement tasks need of the desk, without files.
func (d *Desk) improveOptions(groups *insights.Service, now func() time.Time) improve.Options {
	orders := d.Orders()
	return improve.Options{
		Store: d.Store, Tickets: d.TicketsAt(now), Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log, Insights: groups,
		Tried:  triedIn(d.AttemptsAt(now)),
		Orders: improve.Orders{Paid: orders.Paid, InArms: orders.InArms, Arms: orders.Arms},
	}
}

// triedIn tells in which arm of a trial contacts tried to order first.
func triedIn(s *attempts.Service) func(context.Context, string, []id.ID) (map[id.ID]improve.Tried, error) {
	return func(ctx context.Context, trial string, contacts []id.ID) (map[id.ID]improve.Tried, error) {
		list, err := s.InArms(ctx, trial, contacts)
		out := make(map[id.ID]improve.Tried, len(list))
		for contact, one := range list {
			out[contact] = improve.Tried(one)
		}
		return out, err
	}
}

// measureWorker finds the effect of improvement tasks, each once a day.
func (s *server) measureWorker() jobs.Worker[Measure] {
	return jobs.Worker[Measure]{Work: func(ctx context.Context, _ jobs.Job[Measure]) error { return s.improve.MeasureDue(ctx) }}
}

// ImproveAt makes another service of the desk's improvement tasks whose clock the caller sets; it keeps no files.
func (d *Desk) ImproveAt(groups *insights.Service, now func() time.Time) *improve.Service {
	return improve.New(d.improveOptions(groups, now))
}

// assign tells a shop's page in which arm of a trial its visitor is.
func (s *server) assign(ctx context.Context, contact id.ID, trial string) (chat.Assigned, error) {
	a, err := s.improve.Assign(ctx, trial, improve.Unit{Contact: contact})
	return chat.Assigned{Trial: a.Trial, State: string(a.State), Arm: a.Arm, Treated: a.Treated, Share: a.Share}, err
}
