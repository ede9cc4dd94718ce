package oldtexts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const reviews = "评价内容,评价时间,订单编号,商品编码,评分,评价人\n" +
	"快递太慢了，等了十天才到,2026-03-01 10:00:00,A-1,SKU-1,1,小梅\n" +
	"质量很好，会回购,2026-03-01 11:00:00,A-2,SKU-1,5,小王\n" +
	"还行,2026-03-02 11:00:00,A-3,SKU-2,差评,小李\n" +
	",2026-03-02 11:00:00,A-4,SKU-2,1,小张\n" +
	"包装破了，杯子碎了,昨天,A-5,SKU-2,1,小赵\n" +
	"包装破了，杯子碎了,2026-03-03,A-6,SKU-2,很多,小钱\n" +
	"颜色不对，和图片不一样,2027-03-03,A-7,SKU-2,2,小孙\n"

func TestReviewsOfEveryEncodingAreTakenInOnce(t *testing.T) {
	t.Parallel()
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(reviews))
	must(t, err)
	each(t, func(t *testing.T, d *desk) {
		for i, data := range [][]byte{[]byte("\ufeff" + reviews), gbk, book(t, reviews)} {
			f := d.imported("qianniu", data)
			added, known := int64(2), int64(0)
			if i > 0 {
				added, known = known, added
			}
			if f.State != oldtexts.StateDone || f.Lines != 7 || f.Place != 7 || f.Added != added || f.Known != known || f.Empty != 2 || f.Refused != 3 {
				t.Errorf("%d: %+v", i, f)
			}
			got, err := d.texts.Rejects(t.Context(), f.ID, 100)
			must(t, err)
			want := []oldtexts.Reject{{Line: 6, Col: 2, Field: oldtexts.FieldTime, Code: "time_cell"}, {Line: 7, Col: 5, Field: oldtexts.FieldRating, Code: "rating"}, {Line: 8, Col: 2, Field: oldtexts.FieldTime, Code: "future"}}
			if !slices.Equal(got, want) {
				t.Errorf("%d: rejected %v, want %v", i, got, want)
			}
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE source = 'import' AND channel = 'review' AND contact_id IS NULL AND order_hash IS NOT NULL AND complaint`); n != 2 {
			t.Errorf("%d voices, want the slow parcel, and the low grade whose words say nothing", n)
		}
		if n := d.Number(`SELECT SUM(n) FROM insight_rolls WHERE kind = 'all'`); n != 2 {
			t.Errorf("%d subjects are counted, want 2", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voice_products WHERE sku IN ('SKU-1', 'SKU-2')`); n != 2 {
			t.Errorf("%d goods, want 2", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM tickets`) + d.Number(`SELECT COUNT(*) FROM contacts`); n != 0 {
			t.Errorf("%d tickets and contacts were made of old texts", n)
		}
	})
}

// book is a CSV as XLSX.
func book(t *testing.T, csv string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, line := range strings.Split(strings.TrimSpace(csv), "\n") {
		for j, cell := range strings.Split(line, ",") {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			must(t, err)
			must(t, f.SetCellValue("Sheet1", at, cell))
		}
	}
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

const chats = "会话ID,消息发送方,消息时间,消息内容\n" +
	"c1,访客,2026-05-01 10:00:00,退款一直不到账\n" +
	"c1,客服小美,2026-05-01 10:01:00,退款太慢非常抱歉\n" +
	"c1,访客,2026-05-01 10:02:00,已经等了两个星期\n" +
	"c2,系统,2026-05-02 10:00:00,会话已接入\n" +
	"c2,访客,2026-05-02 10:00:05,快递被寄错地址了\n" +
	"c3,小美,2026-05-03 10:00:00,快递太慢了\n"

func TestOnlyWhatTheCustomerSaidInAChatCountsAndAChatCountsOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := d.imported("qiyu", []byte(chats))
		if f.Added != 3 || f.Empty != 2 || f.Refused != 1 {
			t.Errorf("%+v", f)
		}
		got, err := d.texts.Rejects(t.Context(), f.ID, 100)
		must(t, err)
		if want := []oldtexts.Reject{{Line: 7, Col: 2, Field: oldtexts.FieldSpeaker, Code: "speaker"}}; !slices.Equal(got, want) {
			t.Errorf("rejected %v, want %v", got, want)
		}
		if n := d.Number(`SELECT COUNT(DISTINCT subject_id) FROM insight_voices WHERE channel = 'chat'`); n != 2 {
			t.Errorf("%d chats, want 2", n)
		}
		more := chats + "c1,访客,2026-05-01 10:09:00,钱还是没有退\nc4,小红,2026-05-04 10:00:00,杯子碎了\n"
		f = d.imported("qiyu", []byte(more), func(c *oldtexts.Choice) { c.Staff = "小美，老王" })
		if f.Added != 2 || f.Known != 3 || f.Refused != 0 {
			t.Errorf("the later export: %+v", f)
		}
		if n := d.Number(`SELECT COUNT(DISTINCT subject_id) FROM insight_voices`); n != 3 {
			t.Errorf("%d chats, want 3: a chat that goes on is the same", n)
		}
	})
}

func TestTwoWhoSayTheSameAreTwoAndComeAgainAsTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		file := []byte("text,date\nthe parcel never arrived,2026-03-01\nthe parcel never arrived,2026-03-01\n")
		if f := d.imported("own", file); f.Added != 2 {
			t.Errorf("%+v", f)
		}
		if f := d.imported("own", append(file, "the parcel never arrived,2026-03-01\n"...)); f.Added != 1 || f.Known != 2 {
			t.Errorf("%+v", f)
		}
	})
}

func TestLinesWithoutATimeNeedADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	day := time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC) // the first of July in Shanghai
	one, err := d.texts.Upload(t.Context(), d.by, "x.csv", "own", []byte("内容\n杯子碎了\n"))
	must(t, err)
	columns := map[oldtexts.Field]int{oldtexts.FieldText: 0}
	for name, test := range map[string]struct {
		choice      oldtexts.Choice
		field, code string
	}{
		"no text":        {oldtexts.Choice{Day: &day}, "columns", "required"},
		"a column twice": {oldtexts.Choice{Columns: map[oldtexts.Field]int{oldtexts.FieldText: 0, oldtexts.FieldTags: 0}, Day: &day}, "columns", "twice"},
		"no day":         {oldtexts.Choice{Columns: columns}, "day", "required"},
		"tomorrow":       {oldtexts.Choice{Columns: columns, Day: new(d.At.AddDate(0, 0, 1))}, "day", "invalid"},
		"too many names": {oldtexts.Choice{Columns: columns, Day: &day, Staff: names(201)}, "staff", "too_many"},
	} {
		if got := field(d.texts.Start(t.Context(), one, test.choice), test.field); got != test.code {
			t.Errorf("%s: %q, want %q", name, got, test.code)
		}
	}
	must(t, d.texts.Start(t.Context(), one, oldtexts.Choice{Columns: columns, Day: &day}))
	if err := d.texts.Start(t.Context(), one, oldtexts.Choice{Columns: columns, Day: &day}); !fault.Is(err, fault.Conflict) {
		t.Errorf("started twice: %v", err)
	}
	d.work(one)
	if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE at = ?`, day.UnixMilli()); n != 1 {
		t.Errorf("%d texts on the day, want 1", n)
	}
}

func names(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint("agent", i))
	}
	return strings.Join(list, "\n")
}

