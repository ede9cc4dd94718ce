package web

import (
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/files"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// letterRoutes are the doors of messages that were mails.
func (s *Server) letterRoutes() []route {
	const get = http.MethodGet
	return []route{
		{get, "/tickets/:number/messages/:message", agent, limitRead, s.oneMessage},
		{get, "/tickets/:number/messages/:message/text", agent, limitRead, s.letterText},
		{get, "/tickets/:number/messages/:message/original", agent, limitRead, s.letterOriginal},
		{get, "/tickets/:number/messages/:message/mail", agent, limitRead, s.letterMail},
		{get, "/tickets/:number/messages/:message/raw", agent, limitRead, s.letterRaw},
	}
}

var errNoMessage = fault.New(fault.NotFound, "error.message.not_found")

// messageOf is anyMessageOf, where what was taken back is not there.
func (s *Server) messageOf(c echo.Context) (*tickets.Ticket, *tickets.Message, error) {
	t, m, err := s.anyMessageOf(c)
	if err == nil && m.State != tickets.StateAsWritten {
		err = errNoMessage
	}
	return t, m, err
}

// anyMessageOf is the message that an address names: one of the ticket, or of one that was merged into it.
func (s *Server) anyMessageOf(c echo.Context) (*tickets.Ticket, *tickets.Message, error) {
	t, err := s.ticketOf(c)
	if err != nil {
		return nil, nil, err
	}
	one, err := id.Parse(c.Param("message"))
	if err != nil {
		return nil, nil, errNoMessage
	}
	m, err := s.Tickets.MessageIn(c.Request().Context(), t.ID, one)
	return t, m, err
}

// letterOf is the message of an address, which was a mail.
func (s *Server) letterOf(c echo.Context) (*tickets.Message, *mailin.Mail, error) {
	_, m, err := s.messageOf(c)
	if err != nil {
		return nil, nil, err
	}
	letters, err := s.letters(c, []tickets.Entry{{Message: m}})
	if err == nil && letters[m.ID] == nil {
		err = errNoMessage
	}
	return m, letters[m.ID], err
}

// oneMessage is a message as its thread shows it: scripts put it in the place of what came by the socket.
func (s *Server) oneMessage(c echo.Context) error {
	t, m, err := s.anyMessageOf(c)
	if err != nil {
		return err
	}
	tell, err := s.teller(c, t, []tickets.Entry{{Message: m}})
	if err != nil {
		return err
	}
	return s.renderPart(c, "agent/console", "message", tell.message(m, false))
}

// letterTextView is all that a mail said.
type letterTextView struct{ Text []segment }

// letterText is the whole text of a mail, with what it quotes and its signature.
func (s *Server) letterText(c echo.Context) error {
	m, _, err := s.letterOf(c)
	if err != nil {
		return err
	}
	content, err := s.Mailboxes.Content(c.Request().Context(), m.ID)
	if err != nil {
		return err
	}
	text := content.Text
	if text == "" {
		text = m.Body
	}
	return s.renderPart(c, "agent/console", "letter-text", letterTextView{linkify(text)})
}

// originalView is a mail as its sender made it, in a frame.
type originalView struct {
	*Words
	From    string // address of this part without its query
	Src     string
	Title   string
	Remote  bool // pictures of other servers are shown
	Blocked int  // how many are not
	Cut     bool
}

// letterOriginal is the part of the console that holds the frame. What it says stands outside the frame, where no mail can
// write.
func (s *Server) letterOriginal(c echo.Context) error {
	m, mail, err := s.letterOf(c)
	if err != nil {
		return err
	}
	v := originalView{Words: s.words(c), Remote: remoteWanted(c), From: c.Request().URL.Path}
	got, err := s.Mailboxes.HTML(c.Request().Context(), m.ID, v.Remote, func(id.ID) string { return "x" })
	if err != nil {
		return err
	}
	v.Blocked, v.Cut, v.Src = got.Remote, got.Cut, ticketPathOf(c)+"/messages/"+m.ID.String()+"/mail"
	if v.Remote {
		v.Src += "?remote=1"
	}
	v.Title = v.T("console.mail.original_of", "who", addressLine(mail.Head.From))
	return s.renderPart(c, "agent/console", "letter-original", v)
}

func ticketPathOf(c echo.Context) string { return "/tickets/" + c.Param("number") }

func remoteWanted(c echo.Context) bool { return c.QueryParam("remote") == "1" }

// mailSandbox is what the frame of a mail may do: nothing but open its links, in tabs of their own. Such a tab does not know
// who opened it (noopener, noreferrer) and is out of the sandbox: in it the shop's or the courier's page would not work. The
// frame has no scripts, no forms and an origin that is nobody's, so it reaches neither the console nor its cookies, and may
// not lead the page around it away.
const mailSandbox = "allow-popups allow-popups-to-escape-sandbox"

// mailPolicy is the policy of a mail's frame. Only the desk's files and, when the reader wants it, pictures elsewhere are
// fetched.
func (s *Server) mailPolicy(remote bool) string {
	pictures := s.BaseURL.Scheme + "://" + s.BaseURL.Host + "/files/ data:"
	if remote {
		pictures += " https:"
	}
	return "default-src 'none'; img-src " + pictures + "; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox " + mailSandbox
}

// mailFramePage is the document in the frame.
type mailFramePage struct {
	Locale string
	Title  string
	Body   template.HTML
}

// letterMail is the HTML of a mail as a document of its own.
func (s *Server) letterMail(c echo.Context) error {
	m, mail, err := s.letterOf(c)
	if err != nil {
		return err
	}
	got, err := s.Mailboxes.HTML(c.Request().Context(), m.ID, remoteWanted(c), func(file id.ID) string {
		return s.BaseURL.Scheme + "://" + s.BaseURL.Host + s.Files.Link(file, files.Original) + "?framed=1"
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	of(c).policy.FrameAncestors = []string{"'self'"} // the headers for browsers that know no policy
	h.Set("Content-Security-Policy", s.mailPolicy(remoteWanted(c)))
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	//nolint:gosec // mailin/safe has cleaned it, and its frame runs nothing
	return s.render(c, http.StatusOK, "agent/mailframe", mailFramePage{of(c).locale, mail.Head.Subject, template.HTML(got.HTML)})
}

// letterRaw is the mail as it came, for mail programs and for whoever looks for what is wrong.
func (s *Server) letterRaw(c echo.Context) error {
	m, mail, err := s.letterOf(c)
	if err != nil {
		return err
	}
	if mail.Raw == 0 {
		return fault.New(fault.NotFound, "mailin.error.raw_gone")
	}
	raw, err := s.Mailboxes.Raw(c.Request().Context(), mail.Inbox, mail.Raw)
	if err != nil {
		return err
	}
	return s.rawMail(c, raw, fmt.Sprintf("%s-%d.eml", c.Param("number"), m.Pos))
}

// teller makes what puts entries of a ticket into words.
func (s *Server) teller(c echo.Context, t *tickets.Ticket, entries []tickets.Entry) (teller, error) {
	w, ctx := s.words(c), c.Request().Context()
	folk, err := s.people(c)
	if err != nil {
		return teller{}, err
	}
	contact, err := s.Tickets.Contact(ctx, t.ContactID)
	if err != nil {
		return teller{}, err
	}
	tell := teller{words: w, folk: folk, ticket: t, contact: contactName(w, contact.Name, tickets.VisitorCode(contact.ID)), me: of(c).agent.ID, files: s.fileViews}
	return tell, s.learn(c, &tell, entries)
}

// learn tells a teller what it must know of entries: who the guests are, which were mails, and where some were moved to.
func (s *Server) learn(c echo.Context, t *teller, entries []tickets.Entry) (err error) {
	ctx := c.Request().Context()
	if t.guests, err = s.guests(ctx, t.words, entries); err != nil {
		return err
	}
	if t.letters, err = s.letters(c, entries); err != nil {
		return err
	}
	if t.sent, err = s.sentMails(c, entries); err != nil {
		return err
	}
	t.leads = of(c).agent.Role != tickets.RoleAgent
	t.went, err = s.wentTo(ctx, entries)
	return err
}
