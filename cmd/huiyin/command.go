package main

import (
	"context"
	"fmt"
	"strings"

	"huiyin/app/config"
)

// command is something that huiyin does.
type command struct {
	name  string // one or two words
	brief string // one line for the list
	about string // a paragraph for its own help
	// arguments are the words that it takes beside its settings: "FILE".
	arguments string
	usage     func() string
	run       func(ctx context.Context, t *terminal, args []string) error
	hidden    bool // the help does not list it
}

// commands lists them in the order of the help.
func commands() []command {
	return []command{
		serveCommand(), demoCommand(), migrateCommand(), migrateStatusCommand(),
		agentAddCommand(), agentPasswordCommand(), tokenAddCommand(), inboxAddCommand(),
		backupCommand(), restoreCommand(), mailParseCommand(), insightsGroupCommand(), insightsWorkerCommand(),
		keysListCommand(), keysRotateCommand(), keysExportCommand(), healthCommand(), versionCommand(), helpCommand(),
	}
}

// with gives a command its settings: a struct with env tags, filled from flags and variables before run is called.
func with[T any](c command, run func(ctx context.Context, t *terminal, settings *T) error) command {
	c.usage = func() string { return config.Usage(new(T)) }
	c.run = func(ctx context.Context, t *terminal, args []string) error {
		settings := new(T)
		rest, err := config.Parse(settings, args, t.getenv)
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return usageError(fmt.Sprintf("does not know what to do with %q", rest[0]))
		}
		return run(ctx, t, settings)
	}
	return c
}

// find gives the command that a command line names and what follows its name. No name at all means serve.
func find(args []string) (command, []string, error) {
	if len(args) == 0 {
		return serveCommand(), nil, nil
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return helpCommand(), args[1:], nil
	case "-v", "-version", "--version":
		return versionCommand(), args[1:], nil
	}
	if strings.HasPrefix(args[0], "-") {
		return serveCommand(), args, nil
	}
	if c, rest, ok := named(args); ok {
		return c, rest, nil
	}
	if group := groupOf(args[0]); group != "" {
		return command{name: args[0], run: nil}, nil, usageError("needs one of: " + group)
	}
	return command{}, nil, usageError(fmt.Sprintf("there is no command %q", args[0]))
}

// named looks for the longest name that the arguments begin with.
func named(args []string) (command, []string, bool) {
	for words := min(2, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		for _, c := range commands() {
			if c.name == name {
				return c, args[words:], true
			}
		}
	}
	return command{}, nil, false
}

// groupOf lists the second words of the commands that begin with a word.
func groupOf(word string) string {
	var list []string
	for _, c := range commands() {
		if second, ok := strings.CutPrefix(c.name, word+" "); ok && !c.hidden {
			list = append(list, second)
		}
	}
	return strings.Join(list, ", ")
}