func TestATextAboutAKnownOrderIsItsBuyersAndGoesWithHer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, _, err := d.orders.Put(t.Context(), "A-1", &orders.Draft{Status: "paid", Contact: &orders.ContactDraft{ExternalID: "mei"}}, orders.PutOptions{})
		must(t, err)
		d.imported("qianniu", []byte(reviews))
		var who int64
		must(t, d.DB.Read(t.Context()).Raw(`SELECT contact_id FROM insight_voices WHERE contact_id IS NOT NULL`).Row().Scan(&who))
		o, err := d.orders.ByNumber(t.Context(), "a-1")
		must(t, err)
		if who != int64(o.ContactID) {
			t.Errorf("the text is %d's, want %d", who, o.ContactID)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE contact_id IS NULL`); n != 1 {
			t.Errorf("%d texts of nobody, want 1", n)
		}
		var row int64
		var sealed []byte
		must(t, d.DB.Read(t.Context()).Raw(`SELECT id, body FROM insight_voices WHERE contact_id = ?`, who).Row().Scan(&row, &sealed))
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error {
			return errors.Join(insights.Forget(tx, tickets.Erased{Contacts: []id.ID{id.ID(who)}}), d.Sealer.DropContactKeys(tx, id.ID(who)))
		}))
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE body IS NOT NULL`); n != 1 || d.Number(`SELECT SUM(n) FROM insight_rolls WHERE kind = 'all'`) != 2 {
			t.Errorf("%d texts are left, want the other's; what was counted stays", n)
		}
		if _, err := d.Sealer.OpenText(d.DB.Read(t.Context()), "insight_voices", "body", id.ID(row), sealed); !errors.Is(err, seal.ErrErased) {
			t.Errorf("a copy of her text opens: %v", err)
		}
	})
}

