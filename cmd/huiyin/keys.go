package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"huiyin/app"
	"huiyin/app/config"
	"huiyin/tickets/seal"
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

func keysExportCommand() command {
	return with(command{
		name: "keys export", brief: "prints the key ring as a page to put away",
		about: "Prints the key ring as a page: print it and lock it away, apart from the backups. Whoever holds it can read the\n" +
			"desk; without it nobody can. The page is a key ring itself: saved as keyring.json with mode 0600, or typed in\n" +
			"again from paper, it opens the desk. A wrong letter is noticed.",
	}, func(ctx context.Context, t *terminal, d *config.Desk) error {
		return withDesk(ctx, t, *d, func(desk *app.Desk) error {
			keys, err := desk.Sealer.Keys(ctx) // a ring that is not this desk's is no use on paper
			if err != nil {
				return err
			}
			ring, err := seal.LoadRing(desk.Sealer.RingPath())
			if err != nil {
				return err
			}
			fmt.Fprintf(t.stdout, "# Huiyin 回音: key ring, printed %s\n#\n"+
				"# To use it: save these lines as keyring.json in the data folder of the desk, mode 0600 (chmod 600), or type\n"+
				"# them in from paper; the sum at the end tells a wrong letter. Then `huiyin restore` and `huiyin serve` take it.\n"+
				"# 用法：把这些内容存为数据目录中的 keyring.json，权限 0600；也可照纸录入，末行校验会发现错字。\n#\n", stamp(time.Now()))
			for _, k := range keys {
				if k.RetiredAt == nil {
					fmt.Fprintf(t.stdout, "# In use: master key %d, fingerprint %s\n", k.Version, k.Fingerprint)
				}
			}
			fmt.Fprint(t.stdout, "#\n", ring.Text())
			return nil
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
