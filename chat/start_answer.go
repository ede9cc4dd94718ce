package chat

import (
	"context"
	"net/http"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// startAnswer is what POST /chat/v1/sessions answers.
type startAnswer struct {
	Session  string       `json:"session"`
	Contact  named        `json:"contact"`
	Ticket   *startTicket `json:"ticket"`
	Online   bool         `json:"online"`
	AnswerBy *stamp       `json:"answer_by"`
	Hours    []startHours `json:"hours"`
	// HoursText says the hours in words, line by line; Zone is the shop's, in which they are meant.
	HoursText []string    `json:"hours_text"`
	Zone      string      `json:"timezone"`
	Hotline   *string     `json:"hotline"`
	Dial      string      `json:"hotline_uri"` // what a telephone dials for it: tel:…
	Notice    startNotice `json:"notice"`
	Greeting  string      `json:"greeting"`
	Colour    string      `json:"colour"`
	Inbox     startInbox  `json:"inbox"`
	Verified  bool        `json:"verified"`
	// OrderVerified says that the named order is signed as hers.
	OrderVerified bool `json:"order_verified"`
	// Order is what the desk knows of the named order, if she may see it.
	Order *OrderCard `json:"order"`
	// Told says that she wants to be told of an improvement.
	Told   bool   `json:"told"`
	Locale string `json:"locale"`
}

type startTicket struct {
	ID     id.ID          `json:"id"`
	Number int64          `json:"number"`
	Status tickets.Status `json:"status"`
	Seq    int64          `json:"seq"`
}

type startNotice struct {
	Version  string `json:"version"`
	URL      string `json:"url"`
	Accepted bool   `json:"accepted"`
	Changed  bool   `json:"changed"` // she has accepted an older version, which counts no more
}

type startInbox struct {
	Name string `json:"name"`
}

func (d *Desk) answerStart(ctx context.Context, st *start, got *opened) (*startAnswer, error) {
	set, look := &st.inbox.Settings, d.outlook(ctx, st.inbox)
	asked, err := d.noticeOf(ctx, st.inbox)
	if err != nil {
		return nil, err
	}
	a := &startAnswer{
		Session: got.token, Online: look.Online, AnswerBy: stampOf(look.AnswerBy), Hours: []startHours{},
		Notice: startNotice{Version: asked.version, URL: asked.url}, Greeting: set.Greeting, Colour: set.Colour,
		Inbox: startInbox{Name: st.inbox.Name}, Verified: got.session.Signed, OrderVerified: got.session.Context.OrderVerified, Locale: got.session.Context.Locale,
		Contact: named{ID: got.contact.ID, Name: got.contact.Name},
	}
	if a.Contact.Name == "" {
		a.Contact.Name = d.maker(a.Locale).visitorName(got.contact.ID)
	}
	if set.Hotline != "" {
		a.Hotline, a.Dial = &set.Hotline, tickets.DialURI(set.Hotline)
	}
	if err := d.fillHours(ctx, a, st.inbox); err != nil {
		return nil, err
	}
	if a.Notice.Accepted, a.Notice.Changed, err = d.taken(ctx, got.contact.ID, asked); err != nil {
		return nil, err
	}
	if a.Told, err = d.tickets.Told(ctx, got.contact.ID); err != nil {
		return nil, err
	}
	if a.Order, err = d.orderCard(ctx, got); err != nil {
		return nil, err
	}
	t, err := d.tickets.CurrentChat(ctx, st.inbox.ID, got.contact.ID)
	if t != nil {
		a.Ticket = &startTicket{ID: t.ID, Number: t.Number, Status: shown(t.Status), Seq: t.LastSeq}
	}
	return a, err
}

// startLimit counts a new session against the address, and a page view of a known shopper against her session.
func (d *Desk) startLimit(r *http.Request, st *start, k *known) time.Duration {
	if k != nil && !k.expired && !k.stranger(st) && (st.proof == proofNone || k.shopID() == st.identity.ID) {
		return d.calls.take(k.session.ID)
	}
	return d.starts.take(d.address(r))
}
