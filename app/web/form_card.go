package web

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
)

// formCardPage is a card to lay into parcels: A6, or four of them on a sheet of A4 with lines to cut along.
type formCardPage struct {
	Locale, Nonce string
	Lang          string // of the card
	Texts         *Words // of the page around it
	Card          *Words
	Shop, Line    string
	Link          string // as it is printed for who cannot scan
	QR            template.HTML
	Sheet         bool // A4
	Cards         []int
	Href, Back    string
	Draft         bool // it was never published: the code leads nowhere yet
	Languages     []formCardLanguage
}

type formCardLanguage struct {
	Locale, Name string
	Current      bool
}

// cardLink is the address in a form's QR code; it tells where the answers came from.
func (s *Server) cardLink(f *feedback.Form) string {
	u := s.BaseURL.JoinPath("f", f.Key)
	u.RawQuery = url.Values{"src": {string(feedback.SourceQR)}}.Encode()
	return u.String()
}

// formCard is the page that is printed. It has the card's language, whatever the agent's is.
func (s *Server) formCard(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	page := s.page(c)
	lang := s.Texts.Match("", c.QueryParam("lang"))
	if c.QueryParam("lang") == "" {
		lang = page.Locale
	}
	p := formCardPage{
		Locale: page.Locale, Nonce: page.Nonce, Lang: lang, Texts: page.Words, Shop: page.Shop.Name, Line: f.Settings.Card.In(lang), Sheet: c.QueryParam("sheet") == "a4",
		Link: s.BaseURL.Host + "/f/" + f.Key, Href: formPath(f) + "/card", Back: formPath(f), Draft: f.Version == 0, Cards: []int{1},
	}
	card := *page.Words
	card.Locale = lang
	p.Card = &card
	if p.Line == "" {
		p.Line = p.Card.T("forms.card.line")
	}
	if p.Sheet {
		p.Cards = []int{1, 2, 3, 4}
	}
	for _, one := range []formCardLanguage{{Locale: "zh-CN", Name: "中文"}, {Locale: "en", Name: "English"}} {
		one.Current = one.Locale == lang
		p.Languages = append(p.Languages, one)
	}
	if p.QR, err = qrSVG(s.cardLink(f)); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agent/form_card", p)
}

// formQR is the code alone, for who has a card of her own.
func (s *Server) formQR(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	code, err := qrPNG(s.cardLink(f))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="form-`+f.Key+`.png"`)
	return c.Blob(http.StatusOK, "image/png", code)
}
