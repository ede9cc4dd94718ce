package feedback_test

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/feedback"
	"huiyin/app/i18n"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// desk is a domain with forms on a real database; its clock is the test's.
type desk struct {
	t        *testing.T
	db       *db.DB
	store    tickets.Store
	at       time.Time
	tickets  *tickets.Service
	feedback *feedback.Service
	agent    tickets.Actor
	orders   map[string]id.ID // whose they are
	queued   []feedback.Asking
	letters  []feedback.Letter
	failing  error // of the next letters
	read     int64
}

func newDesk(t *testing.T, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: time.Now(), orders: map[string]id.ID{}}
	ids := id.NewMaker(0, time.Now)
	d.store = tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	texts, err := i18n.Load()
	must(t, err)
	d.tickets = tickets.New(tickets.Options{Store: d.store, Sealer: sealer, IDs: ids, Now: func() time.Time { return d.at }})
	must(t, d.tickets.EnsureDefaults(bg))
	d.feedback = feedback.New(feedback.Options{
		Store: d.store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: func() time.Time { return d.at }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		BaseURL: &url.URL{Scheme: "https", Host: "desk.example"}, Text: texts.Text,
		OrderContact: func(_ *gorm.DB, number string) (id.ID, error) { return d.orders[number], nil },
		OrderSKUs:    func(_ *gorm.DB, _ string) ([]string, error) { return []string{"TEA-1"}, nil },
		Queue:        func(_ *gorm.DB, job feedback.Asking) error { d.queued = append(d.queued, job); return nil },
		Send: func(_ context.Context, l feedback.Letter) error {
			if d.failing == nil {
				d.letters = append(d.letters, l)
			}
			return d.failing
		},
	})
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAdmin})
	must(t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func zh(text string) feedback.Texts { return feedback.Texts{"zh-CN": text} }

// delivery is a form with a question of each kind.
func delivery() feedback.Definition {
	return feedback.Definition{
		Title: feedback.Texts{"zh-CN": "收货评价", "en": "About your delivery"},
		Steps: []feedback.Step{
			{Questions: []feedback.Question{
				{ID: "stars", Kind: feedback.KindRating, Label: feedback.Texts{"zh-CN": "送货满意吗", "en": "How was the delivery?"}, Required: true},
				{ID: "why", Kind: feedback.KindMultiple, Label: zh("哪里不好"), Options: []feedback.Option{{ID: "late", Label: zh("太慢")}, {ID: "broken", Label: zh("破损")}},
					ShownIf: &feedback.Condition{Question: "stars", Op: feedback.OpAtMost, Value: "3"}},
			}},
			{Questions: []feedback.Question{
				{ID: "nps", Kind: feedback.KindNPS, Label: zh("会推荐给朋友吗")},
				{ID: "say", Kind: feedback.KindText, Label: zh("想说的话"), Max: 500},
				{ID: "reach", Kind: feedback.KindContact, Label: zh("联系方式")},
			}},
		},
	}
}

// form publishes a form.
func (d *desk) form(n feedback.NewForm) (*feedback.Form, *tickets.Inbox) {
	d.t.Helper()
	if n.Name == "" {
		n.Name = "收货"
	}
	if n.Occasion == "" {
		n.Occasion = feedback.AfterOrder
	}
	if len(n.Definition.Steps) == 0 {
		n.Definition = delivery()
	}
	f, err := d.feedback.Create(bg, n)
	must(d.t, err)
	f, err = d.feedback.Publish(bg, d.agent, f.ID)
	must(d.t, err)
	box, err := d.tickets.Inbox(bg, f.InboxID)
	must(d.t, err)
	return f, box
}

// signed is a link that the shop has signed for a day.
func (d *desk) signed(f *feedback.Form, box *tickets.Inbox, order string) feedback.Link {
	exp := strconv.FormatInt(d.at.Add(24*time.Hour).Unix(), 10)
	return feedback.Link{Order: order, Exp: exp, Signature: feedback.Sign(box.Secret, f.Key, order, exp)}
}

func (d *desk) submit(in feedback.Submission) *feedback.Receipt {
	d.t.Helper()
	if in.Locale == "" {
		in.Locale = "zh-CN"
	}
	out, err := d.feedback.Submit(bg, in)
	must(d.t, err)
	return out
}

// count gives what a query counts.
func (d *desk) count(query string, args ...any) (n int) {
	d.t.Helper()
	must(d.t, d.db.Read(bg).Raw(query, args...).Row().Scan(&n))
	return n
}

// follow lets the reader of the log read on.
func (d *desk) follow() {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(bg, d.read, tickets.EventsMax)
	must(d.t, err)
	must(d.t, d.db.Write(bg, func(tx *gorm.DB) error { return d.feedback.Read(bg, tx, events) }))
	if len(events) > 0 {
		d.read = events[len(events)-1].N
	}
}

func refusedAt(t *testing.T, err error, kind fault.Kind, field, code string) {
	t.Helper()
	e := fault.As(err)
	if e == nil || e.Kind != kind {
		t.Errorf("got %v, want kind %d", err, kind)
		return
	}
	for _, f := range e.Fields {
		if f.Name == field && f.Code == code {
			return
		}
	}
	t.Errorf("got %v, want %s at %s", err, code, field)
}

func TestALowScoreOpensATicketWithItsOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		her, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "王芳"})
		must(t, err)
		d.orders["A-1001"] = her.ID
		got := d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, "A-1001"), Answers: feedback.Answers{"stars": {"2"}, "why": {"broken", "late"}, "reach": {"13800138000"}}})
		if got.Ticket == nil || !got.Opened || got.Ticket.ContactID != her.ID || !got.Ticket.OrderVerified || got.Ticket.Order != "A-1001" {
			t.Fatalf("ticket %+v", got.Ticket)
		}
		said, err := d.tickets.Visible(bg, got.Ticket.ID, 0, 10)
		must(t, err)
		want := "送货满意吗：2 / 5\n哪里不好：太慢、破损\n联系方式：13800138000"
		if len(said) != 1 || said[0].Body != want || got.Ticket.Subject != "反馈：收货评价（2 / 5）" {
			t.Errorf("%q, want %q; subject %q", said[0].Body, want, got.Ticket.Subject)
		}
		after, err := d.tickets.Contact(bg, her.ID)
		must(t, err)
		if len(after.Identities) != 1 || after.Identities[0].Verified || after.Identities[0].Value != "+8613800138000" {
			t.Errorf("what she answers of herself is a claim: %+v", after.Identities)
		}
		if got := d.submit(feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"5"}}}); got.Ticket != nil {
			t.Errorf("a good score alone opened %d", got.Ticket.Number)
		}
		if got := d.submit(feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"5"}, "say": {"很好"}}}); got.Ticket == nil {
			t.Error("a text opened no ticket")
		}
	})
}

