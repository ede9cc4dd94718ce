package telling_test

import (
	"context"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestWhoComplainedAndWantsItIsToldOnceInHerTicketAndLanguage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		chat, mail := d.complains(tickets.ChannelChat, "zh-CN", 20, true), d.complains(tickets.ChannelEmail, "en", 20, true)
		silent, old, late := d.complains(tickets.ChannelChat, "zh-CN", 20, false), d.complains(tickets.ChannelChat, "zh-CN", 300, true), d.complains(tickets.ChannelChat, "zh-CN", 3, true)
		d.say(chat.contact, chat.ticket, 15) // again
		d.fill.Say(insights.Voice{GroupID: d.task.Groups[0], FineID: d.fine, Body: "慢", Channel: "review", Language: "zh", At: d.At.AddDate(0, 0, -30)}, nil)
		p, err := d.telling.Preview(t.Context(), d.task.ID, d.At.AddDate(0, 0, -telling.SinceUsual), telling.Languages())
		must(t, err)
		if want := map[telling.Reason]int{telling.NotWanted: 1, telling.TooOld: 1, telling.Unknown: 1}; p.People != 2 || !maps.Equal(p.Left, want) || p.Ways[telling.ByChat] != 1 || p.Ways[telling.ByMail] != 1 || p.Languages["en"] != 1 {
			t.Errorf("the preview: %+v, want left out %v: who complained after the change is no matter of it", p, want)
		}
		one := d.start()
		if later := d.work(one); later != 0 {
			t.Errorf("it waits %v", later)
		}
		if r := d.round(one); r.State != telling.Done || r.People != 2 || r.Told != 2 || r.Missed != 0 || r.EndedAt == nil {
			t.Errorf("%+v", r)
		}
		said := d.told(chat.ticket)
		if len(said) != 1 || !strings.HasPrefix(said[0].Body, "梅1您好，快递改好了。工单 ") || !strings.Contains(said[0].Body, "https://desk.example/told/") {
			t.Errorf("the chat: %+v", said)
		}
		if said := d.told(mail.ticket); len(said) != 1 || !strings.HasPrefix(said[0].Body, "Hello 梅2, parcels are faster now.") || len(d.mails) != 1 || d.mails[0] != mail.ticket {
			t.Errorf("the mail: %+v, %v", said, d.mails)
		}
		for name, who := range map[string]her{"who has not asked for it": silent, "long ago": old, "after the change": late} {
			if said := d.told(who.ticket); len(said) != 0 {
				t.Errorf("%s was told: %v", name, said)
			}
		}
		ticket, err := d.Tickets.Ticket(t.Context(), chat.ticket)
		must(t, err)
		if ticket.Status != tickets.StatusNew || ticket.AssigneeID != nil || ticket.FirstRepliedAt != nil {
			t.Errorf("telling has moved the ticket: %+v", ticket)
		}
		d.wants(silent.contact, true)
		again := d.start()
		d.work(again)
		if r := d.round(again); r.Told != 1 || len(d.told(chat.ticket)) != 1 || len(d.told(silent.ticket)) != 1 {
			t.Errorf("told again: %+v", r)
		}
	})
}

func TestWhoCannotBeToldIsLeftOutForAReason(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		blocked, closed, nowhere := d.complains(tickets.ChannelChat, "", 9, true), d.complains(tickets.ChannelChat, "", 9, true), d.complains(tickets.ChannelEmail, "", 9, true)
		d.complains(tickets.ChannelChat, "en-GB", 9, true)
		yes := true
		_, err := d.Tickets.UpdateContact(t.Context(), d.by, blocked.contact, tickets.ContactChange{Blocked: &yes})
		must(t, err)
		must(t, d.close(closed.ticket))
		d.noMail[nowhere.contact] = true
		p, err := d.telling.Preview(t.Context(), d.task.ID, d.At.AddDate(0, 0, -30), []string{"zh-CN"})
		must(t, err)
		if want := map[telling.Reason]int{telling.Blocked: 1, telling.NoWay: 2, telling.NoLanguage: 1}; p.People != 0 || !maps.Equal(p.Left, want) {
			t.Errorf("%+v, want %v", p, want)
		}
	})
}

