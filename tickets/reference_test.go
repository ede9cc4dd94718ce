package tickets_test

import (
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// meant is ContactForTx in a transaction of its own.
func (d *desk) meant(ref tickets.ContactRef) (p *tickets.Contact, created bool, err error) {
	err = d.store.Write(bg, func(tx *gorm.DB) error {
		p, created, err = d.ContactForTx(tx, ref)
		return err
	})
	return p, created, err
}

func TestTheShopsReferenceFindsOneContactByWhateverItSays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first, created, err := d.meant(tickets.ContactRef{ExternalID: "u1", Email: "Mei@Example.com", Phone: "13800138000", Name: "韩梅"})
		ok(t, err)
		equal(t, created, true)
		for name, ref := range map[string]tickets.ContactRef{
			"id": {ID: first.ID}, "external id": {ExternalID: "u1"}, "e-mail": {Email: "mei@example.com"}, "phone": {Phone: "+86 138 0013 8000"},
			"the external id goes first": {ExternalID: "u1", Email: "new@example.com"},
		} {
			got, created, err := d.meant(ref)
			if err != nil || created || got.ID != first.ID {
				t.Errorf("%s: %v %v %v", name, got, created, err)
			}
		}
		found, err := d.Contact(bg, first.ID)
		ok(t, err)
		equal(t, found.Name, "韩梅")
		equal(t, len(found.Identities), 4)
		for _, i := range found.Identities {
			equal(t, i.Verified, true)
		}
	})
}

func TestWhatIsSomebodyElsesStaysAClaim(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, _, err := d.meant(tickets.ContactRef{Email: "li@example.com"})
		ok(t, err)
		mei, created, err := d.meant(tickets.ContactRef{ExternalID: "u1"})
		ok(t, err)
		equal(t, created, true)
		again, _, err := d.meant(tickets.ContactRef{ExternalID: "u1", Email: "li@example.com", Name: "韩梅"})
		ok(t, err)
		equal(t, again.ID, mei.ID)
		found, err := d.Contact(bg, mei.ID)
		ok(t, err)
		equal(t, found.Name, "韩梅")
		for _, i := range found.Identities {
			equal(t, i.Verified, i.Kind == tickets.IdentityShop)
		}
		_, _, err = d.meant(tickets.ContactRef{ExternalID: "u1", Name: "另一个名字"})
		ok(t, err)
		found, err = d.Contact(bg, mei.ID)
		ok(t, err)
		equal(t, found.Name, "韩梅")
	})
}

func TestAReferenceThatNamesNobodyIsRefusedAtItsField(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for field, ref := range map[string]tickets.ContactRef{
			"contact": {Name: "nobody"}, "contact.email": {Email: "no address"}, "contact.phone": {Phone: "12"}, "contact.id": {ID: 12},
			"contact.external_id": {ExternalID: "a\nb"},
		} {
			_, _, err := d.meant(ref)
			e := fault.As(err)
			if e == nil || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestManyReferencesAtOnceGiveWhatEachWouldAlone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		known, _, err := d.meant(tickets.ContactRef{ExternalID: "u1", Phone: "13800138000"})
		ok(t, err)
		refs := []tickets.ContactRef{
			{ExternalID: "u2", Email: "wang@example.com", Name: "王五"}, // nobody knows her
			{ID: known.ID},
			{Phone: "13800138000", Email: "mei@example.com", Name: "韩梅"}, // known by one of two
			{ExternalID: "u3", Phone: "13900139000"},                     // two that share a number are one
			{Phone: "+86 139 0013 9000", Name: "李四"},
			{Email: "zhao@example.com", Locale: "zh-CN"},
		}
		var got []*tickets.Contact
		ok(t, d.store.Write(bg, func(tx *gorm.DB) (err error) {
			got, err = d.ContactsForTx(tx, refs)
			return err
		}))
		for i, ref := range refs {
			alone, created, err := d.meant(ref)
			if err != nil || created || alone.ID != got[i].ID {
				t.Errorf("%d: %v, alone %v %v %v", i, got[i].ID, alone, created, err)
			}
		}
		if got[1].ID != known.ID || got[2].ID != known.ID || got[3].ID != got[4].ID {
			t.Errorf("%v %v %v %v", got[1].ID, got[2].ID, got[3].ID, got[4].ID)
		}
		for i, want := range map[int]struct {
			name       string
			identities int
		}{0: {"王五", 2}, 2: {"韩梅", 3}, 4: {"李四", 2}, 5: {"", 1}} {
			found, err := d.Contact(bg, got[i].ID)
			ok(t, err)
			if found.Name != want.name || len(found.Identities) != want.identities {
				t.Errorf("%d: %q with %d identities", i, found.Name, len(found.Identities))
			}
			for _, one := range found.Identities {
				equal(t, one.Verified, true)
			}
		}
	})
}

func TestOneReferenceThatNamesNobodyLeavesNoneOfTheOthersBehind(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		err := d.store.Write(bg, func(tx *gorm.DB) error {
			_, err := d.ContactsForTx(tx, []tickets.ContactRef{{ExternalID: "u1"}, {Email: "no address"}})
			return err
		})
		e := fault.As(err)
		if e == nil || e.Kind != fault.Invalid || e.Fields[0].Name != "contact.email" {
			t.Errorf("%v", err)
		}
		_, created, err := d.meant(tickets.ContactRef{ExternalID: "u1"})
		ok(t, err)
		equal(t, created, true)
	})
}
