package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// startRequest is what POST /chat/v1/sessions takes.
type startRequest struct {
	Inbox          string      `json:"inbox"`
	Session        string      `json:"session"`
	Locale         string      `json:"locale"`
	Page           page        `json:"page"`
	Order          string      `json:"order"`
	OrderSignature string      `json:"order_signature"`
	OrderExp       json.Number `json:"order_exp"`
	Identity       identity    `json:"identity"`
}

// start is a request that was checked: what the page said and how much of it is proved.
type start struct {
	inbox    *tickets.Inbox
	token    string
	context  sessionContext
	identity identity
	proof    proof
	expired  *problem // the signature was right but its time has passed
}

// Sizes of what the page says; longer names and titles are cut, the rest is refused.
const (
	startMax  = 64 << 10
	orderMax  = 64
	claimMax  = 128
	emailMax  = 254
	nameMax   = 100
	titleMax  = 300
	localeMax = 35
)

// handleStart is POST /chat/v1/sessions.
func (d *Desk) handleStart(w http.ResponseWriter, r *http.Request) {
	letRead(w, r)
	locale := localeOfRequest(r)
	req := &startRequest{}
	if p := readBody(w, r, startMax, req); p != nil {
		d.refuse(w, locale, p, "")
		return
	}
	if req.Locale != "" {
		locale = localeOf(req.Locale)
	}
	ctx, cancel := context.WithTimeout(r.Context(), callWait)
	defer cancel()
	answer, err := d.start(r.WithContext(ctx), req, locale)
	if err != nil {
		d.refuse(w, locale, d.problem(err, "visitor", "start"), "")
		return
	}
	writeJSON(w, http.StatusCreated, answer)
}

func (d *Desk) start(r *http.Request, req *startRequest, locale string) (*startAnswer, error) {
	ctx := r.Context()
	inbox, err := d.chatInbox(ctx, req.Inbox)
	if err != nil {
		return nil, err
	}
	if !d.mayCall(inbox, r.Header.Get("Origin")) {
		return nil, denied("chat.error.origin", "allowed_origins")
	}
	st, err := d.checkStart(req, inbox, locale)
	if err != nil {
		return nil, err
	}
	k, err := d.lookUp(ctx, st.token, inbox.ID)
	if err != nil {
		return nil, err
	}
	if err := st.agree(k); err != nil {
		return nil, err
	}
	if wait := d.startLimit(r, st, k); wait > 0 {
		return nil, tooMany(wait)
	}
	got, err := d.open(ctx, st, k)
	if err != nil {
		return nil, err
	}
	return d.answerStart(ctx, st, got)
}

// chatInbox finds the inbox of a public key; one of another channel, or switched off, is none.
func (d *Desk) chatInbox(ctx context.Context, key string) (*tickets.Inbox, error) {
	unknown := newProblem(codeNotFound, "chat.error.inbox_key")
	unknown.setting = "data-inbox"
	if key == "" || len(key) > claimMax {
		return nil, unknown
	}
	inbox, err := d.tickets.InboxByKey(ctx, key)
	if fault.Is(err, fault.NotFound) || (err == nil && (inbox.Channel != tickets.ChannelChat || inbox.DisabledAt != nil)) {
		return nil, unknown
	}
	return inbox, err
}

// checkStart holds what the page says against sizes and signatures.
func (d *Desk) checkStart(req *startRequest, inbox *tickets.Inbox, locale string) (*start, error) {
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"session", req.Session, tokenMax}, {"locale", req.Locale, localeMax}, {"order", req.Order, orderMax},
		{"identity.id", req.Identity.ID, claimMax}, {"identity.email", req.Identity.Email, emailMax},
		{"identity.phone", req.Identity.Phone, claimMax}, {"identity.signature", req.Identity.Signature, claimMax},
		{"order_signature", req.OrderSignature, claimMax},
	} {
		if utf8.RuneCountInString(f.value) > f.most {
			return nil, newProblem(codeTooLong, "chat.error.field_too_long", "field", f.name, "max", f.most)
		}
	}
	st := &start{inbox: inbox, token: req.Session, identity: req.Identity}
	var p *problem
	st.proof, p = req.Identity.check(inbox.Secrets(d.now()), d.now())
	if p != nil && p.setting == "identity.exp" {
		st.expired = p
	} else if p != nil {
		return nil, p
	}
	st.identity.ID, st.identity.Name = strings.TrimSpace(req.Identity.ID), cutRunes(req.Identity.Name, nameMax)
	hers, p := orderProof(inbox.Secrets(d.now()), req.Order, req.OrderSignature, req.OrderExp.String(), d.now())
	if p != nil {
		return nil, p
	}
	st.context = sessionContext{
		Locale: locale, Order: req.Order, OrderVerified: hers, PageTitle: cutRunes(req.Page.Title, titleMax),
	}
	st.context.PageURL = tickets.PageAddress(req.Page.URL)
	return st, nil
}

// agree refuses what the inbox does not allow. A signature whose time has passed is no harm where the session has been
// signed for the same user before.
func (st *start) agree(k *known) error {
	proved := st.proof != proofNone || (k != nil && k.session.Signed && !k.stranger(st))
	switch {
	case st.expired != nil && (k == nil || k.shopID() != st.identity.ID):
		return st.expired
	case st.inbox.Settings.EnforceIdentity && !proved:
		return denied("chat.error.unsigned", "enforce_identity")
	}
	return nil
}

// shopID is the user id that the shop has signed for the session's contact; empty when there is none.
func (k *known) shopID() string {
	if !k.session.Signed {
		return ""
	}
	for i := range k.contact.Identities {
		if one := &k.contact.Identities[i]; one.Kind == tickets.IdentityShop && one.Verified {
			return one.Value
		}
	}
	return ""
}

// stranger tells whether the page now names another user than the session's, be it only by a claim: two people at one
// browser are never mixed.
func (k *known) stranger(st *start) bool {
	if st.identity.ID == "" {
		return false
	}
	if was := k.shopID(); was != "" {
		return was != st.identity.ID
	}
	return k.session.Context.ClaimedID != "" && k.session.Context.ClaimedID != st.identity.ID
}

// cutRunes shortens a text to at most n code points.
func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
