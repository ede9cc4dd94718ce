package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	maxNode   = 1023 // ten bits of an id; 0 is SQLite's
	nodeTries = 50   // against others that start at the same moment
)

var errNodeTaken = errors.New("another process took the node number meanwhile")

// LeaseNode gives this process the number that goes into its ids: 0 on SQLite, which has one process; on PostgreSQL one
// of 1 … 1023 that no other process holds, renewed in the background until ctx or the database ends. The number is then
// left to lapse, and the longest unused one is given out first: a new holder's clock may be behind, and two holders of
// one number must not meet in the same millisecond.
func (d *DB) LeaseNode(ctx context.Context, holder string, ttl time.Duration) (node int, err error) {
	if d.dialect == SQLite {
		return 0, nil
	}
	var asked time.Time
	for range nodeTries {
		asked = time.Now()
		if node, err = d.takeNode(ctx, holder, ttl); !errors.Is(err, errNodeTaken) {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("lease a node number: %w", err)
	}
	d.node.Store(&NodeLease{Until: asked.Add(ttl)})
	d.wg.Go(func() { d.renewNode(ctx, node, holder, ttl) })
	return node, nil
}

// NodeLease is how this process holds its node number.
type NodeLease struct {
	Until  time.Time // up to then it surely does; it is renewed long before
	Lapses int       // how often it did not for a while: others may have taken it for dead
}

// Left is how long the number is surely held: by the clock that stands still while the machine sleeps, and by the one that does not.
func (l NodeLease) Left() time.Duration {
	now := time.Now()
	return min(l.Until.Sub(now), l.Until.Round(0).Sub(now.Round(0)))
}

// NodeLease is that of the last LeaseNode.
func (d *DB) NodeLease() NodeLease {
	if held := d.node.Load(); held != nil {
		return *held
	}
	return NodeLease{}
}

// renewed notes that the number is held for ttl from when that was asked for, which may be long ago.
func (d *DB) renewed(asked time.Time, ttl time.Duration) {
	held := d.NodeLease()
	if held.Left() <= 0 {
		held.Lapses++
	}
	held.Until = asked.Add(ttl)
	d.node.Store(&held)
}

// takeNode leases the number that has been free for longest.
func (d *DB) takeNode(ctx context.Context, holder string, ttl time.Duration) (int, error) {
	now, _ := d.clock()
	var free, taken []int
	err := d.Write(ctx, func(tx *gorm.DB) error {
		free, taken = nil, nil
		err := tx.Raw(`SELECT n FROM generate_series(1, ?) AS n LEFT JOIN nodes ON nodes.node = n
			WHERE nodes.until IS NULL OR nodes.until <= `+now+` ORDER BY coalesce(nodes.until, 0), n LIMIT 1`, maxNode).
			Scan(&free).Error
		if err != nil || len(free) == 0 {
			return err
		}
		return tx.Raw(`INSERT INTO nodes (node, holder, until) VALUES (?, ?, `+now+` + ?)
			ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE nodes.until <= `+now+`
			RETURNING node`, free[0], holder, ttl.Milliseconds()).Scan(&taken).Error
	})
	switch {
	case err != nil:
		return 0, err
	case len(free) == 0:
		return 0, fmt.Errorf("all %d node numbers are in use: stop other processes, or wait until theirs lapse", maxNode)
	case len(taken) == 0:
		return 0, errNodeTaken
	}
	return taken[0], nil
}

// renewNode renews at a third of the time to live.
func (d *DB) renewNode(ctx context.Context, node int, holder string, ttl time.Duration) {
	tick := time.NewTicker(ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		held, err := d.extendNode(ctx, node, holder, ttl)
		switch {
		case held && err == nil:
			d.renewed(asked, ttl)
		case err != nil && ctx.Err() == nil && d.ctx.Err() == nil:
			d.log.Warn("the node number could not be renewed", "node", node, "error", err)
		case err == nil:
			d.log.Error("the node number was taken by another process: restart this one", "node", node)
			return
		}
	}
}

// extendNode renews the lease of a number that nobody else has taken. Its row may be gone: the database that takes over from one that
// failed has perhaps never heard of it.
func (d *DB) extendNode(ctx context.Context, node int, holder string, ttl time.Duration) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, ttl/3)
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)() // Close does not wait for it
	now, _ := d.clock()
	err = d.Write(ctx, func(tx *gorm.DB) error {
		res := tx.Exec(`INSERT INTO nodes (node, holder, until) VALUES (?, ?, `+now+` + ?)
			ON CONFLICT (node) DO UPDATE SET until = excluded.until WHERE nodes.holder = excluded.holder`, node, holder, ttl.Milliseconds())
		held = res.RowsAffected == 1
		return res.Error
	})
	return held, err
}
