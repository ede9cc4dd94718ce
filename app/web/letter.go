package web

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// addresseesShown is how many people of a mail's To or Cc are named at once; the others are folded.
const addresseesShown = 3

// letterView is what a message was as a mail.
type letterView struct {
	*Words
	URL           string // of the message
	Name, Address string // its sender's
	Forwarder     string // who passed it on
	To, CC        addressees
	Subject       string // where it is not the ticket's
	Reason, Auto  string
	Named         string // number of a ticket that its subject names and its sender has no part in
	NamedHref     string
	Partial, More bool
	HTML, Raw     bool
	Folded        []fileView // pictures that the mail shows in its text
	Refused       []refusedView
}

// addressees are the people of To or Cc: the first, and those who are folded.
type addressees struct {
	*Words
	Shown, Folded []string
}

// refusedView is an attachment that was not kept.
type refusedView struct{ Name, Why string }

// letters gives what messages were as mails; those that say nothing any more are left out.
func (s *Server) letters(c echo.Context, entries []tickets.Entry) (map[id.ID]*mailin.Mail, error) {
	if s.Mailboxes == nil {
		return nil, nil
	}
	var messages []id.ID
	for _, e := range entries {
		if e.Message != nil && e.Message.State == tickets.StateAsWritten {
			messages = append(messages, e.Message.ID)
		}
	}
	return s.Mailboxes.Mails(c.Request().Context(), messages)
}

// letter adds to a message what it was as a mail.
func (t teller) letter(v *messageView, m *tickets.Message) {
	mail := t.letters[m.ID]
	if mail == nil || m.State != tickets.StateAsWritten {
		return
	}
	h := &mail.Head
	l := &letterView{
		Words: t.words, URL: ticketPath(t.ticket.Number) + "/messages/" + m.ID.String(), Name: h.From.Name, Address: h.From.Address,
		To: addresseesOf(t.words, h.To), CC: addresseesOf(t.words, h.CC), Reason: t.words.T("mailin.reason." + mail.Reason),
		Partial: h.Partial, More: h.More, HTML: h.HTML, Raw: mail.Raw != 0,
	}
	if l.Name == "" && l.Address == "" {
		l.Name = t.author(m.AuthorKind, m.AuthorID)
	}
	if h.Forwarder != nil {
		l.Forwarder = addressLine(*h.Forwarder)
	}
	if !sameSubject(h.Subject, t.ticket.Subject) {
		l.Subject = h.Subject
	}
	if mail.Auto != "" {
		l.Auto = t.words.T("console.mail.auto." + string(mail.Auto))
	}
	if h.Named != 0 {
		l.Named, l.NamedHref = strconv.FormatInt(h.Named, 10), ticketPath(h.Named)
	}
	for _, r := range h.Refused {
		l.Refused = append(l.Refused, refusedView{r.Name, t.words.texts.Text(t.words.Locale, r.Key, r.Args)})
	}
	v.Files, l.Folded = apart(v.Files, h.Shown)
	v.Letter = l
	v.Class = strings.Replace(v.Class, " follows", "", 1) + " letter"
}

// apart takes the pictures that a mail shows in its text out of the others.
func apart(all []fileView, shown []id.ID) (left, taken []fileView) {
	in := map[id.ID]bool{}
	for _, one := range shown {
		in[one] = true
	}
	for _, f := range all {
		if in[f.ID] {
			taken = append(taken, f)
		} else {
			left = append(left, f)
		}
	}
	return left, taken
}

func addresseesOf(w *Words, list []eml.Address) addressees {
	a := addressees{Words: w}
	for i, one := range list {
		if line := addressLine(one); i < addresseesShown {
			a.Shown = append(a.Shown, line)
		} else {
			a.Folded = append(a.Folded, line)
		}
	}
	return a
}

// addressLine is a person of a mail in one text.
func addressLine(a eml.Address) string {
	if a.Name == "" || a.Name == a.Address {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

var (
	// answerMark is what mail programs put before a subject that they answer or pass on.
	answerMark = regexp.MustCompile(`(?i)^\s*(?:re|fw|fwd|aw|wg|sv|vs|tr|rv|rif|antw|ref|回复|回覆|答复|答覆|转发|轉寄|轉發)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*`)
	// numberMark is the ticket's number in a subject.
	numberMark = regexp.MustCompile(`\s*\[#\d+\]\s*`)
)

// sameSubject tells whether a mail goes on under its ticket's subject.
func sameSubject(mail, ticket string) bool {
	mail, ticket = bareSubject(mail), bareSubject(ticket)
	if start, cut := strings.CutSuffix(ticket, "…"); cut && strings.HasPrefix(mail, start) {
		return true
	}
	return mail == "" || strings.EqualFold(mail, ticket)
}

// bareSubject is a subject without what programs add to it.
func bareSubject(subject string) string {
	subject = numberMark.ReplaceAllString(subject, " ")
	for answerMark.MatchString(subject) {
		subject = answerMark.ReplaceAllString(subject, "")
	}
	return strings.Join(strings.Fields(subject), " ")
}
