package insights_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

var kinds = []struct{ en, zh string }{
	{"my parcel has not arrived %s, where is the delivery", "快递%s几天了还没到，物流一直不更新"},
	{"the refund has not come back to my card %s", "退款%s好几周了还没到账，一直不退钱"},
	{"the courier was rude and shouted at my mother %s", "快递员%s态度很差，对我妈妈大喊大叫"},
	{"the price dropped the day after i paid %s, i want the difference", "刚买第二天就降价%s，要求退差价"},
}

var fillers = []string{"again", "really", "now", "still", "sadly", "for days", "for weeks", "since monday"}

// complain takes n complaints of each kind and language, each by somebody else, and gives the subjects by kind.
func (d *desk) complain(n int) (subjects [4][]id.ID) {
	d.T.Helper()
	var list []insights.Said
	for range n {
		for k, kind := range kinds {
			for _, form := range []string{kind.en, kind.zh} {
				d.n++
				one := d.IDs.Next()
				subjects[k] = append(subjects[k], one)
				list = append(list, insights.Said{Source: insights.FromImport, Subject: one, Channel: "chat", Text: fmt.Sprintf(form, fillers[d.n%len(fillers)]) + " " + word(d.n), At: d.At})
			}
		}
	}
	for i := 0; i < len(list); i += 100 {
		_, err := d.Take(context.Background(), list[i:min(len(list), i+100)])
		must(d.T, err)
	}
	return subjects
}

// groupOf gives the group of a subject.
func (d *desk) groupOf(subject id.ID) id.ID {
	d.T.Helper()
	return id.ID(d.Number(`SELECT group_id FROM insight_voices WHERE subject_id = ? ORDER BY id LIMIT 1`, int64(subject)))
}

func (d *desk) pass() *insights.Run {
	d.T.Helper()
	r, err := d.Pass(context.Background())
	must(d.T, err)
	d.right()
	return r
}

