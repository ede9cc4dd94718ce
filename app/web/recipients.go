package web

import (
	"net/mail"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// answerFields are the fields of the form that say to whom a reply goes.
func answerFields(a *mailin.Answer) map[string]string {
	if a == nil {
		return nil
	}
	fields := map[string]string{"to": addressesLine(a.To), "cc": addressesLine(a.CC), "subject": a.Subject}
	if a.Quote {
		fields["quote"] = "on"
	}
	return fields
}

// recipientsView is to whom a reply in a ticket of mails goes.
type recipientsView struct {
	*Words
	To, CC, Subject field
	Line            string
	NoWay           bool // the inbox sends nothing
	Quote, Open     bool
	Settings        string // address of the mailbox's page, for those who may
}

// recipientsOf gathers to whom a reply goes; nil where none leaves as mail.
func (s *Server) recipientsOf(c echo.Context, t *tickets.Ticket, f *form) (*recipientsView, error) {
	if t.Channel != tickets.ChannelEmail || s.Mailboxes == nil {
		return nil, nil
	}
	ctx, w := c.Request().Context(), s.words(c)
	a, err := s.Mailboxes.Account(ctx, t.InboxID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	v := &recipientsView{Words: w, NoWay: a == nil || a.SMTP.Host == "", Quote: true}
	if of(c).agent.Role == tickets.RoleAdmin {
		v.Settings = "/settings/inboxes/" + t.InboxID.String() + "/mail"
	}
	proposed, err := s.Mailboxes.Proposed(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if back, err := id.Parse(c.QueryParam("undone")); err == nil {
		chosen, err := s.Mailboxes.Chosen(ctx, t.ID, back)
		if err != nil {
			return nil, err
		}
		if chosen != nil {
			proposed, v.Quote = *chosen, chosen.Quote
		}
	}
	if f == nil || c.FormValue("mail") == "" {
		f = s.empty(c, answerFields(&proposed))
	} else {
		v.Open, v.Quote = true, c.FormValue("quote") != ""
	}
	v.To = f.input(field{Name: "to", Label: w.T("console.out.to"), Complete: "off"})
	v.CC = f.input(field{Name: "cc", Label: w.T("console.out.cc"), Complete: "off"})
	v.Subject = f.input(field{Name: "subject", Label: w.T("console.out.subject"), Complete: "off"})
	v.Line = addressesLine(append(append([]eml.Address{}, proposed.To...), proposed.CC...))
	return v, nil
}

// recipients is the part of the composer that says to whom a reply goes, as of now.
func (s *Server) recipients(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	v, err := s.recipientsOf(c, t, nil)
	if err != nil {
		return err
	}
	if v == nil {
		return errNoMessage
	}
	return s.renderPart(c, "agent/console", "recipients", v)
}

func addressesLine(list []eml.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, addressLine(a))
	}
	return strings.Join(out, ", ")
}

// chosenAnswer is to whom a form says that a reply goes; ok is false where it says nothing.
func chosenAnswer(c echo.Context) (a mailin.Answer, ok bool) {
	if c.FormValue("mail") == "" {
		return a, false
	}
	return mailin.Answer{To: addressesOf(c.FormValue("to")), CC: addressesOf(c.FormValue("cc")), Subject: c.FormValue("subject"), Quote: c.FormValue("quote") != ""}, true
}

// addressesOf reads a line of addresses as people write them, also with the commas of other scripts. What is no address comes back as
// it was written, to be refused where it is checked.
func addressesOf(line string) (out []eml.Address) {
	if list, err := mail.ParseAddressList(line); err == nil {
		for _, a := range list {
			out = append(out, eml.Address{Name: a.Name, Address: a.Address})
		}
		return out
	}
	for one := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(",;，；、\n", r) }) {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		if a, err := mail.ParseAddress(one); err == nil {
			out = append(out, eml.Address{Name: a.Name, Address: a.Address})
		} else {
			out = append(out, eml.Address{Address: one})
		}
	}
	return out
}

// fillRecipients adds to whom a reply goes, and the files of one that was just taken back.
func (s *Server) fillRecipients(c echo.Context, v *threadView, _ people) (err error) {
	if v.NoReply {
		return nil
	}
	if v.Recipients, err = s.recipientsOf(c, v.Ticket, nil); err != nil {
		return err
	}
	for _, text := range c.QueryParams()["file"] {
		one, err := id.Parse(text)
		if err != nil {
			continue
		}
		a, err := s.Tickets.Attachment(c.Request().Context(), one)
		if err != nil || a.MessageID != nil || a.TicketID == nil || *a.TicketID != v.ID {
			continue // sent, or of another ticket: nothing is shown of it
		}
		v.Returned = append(v.Returned, s.fileViews([]tickets.Attachment{*a})...)
	}
	return nil
}
