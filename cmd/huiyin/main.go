// Command huiyin is a customer support desk: `huiyin help` lists what it does.
//
// main turns signals into a context and leaves the rest to run, which tests call as well. Each command has a file of
// its own; command.go tells how they are declared, found and explained.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"huiyin/app/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and gives its exit code. An error goes to stderr in one line that says what to do.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := &terminal{getenv: getenv, stdin: stdin, stdout: &printer{w: stdout}, stderr: stderr, alone: stdout == io.Writer(os.Stdout)}
	c, rest, err := find(args)
	if err == nil {
		err = c.run(ctx, t, rest)
	}
	if errors.Is(err, config.ErrHelp) {
		_, err = io.WriteString(t.stdout, c.help())
	}
	if err = cmp.Or(err, t.stdout.failure()); err == nil {
		return exitDone
	}
	text, code := explain(t, err)
	if code == exitUsage {
		text = strings.TrimRight(text, ".。") + "; see `" + strings.TrimSpace("huiyin help "+c.name) + "`"
	}
	fmt.Fprintln(stderr, strings.TrimSpace("huiyin "+c.name)+": "+text)
	return code
}
