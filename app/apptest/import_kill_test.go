package apptest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

const (
	importer = "boss@example.com"
	// importPatience is long: on PostgreSQL a job whose node died waits longer from time to time.
	importPatience = 5 * time.Minute
)

// orderFile is a file of n orders with one to three goods each, two orders a buyer; every fortieth order has a line that is
// wrong.
type orderFile struct {
	n     int
	csv   []byte
	wrong []int // lines of the file
}

func (o *orderFile) refused(i int) bool  { return i%40 == 7 }
func (o *orderFile) goods(i int) int     { return 1 + i%3 }
func (o *orderFile) number(i int) string { return fmt.Sprintf("27%017d", i*i+i) }
func (o *orderFile) total(i int) string  { return fmt.Sprintf("%d.%02d", 10+i%900, i%100) }
func (o *orderFile) buyer(i int) string  { return fmt.Sprintf("buyer-%d", i/2) }

func newOrderFile(n int) *orderFile {
	o := &orderFile{n: n}
	var b bytes.Buffer
	b.WriteString("订单号,订单状态,实付金额,用户ID,收货人姓名,手机号,商品编码,商品名称,数量,单价\r\n")
	line := 1
	for i := range n {
		for good := range o.goods(i) {
			line++
			count := strconv.Itoa(1 + (i+good)%4)
			if o.refused(i) && good == o.goods(i)-1 {
				count = "许多"
				o.wrong = append(o.wrong, line)
			}
			fmt.Fprintf(&b, "%s,已发货,%s,%[3]s,买家 %[3]s,%[4]d,SKU-%[5]d,\"商品 %[5]d, 大\",%[6]s,%[7]d.50\r\n",
				o.number(i), o.total(i), o.buyer(i), 13100000000+i/2, (i+good)%70, count, 1+good)
		}
	}
	o.csv = b.Bytes()
	return o
}

// An import of orders that is killed again and again goes on by itself: at its end each order of the file is there once and
// whole, each line that is wrong is named once, and the progress says what there is. So it is after each kill.
func TestSoakAnImportOfOrdersSurvivesKills(t *testing.T) {
	t.Parallel()
	size, kills := 2400, map[string]int{db.SQLite: 4, db.Postgres: 2}
	if os.Getenv("HUIYIN_SOAK") != "" {
		size, kills = 24_000, map[string]int{db.SQLite: 12, db.Postgres: 3}
	}
	for dialect, n := range kills {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			desk := startOn(t, dialect, "HUIYIN_LIMIT_SCALE=1000")
			token := desk.AddAgent(importer, "Boss", "admin", agentPassword)
			file := newOrderFile(size)
			path := beginImport(t, desk, file.csv)
			caught := 0 // in the middle
			for kill := range n {
				least := int64(0) // the first time it has hardly begun
				if kill > 0 {
					least = int64((size*kill + rand.IntN(size)) / (n + 2))
				}
				inside(t, desk, func(d *db.DB) {
					waitWithin(t, importPatience, "the import to get on", func() bool { return importStands(t, d).Place >= least })
				})
				desk.Kill()
				inside(t, desk, func(d *db.DB) {
					f := importStands(t, d)
					t.Logf("killed at order %d of %d, %s", f.Place, size, f.State)
					if f.State == "running" && f.Place > 0 {
						caught++
					}
					f.holds(t)
					later(t, d)
				})
				desk.Start()
			}
			if caught == 0 {
				t.Error("no kill was in the middle of the import: the test tries nothing")
			}
			waitWithin(t, importPatience, "the import to end", func() bool {
				_, page := desk.GetAs(t, importer, agentPassword, path+"?part=progress")
				return !strings.Contains(page, "<progress")
			})
			file.judge(t, desk, token, path)
		})
	}
}

// beginImport sends a file of orders, looks at its preview and lets it run.
func beginImport(t *testing.T, desk *apptest.Process, csv []byte) (path string) {
	t.Helper()
	status, path := desk.SendFileAs(t, importer, agentPassword, "/settings/orders/imports", map[string]string{"preset": "own"}, "orders.csv", csv)
	if status != http.StatusSeeOther {
		t.Fatalf("send a file: %d", status)
	}
	columns := url.Values{}
	for i, field := range []string{"number", "status", "total", "buyer", "buyer_name", "phone", "sku", "name", "quantity", "price"} {
		columns.Set("column"+strconv.Itoa(i), field)
	}
	if status, body := desk.PostAs(t, importer, agentPassword, path+"/start", columns); status != http.StatusOK {
		t.Fatalf("start the import: %d %.300s", status, body)
	}
	return path
}

// inside opens the database of a desk beside it.
func inside(t *testing.T, desk *apptest.Process, fn func(d *db.DB)) {
	t.Helper()
	if dsn := desk.Setting("HUIYIN_DATABASE"); dsn != "" {
		lookAt(t, dsn, fn)
		return
	}
	look(t, desk, fn)
}

