package web

import (
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// contactView is the contact beside her ticket.
type contactView struct {
	ID                      id.ID
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
	v.Contact = viewOfContact(v.Words, contact, v.URL)
	earlier, err := s.Tickets.EarlierTickets(ctx, v.ContactID, v.ID, earlierAtOnce)
	for i := range earlier {
		v.EarlierTickets = append(v.EarlierTickets, earlierOf(&earlier[i], hereOf(c).suffix()))
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
	return s.reveal(c, contact)
}

// viewOfContact is what is known of a contact; whole values are given under path.
func viewOfContact(w *Words, contact *tickets.Contact, path string) contactView {
	v := contactView{
		ID: contact.ID, Name: contactName(w, contact.Name, tickets.VisitorCode(contact.ID)), Anonymous: contact.Name == "", VIP: contact.VIP,
		CreatedAt: contact.CreatedAt, Language: languageName(w, contact.Locale),
	}
	v.Initial = initial(v.Name)
	known := false // by something that the shop has signed
	for _, i := range contact.Identities {
		one := identityView{Label: w.T("console.identity." + string(i.Kind)), Shown: masked(i.Kind, i.Value), Mark: verifiedMark(w, i.Verified)}
		if one.Shown != i.Value {
			one.Reveal = path + "/identities/" + i.ID.String()
		}
		v.Claims = v.Claims || !i.Verified
		known = known || i.Verified
		v.Identities = append(v.Identities, one)
	}
	if contact.Name != "" && !known {
		v.NameMark, v.Claims = new(verifiedMark(w, false)), true
	}
	return v
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
