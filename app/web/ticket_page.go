package web

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// ticketPageRoutes are the doors of one ticket as its shopper sees it. Whoever has the address is she: the address is
// random, can be revoked, and is told to nobody else (no Referer, no search engine, no store).
func (s *Server) ticketPageRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/t/:token", public, limitPage, s.ticketPage},
		{get, "/t/:token/news", public, limitPage, s.ticketNews},
		{post, "/t/:token/messages", public, limitAnswer, s.ticketAnswer},
		{post, "/t/:token/uploads", public, limitAnswer, s.ticketUpload},
		{post, "/t/:token/rating", public, limitPage, s.ticketRate},
		{post, "/t/:token/phone", public, limitPage, s.ticketPhone},
		{post, "/t/:token/phone/removal", public, limitPage, s.ticketPhoneForget},
		{post, "/t/:token/told", public, limitPage, s.ticketTold},
		{post, "/t/:token/told/withdrawal", public, limitPage, s.ticketUntold},

		{get, "/tickets/:number/link", agent, limitRead, s.ticketLinkPage},
		{post, "/tickets/:number/link", agent, limitWrite, s.newTicketLink},
		{post, "/tickets/:number/link/revocation", agent, limitWrite, s.revokeTicketLinks},
	}
}

const (
	pageMessages = 200              // newest, that the page shows
	newsWait     = 20 * time.Second // how long the page's script may wait for news
)

// ticketPageView is the page.
type ticketPageView struct {
	Page
	URL                  string
	Number               int64
	Subject              string
	Order                *orderView // nil: none that is known to be hers
	Status, StatusClass  string
	StatusName           string
	Solved, Rated, CanBe bool
	Entries              []pageMessage
	Seq                  int64
	Earlier              bool // there is more than is shown
	Expect               string
	HoursLines           []string
	Hotline              string
	Dial                 template.URL
	Sent, Masked         bool
	Answer, Comment      field
	Rules                fileRules
	Kept                 []fileView // files of an answer that was refused
	FilesWrong           string
	Phone                field
	NewID                string
	Score                int
	Scores               []int
	ScoreWrong           string
	ConsentWrong         string
	Told                 bool // she wants to hear of an improvement
	ToldWrong            string
	PhoneShown           string // the number that is told, in part
	General              string
	Improved             bool // it leads to the page of what was improved
	Data                 ticketPageData
}

// ticketPageData is what the page's script needs.
type ticketPageData struct {
	News  string         `json:"news"`
	Seq   int64          `json:"seq"`
	Files fileRules      `json:"files"`
	Send  string         `json:"send"`  // where files go
	Texts map[string]any `json:"texts"` // of the tray
}

// pageMessage is a message as its shopper sees it.
type pageMessage struct {
	*Words
	Class, Name, Day string
	Text             []segment
	Files            []fileView
	At, Seq          int64
}

