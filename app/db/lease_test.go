package db_test

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

const long = time.Hour

func wantLease(t *testing.T, d *db.DB, holder string, ttl time.Duration, wantHeld bool, wantFence int64) {
	t.Helper()
	held, fence, err := d.Lease(t.Context(), "poller", holder, ttl)
	must(t, err)
	if held != wantHeld || fence != wantFence {
		t.Fatalf("%s: held %v, fence %d, want %v, %d", holder, held, fence, wantHeld, wantFence)
	}
}

func TestLeaseHasOneHolderAndItsFenceGrowsWithEachChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		wantLease(t, d, "a", long, true, 1)
		wantLease(t, d, "b", long, false, 0)
		wantLease(t, d, "a", long, true, 1) // renewed
		must(t, d.Release(t.Context(), "poller", "b"))
		wantLease(t, d, "b", long, false, 0) // not hers to give back
		must(t, d.Release(t.Context(), "poller", "a"))
		wantLease(t, d, "b", 20*time.Millisecond, true, 2)
		time.Sleep(40 * time.Millisecond)
		wantLease(t, d, "a", 20*time.Millisecond, true, 3) // lapsed
		time.Sleep(40 * time.Millisecond)
		wantLease(t, d, "a", long, true, 4) // her own, but somebody may have had it meanwhile
	})
}

