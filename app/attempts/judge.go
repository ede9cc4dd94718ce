package attempts

import "time"

// Count is how many attempts ended in which way.
type Count struct{ OK, Failed, Abandoned int }

// All is the number of attempts.
func (c Count) All() int { return c.OK + c.Failed + c.Abandoned }

// Missed is how many did not come about.
func (c Count) Missed() int { return c.Failed + c.Abandoned }

// Rate is ok / (ok + failed + abandoned), from 0 to 1; 0 when there are no attempts.
func (c Count) Rate() float64 {
	if c.All() == 0 {
		return 0
	}
	return float64(c.OK) / float64(c.All())
}

func (c *Count) add(outcome Outcome, n int) {
	switch outcome {
	case OK:
		c.OK += n
	case Failed:
		c.Failed += n
	case Abandoned:
		c.Abandoned += n
	}
}

// plus adds two counts.
func (c Count) plus(o Count) Count {
	return Count{c.OK + o.OK, c.Failed + o.Failed, c.Abandoned + o.Abandoned}
}

// spans are the times that Look looks back: a steep fall shows in the short one, a slight one in the long one. level is the
// chance below which a span counts as a fall. Played against a shop with 100 attempts an hour, day and night, they tell without
// cause once in two months; a fall from 97 to 80 per cent is seen after 25 minutes on the average. No test sees it much
// sooner at that many false alarms: each attempt tells so little (judge_test.go plays both).
var spans = []struct {
	back  time.Duration
	level float64
}{{15 * time.Minute, 5e-5}, {30 * time.Minute, 1e-4}, {60 * time.Minute, 5e-5}}

const (
	usualLeast  = 60   // attempts that must have been counted before, of the same hours
	recentLeast = 200  // the same of the last days overall
	usualMost   = 4000 // more do not make what is usual surer: no two weeks are alike
)

// fall says which span shows a fall against what is usual; -1 for none.
func (l Settings) fall(now []Count, usual Count) int {
	for i, c := range now {
		if c.All() < l.Least || (usual.Rate()-c.Rate())*100 < float64(l.Points) {
			continue
		}
		all, missed := usual.All(), usual.Missed()
		if all > usualMost {
			missed, all = missed*usualMost/all, usualMost
		}
		if chanceOfMore(c.Missed(), c.All(), missed, all) < spans[i].level {
			return i
		}
	}
	return -1
}

// over tells whether a fall has passed: the last half hour is nearly as usual.
func (l Settings) over(now []Count, usual Count) bool {
	c := now[1]
	return c.All() >= l.Least && (usual.Rate()-c.Rate())*100 < float64(l.Points)/2
}
