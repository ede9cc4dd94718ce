package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// issue makes a new session of a contact; ended names the contact whose older unsigned sessions are revoked.
func (o *opening) issue(c *tickets.Contact, signed bool, ended id.ID) (*opened, error) {
	d := o.desk
	if ended != 0 {
		if err := d.revoke(o.tx, "contact_id = ? AND NOT signed", ended); err != nil {
			return nil, err
		}
	}
	now := d.nowMillis()
	token, hash := newToken()
	s := &session{
		ID: d.ids.Next(), TokenHash: hash, ContactID: c.ID, InboxID: o.start.inbox.ID, Signed: signed,
		ExpiresAt: now + sessionLife.Milliseconds(), SeenAt: now, CreatedAt: now, Context: o.start.context,
	}
	if k := o.known; k != nil && k.contact.ID == c.ID {
		s.Context = k.session.Context.with(o.start.context)
	}
	if _, err := o.claims(c, s); err != nil {
		return nil, err
	}
	if err := d.sealContext(o.tx, c.KeyID, s); err != nil {
		return nil, err
	}
	return &opened{session: s, contact: c, token: token, ended: ended}, o.tx.Create(s).Error
}

// keep goes on with the session as it is; only what the page says may be new.
func (o *opening) keep(k *known) (*opened, error) {
	d, now := o.desk, o.desk.nowMillis()
	s, c := *k.session, *k.contact
	s.Context = s.Context.with(o.start.context)
	changed, err := o.claims(&c, &s)
	if err != nil {
		return nil, err
	}
	columns := map[string]any{}
	if changed || s.Context != k.session.Context {
		if err := d.sealContext(o.tx, c.KeyID, &s); err != nil {
			return nil, err
		}
		columns["context"] = s.ContextSealed
	}
	if now-s.SeenAt >= sessionSlide.Milliseconds() {
		s.SeenAt, s.ExpiresAt = now, now+sessionLife.Milliseconds()
		columns["seen_at"], columns["expires_at"] = s.SeenAt, s.ExpiresAt
	}
	got := &opened{session: &s, contact: &c, token: o.start.token}
	if len(columns) == 0 {
		return got, nil
	}
	return got, o.tx.Model(&session{}).Where("id = ?", s.ID).UpdateColumns(columns).Error
}

// with is the context after the page has spoken again. What it does not say stays; an order that was signed stays so.
func (c sessionContext) with(now sessionContext) sessionContext {
	c.Locale = now.Locale
	if now.PageURL != "" {
		c.PageURL, c.PageTitle = now.PageURL, now.PageTitle
	}
	if now.Order != "" {
		c.OrderVerified = now.OrderVerified || (c.OrderVerified && c.Order == now.Order)
		c.Order = now.Order
	}
	return c
}

// claims keeps what the page says of the person beside a signed id. It is shown to agents as not verified, unless the
// second form of the signature covers it. The same words again cost nothing.
func (o *opening) claims(c *tickets.Contact, s *session) (changed bool, err error) {
	i, full := &o.start.identity, o.start.proof == proofFull
	if o.start.proof == proofNone && !s.Signed && i.ID != "" {
		s.Context.ClaimedID = i.ID
	}
	mark := i.mark(full)
	if mark == "" || mark == s.Context.Claims {
		return false, nil
	}
	s.Context.Claims = mark
	d := o.desk
	signedBefore := s.Signed && o.start.proof == proofNone // a claim does not rename whom the shop has vouched for
	if i.Name != "" && i.Name != c.Name && !signedBefore {
		actor := tickets.Actor{Kind: tickets.ActorContact, ID: c.ID}
		if _, err := d.tickets.UpdateContactTx(o.tx, actor, c.ID, tickets.ContactChange{Name: &i.Name}); err == nil {
			c.Name = i.Name
		} else if !fault.Is(err, fault.Invalid) {
			return false, err
		}
	}
	claims := i.others(full)
	if o.start.proof == proofNone && i.ID != "" {
		claims = append(claims, tickets.NewIdentity{Kind: tickets.IdentityShop, Value: i.ID})
	}
	for _, n := range claims {
		if err := o.claim(c.ID, n); err != nil {
			return false, err
		}
	}
	return true, nil
}

// claim adds one identity. What somebody else has proved stays a claim; what is no address at all is left out.
func (o *opening) claim(contact id.ID, n tickets.NewIdentity) error {
	if n.Verified {
		holder, err := o.desk.tickets.ContactByIdentityTx(o.tx, n.Kind, n.Value)
		if err != nil {
			return err
		}
		n.Verified = holder == nil || holder.ID == contact
	}
	err := o.desk.tickets.AddIdentityTx(o.tx, contact, n)
	if fault.Is(err, fault.Invalid) {
		return nil
	}
	return err
}

// others are the identities beside the id.
func (i *identity) others(verified bool) (out []tickets.NewIdentity) {
	if i.Email != "" {
		out = append(out, tickets.NewIdentity{Kind: tickets.IdentityEmail, Value: i.Email, Verified: verified})
	}
	if i.Phone != "" {
		out = append(out, tickets.NewIdentity{Kind: tickets.IdentityPhone, Value: i.Phone, Verified: verified})
	}
	return out
}

// mark is a short form by which the same words are known again; empty when there are none.
func (i *identity) mark(full bool) string {
	words := []string{i.ID, i.Name, i.Email, i.Phone}
	if strings.Join(words, "") == "" {
		return ""
	}
	if full {
		words = append(words, "full")
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:8])
}