// A machine whose clock was far ahead when the desk ran, and is right now, must not wait for the day on which the lease of a
// process that is long dead would end.
func TestALeaseFromBeforeTheClockWasSetBackHasLapsed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		wantLease(t, d, "a", db.LeaseLongest, true, 1)
		wantLease(t, d, "b", long, false, 0)
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE leases SET until = ?`, time.Now().Add(db.LeaseLongest+time.Minute).UnixMilli()).Error
		}))
		wantLease(t, d, "b", long, true, 2)
		wantLease(t, d, "a", long, false, 0)
	})
}

func TestLeaseIsWonByOneOfMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		const many = 20
		won := make(chan bool, many)
		for i := range many {
			go func() {
				held, _, err := d.Lease(context.Background(), "poller", string(rune('a'+i)), long)
				if err != nil {
					t.Error(err)
				}
				won <- held
			}()
		}
		winners := 0
		for range many {
			if <-won {
				winners++
			}
		}
		if winners != 1 {
			t.Errorf("%d winners", winners)
		}
	})
}

func TestNodeIsZeroOnSQLite(t *testing.T) {
	t.Parallel()
	node, err := dbtest.Open(t, db.SQLite).LeaseNode(t.Context(), "a", long)
	must(t, err)
	if node != 0 {
		t.Errorf("node = %d", node)
	}
}

func TestNodesDifferAndComeFromWhatWasFreeForLongest(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	const many = 20
	nodes := make(chan int, many)
	for i := range many {
		go func() {
			node, err := d.LeaseNode(context.Background(), string(rune('a'+i)), long)
			if err != nil {
				t.Error(err)
			}
			nodes <- node
		}()
	}
	seen := map[int]bool{}
	for range many {
		node := <-nodes
		if seen[node] || node < 1 || node > 1023 {
			t.Errorf("node %d twice or out of range", node)
		}
		seen[node] = true
	}
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error { // all lapsed, 500 first
		return tx.Exec("INSERT INTO nodes SELECT n, 'x', CASE n WHEN 500 THEN 1 ELSE 1000 + n END FROM generate_series(1, 1023) n " +
			"ON CONFLICT (node) DO UPDATE SET until = excluded.until").Error
	}))
	for _, want := range []int{500, 1} {
		node, err := d.LeaseNode(t.Context(), "z", long)
		must(t, err)
		if node != want {
			t.Errorf("node = %d, want %d", node, want)
		}
	}
}

func TestNodesRunOut(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO nodes SELECT n, 'x', 9000000000000 FROM generate_series(1, 1023) n").Error
	}))
	if node, err := d.LeaseNode(t.Context(), "a", long); err == nil {
		t.Errorf("node = %d", node)
	}
}

func TestNodeIsRenewedUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	ctx, cancel := context.WithCancel(t.Context())
	node, err := d.LeaseNode(ctx, "a", 300*time.Millisecond)
	must(t, err)
	until := func() (ms int64) {
		must(t, d.Read(t.Context()).Raw("SELECT until FROM nodes WHERE node = ?", node).Scan(&ms).Error)
		return ms
	}
	first := until()
	for deadline := time.Now().Add(20 * time.Second); until() <= first; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never renewed")
		}
	}
	cancel()
	time.Sleep(50 * time.Millisecond) // a renewal under way ends
	last := until()
	time.Sleep(400 * time.Millisecond)
	if until() != last {
		t.Error("renewed after its context had ended")
	}
}

func TestANodeKnowsHowLongItHoldsItsNumberAndThatItDidNotForAWhile(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	const ttl = time.Second
	if held := d.NodeLease(); held.Left() > 0 {
		t.Errorf("without a number: %+v", held)
	}
	node, err := d.LeaseNode(t.Context(), "a", ttl)
	must(t, err)
	if held := d.NodeLease(); held.Left() <= 0 || held.Left() > ttl || held.Lapses != 0 {
		t.Errorf("leased: %+v", held)
	}
	time.Sleep(2 * ttl)
	if held := d.NodeLease(); held.Left() <= 0 || held.Lapses != 0 {
		t.Errorf("renewed: %+v", held)
	}
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error { // nobody renews it meanwhile
		if err := tx.Exec("SELECT node FROM nodes WHERE node = ? FOR UPDATE", node).Error; err != nil {
			return err
		}
		for deadline := time.Now().Add(20 * time.Second); d.NodeLease().Left() > 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it is held for ever")
			}
		}
		return nil
	}))
	for deadline := time.Now().Add(20 * time.Second); d.NodeLease().Left() <= 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not renewed")
		}
	}
	if held := d.NodeLease(); held.Lapses != 1 {
		t.Errorf("after a gap: %+v", held)
	}
}

func TestANodeWhoseRenewalTookTooLongKnowsThatItDidNotHoldItsNumber(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	const ttl = 3 * time.Second
	_, err := d.LeaseNode(t.Context(), "a", ttl)
	must(t, err)
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error { // asked for after a third of ttl, written when it was over
		for _, text := range []string{
			`CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.5); RETURN NULL; END $$`,
			`CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON nodes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()`,
		} {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	for _, held := range []bool{false, true} {
		for deadline := time.Now().Add(20 * time.Second); d.NodeLease().Left() > 0 != held; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain for held = %v", held)
			}
		}
	}
	if held := d.NodeLease(); held.Lapses != 1 {
		t.Errorf("after a gap: %+v", held)
	}
}

// Without its number a node does no jobs until it is started again.
func TestANodeWhoseRowIsLostKeepsItsNumberUnlessAnotherHasIt(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	const ttl = time.Second
	node, err := d.LeaseNode(t.Context(), "a", ttl)
	must(t, err)
	exec := func(text string, args ...any) {
		t.Helper()
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text, args...).Error }))
	}
	exec(`DELETE FROM nodes`)
	time.Sleep(2 * ttl)
	held, err := d.Nodes(t.Context())
	must(t, err)
	if len(held) != 1 || held[0].Holder != "a" || d.NodeLease().Left() <= 0 {
		t.Errorf("its row was lost: %+v", held)
	}
	exec(`UPDATE nodes SET holder = 'b' WHERE node = ?`, node)
	time.Sleep(2 * ttl)
	if d.NodeLease().Left() > 0 {
		t.Error("two hold one number")
	}
}

func TestTheListsOfLeasesAndNodesHoldWhatIsHeldNow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		wantLease(t, d, "a", long, true, 1)
		for name, ttl := range map[string]time.Duration{"lapsed": -time.Second, "backup": long} {
			if _, _, err := d.Lease(t.Context(), name, "b", ttl); err != nil {
				t.Fatal(err)
			}
		}
		list, err := d.Leases(t.Context())
		must(t, err)
		if len(list) != 2 || list[0].Name != "backup" || list[0].Holder != "b" || list[1].Holder != "a" || time.Until(list[1].Until) < time.Minute {
			t.Errorf("leases: %+v", list)
		}
		_, err = d.LeaseNode(t.Context(), "c", long)
		must(t, err)
		nodes, err := d.Nodes(t.Context())
		must(t, err)
		if d.Dialect() == db.Postgres != (len(nodes) == 1 && nodes[0].Holder == "c" && nodes[0].Name == "1") {
			t.Errorf("nodes: %+v", nodes)
		}
		if size, err := d.Size(t.Context()); err != nil || size < 100_000 {
			t.Errorf("size: %d, %v", size, err)
		}
	})
}
