package feedback

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Proof says what a link proves of its order.
type Proof string

// The proofs.
const (
	ProofNone    Proof = "none"    // it names no order
	ProofClaim   Proof = "claim"   // it names one and is not signed
	ProofSigned  Proof = "signed"  // the shop says that the order is hers
	ProofExpired Proof = "expired" // the shop said so, and its time is over
	ProofForged  Proof = "forged"
)

// Link is what a form's address says of an order.
type Link struct {
	Order     string
	Exp       string // Unix seconds
	Signature string // hex
}

// Sign gives the signature of a form's link: HMAC-SHA256 of "form." + key + "." + order + "." + exp with the inbox's secret, in hex.
func Sign(secret, key, order, exp string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("form." + key + "." + order + "." + exp))
	return hex.EncodeToString(m.Sum(nil))
}

// Proves judges a link by the inbox's secrets at a time: its own, and the one before while that holds.
func (f *Form) Proves(box *tickets.Inbox, l Link, at time.Time) Proof {
	switch {
	case strings.TrimSpace(l.Order) == "":
		return ProofNone
	case l.Signature == "":
		return ProofClaim
	}
	good := false
	for _, secret := range box.Secrets(at) {
		good = hmac.Equal([]byte(strings.ToLower(l.Signature)), []byte(Sign(secret, f.Key, l.Order, l.Exp))) || good
	}
	exp, err := strconv.ParseInt(l.Exp, 10, 64)
	switch {
	case !good || err != nil:
		return ProofForged
	case at.Unix() >= exp:
		return ProofExpired
	}
	return ProofSigned
}

// Address is a form's address for an order, signed until exp. No order: the plain address.
func (s *Service) Address(f *Form, box *tickets.Inbox, order string, exp time.Time) string {
	u := s.BaseURL.JoinPath("f", f.Key)
	if order != "" {
		until := strconv.FormatInt(exp.Unix(), 10)
		u.RawQuery = url.Values{"order": {order}, "exp": {until}, "signature": {Sign(box.Secret, f.Key, order, until)}}.Encode()
	}
	return u.String()
}

// orderHash is the keyed hash under which tickets and orders keep an order number; nil for none.
func (s *Service) orderHash(order string) []byte { return s.Tickets.OrderKey(order) }

// Kinds of keyed hashes of this package.
const (
	hashSource = "form.source"
	hashToken  = "form.token."
	hashCode   = "form.code"
)

// What a token is for.
const (
	tokenEdit    = "edit"    // a response, by whoever gave it
	tokenAsk     = "ask"     // whom the desk has asked
	tokenVisitor = "visitor" // for whom photos were taken
	tokenStop    = "stop"    // by which whom the desk has asked says that she wants no more of it
)

const tokenMAC = 15 // bytes

// token names a row in an address that nobody can guess.
func (s *Service) token(use string, row id.ID) string {
	return strconv.FormatUint(uint64(row), 36) + "-" + base64.RawURLEncoding.EncodeToString(s.Sealer.Hash(hashToken+use, row.String())[:tokenMAC])
}

// untoken gives the row that a token names; zero: it is none of ours.
func (s *Service) untoken(use, token string) id.ID {
	name, _, ok := strings.Cut(token, "-")
	n, err := strconv.ParseUint(name, 36, 63)
	if !ok || err != nil || subtle.ConstantTimeCompare([]byte(token), []byte(s.token(use, id.ID(n)))) != 1 {
		return 0
	}
	return id.ID(n)
}
