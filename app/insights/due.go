package insights

import (
	"context"
	"time"

	"huiyin/app/insights/worker"
)

const (
	// FirstTexts are needed before anything is grouped.
	FirstTexts = 100
	// textsMost are grouped at once, the newest ones.
	textsMost = 100_000
	// nightHour and nightMinute are when the pass of the night comes, in the shop's zone.
	nightHour, nightMinute = 3, 30
	retrainAfter           = 7 * 24 * time.Hour
	// grown is by how much the texts must have grown for words to be placed anew before the week is over.
	grown = 1.2
	// outgrown is by how much they must have grown for groups to be found anew: some hundred texts show little of what some
	// thousands do. Who has many has outgrown nothing, since no more are looked at than a plan allows.
	outgrown = 3
	// retryAfter a pass that failed.
	retryAfter = time.Hour
	// unfinishedAfter a pass began whose groups were moved but not named, another is due: it ended in between.
	unfinishedAfter = 30 * time.Minute
)

// Texts counts the complaints that can be grouped, up to most.
func (s *Service) Texts(ctx context.Context, most int) (n int, err error) {
	err = s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM insight_voices v WHERE v.complaint AND v.body IS NOT NULL ORDER BY v.id DESC LIMIT ?) x`, most).Row().Scan(&n)
	return n, err
}

// due says which pass is to be done now and why; nil: none.
func (s *Service) due(ctx context.Context) (*Run, error) {
	digest, err := s.digest(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	list, err := s.Runs(ctx, runsMost)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 && list[0].State == RunFailed && list[0].Reason != brokenOff && now.Sub(list[0].BeganAt) < retryAfter {
		return nil, nil
	}
	last, err := s.current(s.Store.Read(ctx))
	if err != nil {
		return nil, err
	}
	r := &Run{digest: digest}
	switch {
	case last == nil:
		n, err := s.Texts(ctx, FirstTexts)
		if err != nil || n < FirstTexts {
			return nil, err
		}
		r.Kind, r.Reason = worker.Cold, BecauseFirst
	case last.digest != digest:
		r.Kind, r.Reason = worker.Cold, BecauseLexicon
	case last.EndedAt == nil && now.Sub(last.BeganAt) >= unfinishedAfter:
		r.Kind, r.Reason = worker.Nightly, BecauseUnfinished
	case last.model == "" && now.Sub(last.BeganAt) >= retryAfter:
		r.Kind, r.Reason = worker.Cold, BecauseForm
	default:
		zone, err := s.zone(ctx)
		if err != nil || !last.BeganAt.Before(night(now, zone)) {
			return nil, err
		}
		if r.Kind, r.Reason, err = s.Tonight(ctx); err != nil {
			return nil, err
		}
	}
	return r, nil
}

const (
	// brokenOff is the reason of a pass whose desk has stopped or died.
	brokenOff = "broken_off"
	// killed is that of a pass whose process has died: the next one takes less memory.
	killed = "killed"
)

// night is the last time that the pass of the night was to begin.
func night(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	at := time.Date(y, m, d, nightHour, nightMinute, 0, 0, zone)
	if at.After(now) {
		at = time.Date(y, m, d-1, nightHour, nightMinute, 0, 0, zone)
	}
	return at
}

// Tonight says which pass the next one of a night is, and why: whether groups are found anew, or words placed anew.
func (s *Service) Tonight(ctx context.Context) (worker.Kind, string, error) {
	tx := s.Store.Read(ctx)
	found, err := s.runs(tx, ` WHERE r.state = 'done' AND r.kind = 'cold' ORDER BY r.id DESC LIMIT 1`)
	if err != nil {
		return "", "", err
	}
	if len(found) == 0 {
		return worker.Cold, BecauseFirst, nil
	}
	placed, err := s.runs(tx, ` WHERE r.state = 'done' AND r.kind <> 'nightly' ORDER BY r.id DESC LIMIT 1`)
	if err != nil {
		return "", "", err
	}
	how, err := s.nextPlan(ctx)
	if err != nil {
		return "", "", err
	}
	n, err := s.Texts(ctx, how.texts) // a pass with little memory reads no more of them
	switch {
	case err != nil:
		return "", "", err
	case n >= outgrown*found[0].Texts:
		return worker.Cold, BecauseOutgrown, nil
	case s.Now().Sub(placed[0].BeganAt) >= retrainAfter:
		return worker.Weekly, BecauseWeek, nil
	case float64(n) >= grown*float64(placed[0].Texts):
		return worker.Weekly, BecauseGrown, nil
	}
	return worker.Nightly, BecauseNight, nil
}
