package seal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var errUndo = errors.New("undo")

func TestANewKeySealsWithinItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := value{row: 42, plain: "你好"}
		d.write(t, func(tx *gorm.DB) error {
			key, err := s.NewContactKey(tx, 7)
			if err != nil {
				return err
			}
			v.sealed, err = s.SealText(tx, key, "messages", "body", v.row, v.plain)
			return err
		})
		d.opens(t, s, v)
		d.opens(t, d.open(t), v)
	})
}

func TestAKeyOfATransactionThatWasUndoneIsGone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		err := d.db.Write(context.Background(), func(tx *gorm.DB) error {
			if _, err := s.NewContactKey(tx, 7); err != nil {
				return err
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
		if n := d.count(t, d.keysTable()+" WHERE contact_id = 7"); n != 0 {
			t.Errorf("%d data keys, want none", n)
		}
	})
}

func TestErasedKeysOpenNothingEverAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s, other := d.open(t), d.open(t)
		first, second := d.newValue(t, s, 7, "one key"), d.newValue(t, s, 7, "another key")
		kept := d.newValue(t, s, 8, "somebody else")
		d.opens(t, other, first)
		d.write(t, func(tx *gorm.DB) error { return s.DropContactKeys(tx, 7) })
		for _, v := range []value{first, second} {
			if _, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed); !errors.Is(err, seal.ErrErased) {
				t.Errorf("OpenText: %v, want ErrErased", err)
			}
			key, _ := seal.KeyOf(v.sealed)
			if _, err := s.SealText(d.read(), key, "messages", "body", 1, "late"); !errors.Is(err, seal.ErrErased) {
				t.Errorf("SealText: %v, want ErrErased", err)
			}
		}
		d.opens(t, s, kept)
		// another process had the key in its cache, for a minute at most
		d.clock.advance(time.Minute)
		if _, err := other.OpenText(d.read(), "messages", "body", first.row, first.sealed); !errors.Is(err, seal.ErrErased) {
			t.Errorf("OpenText in another process after a minute: %v, want ErrErased", err)
		}
		d.opens(t, other, kept)
	})
}

func TestKeysWhoseErasureWasUndoneOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 7, "你好")
		err := d.db.Write(context.Background(), func(tx *gorm.DB) error {
			if err := s.DropContactKeys(tx, 7); err != nil {
				return err
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
		d.opens(t, s, v)
	})
}

// A reader that found the key before the erasure puts it into the cache after it: it must not stay there.
func TestAReaderDoesNotBringAnErasedKeyBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 7, "你好")
		d.write(t, func(tx *gorm.DB) error {
			if err := s.DropContactKeys(tx, 7); err != nil {
				return err
			}
			d.opens(t, s, v) // through a reader: not committed yet
			return nil
		})
		if _, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed); !errors.Is(err, seal.ErrErased) {
			t.Errorf("OpenText: %v, want ErrErased", err)
		}
	})
}

func TestGivenKeysGoWithTheirNewOwner(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		given, kept := d.newValue(t, s, 7, "of a visitor"), d.newValue(t, s, 8, "of a contact")
		d.write(t, func(tx *gorm.DB) error { return s.GiveKeys(tx, 7, 8) })
		d.write(t, func(tx *gorm.DB) error { return s.DropContactKeys(tx, 7) }) // has none any more
		d.opens(t, s, given)
		d.write(t, func(tx *gorm.DB) error { return s.DropContactKeys(tx, 8) })
		for _, v := range []value{given, kept} {
			if _, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed); !errors.Is(err, seal.ErrErased) {
				t.Errorf("OpenText: %v, want ErrErased", err)
			}
		}
	})
}

func TestNobodysKeysAreNeitherGivenNorErased(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 0, "raw mail")
		for name, fn := range map[string]func(tx *gorm.DB) error{
			"drop": func(tx *gorm.DB) error { return s.DropContactKeys(tx, 0) },
			"give": func(tx *gorm.DB) error { return s.GiveKeys(tx, 0, 8) },
			"to":   func(tx *gorm.DB) error { return s.GiveKeys(tx, 8, 0) },
		} {
			if err := d.db.Write(context.Background(), fn); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		d.opens(t, d.open(t), v)
	})
}

func TestPreloadReadsAPageOfKeysAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		writer := d.open(t)
		values := d.newValues(t, writer, 150)
		var keys []id.ID
		for _, v := range values {
			key, _ := seal.KeyOf(v.sealed)
			keys = append(keys, key, key)
		}
		d.write(t, func(tx *gorm.DB) error { return writer.DropContactKeys(tx, 150) })
		for _, n := range []int{0, 1, 2, 8, 9, 50, 64, 65, 149} {
			s := d.open(t)
			if err := s.Preload(d.read(), append([]id.ID{0, 999}, keys[:2*n]...)); err != nil {
				t.Fatal(err)
			}
			none := d.noReads()
			for _, v := range values[:n] {
				if got, err := s.OpenText(none, "messages", "body", v.row, v.sealed); err != nil || got != v.plain {
					t.Fatalf("%d keys: OpenText without the database = %q, %v", n, got, err)
				}
			}
			if _, err := s.OpenText(none, "messages", "body", values[n].row, values[n].sealed); err == nil {
				t.Fatalf("%d keys: one that was not asked for is there", n)
			}
		}
		s := d.open(t)
		if err := s.Preload(d.read(), keys); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenText(d.read(), "messages", "body", values[149].row, values[149].sealed); !errors.Is(err, seal.ErrErased) {
			t.Errorf("OpenText of an erased one: %v, want ErrErased", err)
		}
	})
}
