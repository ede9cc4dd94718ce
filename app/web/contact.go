package web

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// contactView is the contact beside her ticket.
type contactView struct {
	Name, Initial, Language string
	NameMark                *markView // of a name that nothing vouches for
	Anonymous, VIP, Claims  bool
	CreatedAt               int64
	Identities              []identityView
}

// identityView is one way to know her: e-mails and phones are shown in part until somebody asks.
type identityView struct {
	Label  string
	Shown  string
	Reveal string // address that gives the whole value
	Mark   markView
}

// markView says whether something is known to be true or only claimed.
type markView struct {
	Yes  bool
	Text string
}

type earlierView struct {
	Number, Href, Text, Class string
	Status                    tickets.Status
}

func verifiedMark(w *Words, yes bool) markView {
	if yes {
		return markView{true, w.T("console.side.verified")}
	}
	return markView{false, w.T("console.side.unverified")}
}

// earlierAtOnce is how many earlier tickets the panel shows.
const earlierAtOnce = 8

func (s *Server) fillContact(c echo.Context, v *threadView, _ people) error {
	ctx := c.Request().Context()
	contact, err := s.Tickets.Contact(ctx, v.ContactID)
	if err != nil {
		return err
	}
	v.Contact = contactView{
		Name: contactName(v.Words, contact.Name, tickets.VisitorCode(contact.ID)), Anonymous: contact.Name == "", VIP: contact.VIP,
		CreatedAt: contact.CreatedAt, Language: languageName(v.Words, contact.Locale),
	}
	v.Contact.Initial = initial(v.Contact.Name)
	known := false // by something that the shop has signed
	for _, i := range contact.Identities {
		one := identityView{Label: v.T("console.identity." + string(i.Kind)), Shown: masked(i.Kind, i.Value), Mark: verifiedMark(v.Words, i.Verified)}
		if one.Shown != i.Value {
			one.Reveal = v.URL + "/identities/" + i.ID.String()
		}
		v.Contact.Claims = v.Contact.Claims || !i.Verified
		known = known || i.Verified
		v.Contact.Identities = append(v.Contact.Identities, one)
	}
	if contact.Name != "" && !known {
		v.Contact.NameMark, v.Contact.Claims = new(verifiedMark(v.Words, false)), true
	}
	earlier, err := s.Tickets.EarlierTickets(ctx, v.ContactID, v.ID, earlierAtOnce)
	for i := range earlier {
		t := &earlier[i]
		view := earlierView{Number: strconv.FormatInt(t.Number, 10), Href: ticketPath(t.Number) + hereOf(c).suffix(), Text: t.Subject, Class: statusClass(t.Status), Status: t.Status}
		if view.Text == "" {
			view.Text = t.Preview
		}
		v.EarlierTickets = append(v.EarlierTickets, view)
	}
	return err
}

// revealIdentity gives the whole of a value that the panel shows in part.
func (s *Server) revealIdentity(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	contact, err := s.Tickets.Contact(c.Request().Context(), t.ContactID)
	if err != nil {
		return err
	}
	for _, i := range contact.Identities {
		if i.ID.String() == c.Param("identity") {
			return c.JSON(http.StatusOK, map[string]string{"value": i.Value})
		}
	}
	return fault.New(fault.NotFound, "web.error.not_found")
}

// masked is a value as somebody may see it in passing: 138****5678, li***@qq.com.
func masked(kind tickets.IdentityKind, value string) string {
	switch kind {
	case tickets.IdentityPhone:
		digits := strings.TrimPrefix(value, "+86")
		if len(digits) < 8 {
			return value
		}
		return digits[:3] + strings.Repeat("*", len(digits)-7) + digits[len(digits)-4:]
	case tickets.IdentityEmail:
		name, host, ok := strings.Cut(value, "@")
		if !ok {
			return value
		}
		keep := min(2, utf8.RuneCountInString(name)-1)
		return string([]rune(name)[:max(keep, 0)]) + "***@" + host
	}
	return value
}

// languageName is a contact's language in words; one that the desk does not speak by its code.
func languageName(w *Words, locale string) string {
	if locale == "" {
		return w.T("console.side.unknown")
	}
	base, _, _ := strings.Cut(strings.ToLower(locale), "-")
	for _, one := range languages() {
		if strings.HasPrefix(one.Value, base) {
			return one.Text
		}
	}
	return locale
}
