package improve

import (
	"context"
	"math"
	"sync"

	"huiyin/app/improve/effect"
	"huiyin/app/insights"
	"huiyin/tickets/id"
)

const (
	paceWeeks  = 8
	weeksMost  = 12 // who has to wait longer for an answer watches for harm only
	weeksAhead = 52 // so far is looked for an answer
	// powerSigma is how far behind its mean the count after a change may fall for the planned power: the 80 % quantile of the
	// normal distribution.
	powerSigma = 0.8416
)

// Outlook is what a way of making a change takes to give an answer.
type Outlook struct {
	Need  int // persons who have to complain; 0: more than can be, or not known before
	Weeks int // 0: more than anybody can wait
}

// HarmOnly tells that no answer comes in a time that makes sense to wait.
func (o Outlook) HarmOnly() bool { return o.Weeks == 0 || o.Weeks > weeksMost }

// Look is what is to be expected of a change before it is made.
type Look struct {
	Pace      float64 // persons who complained of the groups in a week
	Trial     Outlook // with the share that was asked for
	Half      Outlook // with half of the shoppers
	Everybody Outlook
}

// Quickest is the way that gives an answer first: a trial wins over weeks that are as quick, because it shows the cause.
func (l Look) Quickest() How {
	if l.Half.Weeks > 0 && (l.Everybody.Weeks == 0 || l.Half.Weeks <= l.Everybody.Weeks) {
		return OnTrial
	}
	return Everybody
}

// Look tells how long it takes, at today's pace, until a fall of so many per cent shows in complaints of groups.
func (s *Service) Look(ctx context.Context, groups []id.ID, fall, share int) (Look, error) {
	pace, err := s.pace(ctx, groups)
	if err != nil {
		return Look{}, err
	}
	out := Look{Pace: pace, Everybody: everybody(pace, float64(fall)/100)}
	for _, one := range []struct {
		share int
		to    *Outlook
	}{{share, &out.Trial}, {ShareUsual, &out.Half}} {
		plan, err := s.plans.of(one.share, fall)
		if err != nil {
			return Look{}, err
		}
		if one.to.Need = plan.Complainers; plan.Complainers > 0 && pace > 0 {
			one.to.Weeks = int(math.Ceil(float64(plan.Complainers) / (pace * (1 - plan.Share*plan.Fall))))
		}
	}
	return out, nil
}

// pace is how many persons have complained of groups in a week, of late.
func (s *Service) pace(ctx context.Context, groups []id.ID) (float64, error) {
	now := s.Now()
	from := now.AddDate(0, 0, -7*paceWeeks)
	first, persons := now, map[who]bool{}
	err := s.Insights.Complainers(ctx, groups, from, now, func(c insights.Complaint) error {
		if len(persons) == 0 {
			first = c.At
		}
		persons[whoOf(&c)] = true
		return nil
	})
	weeks := max(now.Sub(first).Hours()/(24*7), 1)
	return float64(len(persons)) / weeks, err
}

// everybody looks after how many weeks the weeks after a change that works tell themselves from those before.
func everybody(pace, fall float64) Outlook {
	const orders = 1_000_000                        // of a week: only that they stay alike counts
	week := func(mean float64, n int) effect.Week { // counts that are whole and have the mean over the weeks
		return effect.Week{Persons: int(mean*float64(n+1)) - int(mean*float64(n)), Orders: orders}
	}
	h := effect.Halves{Fall: fall, Level: effect.Level}
	for n := range beforeMost {
		h.Before = append(h.Before, week(pace, n))
	}
	for weeks := 1; weeks <= weeksAhead; weeks++ {
		total := pace * (1 - fall) * float64(weeks)
		mean := (total + powerSigma*math.Sqrt(total)) / float64(weeks)
		h.After = h.After[:0]
		for n := range weeks {
			h.After = append(h.After, week(mean, n))
		}
		if h.Judge().Verdict == effect.Fell {
			return Outlook{Weeks: weeks}
		}
	}
	return Outlook{}
}

// plans keeps plans that were made: the same values make the same one, and a small fall takes a while.
type plans struct {
	mu   sync.Mutex
	made map[[2]int]effect.Plan
}

func (p *plans) of(share, fall int) (effect.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := [2]int{share, fall}
	if plan, known := p.made[key]; known {
		return plan, nil
	}
	plan, err := effect.NewPlan(float64(share)/100, float64(fall)/100)
	if err != nil {
		return plan, err
	}
	if p.made == nil {
		p.made = map[[2]int]effect.Plan{}
	}
	p.made[key] = plan
	return plan, nil
}
