package chat

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// opened is a session that a start gave: the old one, or a new one with its token.
type opened struct {
	session *session
	contact *tickets.Contact
	token   string
	ended   id.ID // contact whose older sessions were revoked
}

// openTries is how often a start is tried when another one has just made the same person known.
const openTries = 3

// open gives the session that the request deserves, in one transaction:
//
//   - the old one, when it is alive and nobody else is named;
//   - a new one of the same contact, when the old one has expired or is now signed (a token from before the signature
//     must not reach what lies behind it, so those are revoked);
//   - one of the contact with the signed id, who takes over what an anonymous visitor of this browser has written;
//   - one of a new contact.
func (d *Desk) open(ctx context.Context, st *start, k *known) (got *opened, err error) {
	if k.unchanged(st, d.nowMillis()) {
		return &opened{session: k.session, contact: k.contact, token: st.token}, nil
	}
	for range openTries {
		err = d.store.Write(ctx, func(tx *gorm.DB) error {
			o := &opening{desk: d, tx: tx, start: st, known: k}
			got, err = o.run()
			return err
		})
		if !fault.Is(err, fault.Conflict) && !errors.Is(err, gorm.ErrDuplicatedKey) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	d.names.put(tickets.ActorContact, got.contact.ID, got.contact.Name)
	if got.ended != 0 {
		d.endSessions(got.ended)
	}
	return got, nil
}

// unchanged tells that there is nothing to write: a page view of somebody who is known.
func (k *known) unchanged(st *start, now int64) bool {
	if k == nil || k.expired || k.stranger(st) || (st.proof != proofNone && k.shopID() != st.identity.ID) {
		return false
	}
	mark := st.identity.mark(st.proof == proofFull)
	return k.session.Context == k.session.Context.with(st.context) && now-k.session.SeenAt < sessionSlide.Milliseconds() &&
		(mark == "" || mark == k.session.Context.Claims)
}

// opening is one try of open.
type opening struct {
	desk  *Desk
	tx    *gorm.DB
	start *start
	known *known
}

func (o *opening) run() (*opened, error) {
	k, st := o.known, o.start
	if k != nil && k.stranger(st) {
		k = nil
	}
	switch {
	case st.proof != proofNone:
		return o.signed(k)
	case k == nil:
		return o.fresh(false)
	case k.expired:
		return o.issue(k.contact, k.session.Signed, 0)
	}
	return o.keep(k)
}

// signed joins the contact of a signed id.
func (o *opening) signed(k *known) (*opened, error) {
	holder, err := o.desk.tickets.ContactByIdentityTx(o.tx, tickets.IdentityShop, o.start.identity.ID)
	if err != nil {
		return nil, err
	}
	anonymous := k != nil && !k.session.Signed && !k.verified()
	switch {
	case holder == nil && anonymous:
		return o.raise(k.contact)
	case holder == nil:
		if holder, err = o.vouched(); err != nil {
			return nil, err
		}
		if holder == nil {
			return o.fresh(true)
		}
		return o.raise(holder)
	case k != nil && k.contact.ID == holder.ID && k.session.Signed && !k.expired:
		return o.keep(k)
	case anonymous && k.contact.ID != holder.ID:
		return o.merge(k.contact, holder)
	}
	return o.issue(holder, true, 0)
}

// verified tells whether the contact is known by anything that was proved.
func (k *known) verified() bool {
	for i := range k.contact.Identities {
		if k.contact.Identities[i].Verified {
			return true
		}
	}
	return false
}

// vouched finds the person by the e-mail or phone that the shop has signed beside the id: somebody who has written by
// mail before and is no other user of the shop.
func (o *opening) vouched() (*tickets.Contact, error) {
	if o.start.proof != proofFull {
		return nil, nil
	}
	for _, i := range o.start.identity.others(true) {
		c, err := o.desk.tickets.ContactByIdentityTx(o.tx, i.Kind, i.Value)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		full, err := o.desk.tickets.ContactTx(o.tx, c.ID)
		if err != nil {
			return nil, err
		}
		if (&known{contact: full, session: &session{Signed: true}}).shopID() == "" {
			return c, nil
		}
	}
	return nil, nil
}

// raise makes the contact known by the signed id. Sessions from before are ended.
func (o *opening) raise(c *tickets.Contact) (*opened, error) {
	err := o.desk.tickets.AddIdentityTx(o.tx, c.ID, tickets.NewIdentity{Kind: tickets.IdentityShop, Value: o.start.identity.ID, Verified: true})
	if err != nil {
		return nil, err
	}
	return o.issue(c, true, c.ID)
}

// merge gives what the anonymous visitor has written to the person who she turned out to be.
func (o *opening) merge(visitor, person *tickets.Contact) (*opened, error) {
	if err := o.desk.tickets.MergeContactTx(o.tx, visitor.ID, person.ID); err != nil {
		return nil, err
	}
	return o.issue(person, true, visitor.ID)
}

// fresh makes a contact.
func (o *opening) fresh(signed bool) (*opened, error) {
	n := tickets.NewContact{Name: o.start.identity.Name, Locale: o.start.context.Locale}
	if signed {
		n.Identities = []tickets.NewIdentity{{Kind: tickets.IdentityShop, Value: o.start.identity.ID, Verified: true}}
	}
	c, err := o.desk.tickets.CreateContactTx(o.tx, n)
	if err != nil {
		return nil, err
	}
	return o.issue(c, signed, 0)
}
