package web

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/i18n"
	"huiyin/app/improve/telling"
)

// improvedRoutes are the public page "you said, we did" and its feeds. Nobody is asked who she is, and no cookie is left.
func (s *Server) improvedRoutes() []route {
	return []route{
		{http.MethodGet, "/improved", public, limitForm, s.improvedPage},
		{http.MethodGet, "/improved/feed.atom", public, limitForm, s.improvedFeed},
	}
}

// improvedAge is how long browsers and others keep the page without asking.
const improvedAge = "public, max-age=60"

type improvedView struct {
	Page
	Hidden    bool // from search engines
	Feed      string
	Languages []improvedLanguage
	Stories   []improvedStory
}

type improvedLanguage struct {
	Tag, Name, Href string
	Current         bool
}

// improvedStory is a story in the page's language, or in the one that it is written in.
type improvedStory struct {
	ID, Lang, Said, Did, Since, Day, Fall string
}

// Head is the head of the page, which search engines may keep and which names its feed.
func (v improvedView) Head() HeadView {
	h := v.Page.Head(v.T("improved.title"), "widget/form.css")
	h.Feed, h.FeedTitle = v.Feed, v.T("improved.title")
	if !v.Hidden {
		h.Robots = "index, follow"
	}
	return h
}

func (s *Server) improvedPage(c echo.Context) error {
	ctx := c.Request().Context()
	s.speak(c)
	list, err := s.Telling.Published(ctx)
	if err != nil {
		return err
	}
	settings, err := s.Telling.PageSettings(ctx)
	if err != nil {
		return err
	}
	v := improvedView{Page: s.page(c), Hidden: settings.Hidden}
	v.Feed = "/improved/feed.atom?lang=" + url.QueryEscape(v.Locale)
	for _, lang := range telling.Languages() {
		v.Languages = append(v.Languages, improvedLanguage{lang, s.Texts.Text(lang, "improved.language", nil), "/improved?lang=" + lang, lang == v.Locale})
	}
	for i := range list {
		v.Stories = append(v.Stories, storyView(v.Words, &list[i], v.Locale))
	}
	h := c.Response().Header()
	h.Set("Cache-Control", improvedAge)
	h.Add("Vary", "Accept-Language")
	if settings.Hidden {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	return s.render(c, http.StatusOK, "public/improved", v)
}

func storyView(w *Words, one *telling.Story, locale string) improvedStory {
	text, lang := one.In(locale)
	v := improvedStory{ID: "t" + one.Task.String(), Lang: lang, Said: text.Said, Did: text.Did, Day: one.Since, Since: one.Since}
	if day, err := time.Parse(time.DateOnly, one.Since); err == nil {
		v.Since = i18n.Date(w.Locale, day)
	}
	if one.Fall != nil {
		v.Fall = w.T("improved.fall", "percent", *one.Fall)
	}
	return v
}

// The feed, RFC 4287.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// improvedFeed is the page for programs that read news: what is written in the language that is asked for.
func (s *Server) improvedFeed(c echo.Context) error {
	lang := s.speak(c)
	list, err := s.Telling.Published(c.Request().Context())
	if err != nil {
		return err
	}
	w, page := s.words(c), s.BaseURL.JoinPath("improved").String()
	f := atomFeed{
		Lang: lang, ID: page + "?lang=" + lang, Title: w.T("improved.title"), Author: s.shopOf(c.Request().Context()).Name,
		Links: []atomLink{{"self", "application/atom+xml", s.BaseURL.JoinPath("improved", "feed.atom").String() + "?lang=" + lang}, {"alternate", "text/html", page + "?lang=" + lang}},
	}
	if f.Author == "" {
		f.Author = f.Title
	}
	newest := int64(0)
	for i := range list {
		one := &list[i]
		if _, written := one.Texts[lang]; !written {
			continue
		}
		v := storyView(w, one, lang)
		text := v.Did + "\n" + w.T("improved.since", "day", v.Since)
		if v.Fall != "" {
			text += "\n" + v.Fall
		}
		at := page + "?lang=" + lang + "#" + v.ID
		f.Entries = append(f.Entries, atomEntry{at, v.Said, stampOf(*one.PublishedAt), stampOf(one.UpdatedAt), atomLink{"alternate", "text/html", at}, atomText{"text", text}})
		newest = max(newest, one.UpdatedAt)
	}
	f.Updated = stampOf(newest)
	b := bytes.NewBufferString(xml.Header)
	if err := xml.NewEncoder(b).Encode(f); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", improvedAge)
	h.Add("Vary", "Accept-Language")
	return c.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", b.Bytes())
}

func stampOf(at int64) string { return time.UnixMilli(at).UTC().Format(time.RFC3339) }
