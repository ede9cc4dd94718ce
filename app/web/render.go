package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// Page is what every page gets.
type Page struct {
	*Words
	Nonce  string
	Theme  string // light, dark, "": the system's
	Shop   tickets.Shop
	Filing filing  // at the foot of public pages
	Me     *Person // nil: nobody is signed in
	Path   string
	Texts  map[string]any // of the scripts, by key
}

// HeadView is what the part "shopper-head" shows.
type HeadView struct {
	Title, Style, Viewport string
	Robots                 string // what search engines may do; empty: nothing
	Feed, FeedTitle        string // address of a feed of the same; empty: there is none
}

// Head is the head of a shopper's page: its title, its style sheet, and what its viewport wants beside.
func (p Page) Head(title, style string, viewport ...string) HeadView {
	return HeadView{Title: title, Style: style, Viewport: strings.Join(viewport, "")}
}

// Person is an agent as pages show her.
type Person struct {
	ID           string
	Name         string
	Initial      string
	Role         tickets.Role
	Availability string
}

// IsAdmin tells whether she may change the desk's settings.
func (p *Person) IsAdmin() bool { return p != nil && p.Role == tickets.RoleAdmin }

// IsManager tells whether she sees what is for managers.
func (p *Person) IsManager() bool {
	return p != nil && (p.Role == tickets.RoleManager || p.Role == tickets.RoleAdmin)
}

func personOf(a *tickets.Agent) *Person {
	return &Person{
		ID: a.ID.String(), Name: a.Name, Initial: initial(a.Name), Role: a.Role, Availability: a.Availability,
	}
}

// page gathers what a page of this request gets.
func (s *Server) page(c echo.Context) Page {
	v := of(c)
	p := Page{Words: s.words(c), Nonce: v.nonce, Shop: s.shopOf(c.Request().Context()), Filing: s.filingOf(c), Path: c.Request().URL.Path}
	if v.agent != nil {
		p.Me = personOf(v.agent)
		p.Theme = v.agent.Theme
	}
	return p
}

// render writes a page. It is made in memory first: an error in the middle must not leave half a page.
func (s *Server) render(c echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	if err := s.pages.Render(&b, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// renderPart writes a named part of a page, for scripts that put it into the page they have.
func (s *Server) renderPart(c echo.Context, name, part string, data any) error {
	var b bytes.Buffer
	if err := s.pages.RenderPart(&b, name, part, data); err != nil {
		return fmt.Errorf("render %s of %s: %w", part, name, err)
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

// templateFuncs are what templates may call, beside the methods of their structs.
func (s *Server) templateFuncs() template.FuncMap {
	return template.FuncMap{
		"asset":     s.assets.URL,
		"importmap": func(nonce string) (template.HTML, error) { return s.assets.ImportMap("js", nonce) },
		"modules":   func() []string { return s.scripts.modules },
		"styles":    styles,
		"icon":      s.icon,
	}
}

// icon is a picture of the sprite; it is decoration, words stand beside it.
func (s *Server) icon(name string) (template.HTML, error) {
	url, err := s.assets.URL("img/icons.svg")
	if err != nil {
		return "", err
	}
	//nolint:gosec // our own file's address and a name from a template
	return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` + url + `#` + template.HTMLEscapeString(name) + `"/></svg>`), nil
}

// initial is the letter of a name's avatar: of a Chinese name the surname.
func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return "?"
}
