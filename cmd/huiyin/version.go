package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker (Makefile); a plain build has the one of its module.
var version string

func versionCommand() command {
	return command{
		name: "version", brief: "prints version, commit and Go version",
		about: "Prints version, commit and Go version in one line.",
		run: func(_ context.Context, t *terminal, args []string) error {
			if len(args) > 0 {
				return usageError("takes nothing")
			}
			fmt.Fprintln(t.stdout, versionLine())
			return nil
		},
	}
}

func versionLine() string {
	v, commit := version, "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	if v == "" {
		v = "(devel)"
	}
	return fmt.Sprintf("huiyin %s, commit %s, %s %s/%s", v, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