func TestAnImportIsTakenBackWithAllThatItCounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		other := d.imported("own", []byte("text,date\nmy refund is late,2026-03-01\n"))
		f := d.imported("qiyu", many(120))
		if f.Added != 120 || d.Number(`SELECT COUNT(*) FROM insight_voices`) != 121 {
			t.Fatalf("%+v", f)
		}
		keys := d.Number(`SELECT COUNT(*) FROM ` + d.keys())
		must(t, d.texts.TakeBack(t.Context(), f.ID))
		if err := d.texts.TakeBack(t.Context(), f.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, _ = d.texts.Work(short, oldtexts.Job{Import: f.ID})
		cancel()
		d.work(f.ID)
		if f = d.file(f.ID); f.State != oldtexts.StateBack || f.EndedAt == nil {
			t.Errorf("%+v", f)
		}
		for _, query := range []string{`SELECT COUNT(*) FROM insight_voices`, `SELECT COUNT(*) FROM insight_import_lines`, `SELECT SUM(n) FROM insight_rolls WHERE kind = 'all'`, `SELECT SUM(n) FROM insight_days WHERE kind = 'none'`} {
			if n := d.Number(query); n != 1 {
				t.Errorf("%s: %d, want the other file's 1", query, n)
			}
		}
		if n := d.Number(`SELECT COUNT(*) FROM ` + d.keys()); n != keys-1 {
			t.Errorf("%d keys, want one less than %d", n, keys)
		}
		if f := d.imported("qiyu", many(120)); f.Added != 120 {
			t.Errorf("sent again: %+v", f)
		}
		if d.file(other.ID).State != oldtexts.StateDone {
			t.Error("the other file was touched")
		}
	})
}

func (d *desk) keys() string {
	if d.DB.Dialect() == "postgres" {
		return "huiyin_keys.data_keys"
	}
	return "data_keys"
}

// many are n chats of one complaint each.
func many(n int) []byte {
	var b bytes.Buffer
	b.WriteString("会话ID,消息发送方,消息时间,消息内容\n")
	for i := range n {
		fmt.Fprintf(&b, "c%d,访客,2026-%02d-%02d 10:%02d:00,快递太慢了 等了 %d 天还没到\n", i, 1+i%10, 1+i%28, i%60, i%9)
	}
	return b.Bytes()
}

func TestABrokenOffImportGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		one := d.upload("qiyu", many(400))
		for try := time.Duration(1); try < 6; try++ {
			ctx, cancel := context.WithTimeout(t.Context(), try*15*time.Millisecond)
			_, _ = d.texts.Work(ctx, oldtexts.Job{Import: one})
			cancel()
			if f, n := d.file(one), d.Number(`SELECT COUNT(*) FROM insight_voices`); n != f.Added || f.Place != f.Added {
				t.Fatalf("%d texts, %+v", n, f)
			}
		}
		d.work(one)
		if f := d.file(one); f.State != oldtexts.StateDone || f.Added != 400 || f.Known+f.Empty+f.Refused != 0 || d.Number(`SELECT SUM(n) FROM insight_rolls WHERE kind = 'all'`) != 400 {
			t.Errorf("%+v", f)
		}
	})
}

func TestWhatIsTakenBackWhileItRunsStopsThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	one := d.upload("qiyu", many(300))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	_, _ = d.texts.Work(ctx, oldtexts.Job{Import: one})
	cancel()
	must(t, d.texts.TakeBack(t.Context(), one))
	d.work(one)
	if n := d.Number(`SELECT COUNT(*) FROM insight_voices`); n != 0 || d.file(one).State != oldtexts.StateBack {
		t.Errorf("%d texts, %+v", n, d.file(one))
	}
}

func TestImportsThatLostTheirJobGoOnAndThoseThatNobodyStartedGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		lost, back := d.upload("qiyu", many(3)), d.imported("own", []byte("text,date\nmy refund is late,2026-03-01\n")).ID
		must(t, d.texts.TakeBack(t.Context(), back))
		left, err := d.texts.Upload(t.Context(), d.by, "x.csv", "own", []byte("text\nx y z\n"))
		must(t, err)
		d.queued = nil
		must(t, d.texts.Sweep(t.Context()))
		if len(d.queued) != 0 {
			t.Errorf("%v are queued again at once", d.queued)
		}
		d.At = d.At.Add(25 * time.Hour)
		must(t, d.texts.Sweep(t.Context()))
		if want := []oldtexts.Job{{Import: lost}, {Import: back}}; !slices.Equal(d.queued, want) {
			t.Errorf("%v are queued again, want %v", d.queued, want)
		}
		if _, err := d.texts.Import(t.Context(), left); !fault.Is(err, fault.NotFound) {
			t.Errorf("what nobody started: %v", err)
		}
		must(t, d.texts.GiveUp(t.Context(), oldtexts.Job{Import: lost}))
		if f := d.file(lost); f.State != oldtexts.StateFailed || f.Reason != "stopped" {
			t.Errorf("%+v", f)
		}
	})
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	for name, test := range map[string]struct{ data, code string }{
		"nothing": {"", "empty"}, "a header alone": {"内容,时间\n", "empty"}, "no text": {"a,b\x00\n1,2\n", "broken"},
		"too many lines": {"a\n" + strings.Repeat("1\n", oldtexts.LinesMax+1), "too_long"},
	} {
		if _, err := d.texts.Upload(t.Context(), d.by, "x.csv", "own", []byte(test.data)); field(err, "file") != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if _, err := d.texts.Upload(t.Context(), d.by, "x.csv", "ebay", []byte("a\n1\n")); field(err, "preset") == "" {
		t.Errorf("an unknown program: %v", err)
	}
}