func (d *desk) close(ticket id.ID) error {
	_, err := d.Tickets.SetStatus(d.T.Context(), d.by, ticket, tickets.StatusClosed)
	return err
}

func TestWhatChangesBeforeHerTurnCounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.perHour = 4 // one mail an hour
		first, second, third := d.complains(tickets.ChannelEmail, "en", 9, true), d.complains(tickets.ChannelEmail, "en", 9, true), d.complains(tickets.ChannelEmail, "en", 9, true)
		one := d.start()
		if later := d.work(one); later != time.Minute || len(d.told(first.ticket)) != 1 || len(d.told(second.ticket)) != 0 {
			t.Fatalf("it waits %v; told: %d", later, len(d.mails))
		}
		d.wants(second.contact, false)
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error { return telling.Forget(tx, []id.ID{first.contact}) }))
		d.At = d.At.Add(61 * time.Minute)
		if later := d.work(one); later != 0 {
			t.Errorf("it waits %v", later)
		}
		if r := d.round(one); r.Told != 2 || r.Missed != 1 || len(d.told(second.ticket)) != 0 || len(d.told(third.ticket)) != 1 {
			t.Errorf("%+v", r)
		}
		if why, err := d.telling.Missed(t.Context(), one); err != nil || why[telling.NotWanted] != 1 {
			t.Errorf("%v, %v", why, err)
		}
	})
}

func TestAStoppedTellingTellsNobodyMoreAndABrokenOneNobodyTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var all []her
		for range 12 {
			all = append(all, d.complains(tickets.ChannelChat, "zh", 9, true))
		}
		one := d.start()
		for try := range 4 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(40+30*try)*time.Millisecond)
			_, _ = d.telling.Work(ctx, telling.Job{Telling: one})
			cancel()
		}
		var both sync.WaitGroup
		for range 2 { // as two nodes do when one was taken for dead
			both.Go(func() { _, _ = d.telling.Work(t.Context(), telling.Job{Telling: one}) })
		}
		both.Wait()
		d.work(one)
		if r := d.round(one); r.State != telling.Done || r.Told != 12 {
			t.Errorf("%+v", r)
		}
		for i, who := range all {
			if n := len(d.told(who.ticket)); n != 1 {
				t.Errorf("%d was told %d times", i, n)
			}
		}
		last := d.complains(tickets.ChannelChat, "zh", 9, true)
		again := d.start()
		if _, err := d.telling.Start(t.Context(), d.by, d.task.ID, bothTexts, 30); !fault.Is(err, fault.Conflict) {
			t.Errorf("two at once: %v", err)
		}
		must(t, d.telling.Stop(t.Context(), d.task.ID, again))
		d.work(again)
		if r := d.round(again); r.State != telling.Stopped || len(d.told(last.ticket)) != 0 {
			t.Errorf("%+v", r)
		}
		if err := d.telling.Stop(t.Context(), d.task.ID, again); !fault.Is(err, fault.Conflict) {
			t.Errorf("stopped twice: %v", err)
		}
	})
}

var link = regexp.MustCompile(`/told/([a-z0-9]+)`)

