package tickets_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestWhateverHappensTheNumbersHold(t *testing.T) {
	t.Parallel()
	for dialect, steps := range map[string]int{db.SQLite: 4000, db.Postgres: 800} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, dbtest.Open(t, dialect))
			p := newPlay(t, d)
			p.run(t, rand.New(rand.NewPCG(1, uint64(steps))), steps)
			d.check(t)
			if n := d.count(t, `SELECT COUNT(*) FROM events`); n < steps/2 {
				t.Errorf("only %d events: the play did too little", n)
			}
		})
	}
}

func TestWhateverHappensAtOnceTheNumbersHold(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		p := newPlay(t, d)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() { p.run(t, rand.New(rand.NewPCG(2, uint64(i))), 120) })
		}
		wg.Wait()
		d.check(t)
	})
}

// play does at random what people do.
type play struct {
	*desk
	inboxes  []id.ID
	people   []id.ID
	agents   []tickets.Actor
	services []*tickets.Service // as of several processes
}

func newPlay(t *testing.T, d *desk) *play {
	p := &play{desk: d, agents: []tickets.Actor{d.wang, d.zhao}, services: []*tickets.Service{d.Service, d.service()}}
	p.inboxes = []id.ID{d.chat.ID, d.inbox(t, tickets.ChannelChat).ID, d.inbox(t, tickets.ChannelAPI).ID}
	for i := range 3 {
		p.people = append(p.people, d.contact(t, fmt.Sprint("顾客", i),
			tickets.NewIdentity{Kind: tickets.IdentityShop, Value: fmt.Sprint("user", i), Verified: true}).ID)
	}
	for range 15 {
		p.people = append(p.people, d.contact(t, "").ID)
	}
	return p
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// run does steps; an error that nobody could have foreseen fails the test.
func (p *play) run(t *testing.T, r *rand.Rand, steps int) {
	for range steps {
		s, agent := pick(r, p.services), pick(r, p.agents)
		err := p.step(s, agent, r)
		if f := fault.As(err); err != nil && (f == nil || f.Kind == fault.Internal || f.Kind == fault.Invalid) {
			t.Errorf("unexpected error: %v", err)
			return
		}
	}
}

func (p *play) step(s *tickets.Service, agent tickets.Actor, r *rand.Rand) error {
	if what := r.IntN(100); what < 40 {
		source := ""
		if r.IntN(3) > 0 {
			source = fmt.Sprint(r.IntN(200))
		}
		_, err := s.Receive(bg, tickets.Inbound{InboxID: pick(r, p.inboxes), ContactID: pick(r, p.people), SourceID: source, Body: "你好"})
		return err
	} else if what < 42 {
		from, to := pick(r, p.people), pick(r, p.people)
		return p.store.Write(bg, func(tx *gorm.DB) error { return s.MergeContactTx(tx, from, to) })
	} else if what < 44 {
		p.advance(time.Duration(r.IntN(600)) * time.Minute)
		_, err := s.WakeSnoozed(bg, 10)
		return err
	}
	rows, err := s.ContactTickets(bg, pick(r, p.people), 0, 0, 200)
	if err != nil || len(rows) == 0 {
		return err
	}
	return p.change(s, agent, &rows[r.IntN(len(rows))], r)
}

func (p *play) change(s *tickets.Service, agent tickets.Actor, ticket *tickets.Ticket, r *rand.Rand) (err error) {
	switch r.IntN(18) {
	case 0, 1, 2:
		kind := pick(r, []tickets.MessageKind{tickets.KindReply, tickets.KindReply, tickets.KindNote})
		_, err = s.Post(bg, pick(r, []tickets.Actor{agent, agent, {Kind: tickets.ActorSystem}}),
			tickets.Outgoing{TicketID: ticket.ID, Kind: kind, Body: "您好", ClientID: fmt.Sprint(r.IntN(300))})
	case 3:
		to := new(pick(r, p.agents).ID)
		if r.IntN(3) == 0 {
			to = nil
		}
		_, err = s.Assign(bg, agent, ticket.ID, to)
	case 4, 5:
		_, err = s.SetStatus(bg, agent, ticket.ID, pick(r, []tickets.Status{
			tickets.StatusOpen, tickets.StatusPending, tickets.StatusSolved, tickets.StatusSolved, tickets.StatusClosed, tickets.StatusSpam}))
	case 6:
		until := p.millis() + r.Int64N(10*3600*1000) + 60_000
		_, err = s.Snooze(bg, agent, ticket.ID, pick(r, []*int64{&until, &until, nil}))
	case 7:
		_, err = s.SetTags(bg, agent, ticket.ID, pick(r, [][]string{{"退款"}, {"退款", "物流"}, {"VIP", "物流"}, nil}))
	case 8:
		author := pick(r, []tickets.Actor{agent, {Kind: tickets.ActorContact, ID: ticket.ContactID}})
		_, err = s.Recall(bg, author, ticket.ID, 1+r.Int64N(ticket.LastSeq+1))
	case 9:
		err = s.MarkRead(bg, pick(r, []tickets.Actor{agent, {Kind: tickets.ActorContact, ID: ticket.ContactID}}), ticket.ID, r.Int64N(ticket.LastSeq+2))
	case 10:
		if err = s.AddParticipant(bg, agent, ticket.ID, pick(r, p.people)); err == nil && r.IntN(3) == 0 {
			err = s.RemoveParticipant(bg, agent, ticket.ID, pick(r, p.people))
		}
	case 13:
		_, err = s.Post(bg, agent, tickets.Outgoing{
			TicketID: ticket.ID, Kind: tickets.KindReply, Body: "稍后发", ClientID: fmt.Sprint(r.IntN(300)), Hold: time.Duration(1+r.IntN(600)) * time.Minute,
		})
	case 15, 16:
		err = p.moveOne(s, agent, ticket, r)
	case 14:
		err = p.release(s, agent, r)
	case 17:
		var plan *tickets.Split
		if plan, err = s.PlanSplit(bg, agent, ticket.ID, 1+r.Int64N(ticket.LastPos)); err == nil {
			err = p.store.Write(bg, func(tx *gorm.DB) error { _, err := s.SplitTx(tx, agent, plan); return err })
		}
		if fault.Is(err, fault.Invalid) { // nothing stands there
			err = nil
		}
	case 11, 12:
		_, err = s.Receive(bg, tickets.Inbound{
			InboxID: pick(r, p.inboxes), ContactID: pick(r, p.people), TicketID: ticket.ID, Joins: true, SourceID: fmt.Sprint(r.IntN(300)), Body: "我也是",
			Aside: r.IntN(4) == 0, BeginAs: pick(r, []tickets.Status{"", "", tickets.StatusSpam, tickets.StatusClosed}),
		})
	}
	return err
}

// moveOne moves a message of a ticket into a new one, or another.
func (p *play) moveOne(s *tickets.Service, agent tickets.Actor, ticket *tickets.Ticket, r *rand.Rand) error {
	page, err := s.Timeline(bg, ticket.ID, r.Int64N(ticket.LastPos), 20)
	others, err2 := s.ContactTickets(bg, pick(r, p.people), 0, 0, 200)
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	into := id.ID(0)
	if len(others) > 0 && r.IntN(3) > 0 {
		into = others[r.IntN(len(others))].ID
	}
	for _, e := range page {
		if m := e.Message; m != nil && m.AuthorKind == tickets.ActorContact && m.State == tickets.StateAsWritten {
			_, _, err := s.MoveMessage(bg, agent, m.ID, into)
			return err
		}
	}
	return nil
}

// release releases what is due, and something else now, or takes it back.
func (p *play) release(s *tickets.Service, agent tickets.Actor, r *rand.Rand) error {
	due, err := s.DueHeld(bg, p.now(), 10)
	for _, one := range due {
		if _, err := s.Release(bg, one); err != nil {
			return err
		}
	}
	later, err2 := s.DueHeld(bg, p.now().Add(24*time.Hour), 10)
	if err = errors.Join(err, err2); err != nil || len(later) == 0 {
		return err
	}
	if r.IntN(2) == 0 {
		_, err = s.ReleaseNow(bg, agent, pick(r, later))
	} else {
		_, err = s.UndoHeld(bg, agent, pick(r, later))
	}
	return err
}

// Each gives the rows that break a rule.
var rules = map[string]string{
	"every pos from 1 to last_pos has one event": `
		SELECT t.id FROM tickets t LEFT JOIN events e ON e.ticket_id = t.id GROUP BY t.id, t.last_pos
		HAVING COUNT(e.pos) <> t.last_pos OR MIN(e.pos) <> 1 OR MAX(e.pos) <> t.last_pos`,
	"every seq from 1 to last_seq has one message": `
		SELECT t.id FROM tickets t LEFT JOIN messages m ON m.ticket_id = t.id AND m.kind <> 'note' AND m.state NOT IN ('held','undone') GROUP BY t.id, t.last_seq
		HAVING COUNT(m.seq) <> t.last_seq OR COUNT(m.id) <> t.last_seq OR MAX(m.seq) <> t.last_seq`,
	"notes and what is held or undone have no seq":      `SELECT m.id FROM messages m WHERE (m.kind = 'note' OR m.state IN ('held','undone')) AND m.seq IS NOT NULL`,
	"only an agent's reply is held, and until a moment": `SELECT m.id FROM messages m WHERE m.state IN ('held','undone') AND (m.kind <> 'reply' OR m.author_kind <> 'agent' OR m.held_until IS NULL)`,
	"what is undone or moved has no body":               `SELECT m.id FROM messages m WHERE m.state IN ('undone','moved') AND m.body IS NOT NULL`,
	"a reply is released once":                          `SELECT e.subject_id FROM events e WHERE e.type IN ('message.released','message.undone') GROUP BY e.subject_id HAVING COUNT(*) > 1`,
	"what was moved says where to, and its copy where from": `SELECT m.id FROM messages m LEFT JOIN messages k ON k.copied_from = m.id
		WHERE m.state = 'moved' AND (m.moved_to IS NULL OR k.id IS NULL OR k.ticket_id <> m.moved_to)`,
	"a message is copied once": `SELECT m.copied_from FROM messages m WHERE m.copied_from IS NOT NULL GROUP BY m.copied_from HAVING COUNT(*) > 1`,
	"what the contact wrote last is not beyond what is left": `SELECT t.id FROM tickets t WHERE t.last_contact_pos <> COALESCE((SELECT MAX(m.pos) FROM messages m
		WHERE m.ticket_id = t.id AND m.kind = 'contact' AND m.moved_to IS NULL), 0)`,
	"who is held was neither released nor undone": `SELECT m.id FROM messages m JOIN events e ON e.subject_id = m.id AND e.type IN ('message.released','message.undone') WHERE m.state = 'held'`,
	"seq follows pos": `
		SELECT a.id FROM messages a JOIN messages b ON b.ticket_id = a.ticket_id AND b.seq > a.seq AND b.pos < a.pos WHERE a.held_until IS NULL AND b.held_until IS NULL`,
	"a message has the pos of its event": `
		SELECT m.id FROM messages m LEFT JOIN events e ON e.ticket_id = m.ticket_id AND e.pos = m.pos
		AND e.type = 'message.created' AND e.subject_id = m.id WHERE e.n IS NULL`,
	"an event has its message": `
		SELECT e.n FROM events e LEFT JOIN messages m ON m.id = e.subject_id AND m.pos = e.pos
		WHERE e.type = 'message.created' AND m.id IS NULL`,
	"events of a ticket stand in the log in the order of pos": `
		SELECT a.n FROM events a JOIN events b ON b.ticket_id = a.ticket_id AND b.pos = a.pos + 1 WHERE b.n <= a.n`,
	"one open chat ticket a contact and inbox": `
		SELECT MIN(t.id) FROM tickets t WHERE t.channel = 'chat' AND t.status IN ('new','open','pending')
		GROUP BY t.contact_id, t.inbox_id HAVING COUNT(*) > 1`,
	"nobody who was merged away has anything": `
		SELECT p.id FROM contacts p WHERE p.merged_into IS NOT NULL AND (
		EXISTS (SELECT 1 FROM ticket_participants x WHERE x.contact_id = p.id) OR EXISTS (SELECT 1 FROM messages m WHERE m.guest_id = p.id)
		OR EXISTS (SELECT 1 FROM tickets t WHERE t.contact_id = p.id) OR EXISTS (SELECT 1 FROM contact_identities i WHERE i.contact_id = p.id)
		OR EXISTS (SELECT 1 FROM contacts q WHERE q.merged_into = p.id))`,
	"no guest is her ticket's contact":        `SELECT m.id FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE m.guest_id = t.contact_id`,
	"no participant is her ticket's contact":  `SELECT x.ticket_id FROM ticket_participants x JOIN tickets t ON t.id = x.ticket_id WHERE x.contact_id = t.contact_id`,
	"at most fifty take part":                 `SELECT x.ticket_id FROM ticket_participants x GROUP BY x.ticket_id HAVING COUNT(*) > 50`,
	"who wrote as a guest wrote as a contact": `SELECT m.id FROM messages m WHERE m.guest_id IS NOT NULL AND m.author_kind <> 'contact'`,
	"a recalled message has no body":          `SELECT m.id FROM messages m WHERE m.state = 'recalled' AND (m.body IS NOT NULL OR m.changed_at IS NULL)`,
	"only who is active waits or is put off": `
		SELECT t.id FROM tickets t WHERE t.status NOT IN ('new','open','pending') AND (t.waiting_since IS NOT NULL OR t.snoozed_until IS NOT NULL)`,
	"marks do not go beyond the end": `
		SELECT t.id FROM tickets t WHERE t.contact_read > t.last_seq OR t.agent_read > t.last_seq OR t.last_contact_pos > t.last_pos OR t.last_reply_pos > t.last_pos`,
	"kept counters are what a count gives": `
		SELECT 1 FROM (SELECT COALESCE(t.assignee_id, 0) AS a,
		CASE WHEN t.status IN ('new','open','pending') AND t.snoozed_until IS NOT NULL THEN 'snoozed' ELSE t.status END AS b, 1 AS n FROM tickets t
		UNION ALL SELECT k.assignee_id, k.status, -k.n FROM ticket_counts k) x GROUP BY a, b HAVING SUM(n) <> 0`,
}

func (d *desk) check(t *testing.T) {
	t.Helper()
	for rule, query := range rules {
		var broken []int64
		if err := d.store.Read(bg).Raw(query).Scan(&broken).Error; err != nil {
			t.Errorf("%s: %v", rule, err)
		}
		if len(broken) > 0 {
			t.Errorf("%s: broken by %v", rule, broken[:min(len(broken), 5)])
		}
	}
	d.checkCounts(t)
}

// checkCounts compares the numbers beside the lists with the lists.
func (d *desk) checkCounts(t *testing.T) {
	t.Helper()
	counts, err := d.Counts(bg, d.wang.ID)
	ok(t, err)
	for list, want := range map[tickets.ListName]int{
		tickets.ListUnassigned: counts.Unassigned, tickets.ListMine: counts.Mine, tickets.ListColleagues: counts.Colleagues,
		tickets.ListSnoozed: counts.Snoozed, tickets.ListAll: counts.All,
	} {
		got, err := d.listAll(list, d.wang.ID, 7)
		ok(t, err)
		if len(got) != want {
			t.Errorf("list %s has %d tickets, its counter says %d", list, len(got), want)
		}
	}
}

// listAll walks a list to its end.
func (d *desk) listAll(list tickets.ListName, agent id.ID, limit int) (out []tickets.TicketRow, err error) {
	seen := map[id.ID]bool{}
	q := tickets.ListQuery{List: list, Agent: agent, Limit: limit}
	for {
		page, err := d.List(bg, q)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Items {
			if seen[row.ID] {
				return nil, errors.New("a row came twice")
			}
			seen[row.ID] = true
		}
		out = append(out, page.Items...)
		if page.Next == "" {
			return out, nil
		}
		q.Cursor = page.Next
	}
}
