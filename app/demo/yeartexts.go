package demo

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

//go:embed year
var yearFiles embed.FS

// grievance is what customers say of one matter: cores, and ends that may follow.
type grievance struct{ cores, ends []string }

// grievances are those of a language by matter; "openings" are how texts begin.
type grievances map[string]*grievance

// loadGrievances reads the embedded texts. An error is a mistake in them; the tests find it.
func loadGrievances(locale string) (grievances, error) {
	content, err := yearFiles.ReadFile("year/" + locale + ".txt")
	if err != nil {
		return nil, err
	}
	all := grievances{}
	var open *grievance
	for n, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		sign, rest, _ := strings.Cut(line, " ")
		switch {
		case sign == "=":
			open = &grievance{}
			all[rest] = open
		case sign == "+" && open != nil:
			open.cores = append(open.cores, rest)
		case sign == "-" && open != nil:
			open.ends = append(open.ends, rest)
		case sign != "#":
			return nil, fmt.Errorf("%s, line %d: begins with none of = + - #", locale, n+1)
		}
	}
	return all, nil
}

// say makes up what somebody says of a matter.
func (all grievances) say(rnd *rand.Rand, matter, locale string, g good) string {
	pause, space, stop := "，", "", "。"
	if locale == en {
		pause, space, stop = ", ", " ", "."
	}
	of := all[matter]
	var b strings.Builder
	if openings := all["openings"].cores; rnd.IntN(4) == 0 {
		b.WriteString(pick(rnd, openings) + space)
	}
	b.WriteString(choose(rnd, pick(rnd, of.cores)))
	if len(of.ends) > 0 && rnd.IntN(2) == 0 {
		b.WriteString(pause + choose(rnd, pick(rnd, of.ends)))
	}
	b.WriteString(stop)
	return strings.NewReplacer("{good}", g.name[locale], "{n}", strconv.Itoa(2+rnd.IntN(6))).Replace(b.String())
}

// choose takes one of each bracket's choices.
func choose(rnd *rand.Rand, text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var choices string
		choices, text, _ = strings.Cut(rest, "]")
		b.WriteString(pick(rnd, strings.Split(choices, "|")))
	}
}