func TestHerAnswerCountsAndStillTheSameIsSaidInHerTicket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		chat, mail := d.complains(tickets.ChannelChat, "zh-CN", 9, true), d.complains(tickets.ChannelEmail, "en", 9, true)
		d.work(d.start())
		tokens := map[id.ID]string{}
		for _, who := range []her{chat, mail} {
			tokens[who.ticket] = link.FindStringSubmatch(d.told(who.ticket)[0].Body)[1]
		}
		counts := func(fixed, still int) {
			t.Helper()
			if f, s, err := d.telling.Answers(t.Context(), d.task.ID); f != fixed || s != still || err != nil {
				t.Errorf("%d fixed, %d the same, %v; want %d and %d", f, s, err, fixed, still)
			}
		}
		a, err := d.telling.Asked(t.Context(), tokens[mail.ticket])
		must(t, err)
		if a.Language != "en" || a.Answer != "" {
			t.Errorf("%+v", a)
		}
		counts(0, 0) // looking is no answer
		must(t, d.telling.Answer(t.Context(), tokens[chat.ticket], telling.Fixed))
		must(t, d.telling.Answer(t.Context(), tokens[mail.ticket], telling.Still))
		must(t, d.telling.Answer(t.Context(), tokens[mail.ticket], telling.Still))
		counts(1, 1)
		list, err := d.Tickets.Visible(t.Context(), mail.ticket, 0, 100)
		must(t, err)
		if last := list[len(list)-1]; len(list) != 3 || last.Kind != tickets.KindContact || !strings.Contains(last.Body, "still the same") {
			t.Errorf("%d messages, the last %+v", len(list), last)
		}
		must(t, d.telling.Answer(t.Context(), tokens[mail.ticket], telling.Fixed))
		counts(2, 0)
		must(t, d.telling.Answer(t.Context(), tokens[mail.ticket], telling.Still))
		counts(1, 1)
		if again, err := d.Tickets.Visible(t.Context(), mail.ticket, 0, 100); err != nil || len(again) != 3 {
			t.Errorf("she is heard to say it %d times, %v", len(again)-2, err)
		}
		if field(d.telling.Answer(t.Context(), tokens[chat.ticket], "perhaps"), "answer") == "" {
			t.Error("a third answer is taken")
		}
		d.At = d.At.AddDate(0, 0, 181)
		if _, err := d.telling.Asked(t.Context(), tokens[mail.ticket]); !fault.Is(err, fault.NotFound) {
			t.Errorf("half a year later: %v", err)
		}
		d.At = d.At.AddDate(0, 0, -181)
		told, err := telling.ToldTo(d.DB.Read(t.Context()), []id.ID{mail.contact})
		must(t, err)
		if len(told) != 1 || told[0].Answer != telling.Still || told[0].Way != telling.ByMail {
			t.Errorf("her export: %+v", told)
		}
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error { return telling.Forget(tx, []id.ID{mail.contact}) }))
		counts(1, 1) // it stays counted
		for _, token := range []string{tokens[mail.ticket], "nothing"} {
			if _, err := d.telling.Asked(t.Context(), token); !fault.Is(err, fault.NotFound) {
				t.Errorf("the link %s: %v", token, err)
			}
		}
	})
}

func TestTextsAreCheckedAndNothingIsToldTooEarly(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	for name, test := range map[string]struct {
		texts       telling.Texts
		days        int
		field, code string
	}{
		"no text":             {telling.Texts{"en": " \n"}, 30, "text_zh-CN", "required"},
		"an unknown variable": {telling.Texts{"en": "Hi {{contact.age}}"}, 30, "text_en", "unknown_variable"},
		"too long":            {telling.Texts{"en": strings.Repeat("x", telling.TextMax+1)}, 30, "text_en", "too_long"},
		"no day":              {bothTexts, 0, "days", "invalid"},
		"too many days":       {bothTexts, telling.SinceMost + 1, "days", "invalid"},
	} {
		if _, err := d.telling.Start(t.Context(), d.by, d.task.ID, test.texts, test.days); field(err, test.field) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	d.task.Changed = time.Time{}
	if _, err := d.telling.Start(t.Context(), d.by, d.task.ID, bothTexts, 30); !fault.Is(err, fault.Conflict) {
		t.Errorf("before the change: %v", err)
	}
}

func TestATellingThatLostItsJobGoesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		one := d.start()
		d.queued = nil
		must(t, d.telling.Sweep(t.Context()))
		d.At = d.At.Add(2 * time.Hour)
		if len(d.queued) != 0 {
			t.Error("queued again at once")
		}
		must(t, d.telling.Sweep(t.Context()))
		if len(d.queued) != 1 || d.queued[0].Telling != one {
			t.Errorf("%v", d.queued)
		}
	})
}

