package demo

import (
	"math/rand/v2"
	"time"
)

// ending is how far a conversation has come.
type ending int

const (
	done    ending = iota // told to its end and solved
	waiting               // nobody has taken it up
	open                  // the shopper spoke last
	pending               // the agent spoke last
	snoozed               // put off until tomorrow
)

// beat is one thing that happens in a conversation, so long after its start.
type beat struct {
	kind byte // > < = +, as in the library
	text string
	at   time.Duration
}

// beats chooses the words and the pauses of a scenario that begins at a time, for the turn-th time. It begins with
// other words each turn. At night answers take longer, and nobody comes back to an old matter.
func beats(r *rand.Rand, s *scenario, turn int, start time.Time) []beat {
	var list []beat
	var at, skipped time.Duration
	var last byte
	dark := isNight(start)
	for _, l := range s.lines {
		if l.maybe && r.IntN(2) == 0 {
			continue
		}
		if l.kind == '~' {
			skipped = between(r, l.pause*4/5, l.pause*6/5)
			continue
		}
		at += skipped + pauseBefore(r, l.kind, last, dark)
		if when := start.Add(at).In(zone); skipped > daylight && when.Hour() < 9 {
			at += time.Duration(9-when.Hour()) * time.Hour
		}
		text := one(r, l.texts)
		if len(list) == 0 {
			text = l.texts[turn%len(l.texts)]
		}
		list = append(list, beat{kind: l.kind, text: text, at: at})
		skipped, last = 0, l.kind
	}
	return list
}

// daylight is the pause after which people go on at a reasonable hour.
const daylight = 12 * time.Hour

func isNight(t time.Time) bool {
	hour := t.In(zone).Hour()
	return hour < 7 || hour == 23
}

// pauseBefore is how long it takes until a line is said, after a line of the other kind.
func pauseBefore(r *rand.Rand, kind, last byte, dark bool) time.Duration {
	switch {
	case last == 0:
		return 0
	case kind == '>' && last == '>':
		return between(r, 8*time.Second, 70*time.Second)
	case kind == '>' && r.IntN(6) == 0: // she was away
		return between(r, 6*time.Minute, 35*time.Minute)
	case kind == '>':
		return between(r, 25*time.Second, 4*time.Minute)
	case last == '>' && dark:
		return between(r, 2*time.Minute, 14*time.Minute)
	case last == '>':
		return between(r, 35*time.Second, 5*time.Minute)
	case kind == '+':
		return between(r, 10*time.Second, 40*time.Second)
	}
	return between(r, 25*time.Second, 100*time.Second)
}

// cut leaves off what has not happened yet.
func cut(r *rand.Rand, list []beat, how ending) []beat {
	var places []int // after which the conversation may stand still
	answered := false
	for i, b := range list {
		next := byte(0)
		if i+1 < len(list) {
			next = list[i+1].kind
		}
		switch {
		case how == waiting && b.kind != '>':
			return list[:i]
		case how == open && b.kind == '>' && answered && next != '>':
			places = append(places, i+1)
		case (how == pending || how == snoozed) && b.kind == '<' && next != '<':
			places = append(places, i+1)
		}
		answered = answered || b.kind == '<'
	}
	if len(places) == 0 {
		return list
	}
	return list[:one(r, places[:min(2, len(places))])]
}

func between(r *rand.Rand, from, to time.Duration) time.Duration {
	return (from + time.Duration(r.Int64N(int64(to-from)+1))).Truncate(time.Millisecond)
}