// BenchmarkDeskOldTexts takes in 100,000 chats while shoppers write.
func BenchmarkDeskOldTexts(b *testing.B) {
	data := many(oldtexts.LinesMax)
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			for b.Loop() {
				d := newDesk(b, dbtest.Open(b, dialect))
				one := d.upload("qiyu", data)
				over, took := make(chan struct{}), make(chan []time.Duration)
				go func() { took <- d.talk(over) }()
				began := time.Now()
				d.work(one)
				seconds := time.Since(began).Seconds()
				close(over)
				waits := <-took
				if f := d.file(one); f.Added != oldtexts.LinesMax {
					b.Fatalf("%+v", f)
				}
				slices.Sort(waits)
				b.ReportMetric(seconds, "s")
				b.ReportMetric(float64(waits[len(waits)*95/100].Microseconds())/1000, "chat-p95-ms")
				b.ReportMetric(float64(waits[len(waits)-1].Microseconds())/1000, "chat-max-ms")
			}
		})
	}
}

// talk writes a message every 20 ms and gives how long each took.
func (d *desk) talk(over <-chan struct{}) (took []time.Duration) {
	box, err := d.Tickets.CreateInbox(d.T.Context(), tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(d.T, err)
	c, err := d.Tickets.CreateContact(d.T.Context(), tickets.NewContact{Name: "Mei"})
	must(d.T, err)
	for n := 0; ; n++ {
		select {
		case <-over:
			return took
		case <-time.After(20 * time.Millisecond):
		}
		began := time.Now()
		_, err := d.Tickets.Receive(d.T.Context(), tickets.Inbound{InboxID: box.ID, ContactID: c.ID, Body: "hello", SourceID: fmt.Sprint(n)})
		must(d.T, err)
		took = append(took, time.Since(began))
	}
}

func TestAWholeChatInOneCellIsPartedIntoItsTurns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	for name, test := range map[string]struct {
		cell, want string
		staff      string
	}{
		"a head above each turn":         {"访客 2026-05-01 10:00:00\n快递太慢了\n等了十天\n客服小美 2026-05-01 10:01:00\n非常抱歉，快递太慢", "快递太慢了\n等了十天", ""},
		"a time in brackets":             {"[2026-05-01 10:00:00] 访客：杯子碎了\n[2026-05-01 10:00:09] 客服：给您补发", "杯子碎了", ""},
		"words alone":                    {"customer: the parcel never arrived\nagent: sorry: we look", "the parcel never arrived", ""},
		"hours alone":                    {"10:00 顾客: 退款还没到\n10:01 机器人: 您好", "退款还没到", ""},
		"names of which one is the shop": {"小梅 2026-05-01 10:00:00\n发错货了\n小红 2026-05-01 10:01:00\n好的", "发错货了", "小红"},
		"several lines of a review":      {"杯子碎了\n客服也不回\n2026-05-01 买的", "杯子碎了\n客服也不回\n2026-05-01 买的", ""},
	} {
		var b bytes.Buffer
		fmt.Fprintf(&b, "对话ID,对话内容,开始时间\n%s,\"%s\",2026-05-01 10:00:00\n", name, test.cell)
		f := d.imported("meiqia", b.Bytes(), func(c *oldtexts.Choice) { c.Staff = test.staff })
		if f.Added != 1 {
			t.Errorf("%s: %+v", name, f)
			continue
		}
		var row int64
		var sealed []byte
		must(t, d.DB.Read(t.Context()).Raw(`SELECT id, body FROM insight_voices ORDER BY id DESC LIMIT 1`).Row().Scan(&row, &sealed))
		got, err := d.Sealer.OpenText(d.DB.Read(t.Context()), "insight_voices", "body", id.ID(row), sealed)
		must(t, err)
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	one, err := d.texts.Upload(t.Context(), d.by, "x.csv", "meiqia", []byte("对话内容,开始时间\n\"小梅 2026-05-01 10:00:00\n慢\n客服 2026-05-01 10:00:00\n好\n小红 2026-05-01 10:00:00\n慢\",2026-05-01\n"))
	must(t, err)
	p, err := d.texts.Preview(t.Context(), one)
	must(t, err)
	if want := []string{"小梅", "小红"}; !slices.Equal(p.Speakers, want) {
		t.Errorf("the preview asks for %v, want %v", p.Speakers, want)
	}
}
