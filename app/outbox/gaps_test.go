package outbox

import "testing"

func TestPrefixStopsBeforeAMissingNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule    string
		cursor  int64
		settled int64
		numbers []int64
		want    int
	}{
		{"nothing", 3, 0, nil, 0},
		{"all there", 3, 0, []int64{4, 5, 6}, 3},
		{"the first is missing", 3, 0, []int64{5, 6}, 0},
		{"one in the middle is missing", 3, 0, []int64{4, 6, 7}, 1},
		{"a missing one that will never come", 3, 5, []int64{4, 6, 7}, 3},
		{"settled ends within the gap", 3, 5, []int64{4, 8}, 1},
		{"settled ends with the gap", 3, 7, []int64{4, 8}, 2},
		{"a later gap", 3, 5, []int64{4, 6, 9}, 2},
	} {
		g := gaps{settled: c.settled}
		if got := g.prefix(c.cursor, c.numbers); got != c.want {
			t.Errorf("%s: got %d, want %d", c.rule, got, c.want)
		}
	}
}

func TestGapsWaitForTheWritersOfThatMomentAlone(t *testing.T) {
	t.Parallel()
	var g gaps
	g.found(9, []string{"1/1", "2/7"})
	if !g.waiting() || g.settled != 0 {
		t.Fatalf("with writers: %+v", g)
	}
	g.still([]string{"2/7", "3/3"}) // one has ended, another has come
	if !g.waiting() || g.settled != 0 {
		t.Fatalf("one writer left: %+v", g)
	}
	g.still([]string{"1/2", "3/3"}) // the same session's next transaction is another one
	if g.waiting() || g.settled != 9 {
		t.Fatalf("all have ended: %+v", g)
	}
	g.found(12, nil)
	if g.waiting() || g.settled != 12 {
		t.Fatalf("nobody wrote: %+v", g)
	}
}
