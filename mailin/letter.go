package mailin

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	filesMost      = 100 // attachments of a mail that are kept
	referencesMost = 21  // the first and the last twenty
	addressesKept  = 50  // of a header, for people to see
	wholeMost      = 1 << 20
	fileNamesKept  = 100
)

// letter is a mail on its way into a ticket.
type letter struct {
	*waiting
	*eml.Message
	account *Account
	raw     []byte

	at     time.Time
	body   string // what its sender wrote now
	whole  string // all of its text, when that is more than the body
	spam   bool
	own    bool   // it has a Message-ID of ours
	print  string // tells one mail from another
	proved bool   // the mailbox's own server vouches for the sender's domain
	// of a mail that an agent passes on for somebody else
	forwarder *eml.Address
	passed    string // what the first writer wrote
	// known after keepFiles
	writer  id.ID // zero: she is found or made when it is entered
	files   []KeptFile
	refused []RefusedFile

	// of one run of the transaction
	reason string
	ticket id.ID
	named  int64
	// guessed: the ticket's number alone led there, and nobody vouches for the sender
	guessed bool
	about   struct{ contact, ticket, message id.ID } // of a bounce: the mail that came back
}

// KeptFile is an attachment that lies in the file store.
type KeptFile struct {
	ID        id.ID  `json:"id"`
	ContentID string `json:"cid,omitempty"`
	Inline    bool   `json:"inline,omitempty"`
}

// RefusedFile is an attachment that was not kept, and why.
type RefusedFile struct {
	Name string         `json:"name"`
	Key  string         `json:"key"` // of a text
	Args map[string]any `json:"args,omitempty"`
}

// reset forgets what an earlier run of the transaction has found.
func (l *letter) reset() {
	l.reason, l.ticket, l.named, l.guessed = "", 0, 0, false
	l.about.contact, l.about.ticket, l.about.message = 0, 0, 0
}

// understand draws from a mail all that does not need the database.
func (s *Service) understand(ctx context.Context, l *letter) error {
	l.print, l.proved = l.fingerprint(), proved(l.Message, l.account.AuthServ)
	if err := s.passedOn(ctx, l); err != nil {
		return err
	}
	l.at = l.Date
	if came := time.UnixMilli(l.CameAt); l.at.IsZero() || l.at.After(came) || came.Sub(l.at) > 30*24*time.Hour {
		l.at = came
	}
	text := strings.TrimSpace(l.Whole)
	if l.body = l.passed; l.forwarder == nil {
		l.body = strings.TrimSpace(replyOf(l.Message))
	}
	if l.body == "" {
		l.body = text
	}
	if l.body != text {
		l.whole = firstBytes(text, wholeMost)
	}
	if n := utf8.RuneCountInString(l.body); n > tickets.BodyMax {
		l.whole = firstBytes(text, wholeMost)
		l.body = string([]rune(l.body)[:tickets.BodyMax-1]) + "…"
	}
	l.body = visibleOnly(l.body)
	l.spam = s.isSpam(l)
	_, _, l.own = s.tokens.FromMessageID(l.MessageID)
	return nil
}

// visibleOnly is a text without anything to see as the empty one.
func visibleOnly(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) {
		return text
	}
	return ""
}

// firstBytes cuts a text between two characters.
func firstBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// isSpam tells whether the servers on the way took the mail for spam. Who stands in the list
// of allowed senders is never spam.
func (s *Service) isSpam(l *letter) bool {
	if listed(l.account.Allowed, l.From.Address) {
		return false
	}
	yes := func(name string) bool {
		return slices.ContainsFunc(l.Header.All(name), func(v string) bool { return strings.HasPrefix(strings.ToLower(strings.TrimSpace(v)), "yes") })
	}
	return yes("X-Spam-Flag") || yes("X-Spam-Status") || yes("X-Spam")
}

// keepFiles puts a mail's attachments into the file store, for its writer. What the desk does not take is named in the mail's
// head; the mail as it came keeps it for as long as that is kept.
func (s *Service) keepFiles(ctx context.Context, l *letter) error {
	if len(l.Attachments) == 0 || l.Bounce != nil {
		return nil
	}
	seen, err := s.seenBefore(s.Store.Read(ctx), l)
	if seen || err != nil {
		return err
	}
	if l.writer, err = s.writerNow(ctx, l); err != nil {
		return err
	}
	for i := range l.Attachments {
		a := &l.Attachments[i]
		name := a.Name
		if name == "" && a.Inline && a.ContentID == "" && a.Type == "text/plain" {
			continue // a later piece of the text, which Whole has
		}
		if i >= filesMost {
			if i < filesMost+fileNamesKept {
				l.refused = append(l.refused, RefusedFile{Name: name, Key: "mailin.file.many", Args: map[string]any{"max": filesMost}})
			}
			continue
		}
		kept, err := s.TakeFile(ctx, l.writer, name, a.Type, a.Content)
		var f *fault.Error
		switch f = fault.As(err); {
		case err == nil:
			l.files = append(l.files, KeptFile{kept.ID, a.ContentID, a.Inline})
			s.Step("file")
		case f != nil && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge):
			l.refused = append(l.refused, RefusedFile{Name: name, Key: f.Key, Args: f.Args})
		default:
			return err
		}
	}
	return nil
}