// later makes it some minutes later for PostgreSQL, where a job of a node that is gone waits until nobody can be at it.
func later(t *testing.T, d *db.DB) {
	t.Helper()
	if d.Dialect() == db.SQLite {
		return
	}
	err := d.Write(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE river_job SET attempted_at = attempted_at - interval '10 minutes' WHERE state = 'running'`).Error; err != nil {
			return err
		}
		return tx.Exec(`DELETE FROM river_leader`).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stand is how far the import is, beside what is stored.
type stand struct {
	State                                              string
	Orders, Place, Added, Changed, Same, Older         int64
	Refused, Stored, Lines, Bought, Buyers, Phones     int64
	Faults, Faulty, Nobody, Bare, Unpriced, Unfinished int64
}

func importStands(t *testing.T, d *db.DB) (s stand) {
	t.Helper()
	err := d.Read(t.Context()).Raw(`SELECT state, orders, place, added, changed, same, older, refused,
 (SELECT COUNT(*) FROM orders) AS stored, (SELECT COUNT(*) FROM order_lines) AS lines,
 (SELECT COUNT(DISTINCT order_id) FROM order_lines JOIN orders ON orders.id = order_id) AS bought,
 (SELECT COUNT(*) FROM contacts) AS buyers, (SELECT COUNT(*) FROM contact_identities WHERE kind = 'phone') AS phones,
 (SELECT COUNT(*) FROM order_import_faults) AS faults, (SELECT COUNT(DISTINCT line) FROM order_import_faults) AS faulty,
 (SELECT COUNT(*) FROM orders WHERE contact_id IS NULL OR contact_id NOT IN (SELECT id FROM contacts)) AS nobody,
 (SELECT COUNT(*) FROM orders WHERE order_hash IS NULL OR detail IS NULL OR total IS NULL OR digest IS NULL) AS bare,
 (SELECT COUNT(*) FROM order_lines WHERE price IS NULL) AS unpriced
 FROM order_imports`).Scan(&s).Error
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holds says that the progress is what is stored, and that nothing is half.
func (s *stand) holds(t *testing.T) {
	t.Helper()
	if s.Added != s.Stored || s.Place != s.Added+s.Refused || s.Faults != s.Refused || s.Faulty != s.Refused || s.Changed+s.Same+s.Older != 0 {
		t.Errorf("the progress is not what is stored: %+v", *s)
	}
	if s.Bought != s.Stored || s.Nobody+s.Bare+s.Unpriced != 0 {
		t.Errorf("there are half orders: %+v", *s)
	}
}

// judge looks at all that has become of the file.
func (o *orderFile) judge(t *testing.T, desk *apptest.Process, token, path string) {
	t.Helper()
	good, lines, buyers := 0, 0, map[string]bool{}
	for i := range o.n {
		if !o.refused(i) {
			good++
			lines += o.goods(i)
			buyers[o.buyer(i)] = true
		}
	}
	inside(t, desk, func(d *db.DB) {
		f := importStands(t, d)
		f.holds(t)
		if f.State != "done" || f.Orders != int64(o.n) || f.Place != f.Orders || f.Added != int64(good) || f.Lines != int64(lines) ||
			f.Buyers != int64(len(buyers)) || f.Phones != f.Buyers {
			t.Errorf("%+v, want %d orders of %d, %d lines, %d buyers", f, good, o.n, lines, len(buyers))
		}
	})
	_, page := desk.GetAs(t, importer, agentPassword, path+"?part=progress")
	for _, want := range []string{"新增 " + grouped(good), "未导入 " + grouped(len(o.wrong))} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q: %s", want, page)
		}
	}
	_, table := desk.GetAs(t, importer, agentPassword, path+"/rejected.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var named []int
	for _, row := range rows[1:] {
		line, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		named = append(named, line)
	}
	if !slices.Equal(named, o.wrong) {
		t.Errorf("lines %v are named as wrong, want %v", named, o.wrong)
	}
	o.each(t, newCaller(desk.Base(), token, 8))
}

func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// each reads every order as a program of the shop does.
func (o *orderFile) each(t *testing.T, c *caller) {
	t.Helper()
	type order struct {
		Status, Total string
		Contact       struct{ Name string }
		Lines         []struct {
			SKU, Name, Price string
			Quantity         int
		}
	}
	var all sync.WaitGroup
	for part := range 8 {
		all.Go(func() {
			for i := part; i < o.n; i += 8 {
				if o.refused(i) {
					if _, _, err := c.call(t.Context(), http.StatusNotFound, "GET", "/orders/"+o.number(i), nil); err != nil {
						t.Error(err)
					}
					continue
				}
				text, _, err := c.call(t.Context(), http.StatusOK, "GET", "/orders/"+o.number(i), nil)
				if err != nil {
					t.Error(err)
					continue
				}
				var got order
				if err := json.Unmarshal(text, &got); err != nil {
					t.Errorf("%v: %s", err, text)
					continue
				}
				if got.Status != "shipped" || got.Total != o.total(i) || got.Contact.Name != "买家 "+o.buyer(i) || len(got.Lines) != o.goods(i) {
					t.Errorf("order %d of the file: %s", i, text)
					continue
				}
				for good, l := range got.Lines {
					if l.SKU != fmt.Sprintf("SKU-%d", (i+good)%70) || l.Name != fmt.Sprintf("商品 %d, 大", (i+good)%70) || l.Quantity != 1+(i+good)%4 || l.Price != fmt.Sprintf("%d.50", 1+good) {
						t.Errorf("order %d of the file, line %d: %s", i, good, text)
					}
				}
			}
		})
	}
	all.Wait()
}
