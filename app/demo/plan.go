package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"huiyin/tickets"
)

// apart is how long a shopper stays away after a conversation. It is more than the days within which her next message
// would open the old ticket again.
const apart = 8 * 24 * time.Hour

// plan gives all conversations of the shop in the order of their beginning. The same seed and now give the same plan.
func plan(lib *library, seed uint64, now time.Time) []thread {
	r := rand.New(rand.NewPCG(seed, 0))
	outlines := schedule(r, lib, now)
	cast(r, outlines, now)
	drafts := 2 // so many agents have begun to write an answer
	threads := make([]thread, len(outlines))
	for i, o := range outlines {
		b := newBuilder(rand.New(rand.NewPCG(seed, uint64(i)+1)), lib, o, i, now)
		threads[i] = b.build(o.how == open && drafts > 0)
		if threads[i].has(doDraft) {
			drafts--
		}
	}
	return threads
}

// cast decides who writes each conversation: a shopper who will be away long enough before she comes again, else a
// visitor. It begins with the newest, so that today's list has names in it.
func cast(r *rand.Rand, outlines []*outline, now time.Time) {
	people := shoppers()
	again := make([]time.Time, len(people)) // when each comes again
	for i := range people {
		again[i] = time.Unix(math.MaxInt32, 0)
	}
	for _, n := range customers { // what they write in the shop today begins a ticket of its own
		again[n] = now
	}
	for _, o := range slices.Backward(outlines) {
		o.who = -1
		if o.ends == string(tickets.StatusSpam) || (o.visitor && r.IntN(3) > 0) {
			continue
		}
		var candidates []int
		for n, p := range people {
			if p.locale == o.locale && o.end().Add(apart).Before(again[n]) {
				candidates = append(candidates, n)
			}
		}
		if len(candidates) == 0 {
			continue
		}
		// some come often
		o.who = candidates[int(float64(len(candidates))*math.Pow(r.Float64(), 1.5))]
		again[o.who] = o.start
	}
}
