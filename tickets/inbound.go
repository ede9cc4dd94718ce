package tickets

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Inbound is what every channel turns its input into.
type Inbound struct {
	InboxID   id.ID
	SourceID  string  // the outer id; with inbox and contact it dedupes. Empty: never deduped
	ContactID id.ID   // known contact; one that was merged into another stands for the other
	Aliases   []id.ID // contacts merged into her, whose outer ids count as hers
	TicketID  id.ID   // the ticket of hers that the message belongs to; zero: by the channel's rule
	Subject   string  // of a new ticket
	Body      string
	Page      Page
	Order     string
	// OrderVerified says that the order is known to be hers (signed).
	OrderVerified bool
	Attachments   []id.ID
	At            time.Time // zero: now

	// Joins says that the caller has proof that the message belongs to TicketID (a signed token, a chain of references):
	// its writer may be another person than the ticket's contact then, and InboxID another inbox. See guest.go.
	Joins bool
	// BeginAs is the status of a new ticket: StatusNew (or empty), StatusSpam or StatusClosed. The last two wait for nobody
	// and raise nothing; with them what a blocked contact writes is kept, in a ticket of its own, and not refused.
	BeginAs Status
	// Aside keeps the message in TicketID as a note of its writer, which moves nothing: an automatic reply.
	Aside bool
	// Also is called in the same transaction, after the message was stored and the ticket saved; not for a message that was
	// there already. Its error rolls all of it back.
	Also func(tx *gorm.DB, r Received) error
}

// Page is where on the shop's site the contact wrote.
type Page struct {
	URL   string
	Title string
}

// Received is what Receive did.
type Received struct {
	Ticket    *Ticket
	Message   *Message
	Created   bool     // a new ticket
	Reopened  bool     // the ticket was solved before
	Duplicate bool     // the message was there already; Message is the one stored
	Masked    []string // kinds of numbers that were masked in it, so that the sender can be told
}

// Limits of an inbound message beside its texts.
const (
	sourceIDMax    = 998 // bytes; the longest line of a mail
	pageURLMax     = 2048
	pageTitleMax   = 300
	orderMax       = 64
	attachmentsMax = 10
	mailFilesMax   = 100 // files of a mail
)

// arrival is an Inbound that was checked and brought into form, before the transaction.
type arrival struct {
	Inbound
	at     int64
	risky  bool   // body or subject hold numbers that are masked unless they are known order numbers
	masked Masked // the sorts that were
}

// arrive checks an Inbound. Errors: Invalid.
func (s *Service) arrive(in Inbound) (*arrival, error) {
	a := &arrival{Inbound: in, at: Millis(s.now())}
	if !in.At.IsZero() {
		a.at = min(a.at, Millis(in.At))
	}
	if err := s.may(); err != nil {
		return nil, err
	}
	var err error
	if a.Body, err = normalBody(in.Body, len(in.Attachments) > 0); err != nil {
		return nil, err
	}
	if a.Subject, err = normalLine("subject", in.Subject, SubjectMax); err != nil {
		return nil, err
	}
	if a.Order, err = normalLine("order", in.Order, orderMax); err != nil {
		return nil, err
	}
	if !utf8.ValidString(in.SourceID) || len(in.SourceID) > sourceIDMax {
		return nil, fault.InvalidField("source_id", "invalid", "error.message.id", map[string]any{"max": ClientIDMax})
	}
	if len(in.Attachments) > mailFilesMax { // of other channels fewer, see fileMost
		return nil, tooMany("attachments", "error.message.attachments", mailFilesMax)
	}
	if err := in.checkWays(); err != nil {
		return nil, err
	}
	a.Page = normalPage(in.Page)
	a.risky = holdsNumbers(a.Body) || holdsNumbers(a.Subject)
	return a, nil
}

// checkWays refuses what does not fit together.
func (in *Inbound) checkWays() error {
	switch {
	case in.Aside && in.TicketID == 0, in.Joins && in.TicketID == 0:
		return fault.InvalidField("ticket", "required", "error.ticket.not_found", nil)
	case in.BeginAs != "" && in.BeginAs != StatusNew && !in.endsAtOnce():
		return fault.InvalidField("status", "invalid", "error.ticket.status", nil)
	}
	return nil
}

// endsAtOnce tells whether a ticket that the message begins is finished from its beginning.
func (in *Inbound) endsAtOnce() bool { return in.BeginAs == StatusSpam || in.BeginAs == StatusClosed }

// unusual tells whether the message cannot go the short way.
func (a *arrival) unusual() bool {
	return a.TicketID != 0 || a.endsAtOnce() || len(a.Attachments) > attachmentsMax
}

// fileMost is how many files a message may bring by an inbox.
func fileMost(box *Inbox) int {
	if box.Channel == ChannelEmail {
		return mailFilesMax
	}
	return attachmentsMax
}

func tooMany(field, key string, most int) error {
	return fault.InvalidField(field, "too_many", key, map[string]any{"max": most})
}

// normalPage drops an address that is not of the web, so that nobody can plant a link of another kind, and cuts what
// is too long: the page is a help, never a reason to refuse a message.
func normalPage(p Page) Page {
	address := PageAddress(p.URL)
	if address == "" {
		return Page{}
	}
	if !utf8.ValidString(p.Title) {
		p.Title = ""
	}
	return Page{URL: address, Title: cut(oneLine(p.Title), pageTitleMax)}
}

// PageAddress is the address of a page as the desk keeps it: without what stands behind ? and #, where shops put tokens,
// names and searches, and without a password. It is empty for what is no address of the web, and for one that is longer
// than 2048 bytes.
func PageAddress(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(raw) > pageURLMax || !utf8.ValidString(raw) {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// mask hides card and identity numbers in the texts, but not what is a known order number. It works once.
func (a *arrival) mask(known string) {
	if !a.risky {
		return
	}
	a.risky = false
	var inSubject Masked
	a.Body, a.masked = hideNumbers(a.Body, known, a.Order)
	a.Subject, inSubject = hideNumbers(a.Subject, known, a.Order)
	a.masked |= inSubject
}

// BareOrder is an order number without what parts its groups, as mask names numbers.
func BareOrder(order string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || unicode.IsLetter(r) {
			return r
		}
		return -1
	}, normalOrder(order))
}

// keys are the dedupe keys under which an earlier sending of the same message may lie: the contact's own first, then
// those of the contacts that were merged into her. None for a message without an outer id.
func (s *Service) keys(a *arrival) [][]byte {
	if a.SourceID == "" {
		return nil
	}
	out := make([][]byte, 0, 1+len(a.Aliases))
	for _, who := range append([]id.ID{a.ContactID}, a.Aliases...) {
		out = append(out, s.dedupeKey("contact", a.InboxID, who, a.SourceID))
	}
	return out
}

// dedupeKey hashes who sent a message where, and the sender's own id of it.
func (s *Service) dedupeKey(kind string, inbox, who id.ID, outer string) []byte {
	b := make([]byte, 0, 64+len(outer))
	b = append(append(b, kind...), 0)
	b = append(strconv.AppendInt(b, int64(inbox), 10), 0)
	b = append(strconv.AppendInt(b, int64(who), 10), 0)
	return s.seal.Hash(hashDedupe, string(append(b, outer...)))
}
