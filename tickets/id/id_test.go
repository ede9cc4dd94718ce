package id

import (
	"encoding/json"
	"sync"
	"testing"
	"time"
)

func TestIDsGrowWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	m := NewMaker(7, func() time.Time { return at })
	last := ID(0)
	for i := range 20_000 { // more than a millisecond holds
		if i == 10_000 {
			at = at.Add(-time.Hour)
		}
		next := m.Next()
		if next <= last {
			t.Fatalf("%d follows %d", next, last)
		}
		if node := int64(next) >> counterBits & MaxNode; node != 7 {
			t.Fatalf("id %d is of node %d", next, node)
		}
		last = next
	}
}

func TestNoTwoGoroutinesOrNodesGetTheSameID(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[ID]bool{}
	var wg sync.WaitGroup
	for node := range 3 {
		m := NewMaker(node, time.Now)
		for range 4 {
			wg.Go(func() {
				mine := make([]ID, 5000)
				for i := range mine {
					mine[i] = m.Next()
				}
				mu.Lock()
				defer mu.Unlock()
				for _, i := range mine {
					if seen[i] {
						t.Errorf("%d was made twice", i)
					}
					seen[i] = true
				}
			})
		}
	}
	wg.Wait()
}

func TestANodeOutOfRangeIsAMistake(t *testing.T) {
	t.Parallel()
	for _, node := range []int{-1, MaxNode + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("node %d was taken", node)
				}
			}()
			NewMaker(node, time.Now)
		}()
	}
}

func TestAnIDIsTextInJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   ID
		None ID
		Nil  *ID
	}
	text, err := json.Marshal(row{ID: 1<<62 + 1})
	if want := `{"ID":"4611686018427387905","None":null,"Nil":null}`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v", text, err)
	}
	var back row
	if err := json.Unmarshal(text, &back); err != nil || back.ID != 1<<62+1 || back.None != 0 || back.Nil != nil {
		t.Fatalf("got %+v, %v", back, err)
	}
	for _, bad := range []string{`1`, `"x"`, `""`, `"0"`, `"-1"`, `"9223372036854775808"`, `"1.0"`, `{}`, `" 1"`} {
		var i ID
		if err := json.Unmarshal([]byte(bad), &i); err == nil {
			t.Errorf("%s was taken as %d", bad, i)
		}
	}
}

// A process that begins after the clock was set back makes no id that the one before it has made.
func TestIDsGoOnBehindTheNewestAfterARestart(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	before := NewMaker(3, func() time.Time { return now })
	newest := before.Next()
	for _, jump := range []time.Duration{-time.Hour, 0, 24 * time.Hour} {
		after := NewMaker(3, func() time.Time { return now.Add(jump) })
		after.Past(newest)
		first, second := after.Next(), after.Next()
		if first <= newest || second <= first {
			t.Errorf("%s: %d and %d after %d", jump, first, second, newest)
		}
		newest = second
	}
}
