package web

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// The two places of the chat.
const (
	modeFrame = "frame" // in the widget's iframe
	modePage  = "page"  // a page of its own, for menus, QR codes and mini programs
)

// chatPage is the chat for a shopper, in either place.
type chatPage struct {
	Page
	Mode      string
	Title     string
	Initial   string
	NoticeURL string
	Files     fileRules
	Data      chatData
}

// chatData is what the chat's script needs.
type chatData struct {
	Mode   string     `json:"mode"`
	Inbox  string     `json:"inbox"`  // public key
	Origin string     `json:"origin"` // of the page around the frame; the only one that it talks with
	Locale string     `json:"locale"`
	Title  string     `json:"title"`
	Colour string     `json:"colour"`
	API    string     `json:"api"`
	Files  fileRules  `json:"files"`
	Order  *chatOrder `json:"order"`
	// Position is where the loader puts the bubble.
	Position tickets.Position `json:"position"`
	Texts    map[string]any   `json:"texts"`
}

// chatOrder is the order that a link to the page names, a claim unless it is signed.
type chatOrder struct {
	ID        string `json:"id"`
	Signature string `json:"signature"`
	Exp       string `json:"exp"`
}

// refusedPage says why there is no chat. In a frame it tells the loader too, which says it in the shop's console.
type refusedPage struct {
	Page
	Code    string // key, origin: what the loader calls it
	Message string
	InFrame bool
}

// widgetFrame is the page in the widget's iframe. Only the inbox's sites may frame it.
func (s *Server) widgetFrame(c echo.Context) error {
	s.speak(c)
	inbox, err := s.chatInbox(c, c.QueryParam("inbox"))
	if fault.Is(err, fault.NotFound) {
		return s.refuseFrame(c, http.StatusNotFound, "key")
	}
	if err != nil {
		return err
	}
	around, sites := c.QueryParam("origin"), s.framers(inbox)
	s.seeSite(c, inbox, around)
	if around != s.BaseURL.Scheme+"://"+c.Request().Host && !slices.Contains(sites, around) {
		return s.refuseFrame(c, http.StatusForbidden, "origin")
	}
	of(c).policy.FrameAncestors = append([]string{"'self'"}, sites...)
	return s.renderChat(c, modeFrame, inbox, chatData{Origin: around})
}

// chatPage is the chat as a full page. It may be framed by nobody.
func (s *Server) chatPage(c echo.Context) error {
	s.speak(c)
	inbox, err := s.chatInbox(c, c.Param("key"))
	if fault.Is(err, fault.NotFound) {
		p := refusedPage{Page: s.page(c), Code: "key"}
		p.Message = p.T("public.refused.key")
		return s.render(c, http.StatusNotFound, "public/refused", p)
	}
	if err != nil {
		return err
	}
	var data chatData
	if order := c.QueryParam("order"); order != "" {
		data.Order = &chatOrder{ID: order, Signature: c.QueryParam("signature"), Exp: c.QueryParam("exp")}
	}
	return s.renderChat(c, modePage, inbox, data)
}

func (s *Server) renderChat(c echo.Context, mode string, inbox *tickets.Inbox, data chatData) error {
	p := chatPage{Page: s.page(c), Mode: mode, NoticeURL: inbox.Settings.NoticeURL}
	name := p.Shop.Name
	if name == "" {
		name = inbox.Name
	}
	p.Title, p.Initial = p.T("widget.title", "shop", name), initial(name)
	if p.NoticeURL == "" {
		p.NoticeURL = s.BaseURL.JoinPath("privacy").String()
	}
	var err error
	if p.Files, err = s.fileRules(c, p.Words); err != nil {
		return err
	}
	data.Files = p.Files
	data.Mode, data.Inbox, data.Locale, data.Title = mode, inbox.Key, p.Locale, p.Title
	data.API, data.Colour, data.Texts = "/chat/v1", inbox.Settings.Colour, s.Texts.Select(p.Locale, s.chatTexts...)
	data.Position = inbox.Settings.BubblePosition()
	p.Data = data
	// no-store would keep the shop's page out of what the browser holds ready for going back.
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	return s.render(c, http.StatusOK, "public/chat", p)
}

// refuseFrame answers with a page that any site may frame: it holds nothing but the reason.
func (s *Server) refuseFrame(c echo.Context, status int, code string) error {
	of(c).policy.FrameAncestors = []string{"*"}
	p := refusedPage{Page: s.page(c), Code: code, InFrame: true}
	p.Message = p.T("public.refused.key")
	if code == "origin" {
		p.Message = p.T("public.refused.origin")
	}
	return s.render(c, status, "public/refused", p)
}

// chatInbox finds the chat inbox of a public key. Errors: NotFound, also for one of another channel or switched off.
func (s *Server) chatInbox(c echo.Context, key string) (*tickets.Inbox, error) {
	inbox, err := s.Tickets.InboxByKey(c.Request().Context(), key)
	if err == nil && (inbox.Channel != tickets.ChannelChat || inbox.DisabledAt != nil) {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	return inbox, err
}

// framers are the origins whose pages may show an inbox's chat: the desk's own and the inbox's allowed sites, which are
// kept in the form of Origin headers.
func (s *Server) framers(inbox *tickets.Inbox) []string {
	own, _ := tickets.NormalOrigin(s.BaseURL.Scheme + "://" + s.BaseURL.Host)
	return append([]string{own}, inbox.Settings.AllowedOrigins...)
}

var chatText = regexp.MustCompile(`'(widget(?:\.[a-z_]+)+)'`)

// findChatTexts gives the keys of the texts that the chat's script names.
func findChatTexts(script []byte) []string {
	var keys []string
	for _, m := range chatText.FindAllSubmatch(script, -1) {
		keys = append(keys, string(m[1]))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
