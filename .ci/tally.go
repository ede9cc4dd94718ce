// Tally reads the output of `go test -json`, shows a line for each package and all that a failed test said, and ends
// with the line "N passed, N failed, N skipped". It fails when a test failed, was skipped, or when none ran.
//
//	go test -json ./... | go run .ci/tally.go
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go test -json` (see `go doc test2json`), or of `go build -json` where a build failed.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

// outsideData is what a test names that is skipped for want of it.
const outsideData = "../shared/data"

type tally struct {
	passed, failed, skipped int
	absent                  int                 // tests whose data is not here
	said                    map[string][]string // what a test or package printed, until it ends
	broken                  map[string]bool     // packages with a failed test
	out                     io.Writer
}

func main() {
	t := &tally{said: map[string][]string{}, broken: map[string]bool{}, out: os.Stdout}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if t.absent > 0 {
		fmt.Printf("%d not run: %s are not part of the project\n", t.absent, outsideData)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.skipped > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			t.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(t.out, "%s", line) // not of the test runner: show it
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.said[key] = append(t.said[key], e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "pass", "fail", "skip":
		t.end(e, key)
		delete(t.said, key)
	}
}

func (t *tally) end(e event, key string) {
	if e.Test == "" {
		t.endPackage(e, key)
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
		return
	case "fail":
		t.failed++
		t.broken[e.Package] = true
	case "skip":
		if strings.Contains(strings.Join(t.said[key], ""), outsideData) {
			t.absent++
		} else {
			t.skipped++
		}
	}
	fmt.Fprintf(t.out, "--- %s %s %s\n%s", strings.ToUpper(e.Action), e.Package, e.Test, strings.Join(t.said[key], ""))
}

func (t *tally) endPackage(e event, key string) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok    %-40s %7.1fs\n", e.Package, e.Elapsed)
	case "fail":
		if !t.broken[e.Package] { // a build that fails, or a panic, leaves no failed test behind
			t.failed++
		}
		delete(t.broken, e.Package) // the package may come again, with the race detector
		fmt.Fprintf(t.out, "%sFAIL  %-40s %7.1fs\n", strings.Join(t.said[key], ""), e.Package, e.Elapsed)
	}
}
