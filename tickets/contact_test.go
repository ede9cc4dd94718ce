package tickets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func verified(kind tickets.IdentityKind, value string) tickets.NewIdentity {
	return tickets.NewIdentity{Kind: kind, Value: value, Verified: true}
}

func claim(kind tickets.IdentityKind, value string) tickets.NewIdentity {
	return tickets.NewIdentity{Kind: kind, Value: value}
}

// known gives who is known by an identity, or zero.
func (d *desk) known(t *testing.T, kind tickets.IdentityKind, value string) (found id.ID) {
	t.Helper()
	d.write(t, func(tx *gorm.DB) error {
		c, err := d.ContactByIdentityTx(tx, kind, value)
		if c != nil {
			found = c.ID
		}
		return err
	})
	return found
}

func TestOnlyAVerifiedIdentityIdentifies(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		c := d.contact(t, "韩梅梅", verified(tickets.IdentityShop, "u1"), claim(tickets.IdentityEmail, "Mei@example.com"), claim(tickets.IdentityPhone, "13800138000"))
		equal(t, d.known(t, tickets.IdentityShop, "u1"), c.ID)
		equal(t, d.known(t, tickets.IdentityOther, "u1"), 0)
		equal(t, d.known(t, tickets.IdentityEmail, "mei@example.com"), 0)
		equal(t, d.known(t, tickets.IdentityPhone, "13800138000"), 0)
		equal(t, d.known(t, tickets.IdentityPhone, "no number"), 0)

		other := d.contact(t, "", claim(tickets.IdentityEmail, "mei@example.com")) // a claim may be made twice
		d.write(t, func(tx *gorm.DB) error {
			return d.AddIdentityTx(tx, c.ID, verified(tickets.IdentityEmail, "MEI@example.com"))
		})
		equal(t, d.known(t, tickets.IdentityEmail, "mei@Example.com"), c.ID)
		d.write(t, func(tx *gorm.DB) error {
			return d.AddIdentityTx(tx, c.ID, claim(tickets.IdentityEmail, "mei@example.com"))
		}) // stays verified
		equal(t, d.known(t, tickets.IdentityEmail, "mei@example.com"), c.ID)

		err := d.store.Write(bg, func(tx *gorm.DB) error {
			return d.AddIdentityTx(tx, other.ID, verified(tickets.IdentityEmail, "mei@example.com"))
		})
		refused(t, err, fault.Conflict, "error.identity.taken")
		_, err = d.CreateContact(bg, tickets.NewContact{Identities: []tickets.NewIdentity{verified(tickets.IdentityShop, "u1")}})
		refused(t, err, fault.Conflict, "error.identity.taken")

		got, err := d.Contact(bg, c.ID)
		ok(t, err)
		equal(t, got.Name, "韩梅梅")
		var list []string
		for _, i := range got.Identities {
			list = append(list, fmt.Sprint(i.Kind, " ", i.Value, " ", i.Verified))
		}
		lines(t, list, "shop u1 true", "email mei@example.com true", "phone +8613800138000 false")
	})
}

func TestTwoWhoMakeTheSameContactKnownAtOnceMakeOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		errs := make(chan error)
		for range 6 {
			go func() {
				_, err := d.CreateContact(bg, tickets.NewContact{Identities: []tickets.NewIdentity{verified(tickets.IdentityShop, "u1")}})
				errs <- err
			}()
		}
		made := 0
		for range 6 {
			switch err := <-errs; {
			case err == nil:
				made++
			case !fault.Is(err, fault.Conflict):
				t.Errorf("unexpected error: %v", err)
			}
		}
		equal(t, made, 1)
		equal(t, d.count(t, `SELECT COUNT(*) FROM contact_identities`), 1)
	})
}

func TestPhonesAreKeptInE164AndSharedOnesNeverIdentify(t *testing.T) {
	d := onSQLite(t)
	c := d.contact(t, "")
	for in, want := range map[string]string{
		"13812345678": "+8613812345678 true", "+86 138-1234-5679": "+8613812345679 true", "１３８１２３４５６８０": "+8613812345680 true",
		"138 (1234) 5681": "+8613812345681 true", "0755-86013388": "+8675586013388 true", "+1 415 555 2671": "+14155552671 true",
		"020 8366 1177 ext 5": "+862083661177;ext=5 false",
	} {
		d.write(t, func(tx *gorm.DB) error { return d.AddIdentityTx(tx, c.ID, verified(tickets.IdentityPhone, in)) })
		got, err := d.Contact(bg, c.ID)
		ok(t, err)
		found := false
		for _, i := range got.Identities {
			found = found || fmt.Sprint(i.Value, " ", i.Verified) == want
		}
		if !found {
			t.Errorf("%q: want %s among %+v", in, want, got.Identities)
		}
	}
	d.write(t, func(tx *gorm.DB) error {
		return d.AddIdentityTx(tx, c.ID, tickets.NewIdentity{Kind: tickets.IdentityPhone, Value: "17000000000", Verified: true, Virtual: true})
	})
	equal(t, d.known(t, tickets.IdentityPhone, "17000000000"), 0)
	equal(t, d.known(t, tickets.IdentityPhone, "020 8366 1177 ext 5"), 0)
	equal(t, d.known(t, tickets.IdentityPhone, "138-1234-5678"), c.ID)
}

