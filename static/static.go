// Package static holds what browsers load: style sheets, scripts, pictures. It embeds the files as they are written;
// there is no build step.
//
// Every file is served under a name that carries the hash of its content (/static/css/base.3f2a91c4.css) and may be
// kept for ever; the plain name works too and is asked for anew each time. Scripts import each other by relative
// names; the import map of a page leads those to the hashed ones.
//
//	css/     tokens (values only), then what reads them; layers keep their order
//	js/      console.js and what it imports: elements/ (one custom element each) and lib/ (pure functions)
//	img/     icons.svg, one symbol per icon
//	widget/  the shopper's side: for old browsers, without import map; bundle.go makes few files of its many
//
// Load is called once by app/web, and what it gives never changes.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sort"
	"strings"
	"sync"
	"time"
)

// Prefix is the path below which Assets are served.
const Prefix = "/static/"

//go:embed css js img widget
var files embed.FS

// Assets are the files with their hashed names. They are an http.Handler for Prefix.
type Assets struct {
	byName map[string]*asset // css/base.css
	byHash map[string]*asset // css/base.3f2a91c4.css
}

type asset struct {
	name, hashed, mediaType string
	content                 []byte
	zip                     func() []byte // gzip, made at the first request that wants it; nil: not worth it
}

// Load reads and hashes the embedded files.
func Load() (*Assets, error) {
	a := &Assets{byName: map[string]*asset{}, byHash: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		a.add(name, content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, a.bundle()
}

func (a *Assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	one := &asset{
		name: name, content: content, mediaType: mediaType(ext),
		hashed: strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext,
	}
	if ext != ".png" && ext != ".woff2" && len(content) > 512 {
		one.zip = sync.OnceValue(func() []byte { return compress(content) })
	}
	a.byName[name], a.byHash[one.hashed] = one, one
}

// mediaType does not ask the machine, whose tables differ.
func mediaType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".html":
		return "text/html; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compress(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that exists
	_, _ = w.Write(content)                               // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// URL is the address of a file, with its hash. A name that does not exist is an error, so that a page with it fails
// in its first test.
func (a *Assets) URL(name string) (string, error) {
	one, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("static: no file %s", name)
	}
	return Prefix + one.hashed, nil
}

// Content is what a file holds, for those that are served under another address too; nil when there is none.
func (a *Assets) Content(name string) []byte {
	if one, ok := a.byName[name]; ok {
		return one.content
	}
	return nil
}

// Names are the files below a folder, sorted.
func (a *Assets) Names(folder string) []string {
	var names []string
	for name := range a.byName {
		if strings.HasPrefix(name, folder+"/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// ImportMap is the script element that leads the relative imports of a folder's modules to their hashed names. It is
// whole, because html/template would escape the JSON inside a script that is no script.
func (a *Assets) ImportMap(folder, nonce string) (template.HTML, error) {
	imports := map[string]string{}
	for _, name := range a.Names(folder) {
		imports[Prefix+name] = Prefix + a.byName[name].hashed
	}
	body, err := json.Marshal(map[string]any{"imports": imports})
	if err != nil {
		return "", err
	}
	//nolint:gosec // names and hashes of our own files, as JSON, which escapes < and >
	return template.HTML(fmt.Sprintf(`<script type="importmap" nonce="%s">%s</script>`, template.HTMLEscapeString(nonce), body)), nil
}

// ServeHTTP serves the file of a path below Prefix.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	one, forever := a.byHash[name]
	if !forever {
		if one = a.byName[name]; one == nil {
			http.NotFound(w, r)
			return
		}
	}
	h := w.Header()
	h.Set("Content-Type", one.mediaType)
	h.Set("Etag", `"`+one.hashed[strings.LastIndex(strings.TrimSuffix(one.hashed, path.Ext(one.hashed)), ".")+1:]+`"`)
	h.Set("Cache-Control", "public, no-cache")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content := one.content
	if one.zip != nil {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
			h.Set("Content-Encoding", "gzip")
			content = one.zip()
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
