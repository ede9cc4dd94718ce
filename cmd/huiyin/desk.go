package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"huiyin/app"
	"huiyin/app/config"
)

// withDesk opens the desk's data for one piece of work. Who has thereby got a key ring is told to keep it.
func withDesk(ctx context.Context, t *terminal, settings config.Desk, work func(*app.Desk) error) error {
	desk, err := app.OpenDesk(ctx, settings, t.quietLogger(settings))
	if err != nil {
		return err
	}
	if err := errors.Join(work(desk), desk.Close()); err != nil {
		return err
	}
	if desk.Sealer.MadeRing() {
		fmt.Fprintf(t.stderr, "New master keys are in %s. Keep a copy elsewhere: without them nothing can be read.\n", desk.Sealer.RingPath())
	}
	return nil
}

// stamp writes a time as the lists of the commands show it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }
