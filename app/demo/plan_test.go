package demo

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var testNow = time.Date(2026, 11, 23, 14, 5, 0, 0, zone)

func testRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// everyPlan runs a rule on plans of several seeds and hours.
func everyPlan(t *testing.T, rule func(t *testing.T, now time.Time, threads []thread)) {
	t.Helper()
	t.Parallel()
	lib := testLibrary(t)
	for seed := range uint64(4) {
		now := testNow.Add(time.Duration(seed) * 7 * time.Hour)
		t.Run(now.Format("15h"), func(t *testing.T) {
			t.Parallel()
			rule(t, now, plan(lib, seed, now))
		})
	}
}

func TestTheSameSeedGivesTheSamePlan(t *testing.T) {
	t.Parallel()
	lib := testLibrary(t)
	a, b := plan(lib, 7, testNow), plan(lib, 7, testNow)
	if !reflect.DeepEqual(a, b) {
		t.Error("two plans of one seed differ")
	}
	if c := plan(lib, 8, testNow); reflect.DeepEqual(a, c) {
		t.Error("two seeds give one plan")
	}
}

func TestAPlanHasItsNumberOfThreadsInTwoLanguages(t *testing.T) {
	everyPlan(t, func(t *testing.T, _ time.Time, threads []thread) {
		if len(threads) != threadCount {
			t.Errorf("%d threads, want %d", len(threads), threadCount)
		}
		english := 0
		visitors, people := 0, map[int]bool{}
		for _, th := range threads {
			if th.locale == en {
				english++
			}
			if th.who < 0 {
				visitors++
			}
			people[th.who] = true
		}
		if english < threadCount/5 || english > threadCount*2/5 {
			t.Errorf("%d of %d are English", english, threadCount)
		}
		if visitors < 10 || visitors > threadCount/3 || len(people) < 55 {
			t.Errorf("%d visitors and %d known shoppers", visitors, len(people)-1)
		}
	})
}

func TestNothingIsSaidInTheFutureOrOutOfOrder(t *testing.T) {
	everyPlan(t, func(t *testing.T, now time.Time, threads []thread) {
		var before time.Time
		for _, th := range threads {
			if th.steps[0].at.Before(before) {
				t.Errorf("thread %d begins before the one before it", th.n)
			}
			before = th.steps[0].at
			for i, s := range th.steps {
				if s.at.After(now) || now.Sub(s.at) > (historyDays+2)*24*time.Hour {
					t.Errorf("thread %d (%s): step %d is at %s", th.n, th.scenario, i, s.at)
				}
				if i > 0 && s.at.Before(th.steps[i-1].at) {
					t.Errorf("thread %d (%s): step %d is before the one before it", th.n, th.scenario, i)
				}
			}
		}
	})
}

func TestEveryTextIsFilledIn(t *testing.T) {
	everyPlan(t, func(t *testing.T, _ time.Time, threads []thread) {
		for _, th := range threads {
			for _, s := range th.steps {
				texts := []string{th.page.Title}
				if s.do <= doDraft {
					texts = append(texts, s.text)
				}
				for _, text := range texts {
					if text == "" || strings.ContainsAny(text, "{}|") || strings.Contains(text, "%!") || !utf8.ValidString(text) {
						t.Errorf("thread %d (%s): %q", th.n, th.scenario, text)
					}
				}
			}
		}
	})
}

func TestEachSpeaksTheLanguageOfTheThread(t *testing.T) {
	everyPlan(t, func(t *testing.T, _ time.Time, threads []thread) {
		for _, th := range threads {
			for _, s := range th.steps {
				if s.do > doNote {
					continue
				}
				han := strings.IndexFunc(s.text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
				if th.locale == en && han {
					t.Errorf("thread %d (%s) has Chinese in English: %q", th.n, th.scenario, s.text)
				}
			}
		}
	})
}

func TestAShopperHasOneConversationAtATime(t *testing.T) {
	everyPlan(t, func(t *testing.T, _ time.Time, threads []thread) {
		ends := map[int]time.Time{}
		for _, th := range threads {
			if th.who < 0 {
				continue
			}
			if last, ok := ends[th.who]; ok && th.steps[0].at.Sub(last) < 7*24*time.Hour {
				t.Errorf("shopper %d comes back after %s, which opens the old ticket again", th.who, th.steps[0].at.Sub(last))
			}
			ends[th.who] = th.steps[len(th.steps)-1].at
		}
	})
}

func TestThoseOfTheShopsPageHaveWrittenButNotLately(t *testing.T) {
	everyPlan(t, func(t *testing.T, now time.Time, threads []thread) {
		for i, c := range Customers(now) {
			n := 0
			for _, th := range threads {
				if th.who != customers[i] {
					continue
				}
				n++
				if last := th.steps[len(th.steps)-1]; now.Sub(last.at) < 7*24*time.Hour || last.do != doStatus {
					t.Errorf("%s wrote %s ago", c.Name, now.Sub(last.at))
				}
			}
			if n < 2 || len(c.Orders) == 0 || c.ID != shoppers()[customers[i]].id {
				t.Errorf("%+v wrote %d times", c, n)
			}
		}
	})
}

func TestTheNewestConversationsAreStillGoingOn(t *testing.T) {
	everyPlan(t, func(t *testing.T, now time.Time, threads []thread) {
		var alone, goingOn, drafts, fresh int
		for _, th := range threads {
			last := th.steps[len(th.steps)-1]
			if !th.has(doAssign) && !th.has(doStatus) {
				alone++
				if last.do != doWrite || now.Sub(last.at) > time.Hour {
					t.Errorf("thread %d waits since %s", th.n, now.Sub(last.at))
				}
			}
			if th.has(doAssign) && !th.has(doStatus) {
				goingOn++
			}
			if th.has(doDraft) {
				drafts++
			}
			if now.Sub(last.at) < 30*time.Minute {
				fresh++
			}
		}
		if alone != waitingCount || goingOn != openCount+pendingCount+snoozedCount || drafts == 0 || fresh < 12 {
			t.Errorf("%d wait, %d go on, %d drafts, %d in the last half hour", alone, goingOn, drafts, fresh)
		}
	})
}

func TestAgentsAnswerForTheirTeamOnly(t *testing.T) {
	everyPlan(t, func(t *testing.T, _ time.Time, threads []thread) {
		for _, th := range threads {
			has := -1
			for i, s := range th.steps {
				if s.do == doAssign {
					has = s.to
				}
				if (s.do == doReply || s.do == doNote) && s.agent != has {
					t.Errorf("thread %d (%s): step %d is by %d, the ticket is %d's", th.n, th.scenario, i, s.agent, has)
				}
			}
		}
	})
}
