package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// identity is what the shop's page says of its user.
type identity struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	Phone     string      `json:"phone"`
	Signature string      `json:"signature"`
	Exp       json.Number `json:"exp"`
}

// proof is how much of an identity the shop has vouched for.
type proof int

const (
	proofNone proof = iota // a claim: shown as not verified, finds nothing
	proofID                // the id is signed; e-mail and phone beside it are claims
	proofFull              // id, e-mail and phone are signed, until exp
)

const secondForm = "v2="

// check tells what the signature proves, made with any of the inbox's secrets. A wrong signature is refused, and so is one
// whose time has passed.
func (i *identity) check(secrets []string, now time.Time) (proof, *problem) {
	switch {
	case i.Signature == "":
		return proofNone, nil
	case i.ID == "":
		return proofNone, newProblem(codeInvalid, "chat.error.identity_id")
	}
	text, form := i.ID, proofID
	hexSum, second := strings.CutPrefix(i.Signature, secondForm)
	if second {
		text, form = strings.Join([]string{"identity", i.ID, i.Email, i.Phone, i.Exp.String()}, "."), proofFull
	}
	if !signedBy(secrets, text, hexSum) {
		return proofNone, denied("chat.error.signature", "identity.signature")
	}
	if i.ambiguous(second) {
		return proofNone, denied("chat.error.signature", "identity.id")
	}
	if second && passed(i.Exp.String(), now) {
		return proofNone, denied("chat.error.signature_expired", "identity.exp")
	}
	return form, nil
}

// ambiguous tells whether the signed text could have been signed for something else: the parts of the second form are
// joined by dots, so a dot within the id or phone would let one part pass for another; and the first form signs the bare
// id with the secret that signs orders, forms and the second form too.
func (i *identity) ambiguous(second bool) bool {
	if second {
		return strings.Contains(i.ID, ".") || strings.Contains(i.Phone, ".")
	}
	for _, other := range []string{"identity.", "order.", "form."} {
		if strings.HasPrefix(i.ID, other) {
			return true
		}
	}
	return false
}

// signedBy compares in constant time. An empty secret signs nothing.
func signedBy(secrets []string, text, hexSum string) bool {
	sum, err := hex.DecodeString(hexSum)
	if err != nil {
		return false
	}
	signed := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(text))
		signed = (hmac.Equal(sum, mac.Sum(nil)) && secret != "") || signed
	}
	return signed
}

// passed tells whether a moment in Unix seconds is over; what is no moment is.
func passed(exp string, now time.Time) bool {
	at, err := strconv.ParseInt(exp, 10, 64)
	return err != nil || now.Unix() >= at
}

// orderProof tells whether the order is signed as hers: HMAC of "order." + order + "." + exp. The page's call has no
// place for exp, so a signature may also carry it in front: "1790000000.ab12…". A wrong signature is refused; one whose
// time has passed leaves a claim, for a page that was open overnight must still be able to chat.
func orderProof(secrets []string, order, signature, exp string, now time.Time) (bool, *problem) {
	if signature == "" || order == "" {
		return false, nil
	}
	if at, sum, ok := strings.Cut(signature, "."); ok {
		exp, signature = at, sum
	}
	if !signedBy(secrets, "order."+order+"."+exp, signature) {
		return false, denied("chat.error.signature", "order_signature")
	}
	return !passed(exp, now), nil
}