func TestWhatIsNoIdentityIsRefused(t *testing.T) {
	d := onSQLite(t)
	c := d.contact(t, "")
	for _, n := range []tickets.NewIdentity{
		claim(tickets.IdentityEmail, ""), claim(tickets.IdentityEmail, "x"), claim(tickets.IdentityEmail, "a@b@c"), claim(tickets.IdentityEmail, "A <a@b.c>"),
		claim(tickets.IdentityEmail, "a\n@b.c"), claim(tickets.IdentityEmail, strings.Repeat("a", 300)+"@b.c"), claim(tickets.IdentityEmail, "\xff@b.c"),
		claim(tickets.IdentityPhone, ""), claim(tickets.IdentityPhone, "12"), claim(tickets.IdentityPhone, "phone"), claim(tickets.IdentityPhone, strings.Repeat("1", 500)),
		claim(tickets.IdentityShop, " "), claim(tickets.IdentityShop, "a\x00b"), claim(tickets.IdentityShop, strings.Repeat("u", 129)), claim("passport", "1"),
	} {
		err := d.store.Write(bg, func(tx *gorm.DB) error { return d.AddIdentityTx(tx, c.ID, n) })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: got %v", n, err)
		}
	}
	err := d.store.Write(bg, func(tx *gorm.DB) error { return d.AddIdentityTx(tx, 17, claim(tickets.IdentityShop, "u")) })
	refused(t, err, fault.NotFound, "error.contact.not_found")
}

func TestOnlyTheNewestClaimsAreKept(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		c := d.contact(t, "", verified(tickets.IdentityShop, "u1"))
		for i := range 25 {
			d.write(t, func(tx *gorm.DB) error {
				return d.AddIdentityTx(tx, c.ID, claim(tickets.IdentityEmail, fmt.Sprintf("a%d@b.cn", i)))
			})
		}
		got, err := d.Contact(bg, c.ID)
		ok(t, err)
		equal(t, len(got.Identities), 21)
		equal(t, got.Identities[0].Value, "u1")
		equal(t, got.Identities[1].Value, "a5@b.cn")
	})
}

func TestAVisitorWhoSignsInBringsWhatSheHas(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor := d.contact(t, "", claim(tickets.IdentityEmail, "lei@example.com"), claim(tickets.IdentityPhone, "13800138000"))
		known := d.contact(t, "李雷", verified(tickets.IdentityShop, "u1"), verified(tickets.IdentityEmail, "lei@example.com"))
		earlier := d.contact(t, "")
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, earlier.ID, visitor.ID) })
		ok(t, d.AcceptNotice(bg, visitor.ID, "privacy", "1"))
		ticket := d.hearsFrom(t, visitor.ID, "", "你好").Ticket
		d.heard()

		for range 2 { // the second time changes nothing
			d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, known.ID) })
		}
		got := d.ticket(t, ticket.ID)
		equal(t, got.ContactID, known.ID)
		equal(t, got.Preview, "你好") // her key goes with it
		seen, err := d.Visible(bg, ticket.ID, 0, 0)
		ok(t, err)
		equal(t, seen[0].Body, "你好")
		current, err := d.CurrentChat(bg, d.chat.ID, known.ID)
		ok(t, err)
		equal(t, current.ID, ticket.ID)
		accepted, err := d.Accepted(bg, known.ID, "privacy")
		ok(t, err)
		equal(t, len(accepted), 1)
		aliases, err := d.Aliases(bg, known.ID)
		ok(t, err)
		equal(t, len(aliases), 2) // who was merged into the visitor too
		person, err := d.Contact(bg, known.ID)
		ok(t, err)
		equal(t, len(person.Identities), 3)
		gone, err := d.Contact(bg, visitor.ID)
		ok(t, err)
		equal(t, *gone.MergedInto, known.ID)
		equal(t, len(gone.Identities), 0)
		told := d.heard()
		equal(t, len(told), 1)
		equal(t, told[0].Ticket.ContactID, known.ID)
		equal(t, d.count(t, `SELECT COUNT(*) FROM events WHERE type = 'contact.merged'`), 2)
	})
}

