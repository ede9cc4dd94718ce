package main

import (
	"context"

	"huiyin/app/insights/worker"
)

// insightsWorkerCommand is the child process of serve that groups complaints. The help does not list it: people have no use for it.
func insightsWorkerCommand() command {
	return with(command{
		name: "insights worker", hidden: true, brief: "groups complaints for a running desk",
		about: "A running desk starts it. It answers what comes in on standard input, and ends with it.",
	}, func(_ context.Context, t *terminal, _ *struct{}) error {
		worker.Low()
		return worker.Serve(t.stdin, t.stdout)
	})
}
