package chat

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// waiter is a long poll that waits for news of its contact. It holds nothing of the database.
type waiter struct {
	contact id.ID
	inbox   id.ID
	news    chan struct{}
}

// wake tells the poll to look. On the hub; never blocks.
func (w *waiter) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// pollAnswer is what GET /chat/v1/messages answers.
type pollAnswer struct {
	Ticket id.ID           `json:"ticket"`
	Seq    int64           `json:"seq"`
	Items  []*messageFrame `json:"items"`
	Online bool            `json:"online"`
	// AnswerBy is when an answer can be expected.
	AnswerBy *stamp          `json:"answer_by"`
	Next     id.ID           `json:"next_ticket,omitempty"`
	Changed  []*changedFrame `json:"changed"`
	Status   tickets.Status  `json:"status,omitempty"`
	Read     pollRead        `json:"read"`
}

type pollRead struct {
	Contact int64 `json:"contact"`
	Agent   int64 `json:"agent"`
}

// pollRequest is a poll that was checked.
type pollRequest struct {
	ticket id.ID // zero: the current one
	after  int64
	wait   time.Duration
}

// poll is GET /chat/v1/messages: what is new, or a wait for it.
func (d *Desk) poll(c *caller, w http.ResponseWriter, r *http.Request) error {
	req, err := pollOf(r)
	if err != nil {
		return err
	}
	s := c.k.session
	if !d.polls.hold(s.ID) {
		return tooMany(time.Second)
	}
	defer d.polls.give(s.ID)
	if !d.pollers.hold(struct{}{}) {
		return unavailable()
	}
	defer d.pollers.give(struct{}{})

	me := &waiter{contact: s.ContactID, inbox: s.InboxID, news: make(chan struct{}, 1)}
	d.hub.call(func() { d.hub.waiters[me.contact] = append(d.hub.waiters[me.contact], me) })
	defer d.hub.do(func() { without(d.hub.waiters, me.contact, me) })
	a, err := d.pollUntil(r.Context(), c, req, me)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, a)
	return nil
}

// pollUntil looks, and looks again at each sign of news, until there is something or the time is over. The waiter is
// registered before the first look, so nothing falls between.
func (d *Desk) pollUntil(ctx context.Context, c *caller, req pollRequest, me *waiter) (*pollAnswer, error) {
	timer := time.NewTimer(req.wait)
	defer timer.Stop()
	var first *pollAnswer
	for {
		a, err := d.look(ctx, c, req)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = a
		}
		if len(a.Items) > 0 || a.Next != 0 || req.wait == 0 || a.differs(first) {
			return a, nil
		}
		select {
		case <-me.news:
		case <-timer.C:
			return a, nil
		case <-d.closing:
			return a, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// differs tells whether anything but messages is new since the first look.
func (a *pollAnswer) differs(b *pollAnswer) bool {
	return a.Ticket != b.Ticket || a.Status != b.Status || a.Read != b.Read || a.Online != b.Online || len(a.Changed) != len(b.Changed)
}

func pollOf(r *http.Request) (req pollRequest, err error) {
	q := r.URL.Query()
	if text := q.Get("ticket"); text != "" {
		if req.ticket, err = id.Parse(text); err != nil {
			return req, newProblem(codeNotFound, "chat.error.ticket")
		}
	}
	for _, f := range []struct {
		name string
		set  func(n int64)
	}{
		{"after", func(n int64) { req.after = n }},
		{"wait", func(n int64) { req.wait = min(time.Duration(min(n, 60))*time.Second, pollMax) }},
	} {
		text := q.Get(f.name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return req, newProblem(codeInvalid, "chat.error.wrong_type", "field", f.name)
		}
		f.set(n)
	}
	return req, nil
}