func TestOfTwoOpenChatsTheOneWithTheNewestMessageStaysOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for _, visitorLast := range []bool{true, false} {
			visitor, known := d.contact(t, ""), d.contact(t, "")
			people := []id.ID{known.ID, visitor.ID}
			if !visitorLast {
				people = []id.ID{visitor.ID, known.ID}
			}
			older := d.hearsFrom(t, people[0], "", "早").Ticket.ID
			d.advance(time.Second)
			newer := d.hearsFrom(t, people[1], "", "晚").Ticket.ID
			d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, known.ID) })
			equal(t, d.ticket(t, older).Status, tickets.StatusSolved)
			equal(t, d.ticket(t, newer).Status, tickets.StatusNew)
			page, err := d.Timeline(bg, older, 2, 0)
			ok(t, err)
			equal(t, page[0].Event.Type, tickets.EventStatusChanged)
			equal(t, page[0].Event.ActorKind, tickets.ActorSystem)
			next := d.hearsFrom(t, known.ID, "", "在吗")
			equal(t, next.Ticket.ID, newer)
		}
		d.check(t)
	})
}

func TestTwoKnownPersonsAreNeverMadeOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, b := d.contact(t, "", verified(tickets.IdentityShop, "u1")), d.contact(t, "", verified(tickets.IdentityShop, "u2"))
		err := d.store.Write(bg, func(tx *gorm.DB) error { return d.MergeContactTx(tx, a.ID, b.ID) })
		refused(t, err, fault.Conflict, "error.contact.known")
		err = d.store.Write(bg, func(tx *gorm.DB) error { return d.MergeContactTx(tx, 17, b.ID) })
		refused(t, err, fault.NotFound, "error.contact.not_found")
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, a.ID, a.ID) })
	})
}

func TestAContactChangesHerNameAndTheDeskTheRest(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		her := tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}
		name, locale, yes := " 李 雷 ", "en", true
		got, err := d.UpdateContact(bg, her, d.li.ID, tickets.ContactChange{Name: &name, Locale: &locale})
		ok(t, err)
		equal(t, got.Name, "李 雷")
		for _, change := range []tickets.ContactChange{{VIP: &yes}, {Blocked: &yes}} {
			_, err = d.UpdateContact(bg, her, d.li.ID, change)
			refused(t, err, fault.Denied, "error.denied")
		}
		_, err = d.UpdateContact(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.contact(t, "").ID}, d.li.ID, tickets.ContactChange{Name: &name})
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{VIP: &yes})
		ok(t, err)
		_, err = d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{VIP: &yes}) // nothing new
		ok(t, err)
		_, err = d.UpdateContact(bg, d.wang, 17, tickets.ContactChange{VIP: &yes})
		refused(t, err, fault.NotFound, "error.contact.not_found")
		long := strings.Repeat("宽", 101)
		_, err = d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{Name: &long})
		refused(t, err, fault.Invalid, "error.text.too_long")
		equal(t, d.count(t, `SELECT COUNT(*) FROM events WHERE type = 'contact.updated'`), 2)
		saved, err := d.Contact(bg, d.li.ID)
		ok(t, err)
		equal(t, saved.Name, "李 雷")
		equal(t, saved.VIP, true)
		equal(t, saved.Locale, "en")
	})
}

func TestLastSeenIsKeptByTheMinute(t *testing.T) {
	d := onSQLite(t)
	seen := func() int64 {
		ok(t, d.Seen(bg, d.li.ID))
		c, err := d.Contact(bg, d.li.ID)
		ok(t, err)
		return c.LastSeenAt
	}
	first := seen()
	d.advance(30 * time.Second)
	equal(t, seen(), first)
	d.advance(31 * time.Second)
	if seen() == first {
		t.Errorf("it was not kept")
	}
}

func TestNoticesAreAcceptedByVersion(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ok(t, d.AcceptNotice(bg, d.li.ID, "privacy", "1"))
		ok(t, d.AcceptNotice(bg, d.li.ID, "privacy", "1"))
		got, err := d.Accepted(bg, d.li.ID, "privacy")
		ok(t, err)
		equal(t, strings.Join(got, ","), "1")
		refused(t, d.AcceptNotice(bg, d.li.ID, tickets.PurposeTold, "1"), fault.Invalid, "error.notice") // never bundled
		refused(t, d.AcceptNotice(bg, d.li.ID, "privacy", ""), fault.Invalid, "error.notice")
		refused(t, d.AcceptNotice(bg, 17, "privacy", "1"), fault.NotFound, "error.contact.not_found")
	})
}