func TestAnswersAreRefusedAtTheirQuestion(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	f, _ := d.form(feedback.NewForm{})
	for name, one := range map[string]struct {
		answers     feedback.Answers
		field, code string
	}{
		"a required question is left out":        {feedback.Answers{"say": {"x"}}, "answers.stars", "required_choice"},
		"nobody asked this":                      {feedback.Answers{"stars": {"5"}, "<b>": {"x"}}, "answers.<b>", "unknown"},
		"a score beyond its range":               {feedback.Answers{"stars": {"6"}}, "answers.stars", "score"},
		"a score that is no number":              {feedback.Answers{"stars": {"<script>"}}, "answers.stars", "score"},
		"an option that is not there":            {feedback.Answers{"stars": {"2"}, "why": {"<script>"}}, "answers.why", "invalid_choice"},
		"an answer to a question that is hidden": {feedback.Answers{"stars": {"5"}, "why": {"late"}}, "answers.why", "hidden"},
		"a text that is too long":                {feedback.Answers{"stars": {"5"}, "say": {strings.Repeat("长", 501)}}, "answers.say", "too_long"},
		"a huge text":                            {feedback.Answers{"stars": {"5"}, "say": {strings.Repeat("x", 1<<20)}}, "answers.say", "too_long"},
		"no address":                             {feedback.Answers{"stars": {"5"}, "reach": {"<script>@"}}, "answers.reach", "contact"},
		"two answers to one question":            {feedback.Answers{"stars": {"5", "1"}}, "answers.stars", "invalid_choice"},
	} {
		_, err := d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Answers: one.answers})
		t.Run(name, func(t *testing.T) { refusedAt(t, err, fault.Invalid, one.field, one.code) })
	}
	_, err := d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"5"}}, Link: feedback.Link{Order: strings.Repeat("9", 65)}})
	refusedAt(t, err, fault.Invalid, "order", "invalid")
	if n := d.count(`SELECT COUNT(*) FROM form_responses`) + d.count(`SELECT COUNT(*) FROM contacts`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
	got := d.submit(feedback.Submission{Key: f.Key, DropHidden: true, Answers: feedback.Answers{"stars": {"5"}, "why": {"late"}, "say": {"卡号 4111 1111 1111 1111"}}})
	if len(got.Response.Answers["why"]) != 0 || strings.Contains(got.Response.Answers.First("say"), "4111 1111 1111 1111") || !got.Masked {
		t.Errorf("answers %v", got.Response.Answers)
	}
}

func TestForgedAndOldLinksBringNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	f, box := d.form(feedback.NewForm{})
	other, otherBox := d.form(feedback.NewForm{Name: "other"})
	her, err := d.tickets.CreateContact(bg, tickets.NewContact{})
	must(t, err)
	d.orders["A-1"], d.orders["A-2"] = her.ID, her.ID
	good := d.signed(f, box, "A-1")
	wrongOrder, wrongForm := good, d.signed(other, otherBox, "A-1")
	wrongOrder.Order = "A-2"
	old := feedback.Link{Order: "A-1", Exp: "1000", Signature: feedback.Sign(box.Secret, f.Key, "A-1", "1000")}
	longer := good
	longer.Exp += "0"
	for name, one := range map[string]struct {
		link feedback.Link
		key  string
	}{
		"another order": {wrongOrder, "feedback.error.forged"}, "another form's signature": {wrongForm, "feedback.error.forged"},
		"a longer life": {longer, "feedback.error.forged"}, "expired": {old, "feedback.error.expired"},
	} {
		_, err := d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Link: one.link, Answers: feedback.Answers{"stars": {"1"}}})
		if e := fault.As(err); e == nil || e.Kind != fault.Denied || e.Key != one.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	claim := d.submit(feedback.Submission{Key: f.Key, Link: feedback.Link{Order: "A-1"}, Answers: feedback.Answers{"stars": {"1"}}})
	if claim.Ticket.ContactID == her.ID || claim.Ticket.OrderVerified || claim.Response.OrderVerified {
		t.Error("an unsigned order found its owner")
	}
	if got := d.submit(feedback.Submission{Key: f.Key, Link: good, Answers: feedback.Answers{"stars": {"1"}}}); got.Replaced || got.Ticket.ContactID != her.ID {
		t.Error("a claim took the place of the signed order's response")
	}
	_, err = d.tickets.RotateInboxSecret(bg, box.ID, time.Hour)
	must(t, err)
	d.at = d.at.Add(2 * time.Second) // a changed inbox holds everywhere within a second
	if got := d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, "A-2"), Answers: feedback.Answers{"stars": {"4"}}}); !got.Response.OrderVerified {
		t.Error("the secret before the rotation does not hold any more")
	}
}

func TestAnOrderHasOneResponseThatCanBeGivenAgainForADay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		link := d.signed(f, box, "A-1")
		first := d.submit(feedback.Submission{Key: f.Key, Link: link, Answers: feedback.Answers{"stars": {"5"}}})
		d.follow()
		second := d.submit(feedback.Submission{Key: f.Key, Link: link, Answers: feedback.Answers{"stars": {"1"}, "why": {"late"}}})
		if second.Response.ID != first.Response.ID || !second.Replaced || second.Ticket == nil || second.Response.Revision != 2 {
			t.Fatalf("%+v", second)
		}
		third := d.submit(feedback.Submission{Key: f.Key, Edit: first.Edit, Answers: feedback.Answers{"stars": {"2"}}})
		if third.Ticket == nil || third.Ticket.ID != second.Ticket.ID || third.Ticket.LastSeq != 2 || third.Opened {
			t.Errorf("the change went elsewhere than into its ticket: %+v", third.Ticket)
		}
		was, err := d.feedback.Revisions(bg, first.Response.ID)
		must(t, err)
		if len(was) != 2 || was[0].Answers.First("stars") != "5" || was[1].Answers.First("why") != "late" {
			t.Errorf("what it said before: %+v", was)
		}
		d.follow()
		for value, want := range map[string]int{"5": 0, "1": 0, "2": 1} {
			if n := d.count(`SELECT COALESCE(SUM(n), 0) FROM form_rolls WHERE question = 'stars' AND value = ?`, value); n != want {
				t.Errorf("%s stars are counted %d times, want %d", value, n, want)
			}
			if n := d.count(`SELECT COALESCE(SUM(n), 0) FROM form_product_rolls WHERE sku = 'TEA-1' AND question = 'stars' AND value = ?`, value); n != want {
				t.Errorf("%s stars of the goods are counted %d times, want %d", value, n, want)
			}
		}
		if n := d.count(`SELECT SUM(n) FROM form_rolls WHERE question = '' AND value = 'answered'`); n != 1 {
			t.Errorf("one response is counted %d times", n)
		}
		if n := d.count(`SELECT SUM(n) FROM form_rolls WHERE question = '' AND value = 'ticket'`); n != 1 {
			t.Errorf("one ticket is counted %d times", n)
		}
		d.at = d.at.Add(feedback.EditFor)
		link = d.signed(f, box, "A-1")
		_, err = d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Link: link, Answers: feedback.Answers{"stars": {"3"}}})
		if e := fault.As(err); e == nil || e.Kind != fault.Conflict || e.Key != "feedback.error.answered" {
			t.Errorf("after a day: %v", err)
		}
	})
}

