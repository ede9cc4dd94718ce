package seal_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

func BenchmarkValue(b *testing.B) {
	d := newDesk(b, dbtest.Open(b, db.SQLite))
	s := d.open(b)
	var key id.ID
	d.write(b, func(tx *gorm.DB) (err error) {
		key, err = s.NewContactKey(tx, 7)
		return err
	})
	read := d.read()
	for name, text := range map[string]string{"100B": strings.Repeat("你好吗?", 10), "4kB": strings.Repeat("你好吗?", 400)} {
		sealed, err := s.SealText(read, key, "messages", "body", 42, text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("seal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.SealText(read, key, "messages", "body", 42, text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("open/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.OpenText(read, "messages", "body", 42, sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("parallel/100B", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				sealed, err := s.SealText(read, key, "messages", "body", 42, "你好，请问什么时候发货？")
				if err == nil {
					_, err = s.OpenText(read, "messages", "body", 42, sealed)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("hash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Hash("email", "zhang.san@shop.example")
		}
	})
}

// BenchmarkKey is what a new contact costs, and a key that is not in the cache.
func BenchmarkKey(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			s := d.open(b)
			b.Run("new", func(b *testing.B) {
				b.ReportAllocs()
				for done := 0; done < b.N; {
					n := min(100, b.N-done)
					d.write(b, func(tx *gorm.DB) error {
						for range n {
							if _, err := s.NewContactKey(tx, 7); err != nil {
								return err
							}
						}
						return nil
					})
					done += n
				}
			})
			v := d.newValue(b, s, 8, "你好")
			b.Run("load", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d.clock.advance(61e9)
					if _, err := s.OpenText(d.read(), "messages", "body", v.row, v.sealed); err != nil {
						b.Fatal(err)
					}
				}
			})
			values := d.newValues(b, s, 50)
			keys := make([]id.ID, len(values))
			for i, v := range values {
				keys[i], _ = seal.KeyOf(v.sealed)
			}
			b.Run("preload50", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d.clock.advance(61e9)
					if err := s.Preload(d.read(), keys); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
