package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"huiyin/app"
	"huiyin/app/config"
)

func serveCommand() command {
	return with(command{
		name: "serve", brief: "runs the desk (also when no command is named)",
		about: "Runs the desk and prints its address. Without settings it keeps everything in ./data, in an embedded database.\n" +
			"On an empty desk the first visit makes the administrator, with a code that is printed at start.\n" +
			"SIGTERM or Ctrl+C ends it: what is under way is finished first, for 20 seconds at most.",
	}, func(ctx context.Context, t *terminal, c *config.Config) error {
		// Ten thousand idle sockets are mostly memory that lives: collecting at half the usual growth keeps the process
		// small and costs next to nothing. GOGC, where it is set, decides.
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(50)
		}
		return app.Serve(ctx, *c, app.Extras{
			Log:   t.logger(c.Log, c.LogLevel),
			Ready: func(r app.Running) { welcome(t, r) },
		})
	})
}

// welcome prints what somebody who has just started a desk must know.
func welcome(t *terminal, r app.Running) {
	fmt.Fprintf(t.stdout, "Huiyin is ready at %s\n", r.URL)
	if r.SetupCode != "" {
		fmt.Fprintf(t.stdout, "The first visit makes the administrator. The code it asks for: %s\n", r.SetupCode)
	}
}
