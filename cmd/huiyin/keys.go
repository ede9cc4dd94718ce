package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"huiyin/app"
	"huiyin/app/config"
)

func keysListCommand() command {
	return with(command{
		name: "keys list", brief: "lists the master keys",
		about: "Lists the master keys with the fingerprint that the database keeps of each, how many data keys are wrapped with it\n" +
			"and whether the key ring holds it.",
	}, func(ctx context.Context, t *terminal, d *config.Desk) error {
		return withDesk(ctx, t, *d, func(desk *app.Desk) error { return listKeys(ctx, t, desk) })
	})
}

func keysRotateCommand() command {
	return with(command{
		name: "keys rotate", brief: "makes a new master key and wraps the data keys with it",
		about: "Adds a master key to the key ring and wraps every data key with it; what is sealed stays as it is. The desk may\n" +
			"serve meanwhile. Broken off, it goes on where it was when called again. Keep a copy of the new key ring.",
	}, func(ctx context.Context, t *terminal, d *config.Desk) error {
		return withDesk(ctx, t, *d, func(desk *app.Desk) error {
			err := desk.Sealer.Rotate(ctx, func(done, total int) {
				fmt.Fprintf(t.stderr, "data keys wrapped: %d of %d\n", done, total)
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(t.stdout, "The key ring %s has a new master key. Keep a copy of it elsewhere.\n", desk.Sealer.RingPath())
			return listKeys(ctx, t, desk)
		})
	})
}

func listKeys(ctx context.Context, t *terminal, desk *app.Desk) error {
	keys, err := desk.Sealer.Keys(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tFINGERPRINT\tCREATED\tRETIRED\tDATA KEYS\tIN RING")
	for _, k := range keys {
		retired, held := "-", "no"
		if k.RetiredAt != nil {
			retired = stamp(time.UnixMilli(*k.RetiredAt))
		}
		if k.InRing {
			held = "yes"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%s\n", k.Version, k.Fingerprint, stamp(time.UnixMilli(k.CreatedAt)), retired, k.DataKeys, held)
	}
	return w.Flush()
}
