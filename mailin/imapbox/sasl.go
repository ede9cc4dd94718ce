package imapbox

import (
	"github.com/emersion/go-sasl"
)

// xoauth2 is the SASL client of Google's and Microsoft's own way to take a token (no RFC; Google's "XOAUTH2 Mechanism").
type xoauth2 struct{ user, token string }

// Start implements sasl.Client.
func (x *xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements sasl.Client: the only challenge is the reason of a refusal. An empty answer to it, as the protocol wants it,
// would come back as a refusal without a reason.
func (x *xoauth2) Next(challenge []byte) ([]byte, error) { return nil, tokenRefused(challenge) }

// bearer is OAUTHBEARER (RFC 7628), with the reason of a refusal kept.
type bearer struct{ sasl.Client }

// Next implements sasl.Client.
func (b bearer) Next(challenge []byte) ([]byte, error) { return nil, tokenRefused(challenge) }
