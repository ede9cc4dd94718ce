package demo

import (
	"math/rand/v2"
	"slices"
	"time"
	"unicode/utf8"

	"huiyin/tickets"
)

// action is what a step does.
type action int

const (
	doWrite    action = iota // the shopper writes text
	doReply                  // the agent answers text
	doNote                   // the agent notes text
	doDraft                  // the agent has begun to write text
	doAssign                 // the ticket goes to agent
	doTeam                   // … to team
	doPriority               // … becomes as urgent as the text says
	doTags                   // … gets tags
	doStatus                 // … gets the status in text
	doSnooze                 // … is put off until until
	doRead                   // the agent has read everything
	doSeen                   // the shopper has read everything
)

// step is one thing that somebody did at a time.
type step struct {
	at    time.Time
	do    action
	agent int // who does it, in staff
	to    int // whom doAssign gives the ticket to
	team  int
	text  string
	tags  []string
	until time.Time
}

// thread is one conversation with all that was done to its ticket.
type thread struct {
	n        int // its place in the plan
	scenario string
	locale   string
	who      int // place in shoppers(); -1 a visitor
	page     tickets.Page
	order    string
	steps    []step
}

func (t *thread) has(a action) bool {
	return slices.ContainsFunc(t.steps, func(s step) bool { return s.do == a })
}

// builder turns an outline into a thread.
type builder struct {
	r         *rand.Rand
	o         *outline
	words     phrases
	slots     slots
	now       time.Time
	t         thread
	agent     int // who has it; -1 nobody yet
	colleague int
	team      int
}

func newBuilder(r *rand.Rand, lib *library, o *outline, n int, now time.Time) *builder {
	b := &builder{r: r, o: o, words: lib.phrases[o.locale], now: now, agent: -1, team: teamOf[o.team]}
	var who *shopper
	if o.who >= 0 {
		who = &shoppers()[o.who]
	}
	var g good
	b.slots, g = newSlots(r, o.scenario, who, o.start.In(zone))
	b.t = thread{n: n, scenario: o.name, locale: o.locale, who: o.who, page: pageOf(o.scenario, g, b.slots["order"])}
	if o.page == "order" {
		b.t.order = b.slots["order"]
	}
	return b
}

func (b *builder) build(wantsDraft bool) thread {
	for i, beat := range b.o.beats {
		at := b.o.start.Add(beat.at)
		if beat.kind != '>' && b.agent < 0 {
			b.take(b.lead(i, at))
		}
		switch beat.kind {
		case '>':
			b.say(doWrite, at, beat.text)
		case '<':
			b.say(doReply, at, beat.text)
		case '=':
			b.say(doNote, at, beat.text)
		case '+':
			b.hand(at, beat.text)
		}
	}
	b.finish(wantsDraft)
	return b.t
}

// lead is the moment between the shopper's last words and the answer when the agent takes the ticket up.
func (b *builder) lead(i int, at time.Time) time.Time {
	if i == 0 {
		return at
	}
	gap := b.o.beats[i].at - b.o.beats[i-1].at
	return at.Add(-between(b.r, gap/4, gap*3/4))
}

// add takes a step of the agent who has the ticket.
func (b *builder) add(s step) {
	s.agent = b.agent
	b.t.steps = append(b.t.steps, s)
}

func (b *builder) say(do action, at time.Time, text string) {
	b.add(step{at: at, do: do, text: b.slots.fill(b.r, b.words, text)})
}

// take lets an agent of the team take the ticket up: it comes to the team, to her, and gets its tags.
func (b *builder) take(at time.Time) {
	b.agent, b.colleague = onDuty(b.r, b.team, at)
	b.name()
	b.add(step{at: at, do: doAssign, to: b.agent})
	b.add(step{at: at, do: doTeam, team: b.team})
	if b.o.priority != "" {
		b.add(step{at: at, do: doPriority, text: b.o.priority})
	}
	if b.o.how != open || b.r.IntN(3) > 0 {
		b.add(step{at: at, do: doTags, tags: b.o.tags})
	}
}

// hand gives the ticket to a colleague or the manager, who goes on with it.
func (b *builder) hand(at time.Time, to string) {
	next := manager
	if to == "assign colleague" {
		next, b.colleague = b.colleague, b.agent
	}
	b.add(step{at: at, do: doAssign, to: next})
	b.agent = next
	b.name()
}

func (b *builder) name() {
	b.slots["agent"] = staff[b.agent].short[b.o.locale]
	b.slots["colleague"] = staff[b.colleague].short[b.o.locale]
}

// finish does what comes after the last words.
func (b *builder) finish(wantsDraft bool) {
	last := b.t.steps[len(b.t.steps)-1].at
	after := func(from, to time.Duration) time.Time {
		last = last.Add(min(between(b.r, from, to), max(b.now.Sub(last)/2, 0)))
		return last
	}
	if b.o.ends == string(tickets.StatusSpam) {
		b.agent, _ = onDuty(b.r, b.team, last)
		b.add(step{at: after(2*time.Minute, 20*time.Minute), do: doStatus, text: b.o.ends})
		return
	}
	switch b.o.how {
	case done:
		b.add(step{at: after(20*time.Second, 3*time.Minute), do: doRead})
		b.add(step{at: last, do: doSeen})
		b.add(step{at: after(time.Minute, 9*time.Minute), do: doStatus, text: string(tickets.StatusSolved)})
	case pending, snoozed:
		b.pend(after)
	case open:
		b.add(step{at: last, do: doSeen})
		if wantsDraft && len(b.o.rest) > 0 && b.o.rest[0].kind == '<' {
			text := b.slots.fill(b.r, b.words, b.o.rest[0].text)
			b.add(step{at: after(time.Second, 20*time.Second), do: doRead})
			b.add(step{at: last, do: doDraft, text: begun(text)})
		}
	}
}

// pend leaves the ticket waiting for the shopper, who may have read the answer; a snoozed one comes back tomorrow.
func (b *builder) pend(after func(from, to time.Duration) time.Time) {
	if b.r.IntN(3) > 0 {
		b.add(step{at: after(20*time.Second, 3*time.Minute), do: doSeen})
	}
	if b.o.how == snoozed {
		day := b.now.In(zone).AddDate(0, 0, 1)
		until := time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, zone)
		b.add(step{at: after(30*time.Second, 3*time.Minute), do: doSnooze, until: until})
	}
}

// begun is the first half of a text.
func begun(text string) string {
	runes := []rune(text)
	return string(runes[:utf8.RuneCountInString(text)/2])
}
