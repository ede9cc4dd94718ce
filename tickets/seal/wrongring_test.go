package seal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets/seal"
)

func TestStartWithTheWrongRingSaysWhichIsWanted(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		keys, err := s.Keys(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		want := keys[0].Fingerprint.String()
		good, err := os.ReadFile(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(t.TempDir(), "keyring")
		if _, err := seal.CreateRing(other, made); err != nil {
			t.Fatal(err)
		}
		foreign, err := os.ReadFile(other)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name    string
			prepare func() error
			kind    error
			says    string
		}{
			{"missing", func() error { return os.Remove(d.ring) }, seal.ErrRingMissing, want},
			{"another desk's", func() error { return os.WriteFile(d.ring, foreign, 0o600) }, seal.ErrRingWrong, want},
			{"cut", func() error { return os.WriteFile(d.ring, good[:len(good)-30], 0o600) }, seal.ErrRingDamaged, "good copy"},
			{"open to others", func() error { return errors.Join(os.WriteFile(d.ring, good, 0o600), os.Chmod(d.ring, 0o644)) }, seal.ErrRingExposed, "chmod 600"},
		} {
			if err := tt.prepare(); err != nil {
				t.Fatal(err)
			}
			_, err := seal.Open(context.Background(), d.options())
			var ringErr *seal.RingError
			if !errors.Is(err, tt.kind) || !errors.As(err, &ringErr) || ringErr.Path != d.ring {
				t.Errorf("%s: Open: %v, want %v", tt.name, err, tt.kind)
				continue
			}
			if text := err.Error(); !strings.Contains(text, d.ring) || !strings.Contains(text, tt.says) || strings.Contains(text, "\n") {
				t.Errorf("%s: %q does not name the file and say %q in one line", tt.name, text, tt.says)
			}
			if errors.Is(tt.kind, seal.ErrRingMissing) {
				if _, err := os.Stat(d.ring); err == nil {
					t.Error("it made a new ring for a sealed database")
				}
			}
		}
		if err := errors.Join(os.WriteFile(d.ring, good, 0o600), os.Chmod(d.ring, 0o600)); err != nil {
			t.Fatal(err)
		}
		d.open(t)
	})
}

func TestBackupChecksARingBeforeItIsUsed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		if err := s.Rotate(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		keys, err := s.Keys(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		ring, err := seal.LoadRing(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		if err := ring.Check(d.ring, keys); err != nil {
			t.Errorf("Check of the right ring: %v", err)
		}
		other, err := seal.CreateRing(filepath.Join(t.TempDir(), "keyring"), made)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Check("other", keys); !errors.Is(err, seal.ErrRingWrong) || !strings.Contains(err.Error(), keys[1].Fingerprint.String()) {
			t.Errorf("Check of another ring: %v, want ErrRingWrong with the wanted fingerprint", err)
		}
	})
}

// The ring file of one node was not brought up to date, or an old copy was put there.
func TestAServingProcessSaysWhichMasterKeyTheRingLacks(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		serving, command := d.open(t), d.open(t)
		old, err := os.ReadFile(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		v := d.newValue(t, command, 7, "你好")
		d.rotate(t, command)
		good, err := os.ReadFile(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		put(t, d.ring, string(old))
		_, err = serving.OpenText(d.read(), "messages", "body", v.row, v.sealed)
		if !errors.Is(err, seal.ErrRingWrong) || !strings.Contains(err.Error(), "master key 2") || !strings.Contains(err.Error(), d.ring) {
			t.Errorf("OpenText: %v, want ErrRingWrong that names key and file", err)
		}
		err = d.db.Write(context.Background(), func(tx *gorm.DB) error {
			_, err := serving.NewContactKey(tx, 8)
			return err
		})
		if !errors.Is(err, seal.ErrRingWrong) {
			t.Errorf("NewContactKey: %v, want ErrRingWrong", err)
		}
		put(t, d.ring, string(good))
		d.opens(t, serving, v)
		d.opens(t, serving, d.newValue(t, serving, 8, "hello"))
	})
}
