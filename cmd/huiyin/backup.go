package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"huiyin/app"
	"huiyin/app/backup"
	"huiyin/app/config"
)

type backupSettings struct {
	config.Desk
	Force bool `env:"FORCE" usage:"Replaces files of these names."`
}

func backupCommand() command {
	return withArguments(command{
		name: "backup", brief: "copies the desk into FILE and FILE.keys, while it runs",
		about: "Writes a consistent copy of the desk, which may serve meanwhile: FILE holds all but the data keys, the files that\n" +
			"people sent included; FILE.keys holds the data keys, wrapped by the master keys. The key ring is in neither: keep\n" +
			"a copy of it elsewhere (`huiyin keys export`). Keep every FILE that you like and the newest FILE.keys only: it\n" +
			"opens them all, and whoever was erased since stays erased.",
	}, "FILE", 1, func(ctx context.Context, t *terminal, s *backupSettings, args []string) error {
		made, err := app.Backup(ctx, s.Desk, args[0], s.Force, t.progress(), t.quietLogger(s.Desk))
		if err != nil {
			return err
		}
		fmt.Fprintf(t.stdout, "%s and %s: %d rows, %d files, %s, in %s\n", made.Path, made.Path+backup.KeysSuffix,
			made.Rows, made.Files, bytesText(made.Bytes), made.Took.Round(time.Millisecond))
		for _, m := range made.Masters {
			fmt.Fprintf(t.stdout, "Opened by master key %d (%s) of the key ring, which is not in it.\n", m.Version, m.Fingerprint)
		}
		return nil
	})
}

type restoreSettings struct {
	config.Desk
	Keys string `env:"KEYS" arg:"FILE.keys" usage:"The newest FILE.keys of the desk."`
}

func restoreCommand() command {
	return withArguments(command{
		name: "restore", brief: "puts a backup into an empty place",
		about: "Puts a backup into an empty data folder or an empty PostgreSQL database. The key ring must lie there first\n" +
			"(--keyring); another desk's is refused. Take the newest FILE.keys, whichever FILE it is: who was erased since\n" +
			"stays erased. A restore that was broken off is called again with the same files.",
	}, "FILE", 1, func(ctx context.Context, t *terminal, s *restoreSettings, args []string) error {
		if err := needed("keys", s.Keys); err != nil {
			return err
		}
		out, err := app.Restore(ctx, s.Desk, args[0], s.Keys, t.quietLogger(s.Desk))
		if err != nil {
			return err
		}
		if out == nil {
			fmt.Fprintln(t.stdout, "The rows were all there already; the rest is done now.")
			return nil
		}
		fmt.Fprintf(t.stdout, "Restored the desk of %s: %d rows, %d files. Start it with `huiyin serve`.\n", stamp(out.Made), out.Rows, out.Files)
		return nil
	})
}

// withArguments is with for a command that takes words beside its settings, before or behind them.
func withArguments[T any](c command, usage string, count int, run func(ctx context.Context, t *terminal, settings *T, args []string) error) command {
	c.arguments = usage
	c.usage = func() string { return config.Usage(new(T)) }
	c.run = func(ctx context.Context, t *terminal, args []string) error {
		settings := new(T)
		words, err := parseAll(settings, args, t.getenv)
		if err != nil {
			return err
		}
		if len(words) != count {
			return usageError("needs " + usage)
		}
		return run(ctx, t, settings, words)
	}
	return c
}

// parseAll reads settings that stand on both sides of the words.
func parseAll(into any, args []string, getenv func(string) string) (words []string, err error) {
	flags := args
	for len(flags) > 0 && len(flags[0]) > 0 && (flags[0][0] != '-' || flags[0] == "-") { // - is standard input
		words = append(words, flags[0])
		flags = flags[1:]
	}
	rest, err := config.Parse(into, flags, getenv)
	return append(words, rest...), err
}

// progress tells a person at a terminal how far a backup is.
func (t *terminal) progress() func(rows, files int64) {
	f, ok := t.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var said time.Time
	return func(rows, files int64) {
		if time.Since(said) > time.Second {
			said = time.Now()
			fmt.Fprintf(f, "%d rows, %d files …\n", rows, files)
		}
	}
}

// bytesText writes a size as people say it.
func bytesText(n int64) string {
	switch {
	case n < 10<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
