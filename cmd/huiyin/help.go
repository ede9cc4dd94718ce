package main

import (
	"context"
	"fmt"
	"strings"
)

func helpCommand() command {
	c := command{
		name: "help", brief: "explains huiyin or one of its commands",
		about: "`huiyin help COMMAND` explains a command and its settings.",
	}
	c.run = func(_ context.Context, t *terminal, args []string) error {
		if len(args) == 0 {
			fmt.Fprint(t.stdout, overview())
			return nil
		}
		named, rest, ok := named(args)
		switch {
		case ok && len(rest) == 0:
			fmt.Fprint(t.stdout, named.help())
			return nil
		case groupOf(args[0]) != "" && len(args) == 1:
			fmt.Fprint(t.stdout, list(args[0]+" "))
			return nil
		}
		return usageError(fmt.Sprintf("there is no command %q", strings.Join(args, " ")))
	}
	return c
}

// overview is the help of huiyin as a whole.
func overview() string {
	return `Huiyin (回音) is a customer support desk.

Usage: huiyin [COMMAND] [SETTINGS]

Commands:
` + list("") + `
Without a command it serves. Every setting is a flag, --log-level debug, or a variable, HUIYIN_LOG_LEVEL=debug; the
flag wins. "huiyin help COMMAND" explains a command with its settings.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`
}

// list names the commands that begin with a word, a line each.
func list(prefix string) string {
	var b strings.Builder
	for _, c := range commands() {
		if strings.HasPrefix(c.name, prefix) && !c.hidden {
			fmt.Fprintf(&b, "  %-16s %s\n", c.name, c.brief)
		}
	}
	return b.String()
}

// help explains one command.
func (c command) help() string {
	usage := ""
	if c.usage != nil {
		usage = c.usage()
	}
	head := strings.TrimSpace("Usage: huiyin " + c.name + " " + c.arguments)
	if usage != "" {
		head += " [SETTINGS]"
		usage = "\nSettings:\n" + usage
	}
	return head + "\n\n" + c.about + "\n" + usage
}
