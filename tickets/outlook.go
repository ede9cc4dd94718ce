package tickets

import (
	"context"
	"slices"
	"sync"
	"time"

	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// How soon an answer can be expected is read from an inbox's newest first replies.
const (
	figuresOf     = 14 * 24 * time.Hour // how far back
	figuresMost   = 100                 // how many
	figuresLeast  = 5                   // fewer say nothing
	figuresFor    = time.Minute         // how long they are kept in memory
	replyUsual    = 20                  // minutes of opening, where there are no figures
	replyQuickest = 2
	replySlowest  = 3 * 24 * 60
	outlookFor    = time.Second
	answerStep    = 5 * time.Minute // an hour is named in such steps
)

// Outlook is what a shopper can expect of an inbox at a moment.
type Outlook struct {
	Online   bool   // somebody who takes chats is there and the inbox is open
	Open     bool   // the inbox's hours say so
	Opens    *int64 // when it opens again; nil while it is open, or when it does not open any more
	Minutes  int    // of opening within which most first answers came lately
	AnswerBy *int64 // when an answer can be expected at the latest; nil: nobody can tell
}

// Same tells whether two outlooks say the same to somebody who has read one of them: while the desk is open the hour of
// an answer moves on with the clock, which is no news.
func (o Outlook) Same(p Outlook) bool {
	return o.Online == p.Online && o.Open == p.Open && o.Minutes == p.Minutes && (o.AnswerBy == nil) == (p.AnswerBy == nil) &&
		(o.Open || same(o.AnswerBy, p.AnswerBy))
}

// Outlook tells what a shopper can expect of an inbox now. there says whether somebody who takes chats is connected.
//
// An answer is expected when as many minutes of opening have passed as three of four first replies of the last two weeks
// took; twenty where there were fewer than five. A desk that nobody has given hours, that nobody is at and that has no
// figures promises nothing.
func (s *Service) Outlook(ctx context.Context, box *Inbox, there bool) (Outlook, error) {
	now := s.now()
	if o, ok := s.outlooks.get(outlookKey{box.ID, there}, now); ok {
		return o, nil
	}
	shop, err := s.Shop(ctx)
	if err != nil {
		return Outlook{}, err
	}
	c := box.Settings.Hours.In(shop.Zone())
	minutes, known, err := s.replyMinutes(ctx, box, c)
	if err != nil {
		return Outlook{}, err
	}
	o := Outlook{Open: c.Open(now), Minutes: minutes}
	o.Online = there && o.Open
	if next, ok := c.NextOpen(now); ok && !o.Open {
		o.Opens = new(Millis(next))
	}
	if by, ok := c.Add(now, minutes); ok && (there || known || box.Settings.Hours.Weekly()) {
		o.AnswerBy = new(Millis(roundUp(by)))
	}
	s.outlooks.put(outlookKey{box.ID, there}, o, now)
	return o, nil
}

func roundUp(t time.Time) time.Time {
	if down := t.Truncate(answerStep); !down.Equal(t) {
		return down.Add(answerStep)
	}
	return t
}

// replyMinutes is how many minutes of opening three of four of the newest first replies took; known is false where there
// are too few to tell. It reads at most a hundred rows by an index, once a minute.
func (s *Service) replyMinutes(ctx context.Context, box *Inbox, c hours.Calendar) (minutes int, known bool, err error) {
	now := s.now()
	if minutes, known, fresh := s.outlooks.figure(box.ID, now); fresh {
		return minutes, known, nil
	}
	var took []int
	err = on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var from, to int64
		err := scan(&from, &to)
		took = append(took, c.OpenMinutes(time.UnixMilli(from), time.UnixMilli(to)))
		return err
	}, `SELECT t.created_at, t.first_replied_at FROM tickets t WHERE t.inbox_id = ? AND t.first_replied_at >= ?
 ORDER BY t.first_replied_at DESC LIMIT ?`, int64(box.ID), Millis(now.Add(-figuresOf)), figuresMost)
	if err != nil {
		return 0, false, err
	}
	minutes = replyUsual
	if known = len(took) >= figuresLeast; known {
		slices.Sort(took)
		minutes = min(max(took[(len(took)*3+3)/4-1]+1, replyQuickest), replySlowest)
	}
	s.outlooks.keep(box.ID, minutes, known, now)
	return minutes, known, nil
}

// outlookCache keeps outlooks for a second and figures for a minute: thousands of page views ask the same.
type outlookCache struct {
	mu      sync.Mutex
	said    map[outlookKey]cachedOutlook
	figures map[id.ID]cachedFigure
}

type outlookKey struct {
	inbox id.ID
	there bool
}

type cachedOutlook struct {
	outlook Outlook
	at      time.Time
}

type cachedFigure struct {
	minutes int
	known   bool
	at      time.Time
}

func newOutlookCache() *outlookCache {
	return &outlookCache{said: map[outlookKey]cachedOutlook{}, figures: map[id.ID]cachedFigure{}}
}

func (c *outlookCache) get(k outlookKey, now time.Time) (Outlook, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.said[k]
	return e.outlook, ok && isFresh(e.at, now, outlookFor)
}

func (c *outlookCache) put(k outlookKey, o Outlook, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said[k] = cachedOutlook{o, now}
}

func (c *outlookCache) figure(inbox id.ID, now time.Time) (minutes int, known, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.figures[inbox]
	return e.minutes, e.known, ok && isFresh(e.at, now, figuresFor)
}

func (c *outlookCache) keep(inbox id.ID, minutes int, known bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.figures[inbox] = cachedFigure{minutes, known, now}
}

func isFresh(at, now time.Time, most time.Duration) bool {
	age := now.Sub(at)
	return age >= 0 && age < most
}
