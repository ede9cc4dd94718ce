package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"huiyin/mailin/token"
	"huiyin/tickets/id"
)

func maker(key string) token.Maker {
	return token.Maker{MAC: func(text string) []byte {
		h := hmac.New(sha256.New, []byte(key))
		_, _ = h.Write([]byte(text))
		return h.Sum(nil)
	}}
}

const (
	ticket  = id.ID(118_735_294_873_600_001)
	message = id.ID(118_735_294_873_600_777)
)

func TestATokenIsFoundAgain(t *testing.T) {
	t.Parallel()
	m := maker("desk")
	messageID := m.MessageID(ticket, message, "mail.shop.example")
	for _, text := range []string{messageID, "<" + messageID + ">", strings.ToUpper(messageID), strings.Replace(messageID, "mail.shop.example", "other.example", 1)} {
		if gotTicket, gotMessage, ok := m.FromMessageID(text); !ok || gotTicket != ticket || gotMessage != message {
			t.Errorf("%s: %d, %d, %v", text, gotTicket, gotMessage, ok)
		}
	}
	address := m.Address("Help@shop.example", ticket)
	for _, text := range []string{address, strings.ToLower(address), "<" + address + ">"} {
		if got, ok := m.FromAddress(text); !ok || got != ticket {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	if m.Address("help+old@shop.example", ticket) != m.Address("help@shop.example", ticket) {
		t.Error("a plus is followed by another")
	}
	if long := strings.Repeat("x", 40) + "@shop.example"; m.Address(long, ticket) != long {
		t.Error("the address is longer than mail allows")
	}
	if first, second := m.MessageID(ticket, message, "a"), m.MessageID(ticket, message, "a"); first == second {
		t.Error("two mails have one Message-ID")
	}
}

func TestATokenThatWasTouchedIsNone(t *testing.T) {
	t.Parallel()
	m := maker("desk")
	messageID, address := m.MessageID(ticket, message, "shop.example"), m.Address("help@shop.example", ticket)
	touched := func(s string) (out []string) {
		at := strings.IndexByte(s, '@')
		for i := range at {
			if s[i] == '.' || s[i] == '+' {
				continue
			}
			c := byte('a')
			if s[i] == c {
				c = 'b'
			}
			out = append(out, s[:i]+string(c)+s[i+1:])
		}
		return append(out, s[1:], strings.Replace(s, ".", "", 1), strings.Replace(s, "t", "t0", 1), "", "@", "t1.2.3.4@x", "+t1.2@x", "a+t@x")
	}
	for _, text := range touched(messageID) {
		if _, _, ok := m.FromMessageID(text); ok {
			t.Errorf("%s passes", text)
		}
	}
	for _, text := range touched(address) {
		if _, ok := m.FromAddress(text); ok {
			t.Errorf("%s passes", text)
		}
	}
	other := maker("another desk")
	if _, _, ok := other.FromMessageID(messageID); ok {
		t.Error("another desk takes it")
	}
	if _, ok := other.FromAddress(address); ok {
		t.Error("another desk takes the address")
	}
}

// FuzzToken looks for texts that pass though no desk has made them.
func FuzzToken(f *testing.F) {
	m := maker("desk")
	f.Add(m.MessageID(ticket, message, "shop.example"))
	f.Add(m.Address("help@shop.example", ticket))
	f.Add(m.Mark(ticket))
	f.Add("t1.2.3.4@x")
	f.Fuzz(func(t *testing.T, text string) {
		if gotTicket, gotMessage, ok := m.FromMessageID(text); ok && (gotTicket != ticket || gotMessage != message) {
			t.Errorf("%q names ticket %d, message %d", text, gotTicket, gotMessage)
		}
		if got, ok := m.FromAddress(text); ok && got != ticket {
			t.Errorf("%q names ticket %d", text, got)
		}
		if got, ok := m.FromText(text); ok && got != ticket {
			t.Errorf("%q has the mark of ticket %d", text, got)
		}
	})
}
