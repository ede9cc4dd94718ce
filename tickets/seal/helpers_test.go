package seal_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// clock is a time that tests move on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// desk is a database with its key ring; open gives Sealers on it, each as a process of its own would have one.
type desk struct {
	db    *db.DB
	ring  string
	clock *clock
	ids   *id.Maker
}

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	c := &clock{}
	return &desk{db: d, ring: filepath.Join(t.TempDir(), "keyring"), clock: c, ids: id.NewMaker(1, c.now)}
}

func (d *desk) options() seal.Options {
	return seal.Options{
		DB: seal.Store{Write: d.db.Write, Read: d.db.Read}, RingPath: d.ring, Now: d.clock.now, NewID: d.ids.Next,
	}
}

func (d *desk) open(t testing.TB) *seal.Sealer {
	t.Helper()
	s, err := seal.Open(context.Background(), d.options())
	if err != nil {
		t.Fatalf("seal.Open: %v", err)
	}
	return s
}

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, d))
	})
}

func (d *desk) write(t testing.TB, fn func(tx *gorm.DB) error) {
	t.Helper()
	if err := d.db.Write(context.Background(), fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func (d *desk) read() *gorm.DB { return d.db.Read(context.Background()) }

// noReads is a reader on which every statement fails: what works with it came from the cache.
func (d *desk) noReads() *gorm.DB {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return d.db.Read(ctx)
}

// newKey makes a data key of a contact.
func (d *desk) newKey(t testing.TB, s *seal.Sealer, contact id.ID) (key id.ID) {
	t.Helper()
	d.write(t, func(tx *gorm.DB) (err error) {
		key, err = s.NewContactKey(tx, contact)
		return err
	})
	return key
}

// value is a sealed value in its place.
type value struct {
	row    id.ID
	plain  string
	sealed []byte
}

// newValue seals a text under a new key of a contact.
func (d *desk) newValue(t testing.TB, s *seal.Sealer, contact id.ID, plain string) value {
	t.Helper()
	v := value{row: d.ids.Next(), plain: plain}
	var err error
	if v.sealed, err = s.SealText(d.read(), d.newKey(t, s, contact), "messages", "body", v.row, plain); err != nil {
		t.Fatalf("SealText: %v", err)
	}
	return v
}

// newValues seals texts under new keys of the contacts 1 to n, in one transaction.
func (d *desk) newValues(t testing.TB, s *seal.Sealer, n int) []value {
	t.Helper()
	values := make([]value, n)
	d.write(t, func(tx *gorm.DB) error {
		for i := range values {
			key, err := s.NewContactKey(tx, id.ID(i+1))
			if err != nil {
				return err
			}
			v := value{row: d.ids.Next(), plain: "你好"}
			if v.sealed, err = s.SealText(tx, key, "messages", "body", v.row, v.plain); err != nil {
				return err
			}
			values[i] = v
		}
		return nil
	})
	return values
}

// opens checks that s opens the value.
func (d *desk) opens(t testing.TB, s *seal.Sealer, v value) {
	t.Helper()
	got, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed)
	if err != nil || got != v.plain {
		t.Errorf("OpenText = %q, %v, want %q", got, err, v.plain)
	}
}

// keysTable is the table of data keys.
func (d *desk) keysTable() string {
	if d.db.Dialect() == db.Postgres {
		return "huiyin_keys.data_keys"
	}
	return "data_keys"
}

// count counts rows.
func (d *desk) count(t testing.TB, from string, args ...any) (n int64) {
	t.Helper()
	if err := d.read().Raw("SELECT count(*) FROM "+from, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