func TestTheSamePostTwiceIsOneResponse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		const posts = 8
		var wg sync.WaitGroup
		for _, in := range []feedback.Submission{
			{Key: f.Key, SourceID: "page-1", Answers: feedback.Answers{"stars": {"1"}}, Locale: "en"},
			{Key: f.Key, Link: d.signed(f, box, "A-1"), Answers: feedback.Answers{"stars": {"1"}}, Locale: "en"},
		} {
			seen := make([]id.ID, posts)
			for i := range posts {
				wg.Go(func() {
					got, err := d.feedback.Submit(bg, in)
					if err != nil {
						t.Error(err)
						return
					}
					seen[i] = got.Response.ID
				})
			}
			wg.Wait()
			for _, one := range seen {
				if one != seen[0] {
					t.Errorf("two responses: %v", seen)
				}
			}
		}
		if n := d.count(`SELECT COUNT(*) FROM form_responses`); n != 2 {
			t.Errorf("%d responses, want 2", n)
		}
		if n := d.count(`SELECT COUNT(*) FROM tickets`); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
	})
}

func TestAPublishedVersionStaysForItsResponses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	f, _ := d.form(feedback.NewForm{})
	next := delivery()
	next.Steps = next.Steps[:1]
	next.Steps[0].Questions = next.Steps[0].Questions[:1]
	_, err := d.feedback.SaveDraft(bg, f.ID, next)
	must(t, err)
	_, err = d.feedback.Publish(bg, d.agent, f.ID)
	must(t, err)
	old := d.submit(feedback.Submission{Key: f.Key, Version: 1, Answers: feedback.Answers{"stars": {"4"}, "nps": {"10"}}})
	if old.Response.Version != 1 || *old.Response.NPS != 10 {
		t.Errorf("the page that she had open: %+v", old.Response)
	}
	_, err = d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"4"}, "nps": {"10"}}})
	refusedAt(t, err, fault.Invalid, "answers.nps", "unknown")
	_, err = d.feedback.Archive(bg, f.ID, true)
	must(t, err)
	if _, err = d.feedback.Submit(bg, feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"4"}}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("an archived form: %v", err)
	}
}

func TestADefinitionIsRefusedAtItsPlace(t *testing.T) {
	t.Parallel()
	d := delivery()
	d.Steps[0].Questions[1].ShownIf = &feedback.Condition{Question: "nps", Op: feedback.OpIs, Value: "1"} // a later one
	d.Steps[0].Questions[1].Options = d.Steps[0].Questions[1].Options[:1]
	d.Steps[1].Questions[0].ID = "stars"
	d.Steps[1].Questions[1].Label = nil
	err := d.Check()
	for place, code := range map[string]string{
		"steps.0.questions.1.shown_if": "if_question", "steps.0.questions.1.options": "options_few", "steps.1.questions.0.id": "id_twice", "steps.1.questions.1.label": "required",
	} {
		refusedAt(t, err, fault.Invalid, place, code)
	}
	good := delivery()
	must(t, good.Check())
}

func TestErasingHerEmptiesAnswersAndKeepsCounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		got := d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, "A-1"), Answers: feedback.Answers{"stars": {"1"}, "say": {"气死我了"}}})
		d.submit(feedback.Submission{Key: f.Key, Edit: got.Edit, Answers: feedback.Answers{"stars": {"2"}}})
		d.follow()
		kept, err := d.feedback.KeptOf(bg, []id.ID{got.Response.ContactID}, "zh-CN")
		must(t, err)
		if len(kept) != 2 || !strings.Contains(strings.Join(kept[0].Lines, "\n"), "想说的话：气死我了") || kept[0].Title != "收货评价 · A-1" {
			t.Errorf("what she is told: %+v", kept)
		}
		must(t, d.db.Write(bg, func(tx *gorm.DB) error {
			who, err := d.tickets.EraseContactTx(tx, d.agent, got.Response.ContactID, tickets.ErasedOnRequest)
			if err != nil {
				return err
			}
			return feedback.Forget(tx, who)
		}))
		r, err := d.feedback.Response(bg, got.Response.ID)
		must(t, err)
		if r.Answers != nil || r.Order != "" || r.Rating == nil || *r.Rating != 2 {
			t.Errorf("%+v", r)
		}
		if n := d.count(`SELECT COUNT(*) FROM form_responses WHERE answers IS NOT NULL OR order_hash IS NOT NULL OR order_no IS NOT NULL`); n != 0 {
			t.Error("something of her is left")
		}
		if n := d.count(`SELECT COUNT(*) FROM form_revisions WHERE answers IS NOT NULL`); n != 0 {
			t.Error("what she said before is left")
		}
		if n := d.count(`SELECT SUM(n) FROM form_rolls WHERE question = '' AND value = 'answered'`); n != 1 {
			t.Errorf("%d responses are counted", n)
		}
	})
}
