package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"huiyin/app"
	"huiyin/app/config"
)

func migrateCommand() command {
	return with(command{
		name: "migrate", brief: "brings the database up to date",
		about: "Brings the database up to date and says how many steps that took. The other commands do the same at start unless\n" +
			"--migrate check is set. Several processes may try at once: one does it, the others wait.",
	}, func(ctx context.Context, t *terminal, d *config.Desk) error {
		applied, err := app.Migrate(ctx, *d, t.quietLogger(*d))
		if err != nil {
			return err
		}
		if applied == 0 {
			fmt.Fprintln(t.stdout, "The database is up to date.")
			return nil
		}
		fmt.Fprintf(t.stdout, "The database is up to date; steps taken: %d.\n", applied)
		return nil
	})
}

func migrateStatusCommand() command {
	return with(command{
		name: "migrate status", brief: "says where the database stands",
		about: "Lists the steps of the database with the time when each was taken. It changes nothing.",
	}, func(ctx context.Context, t *terminal, d *config.Desk) error {
		list, err := app.MigrationStatus(ctx, *d, t.quietLogger(*d))
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
		for _, s := range list {
			when := "pending"
			if s.Applied {
				when = stamp(s.AppliedAt)
			}
			fmt.Fprintf(w, "%d\t%s\t%s\n", s.Version, s.Name, when)
		}
		return w.Flush()
	})
}
