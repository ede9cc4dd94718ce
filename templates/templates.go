// Package templates holds the pages as Go templates and embeds them.
//
// A page is a file that names its layout in the first line and defines what the layout asks for:
//
//	{{template "plain" .}}
//	{{define "title"}}…{{end}}
//	{{define "main"}}…{{end}}
//
// layouts/ are the frames of pages, partials/ what several pages share (a message, a ticket's row, a form field);
// agent/ and public/ are the pages of those who answer and of those who ask, email/ what mails look like (a mail has no layout). Every page gets one typed struct from
// app/web, and every text is a key: {{.T "console.list.mine"}}.
//
// A partial that the scripts need too stands once more, empty, inside a template element of the page; the scripts
// clone and fill it, so that the first paint and what comes later have one structure.
package templates

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed layouts partials agent public email
var files embed.FS

// Set is all pages. It is safe for concurrent use.
type Set struct {
	pages map[string]func() (*template.Template, error) // agent/console; parsed when first asked for
}

// Load reads the pages; funcs are what templates may call. A page is parsed when it is first asked for, so that a desk
// starts quickly; Names is for the test that asks for all of them.
func Load(funcs template.FuncMap) (*Set, error) {
	// The master never runs: a template that has been executed cannot be cloned.
	master, err := template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(files, "layouts/*.html", "partials/*.html")
	if err != nil {
		return nil, err
	}
	s := &Set{pages: map[string]func() (*template.Template, error){}}
	for _, folder := range []string{"agent", "public", "email"} {
		names, err := fs.Glob(files, folder+"/*.html")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			s.pages[strings.TrimSuffix(name, ".html")] = sync.OnceValues(func() (*template.Template, error) { return parse(master, name) })
		}
	}
	return s, nil
}

// parse gives a page its own copy of layouts and partials, so that what pages define does not clash.
func parse(master *template.Template, name string) (*template.Template, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	page, err := master.Clone()
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return page.New(path.Base(name)).Parse(string(text))
}

// Names are the names of all pages, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.pages)) }

func (s *Set) page(name string) (*template.Template, error) {
	parsed, ok := s.pages[name]
	if !ok {
		return nil, fmt.Errorf("no template %s", name)
	}
	return parsed()
}

// Render writes a page: its name is its file's, without the ending.
func (s *Set) Render(w io.Writer, page string, data any) error {
	t, err := s.page(page)
	if err != nil {
		return err
	}
	return t.Execute(w, data)
}

// RenderPart writes one named part of a page alone.
func (s *Set) RenderPart(w io.Writer, page, part string, data any) error {
	t, err := s.page(page)
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, part, data)
}
