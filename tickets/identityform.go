package tickets

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
)

// Limits of identities, in bytes.
const (
	emailMax      = 254 // RFC 5321
	identityMax   = 128
	identitiesMax = 20 // of one new contact
)

func (s *Service) normalIdentities(c conn, in []NewIdentity) ([]NewIdentity, error) {
	if len(in) > identitiesMax {
		return nil, tooMany("identities", "error.identity.too_many", identitiesMax)
	}
	out := make([]NewIdentity, 0, len(in))
	for _, n := range in {
		normal, err := s.normalIdentity(c, n)
		if err != nil {
			return nil, err
		}
		out = append(out, normal)
	}
	return out, nil
}

// normalIdentity brings an identity into the form in which it is hashed and kept. A phone number with an extension, or
// a virtual one, cannot be verified: others answer it too. Errors: Invalid.
func (s *Service) normalIdentity(c conn, n NewIdentity) (NewIdentity, error) {
	var ok bool
	key := "error.identity.invalid"
	switch n.Kind {
	case IdentityEmail:
		key = "error.identity.email"
		n.Value, ok = NormalEmail(n.Value)
	case IdentityPhone:
		key = "error.identity.phone"
		shop, err := s.shopIn(c)
		if err != nil {
			return NewIdentity{}, err
		}
		var shared bool
		n.Value, shared, ok = normalPhone(n.Value, shop.Country)
		n.Verified = n.Verified && !shared && !n.Virtual
	case IdentityShop, IdentityOpenID, IdentityUnionID, IdentityOther:
		n.Value = strings.TrimSpace(n.Value)
		ok = n.Value != "" && len(n.Value) <= identityMax && utf8.ValidString(n.Value) && n.Value == oneLine(n.Value)
	}
	if !ok {
		return NewIdentity{}, fault.InvalidField("identity."+string(n.Kind), "invalid", key, nil)
	}
	return n, nil
}

// NormalEmail gives the form of an e-mail address in which it is compared and kept: without name, brackets or white
// space around it, lower case, full-width characters made plain. It tells whether it is an address.
func NormalEmail(address string) (string, bool) {
	if !utf8.ValidString(address) || len(address) > 4*emailMax {
		return "", false
	}
	address = strings.ToLower(strings.TrimSpace(norm.NFKC.String(address)))
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > emailMax || address != oneLine(address) {
		return "", false
	}
	return address, true
}

// elevenDigits is a Chinese mobile number as people write it.
var elevenDigits = regexp.MustCompile(`^1\d{10}$`)

// normalPhone gives a phone number in E.164, with ";ext=" and the extension where it has one; shared says that it has.
func normalPhone(number, country string) (e164 string, shared, ok bool) {
	if !utf8.ValidString(number) || len(number) > identityMax {
		return "", false, false
	}
	number = norm.NFKC.String(number)
	bare := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(strings.TrimSpace(number))
	if elevenDigits.MatchString(bare) {
		number = "+86" + bare
	}
	parsed, err := phonenumbers.Parse(number, country)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false, false
	}
	e164 = phonenumbers.Format(parsed, phonenumbers.E164)
	if ext := parsed.GetExtension(); ext != "" {
		return e164 + ";ext=" + ext, true, true
	}
	return e164, false, true
}