// byLink finds the ticket of the address and sets the page's language. Whatever is wrong with an address, the answer is
// the same.
func (s *Server) byLink(c echo.Context) (*tickets.Ticket, *tickets.Contact, error) {
	c.Response().Header().Set("Referrer-Policy", "same-origin") // nobody else; our own forms are known by it
	c.Response().Header().Set("X-Robots-Tag", "noindex, nofollow")
	t, who, err := s.Tickets.TicketByLink(c.Request().Context(), c.Param("token"))
	if fault.Is(err, fault.NotFound) {
		return nil, nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	if err != nil {
		return nil, nil, err
	}
	of(c).locale = s.Texts.Match(c.Request().Header.Get("Accept-Language"), who.Locale)
	return t, who, nil
}

func (s *Server) ticketPage(c echo.Context) error {
	t, who, err := s.byLink(c)
	if err != nil {
		return err
	}
	return s.showTicketPage(c, t, who, nil)
}

// ticketNews gives the part of the page that lives, as soon as there is more than the script has.
func (s *Server) ticketNews(c echo.Context) error {
	t, who, err := s.byLink(c)
	if err != nil {
		return err
	}
	known, _ := strconv.ParseInt(c.QueryParam("seq"), 10, 64)
	status := c.QueryParam("status")
	if t.LastSeq == known && status == pageStatus(t.Status) && s.WaitNews != nil {
		ctx, cancel := context.WithTimeout(c.Request().Context(), newsWait)
		s.WaitNews(ctx, t.ContactID, t.InboxID)
		cancel()
		if t, who, err = s.byLink(c); err != nil {
			return err
		}
	}
	if t.LastSeq == known && status == pageStatus(t.Status) {
		return c.NoContent(http.StatusNoContent)
	}
	p, err := s.ticketPageOf(c, t, who, s.empty(c, nil))
	if err != nil {
		return err
	}
	return s.renderPart(c, "public/ticket", "ticket-live", p)
}

func (s *Server) showTicketPage(c echo.Context, t *tickets.Ticket, who *tickets.Contact, refused *form, kept ...fileView) error {
	f := refused
	if f == nil {
		f = s.empty(c, nil)
	}
	p, err := s.ticketPageOf(c, t, who, f)
	if err != nil {
		return err
	}
	p.Kept = kept
	return s.render(c, f.status(), "public/ticket", p)
}

// ticketPageOf gathers the page. Showing it to somebody who came for it counts as read; a browser that only fetches
// ahead has read nothing.
func (s *Server) ticketPageOf(c echo.Context, t *tickets.Ticket, who *tickets.Contact, f *form) (*ticketPageView, error) {
	ctx := c.Request().Context()
	p := &ticketPageView{
		Page: s.page(c), URL: "/t/" + c.Param("token"), Number: t.Number, Subject: t.Subject, Seq: t.LastSeq,
		NewID: random(16), Sent: c.QueryParam("sent") != "", Masked: c.QueryParam("masked") != "", General: f.General(),
	}
	order, err := s.shopperOrder(ctx, p.Words, t, who)
	if err != nil {
		return nil, err
	}
	p.Order = order
	p.Status, p.StatusClass = p.T("page.status."+pageStatus(t.Status)), statusClass(shownStatus(t.Status))
	p.StatusName = pageStatus(t.Status)
	p.Solved, p.CanBe = !t.Status.Active(), t.Status == tickets.StatusSolved || t.Status == tickets.StatusClosed
	rules, err := s.fileRules(c, p.Words)
	if err != nil {
		return nil, err
	}
	p.Rules, p.FilesWrong = rules, f.wrong("file")
	p.Data = ticketPageData{News: p.URL + "/news", Seq: t.LastSeq, Files: rules, Send: p.URL + "/uploads", Texts: s.Texts.Select(p.Locale, s.pageTexts...)}
	p.Answer = f.input(field{Name: "body", Type: "textarea", Rows: 4, Label: p.T("page.answer"), Max: tickets.BodyMax})
	if p.FilesWrong == "" {
		p.FilesWrong = f.wrong("attachments")
	}
	if p.Improved, err = s.Telling.Linked(ctx); err != nil {
		return nil, err
	}
	for _, fill := range []func(context.Context, *ticketPageView, *tickets.Ticket, *form) error{s.fillTalk, s.fillExpect, s.fillRating, s.fillPhone, s.fillTold} {
		if err := fill(ctx, p, t, f); err != nil {
			return nil, err
		}
	}
	if c.Request().Method == http.MethodGet && c.Request().Header.Get("Sec-Purpose") == "" && c.Request().Header.Get("Purpose") == "" {
		if err := s.Tickets.MarkRead(ctx, tickets.Actor{Kind: tickets.ActorContact, ID: who.ID}, t.ID, t.LastSeq); err != nil {
			s.Log.WarnContext(ctx, "ticket page: read mark", "error", err)
		}
	}
	return p, nil
}

// shownStatus is the status as the shopper sees it: that her ticket was taken for spam is not told.
func shownStatus(status tickets.Status) tickets.Status {
	if status == tickets.StatusSpam {
		return tickets.StatusClosed
	}
	return status
}

// pageStatus names the status in the shopper's view.
func pageStatus(status tickets.Status) string { return string(shownStatus(status)) }