func TestAnErasedContactIsEmptyAndTakesNothingNew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.write(t, func(tx *gorm.DB) error { return d.sealer.DropContactKeys(tx, d.li.ID) })
		got := d.ticket(t, ticket)
		equal(t, got.Preview, "")
		page, err := d.Timeline(bg, ticket, 0, 0)
		ok(t, err)
		equal(t, page[1].Message.Body, "")
		rows, err := d.listAll(tickets.ListAll, 0, 10)
		ok(t, err)
		equal(t, rows[0].ContactName, "")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "你好"})
		refused(t, err, fault.Conflict, "error.contact.erased")
		_, err = d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindNote, Body: "你好"})
		refused(t, err, fault.Conflict, "error.contact.erased")
		d.status(t, ticket, tickets.StatusClosed)
	})
}

func TestVisitorCodesAreShortAndDiffer(t *testing.T) {
	t.Parallel()
	d := map[string]bool{}
	for i := range 100 {
		code := tickets.VisitorCode(id.ID(i << 22))
		if len(code) != 4 || strings.ToUpper(code) != code {
			t.Fatalf("got %q", code)
		}
		d[code] = true
	}
	if len(d) < 95 {
		t.Errorf("100 visitors have %d codes", len(d))
	}
}

var errStop = errors.New("stop")

func TestAContactThatIsRolledBackIsNobody(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		err := d.store.Write(bg, func(tx *gorm.DB) error {
			if _, err := d.CreateContactTx(tx, tickets.NewContact{Identities: []tickets.NewIdentity{verified(tickets.IdentityShop, "u9")}}); err != nil {
				return err
			}
			return errStop
		})
		if !errors.Is(err, errStop) {
			t.Fatalf("got %v", err)
		}
		equal(t, d.known(t, tickets.IdentityShop, "u9"), 0)
	})
}

func TestBeingToldOfImprovementsIsAConsentOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		hers := tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}
		wants := func(want bool) {
			t.Helper()
			got, err := d.Told(bg, d.li.ID)
			ok(t, err)
			equal(t, got, want)
		}
		ok(t, d.AcceptNotice(bg, d.li.ID, tickets.PurposePrivacy, "1"))
		wants(false)
		refused(t, d.SetTold(bg, d.wang, d.li.ID, true, tickets.SourceAgent), fault.Denied, "error.denied")
		refused(t, d.SetTold(bg, hers, d.li.ID, true, "mail"), fault.Invalid, "error.notice")
		for range 2 {
			ok(t, d.SetTold(bg, hers, d.li.ID, true, tickets.SourceTicket))
			wants(true)
		}
		ok(t, d.SetTold(bg, d.wang, d.li.ID, false, tickets.SourceAgent))
		wants(false)
		ok(t, d.SetTold(bg, hers, d.li.ID, true, tickets.SourceChat))
		wants(true)
		all, err := d.Consents(bg, d.li.ID)
		ok(t, err)
		var got []string
		for _, k := range all {
			got = append(got, fmt.Sprint(k.Purpose, " ", k.Version, " ", k.Source, " ", k.WithdrawnAt != nil))
		}
		lines(t, got, "privacy 1 chat false", "told 1 ticket true", "told 1 chat false") // what was withdrawn stays as the proof
	})
}

func TestWhoIsUnderLegalHoldIsNotErased(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		boss := tickets.Actor{Kind: tickets.ActorAgent, ID: d.wang.ID, Role: tickets.RoleManager}
		keep := func(a tickets.Actor, contact id.ID, on bool) error {
			return d.store.Write(bg, func(tx *gorm.DB) error { _, err := d.KeepTx(tx, a, contact, on); return err })
		}
		erase := func() error {
			return d.store.Write(bg, func(tx *gorm.DB) error {
				_, err := d.EraseContactTx(tx, boss, d.li.ID, tickets.ErasedOnRequest)
				return err
			})
		}
		refused(t, keep(tickets.Actor{Kind: tickets.ActorAgent, ID: d.wang.ID, Role: tickets.RoleAgent}, d.li.ID, true), fault.Denied, "error.denied")
		visitor := d.contact(t, "")
		ok(t, keep(boss, visitor.ID, true))
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) }) // and takes it with her
		refused(t, erase(), fault.Conflict, "error.contact.kept")
		ok(t, keep(boss, d.li.ID, false))
		ok(t, erase())
		refused(t, keep(boss, d.li.ID, true), fault.Conflict, "error.contact.erased")
	})
}

func TestALanguageIsKeptInItsFormOrNotAtAll(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"zh-CN": "zh-CN", "\ten\n": "en", "zh_Hans_CN": "zh_Hans_CN", "": "", "<b>": "", "en;q=1": "", "中文": "",
		"sl-rozaj-biske-1994-and-much-more-of-it": "",
	} {
		equal(t, tickets.LocaleTag(said), want)
	}
}
