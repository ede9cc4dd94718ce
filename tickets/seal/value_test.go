package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

func TestValuesComeBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		key := d.newKey(t, s, 7)
		for _, plain := range [][]byte{{}, {0}, []byte("你好"), bytes.Repeat([]byte("long "), 30_000)} {
			sealed, err := s.Seal(d.read(), key, "messages", "body", 42, plain)
			if err != nil {
				t.Fatal(err)
			}
			if len(sealed) != len(plain)+seal.Overhead || (len(plain) > 4 && bytes.Contains(sealed, plain)) {
				t.Errorf("%d bytes became %d, or are readable", len(plain), len(sealed))
			}
			if got, ok := seal.KeyOf(sealed); !ok || got != key {
				t.Errorf("KeyOf = %d, %t, want %d", got, ok, key)
			}
			got, err := s.Open(d.read(), "messages", "body", 42, sealed)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("Open gave %d bytes, %v, want %d", len(got), err, len(plain))
			}
			again, err := s.Seal(d.read(), key, "messages", "body", 42, plain)
			if err != nil || bytes.Equal(again, sealed) {
				t.Errorf("sealed twice, the value looks the same; %v", err)
			}
		}
	})
}

func TestTheEmptyTextIsNull(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		if sealed, err := s.SealText(d.read(), s.DeskKey(), "teams", "name", 1, ""); err != nil || sealed != nil {
			t.Errorf("SealText = %v, %v, want nil", sealed, err)
		}
		if plain, err := s.OpenText(d.read(), "teams", "name", 1, nil); err != nil || plain != "" {
			t.Errorf("OpenText = %q, %v, want the empty text", plain, err)
		}
	})
}

func TestAMovedValueDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 7, "你好")
		for _, place := range []struct {
			table, column string
			row           id.ID
		}{
			{"messages", "body", v.row + 1}, {"messages", "client_id", v.row}, {"drafts", "body", v.row}, {"messages", "bod", v.row},
		} {
			if got, err := s.OpenText(d.read(), place.table, place.column, place.row, v.sealed); !errors.Is(err, seal.ErrDamaged) || got != "" {
				t.Errorf("OpenText at %v = %q, %v, want ErrDamaged", place, got, err)
			}
		}
		d.opens(t, s, v)
	})
}

func TestAnAlteredValueDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 7, "你好")
		for i := range v.sealed {
			b := bytes.Clone(v.sealed)
			b[i] ^= 1
			// an altered key id is most likely nobody's
			if _, err := s.OpenText(d.read(), "messages", "body", v.row, b); !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrErased) {
				t.Errorf("byte %d altered: OpenText: %v", i, err)
			}
		}
		for n := 1; n < len(v.sealed); n++ {
			if _, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed[:n]); !errors.Is(err, seal.ErrDamaged) {
				t.Errorf("cut to %d bytes: OpenText: %v, want ErrDamaged", n, err)
			}
		}
		if _, err := s.Open(d.read(), "messages", "body", v.row, nil); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("Open of nothing: %v, want ErrDamaged", err)
		}
		// under another contact's key, or the index key, which seals nothing
		other := d.newKey(t, s, 8)
		var index id.ID
		if err := d.read().Raw("SELECT id FROM "+d.keysTable()+" WHERE purpose = ?", "index").Scan(&index).Error; err != nil {
			t.Fatal(err)
		}
		for _, key := range []id.ID{other, index} {
			b, err := s.SealText(d.read(), other, "messages", "body", v.row, "x")
			if err != nil {
				t.Fatal(err)
			}
			b[8], b[7], b[6], b[5] = byte(key), byte(key>>8), byte(key>>16), byte(key>>24)
			copy(b[9:], v.sealed[9:])
			if _, err := s.Open(d.read(), "messages", "body", v.row, b); !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrErased) {
				t.Errorf("under another key: Open: %v", err)
			}
		}
	})
}

func TestAValueNeedsAKeyAndARow(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		if _, err := s.SealText(d.read(), 0, "teams", "name", 1, "x"); err == nil {
			t.Error("no key: no error")
		}
		if _, err := s.SealText(d.read(), s.DeskKey(), "teams", "name", 0, "x"); err == nil {
			t.Error("no row: no error")
		}
		if _, err := s.SealText(d.read(), 12345, "teams", "name", 1, "x"); !errors.Is(err, seal.ErrErased) {
			t.Errorf("a key that is not there: %v, want ErrErased", err)
		}
	})
}

// Two rows of data_keys change places: a contact's values must not open under another's.
func TestAMovedDataKeyDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		v := d.newValue(t, s, 7, "你好")
		key, _ := seal.KeyOf(v.sealed)
		other := d.newKey(t, s, 8)
		d.write(t, func(tx *gorm.DB) error {
			return tx.Exec("UPDATE "+d.keysTable()+" SET wrapped = (SELECT wrapped FROM "+d.keysTable()+" o WHERE o.id = ?) WHERE id = ?",
				int64(other), int64(key)).Error
		})
		if _, err := d.open(t).OpenText(d.read(), "messages", "body", v.row, v.sealed); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("OpenText: %v, want ErrDamaged", err)
		}
	})
}

func TestHashFindsWithoutTelling(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		h := s.Hash("email", "a@shop.example")
		if len(h) != seal.HashSize || bytes.Contains(h, []byte("shop")) {
			t.Errorf("Hash = %x", h)
		}
		if !bytes.Equal(s.Hash("email", "a@shop.example"), h) {
			t.Error("the same value hashes differently")
		}
		for _, other := range [][2]string{
			{"phone", "a@shop.example"}, {"email", "b@shop.example"}, {"email", ""}, {"email", "a@shop.exampl"},
			{"email", "a@shop.example" + strings.Repeat("x", 1000)},
		} {
			if bytes.Equal(s.Hash(other[0], other[1]), h) {
				t.Errorf("%v has the same hash", other)
			}
		}
		before := bytes.Clone(h)
		s.Hash("email", "c@shop.example")
		if !bytes.Equal(h, before) {
			t.Error("the next call changes the hash that was given")
		}
	})
}

func TestAnotherDesksHashesDiffer(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		other := newDesk(t, dbtest.Open(t, d.db.Dialect()))
		if bytes.Equal(d.open(t).Hash("email", "a@shop.example"), other.open(t).Hash("email", "a@shop.example")) {
			t.Error("two desks hash alike")
		}
	})
}
