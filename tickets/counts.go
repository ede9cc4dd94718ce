package tickets

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"huiyin/tickets/id"
)

// Counts are the numbers beside the lists, as the lists show them: snoozed tickets are not in the first three.
type Counts struct {
	Unassigned int // active, nobody's
	Mine       int // active, the agent's
	Colleagues int // active, somebody else's
	Snoozed    int // the agent's, put off
	All        int // every ticket of every status
}

// The counters are kept, not counted: a row of ticket_counts per assignee (0: nobody), bucket and shard, changed in
// the transaction that moves the ticket. A bucket is a status, or "snoozed" for an active ticket that is put off.
// On PostgreSQL a counter is spread over shards, so that writers do not queue behind one row.
const (
	bucketSnoozed  = "snoozed"
	postgresShards = 16
)

// counter names one counter.
type counter struct {
	assignee int64
	bucket   string
}

func counterOf(t *Ticket) counter {
	k := counter{bucket: string(t.Status)}
	if t.Status.Active() && t.SnoozedUntil != nil {
		k.bucket = bucketSnoozed
	}
	if t.AssigneeID != nil {
		k.assignee = int64(*t.AssigneeID)
	}
	return k
}

// delta is a change of one counter.
type delta struct {
	counter
	shard int64
	n     int
}

// deltas move the edit's ticket from the counter that it was in to the one that it is in.
func (e *edit) deltas() []delta {
	from, to, shard := counterOf(&e.was), counterOf(e.t), e.c.shard(e.t.ID)
	switch {
	case e.fresh:
		return []delta{{to, shard, 1}}
	case from == to:
		return nil
	}
	return []delta{{from, shard, -1}, {to, shard, 1}}
}

// shard spreads the tickets over the shards. Ids made in different milliseconds share their low bits, so they are
// mixed first.
func (c conn) shard(ticket id.ID) int64 {
	if !c.postgres {
		return 0
	}
	return int64(uint64(ticket) * 0x9E3779B97F4A7C15 >> 32 % postgresShards)
}

// count changes counters in one statement, in the same order for everybody, so that two transactions cannot wait for
// each other. It comes last in a transaction, once.
func (c conn) count(deltas []delta) error {
	slices.SortFunc(deltas, func(a, b delta) int {
		return cmp.Or(cmp.Compare(a.assignee, b.assignee), strings.Compare(a.bucket, b.bucket), cmp.Compare(a.shard, b.shard))
	})
	rows := 0
	args := make([]any, 0, 4*len(deltas))
	for i := 0; i < len(deltas); {
		d, n := deltas[i], 0
		for ; i < len(deltas) && deltas[i].counter == d.counter && deltas[i].shard == d.shard; i++ {
			n += deltas[i].n
		}
		if n != 0 {
			rows++
			args = append(args, d.assignee, d.bucket, d.shard, n)
		}
	}
	if rows == 0 {
		return nil
	}
	_, err := c.exec(`INSERT INTO ticket_counts (assignee_id, status, shard, n) VALUES (?, ?, ?, ?)`+
		strings.Repeat(`, (?, ?, ?, ?)`, rows-1)+
		` ON CONFLICT (assignee_id, status, shard) DO UPDATE SET n = ticket_counts.n + excluded.n`, args...)
	return err
}

// Counts gives the numbers for one agent. The table has a few rows per agent however many tickets there are.
func (s *Service) Counts(ctx context.Context, agent id.ID) (Counts, error) {
	var out Counts
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var k counter
		var n int
		if err := scan(&k.assignee, &k.bucket, &n); err != nil {
			return err
		}
		out.All += n
		mine := k.assignee == int64(agent)
		switch {
		case k.bucket == bucketSnoozed && mine:
			out.Snoozed += n
		case !Status(k.bucket).Active():
		case k.assignee == 0:
			out.Unassigned += n
		case mine:
			out.Mine += n
		default:
			out.Colleagues += n
		}
		return nil
	}, `SELECT assignee_id, status, SUM(n) FROM ticket_counts GROUP BY assignee_id, status`)
	return out, err
}