func TestComplaintsGroupThemselvesFromAHundredOn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(12)
		if r := d.pass(); r != nil {
			t.Fatalf("with 96 texts there was a pass: %+v", r)
		}
		subjects := d.complain(8)
		r := d.pass()
		if r == nil || r.Kind != worker.Cold || r.Reason != insights.BecauseFirst || r.Texts != 160 || r.State != insights.RunDone {
			t.Fatalf("first pass %+v", r)
		}
		list, err := d.Groups(t.Context())
		must(t, err)
		if len(list) < 4 {
			t.Fatalf("%d groups", len(list))
		}
		size := 0
		for _, g := range list {
			if size += g.Size; g.Called() == "" || g.Language == "" || g.Aspect == "" || g.FirstAt == nil {
				t.Errorf("a group is not described: %+v", g)
			}
			fines, err := d.Fines(t.Context(), g.ID)
			must(t, err)
			sum := 0
			for _, f := range fines {
				sum += f.Size
			}
			if sum != g.Size {
				t.Errorf("group %q has %d, its fine groups %d", g.Called(), g.Size, sum)
			}
		}
		if size < 140 {
			t.Errorf("%d of 160 belong to groups", size)
		}
		if a, b := d.groupOf(subjects[0][0]), d.groupOf(subjects[1][0]); a == b || a == 0 {
			t.Errorf("a late parcel and a refund are both in %v", a)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_samples`); n == 0 {
			t.Error("there are no samples")
		}
		if r := d.pass(); r != nil {
			t.Errorf("at once there is another pass: %+v", r)
		}
	})
}

func TestANewTextGetsItsGroupBeforeTheNextPass(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.pass()
		fresh := d.complain(1)
		d.assign()
		d.right()
		for k := range kinds {
			if got := d.groupOf(fresh[k][0]); got == 0 || got != d.groupOf(old[k][0]) {
				t.Errorf("kind %d: the new text is in %v, those before in %v", k, got, d.groupOf(old[k][0]))
			}
		}
	})
}

func TestEveryLaterPassObeysWhatPeopleDid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		d.pass()
		late, refund, rude := d.groupOf(subjects[0][0]), d.groupOf(subjects[1][0]), d.groupOf(subjects[2][0])
		_, err := d.Merge(t.Context(), d.by, late, []id.ID{refund})
		must(t, err)
		d.settle()
		_, err = d.Rename(t.Context(), d.by, late, "everything late")
		must(t, err)
		_, err = d.Pin(t.Context(), d.by, rude, true)
		must(t, err)
		moved := id.ID(d.Number(`SELECT id FROM insight_voices WHERE subject_id = ?`, int64(subjects[3][1])))
		_, err = d.Move(t.Context(), d.by, []id.ID{moved}, rude)
		must(t, err)
		before := d.where()
		inRude := d.inGroup(rude)
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Cold, worker.Nightly} {
			d.At = d.At.Add(24 * time.Hour)
			d.complain(1)
			_, err := d.PassNow(t.Context(), kind)
			must(t, err)
			d.right()
			g, err := d.Group(t.Context(), refund)
			must(t, err)
			if g.ID != late || g.Called() != "everything late" {
				t.Errorf("%s: what was merged is in %q", kind, g.Called())
			}
			if d.groupOf(subjects[3][1]) != rude {
				t.Errorf("%s: what was moved is in %v, not in %v", kind, d.groupOf(subjects[3][1]), rude)
			}
			if n := d.inGroup(rude); n < inRude {
				t.Errorf("%s: the pinned group fell from %d to %d", kind, inRude, n)
			}
			away := 0
			for voice, group := range d.where() {
				if was, known := before[voice]; known && was != group {
					away++
					if was == rude {
						t.Errorf("%s: a text left the pinned group", kind)
					}
				}
			}
			if away > len(before)/10 {
				t.Errorf("%s: %d of %d texts are in another group", kind, away, len(before))
			}
			if n := d.Number(`SELECT COUNT(*) FROM insight_groups WHERE level = 'fine' AND state = 'open' AND engine IS NOT NULL`); n < 4 {
				t.Errorf("%s: the model knows %d fine groups", kind, n)
			}
		}
	})
}

// where gives the group of each clause.
func (d *desk) where() map[int64]id.ID {
	d.T.Helper()
	out := map[int64]id.ID{}
	rows, err := d.DB.Read(context.Background()).Raw(`SELECT id, group_id FROM insight_voices`).Rows()
	must(d.T, err)
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var v, g int64
		must(d.T, rows.Scan(&v, &g))
		out[v] = id.ID(g)
	}
	must(d.T, rows.Err())
	return out
}

// voicesOf gives the clause of each subject that has one.
func (d *desk) voicesOf(subjects []id.ID) (voices []id.ID) {
	d.T.Helper()
	for _, one := range subjects {
		voices = append(voices, id.ID(d.Number(`SELECT id FROM insight_voices WHERE subject_id = ?`, int64(one))))
	}
	return voices
}

func TestPassesComeAtNightAndWordsArePlacedAnewWhenManyHaveCome(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(20)
		d.pass()
		d.At = time.Date(2026, 11, 25, 19, 29, 0, 0, time.UTC) // 03:29 in Shanghai
		if r := d.pass(); r != nil {
			t.Errorf("before half past three there is a pass: %+v", r)
		}
		d.At = d.At.Add(time.Minute)
		if r := d.pass(); r == nil || r.Kind != worker.Nightly || r.Reason != insights.BecauseNight {
			t.Errorf("at half past three: %+v", r)
		}
		d.complain(5)
		d.At = d.At.Add(24 * time.Hour)
		if r := d.pass(); r == nil || r.Kind != worker.Weekly || r.Reason != insights.BecauseGrown {
			t.Errorf("with a quarter more: %+v", r)
		}
		d.At = d.At.Add(24 * 7 * time.Hour)
		if r := d.pass(); r == nil || r.Kind != worker.Weekly || r.Reason != insights.BecauseWeek {
			t.Errorf("after a week: %+v", r)
		}
		d.complain(35) // and the 25
		d.At = d.At.Add(24 * time.Hour)
		if r := d.pass(); r == nil || r.Kind != worker.Cold || r.Reason != insights.BecauseOutgrown {
			t.Errorf("with three times as many as groups were found in: %+v", r)
		}
		if n, files := d.Number(`SELECT COUNT(*) FROM insight_runs WHERE model <> ''`), d.files(); n != 2 || files != 2 {
			t.Errorf("%d models are kept in %d files, want 2", n, files)
		}
	})
}

// A pass with little memory reads the newest 20,000 texts, however many there are: they never grow.
func TestATextThatNoPassReadsMakesNoShopOutgrowItsGroups(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.Memory = 300
		d.complain(20)
		d.pass()
		d.Exec(`UPDATE insight_runs SET texts = 20000`)
		d.Exec(`WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 60000)
 INSERT INTO insight_voices (id, source, subject_id, channel, language, team_id, aspect, complaint, body, fine_id, group_id, score, fixed, at, day, created_at)
 SELECT v.id + k.n, v.source, v.subject_id + k.n, v.channel, v.language, v.team_id, v.aspect, v.complaint, v.body, v.fine_id, v.group_id, v.score, v.fixed, v.at, v.day, v.created_at
 FROM insight_voices v, k WHERE v.id = (SELECT MAX(w.id) FROM insight_voices w)`)
		kind, why, err := d.Tonight(t.Context())
		must(t, err)
		if kind != worker.Nightly || why != insights.BecauseNight {
			t.Errorf("tonight's pass is %s, because of %s", kind, why)
		}
		d.Memory = 600
		if kind, why, err = d.Tonight(t.Context()); err != nil || kind != worker.Cold || why != insights.BecauseOutgrown {
			t.Errorf("with more memory tonight's pass is %s, because of %s: %v", kind, why, err)
		}
	})
}

func TestAModelThatIsGoneIsBuiltAnewAndTheGroupsKeepTheirIds(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		d.pass()
		before := d.groupOf(subjects[0][0])
		d.Exec(`UPDATE insight_runs SET model = 'zzzzzzzzzzzzzzzzzzzzzzzzzz'`)
		d.At = d.At.Add(24 * time.Hour)
		if r := d.pass(); r == nil || r.Kind != worker.Cold || r.Reason != insights.BecauseForm {
			t.Fatalf("%+v", r)
		}
		if got := d.groupOf(subjects[0][0]); got != before {
			t.Errorf("the group is %v, was %v", got, before)
		}
	})
}

func TestANameChangesOnlyWhenTheMachineInsistsForThreeNights(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		d.pass()
		group := d.groupOf(subjects[0][0])
		must(t, d.SetName(t.Context(), group, "an older name"))
		for night := 1; night <= 3; night++ {
			d.At = d.At.Add(24 * time.Hour)
			_, err := d.PassNow(t.Context(), worker.Nightly)
			must(t, err)
			g, err := d.Group(t.Context(), group)
			must(t, err)
			if kept := g.Name == "an older name"; kept != (night < 3) {
				t.Errorf("after night %d it is called %q", night, g.Name)
			}
		}
	})
}

func TestAGroupKeepsTheNameByWhichATaskSpeaksOfIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		d.pass()
		group := d.groupOf(subjects[0][0])
		must(t, d.SetName(t.Context(), group, "an older name"))
		must(t, d.Store.Write(t.Context(), func(tx *gorm.DB) error { return insights.KeepNamesTx(tx, []id.ID{group}) }))
		for range 4 {
			d.At = d.At.Add(24 * time.Hour)
			_, err := d.PassNow(t.Context(), worker.Nightly)
			must(t, err)
		}
		g, err := d.Group(t.Context(), group)
		must(t, err)
		if g.Name != "an older name" {
			t.Errorf("it is called %q", g.Name)
		}
	})
}

func TestLittleMemoryIsSaid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(20)
		d.Memory = 300
		if r := d.pass(); !r.Plain || r.Memory != 300 {
			t.Errorf("%+v", r)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_runs WHERE plain AND memory = 300`); n != 1 {
			t.Error("the run does not say so")
		}
	})
}