func TestAStoryIsPublishedInTheLanguagesThatItIsWrittenIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		save := func(texts map[string]telling.StoryText, since string, fall, publish bool) error {
			return d.telling.SaveStory(t.Context(), d.by, d.task.ID, telling.Draft{Texts: texts, Since: since, Fall: fall, Publish: publish})
		}
		en := map[string]telling.StoryText{"en": {"Parcels  take too long", "We ship from a second warehouse."}}
		for name, test := range map[string]struct {
			texts       map[string]telling.StoryText
			since       string
			field, code string
		}{
			"nothing":          {nil, "2026-11-18", "said_zh-CN", "required"},
			"half of it":       {map[string]telling.StoryText{"en": {"x", ""}}, "2026-11-18", "did_en", "required"},
			"too long":         {map[string]telling.StoryText{"en": {strings.Repeat("x", 121), "y"}}, "2026-11-18", "said_en", "too_long"},
			"no day":           {en, "soon", "since", "invalid"},
			"a day that comes": {en, "2027-11-18", "since", "invalid"},
		} {
			if err := save(test.texts, test.since, false, true); field(err, test.field) != test.code {
				t.Errorf("%s: %v, want %s", name, err, test.code)
			}
		}
		must(t, save(en, "2026-11-18", true, false))
		list, err := d.telling.Published(t.Context())
		must(t, err)
		if len(list) != 0 {
			t.Errorf("a draft stands on the page: %+v", list)
		}
		must(t, save(en, "2026-11-18", true, true))
		if list, err = d.telling.Published(t.Context()); err != nil || len(list) != 1 || list[0].Fall == nil || *list[0].Fall != 38 {
			t.Fatalf("%+v, %v", list, err)
		}
		if text, lang := list[0].In("zh-CN"); lang != "en" || text.Said != "Parcels take too long" {
			t.Errorf("%s in %s", text.Said, lang)
		}
		d.task.Fall = nil
		if field(save(en, "2026-11-18", true, true), "fall") == "" {
			t.Error("a fall that nobody has measured is said")
		}
		must(t, save(en, "2026-11-18", false, false))
		if list, err = d.telling.Published(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("taken off: %+v, %v", list, err)
		}
	})
}

// BenchmarkDeskTellingPreview looks whom a task would tell of 50,000 who complained, of whom a fiftieth wants to be told.
func BenchmarkDeskTellingPreview(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			const people = 50_000
			must(b, d.DB.Write(b.Context(), func(tx *gorm.DB) error {
				numbers := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
				for _, text := range []string{
					`INSERT INTO contacts (id, key_id, locale, blocked, last_seen_at, created_at, updated_at) ` + numbers + `SELECT 900000000 + i, 1, 'zh-CN', FALSE, 1, 1, 1 FROM n`,
					`INSERT INTO contact_consents (id, contact_id, purpose, version, source, given_at) ` + numbers + `SELECT 900000000 + i, 900000000 + i * 50, 'told', '1', 'chat', 1 FROM n WHERE i <= 1000`,
				} {
					if err := tx.Exec(text, people).Error; err != nil {
						return err
					}
				}
				return tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, contact_id, channel, language, team_id, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at) `+numbers+
					`SELECT 900000000 + i, 'ticket', 900000000 + i, 900000000 + i, 'chat', 'zh', 0, 'delivery', TRUE, 0, ?, 1, FALSE, CAST(? AS BIGINT) + i, 0, 0 FROM n`,
					people, int64(d.task.Groups[0]), d.At.AddDate(0, 0, -30).UnixMilli()).Error
			}))
			b.ResetTimer()
			for b.Loop() {
				p, err := d.telling.Preview(b.Context(), d.task.ID, d.At.AddDate(0, 0, -180), telling.Languages())
				must(b, err)
				if p.Left[telling.NotWanted] != people-1000 {
					b.Fatalf("%+v", p)
				}
			}
		})
	}
}
