// Package token writes a ticket into the Message-IDs and the answer addresses of the mails that leave the desk, and finds it again in
// what comes back. A token is signed: a number can be guessed, a token cannot. It proves which conversation a mail belongs to,
// never who sent it.
//
//	Message-ID       t{ticket}.{message}.{random}.{mac}@{domain}
//	answer address   {mailbox}+t{ticket}.{mac}@{domain}
//
// Numbers are in base 36 and macs in base 32, in lower case, for mail systems change the case.
package token

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"regexp"
	"strconv"
	"strings"

	"huiyin/tickets/id"
)

// macBytes of a mac are written: 80 bits.
const macBytes = 10

// localMax is how long the part before @ may be (RFC 5321, 4.5.3.1.1).
const localMax = 64

var base = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Maker makes and reads tokens of one desk.
type Maker struct {
	// MAC signs a text with a key of the desk; at least 10 bytes.
	MAC func(text string) []byte
}

func (m Maker) mac(parts ...string) string {
	return base.EncodeToString(m.MAC(strings.Join(parts, "."))[:macBytes])
}

func (m Maker) signed(mac string, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(mac), []byte(m.mac(parts...))) == 1
}

// MessageID makes a new Message-ID, without brackets.
func (m Maker) MessageID(ticket, message id.ID, domain string) string {
	random := make([]byte, 5)
	_, _ = rand.Read(random) // never fails
	t, n, r := number(ticket), number(message), base.EncodeToString(random)
	return "t" + t + "." + n + "." + r + "." + m.mac("id", t, n, r) + "@" + domain
}

// FromMessageID reads a Message-ID of ours, with or without brackets; ok is false for every other. The domain does not count: it may
// have been another when the mail was sent.
func (m Maker) FromMessageID(messageID string) (ticket, message id.ID, ok bool) {
	local, _, _ := strings.Cut(strings.ToLower(strings.Trim(messageID, "<> \t\r\n")), "@")
	parts := strings.Split(local, ".")
	if len(parts) != 4 || len(local) > 2*localMax {
		return 0, 0, false
	}
	t, isTicket := strings.CutPrefix(parts[0], "t")
	ticket, fine1 := parse(t)
	message, fine2 := parse(parts[1])
	if !isTicket || !fine1 || !fine2 || !m.signed(parts[3], "id", t, parts[1], parts[2]) {
		return 0, 0, false
	}
	return ticket, message, true
}

// Address makes the address to which answers about a ticket go: the inbox's own, with a token behind a plus. The inbox's address
// comes back where that would be too long.
func (m Maker) Address(inbox string, ticket id.ID) string {
	local, domain, ok := cutLast(inbox)
	if !ok {
		return inbox
	}
	local, _, _ = strings.Cut(local, "+")
	t := number(ticket)
	plus := local + "+t" + t + "." + m.mac("to", strings.ToLower(local), t)
	if len(plus) > localMax {
		return inbox
	}
	return plus + "@" + domain
}

// FromAddress finds a ticket in an address that one of ours was made of; ok is false for every other.
func (m Maker) FromAddress(address string) (ticket id.ID, ok bool) {
	local, _, _ := cutLast(strings.ToLower(strings.Trim(address, "<> \t\r\n")))
	mailbox, plus, has := strings.Cut(local, "+")
	t, mac, parted := strings.Cut(plus, ".")
	t, isTicket := strings.CutPrefix(t, "t")
	ticket, fine := parse(t)
	if !has || !parted || !isTicket || !fine || !m.signed(mac, "to", mailbox, t) {
		return 0, false
	}
	return ticket, true
}

// Mark makes a text that tells the ticket within a mail, for servers that keep neither References nor the plus.
func (m Maker) Mark(ticket id.ID) string {
	t := number(ticket)
	return "[t" + t + "." + m.mac("mark", t) + "]"
}

var markForm = regexp.MustCompile(`\[t([0-9a-z]{1,13})\.([a-z2-7]{16})\]`)

// marksMost is how many candidates of a text are looked at.
const marksMost = 20

// FromText finds the first mark of ours in a text.
func (m Maker) FromText(text string) (ticket id.ID, ok bool) {
	for _, found := range markForm.FindAllStringSubmatch(text, marksMost) {
		if ticket, fine := parse(found[1]); fine && m.signed(found[2], "mark", found[1]) {
			return ticket, true
		}
	}
	return 0, false
}

func cutLast(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, "", false
	}
	return address[:i], address[i+1:], true
}

func number(one id.ID) string { return strconv.FormatInt(int64(one), 36) }

// parse reads a number in the one form that we write.
func parse(text string) (id.ID, bool) {
	n, err := strconv.ParseInt(text, 36, 64)
	return id.ID(n), err == nil && n > 0 && strconv.FormatInt(n, 36) == text
}
