package app

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"huiyin/app/db"
	"huiyin/app/standing"
	"huiyin/app/web"
)

// mayReceive closes the door while the disk takes no more. With PostgreSQL the messages do not lie on this disk.
func (s *server) mayReceive() func() error {
	if s.cfg.Database != "" {
		return nil
	}
	return s.standing.MayWrite
}

// health is the page of that name.
func (s *server) health() web.Health {
	return web.Health{
		Backups: s.backups, State: s.state,
	}
}

// state gathers what there is to know; what cannot be had stays zero and is told in the log.
func (s *server) state(ctx context.Context) standing.State {
	out := standing.State{Dialect: s.DB.Dialect(), Version: programLine()}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	out.Disk, err = s.standing.Disk()
	note(err)
	if err := s.standing.Problem(); err != nil {
		out.Problem = err.Error()
	}
	out.Memory, err = standing.ReadMemory(ctx, os.Getpid())
	note(err)
	out.Database, err = s.DB.Size(ctx)
	note(err)
	note(s.DB.Snapshot(ctx, func(look *db.Snapshot) (err error) {
		out.Schema, err = look.Schema(ctx)
		return err
	}))
	queues, err := s.jobs.Backlog(ctx)
	note(err)
	for _, q := range queues {
		out.Waiting += q.Waiting
		out.Given += q.Discarded
	}
	readers, err := s.events.Backlog(ctx)
	note(err)
	for _, behind := range readers {
		out.Behind = max(out.Behind, behind)
	}
	out.Nodes, err = s.nodes(ctx)
	note(err)
	out.Alerts, err = s.alerts(ctx)
	note(err)
	if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "gather the desk's state", "error", err)
	}
	return out
}

// programLine names the program with its commit, and what it was built with.
func programLine() string {
	words := []string{"Huiyin", programVersion()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, one := range info.Settings {
			if one.Key == "vcs.revision" {
				words = append(words, one.Value[:min(12, len(one.Value))])
			}
		}
	}
	return strings.Join(append(words, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH), " ")
}
