// Package safe makes the HTML of mails fit to be shown. What is left has words, tables, colours and pictures; scripts, forms,
// frames, styles for more than letters and boxes, names and ids go. Nothing that is left makes a browser ask another server,
// until the reader wants it.
//
// It is the first of three walls. The second is the frame that shows it: sandboxed, without scripts, on an address of its own.
// The third is that frame's Content-Security-Policy.
package safe

import (
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"
)

// Max is how much HTML is read, in bytes; the rest is cut off.
const Max = 2 << 20

// Options say how a mail is shown.
type Options struct {
	// Remote lets pictures on other servers be shown, which tells their owners that the mail is read.
	Remote bool
	// CID gives the address of a picture that came with the mail; empty: it is not there. nil: pictures keep cid: as they are.
	CID func(contentID string) string
}

// Result is what is left of a mail's HTML.
type Result struct {
	HTML   string
	Remote int      // things on other servers that were not shown: pictures, backgrounds, styles, fonts
	CIDs   []string // content ids of the pictures that are in it
	Cut    bool     // it was longer than Max
}

// HTML cleans a mail's HTML. Whatever comes in, what comes out is harmless; an empty result means that nothing was left.
func HTML(source string, o Options) Result {
	var r Result
	if len(source) > Max {
		source, r.Cut = source[:Max], true
	}
	source, elsewhere := trim(source)
	if !o.Remote {
		r.Remote = elsewhere
	}
	r.HTML = rewrite(policy.Sanitize(source), o, &r)
	return r
}

// styleMax is how long the value of a style may be, in bytes.
const styleMax = 200

// Values of styles: words, numbers, colours. No address, no escape and no function but rgb() gets through.
var styleValue = regexp.MustCompile(`(?i)^(?:[\p{L}\p{N}#.,%+ '"-]|rgba?\([0-9., %]{3,40}\))+$`)

func harmless(value string) bool { return len(value) <= styleMax && styleValue.MatchString(value) }

var (
	size      = regexp.MustCompile(`^[0-9]{1,4}(?:\.[0-9]{1,2})?(?:%|px|pt|em)?$`)
	colour    = regexp.MustCompile(`(?i)^#?[a-z0-9]{1,20}$`)
	keyword   = regexp.MustCompile(`(?i)^[a-z-]{1,20}$`)
	number    = regexp.MustCompile(`^[+-]?[0-9]{1,4}$`)
	language  = regexp.MustCompile(`^[a-zA-Z0-9-]{1,35}$`)
	fontFace  = regexp.MustCompile(`^[\p{L}\p{N} ,'"-]{1,200}$`)
	dataImage = regexp.MustCompile(`(?i)^data:image/(?:png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/= \r\n]*$`)
	direction = regexp.MustCompile(`(?i)^(?:rtl|ltr|auto)$`)
)

// policy is built once; it is safe for use by many at once.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
		"dd", "del", "details", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd",
		"li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
		"th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("a", "font", "img", "span")
	p.SkipElementsContent("title", "svg", "math", "template", "textarea", "select", "object", "applet", "audio", "video", "iframe", "frameset", "noembed", "noframes", "xmp", "plaintext")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("mailto", "tel", "cid")
	for _, scheme := range []string{"http", "https"} { // without a host it would lead to where the mail is shown
		p.AllowURLSchemeWithCustomPolicy(scheme, func(u *url.URL) bool { return u.Host != "" })
	}
	p.AllowDataURIImages()
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	p.AllowAttrs("src").OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("dir").Matching(direction).Globally()
	p.AllowAttrs("lang").Matching(language).Globally()
	p.AllowAttrs("width", "height").Matching(size).OnElements("img", "table", "td", "th", "tr", "col", "colgroup", "hr")
	p.AllowAttrs("align", "valign").Matching(keyword).Globally()
	p.AllowAttrs("bgcolor").Matching(colour).OnElements("table", "tbody", "td", "th", "tr")
	p.AllowAttrs("border", "cellpadding", "cellspacing").Matching(size).OnElements("table", "img")
	p.AllowAttrs("colspan", "rowspan", "span").Matching(number).OnElements("td", "th", "col", "colgroup")
	p.AllowAttrs("color").Matching(colour).OnElements("font", "hr")
	p.AllowAttrs("face").Matching(fontFace).OnElements("font")
	p.AllowAttrs("size").Matching(number).OnElements("font", "hr")
	p.AllowAttrs("start", "value").Matching(number).OnElements("ol", "li")
	p.AllowAttrs("type").Matching(keyword).OnElements("ol", "ul", "li")
	p.AllowAttrs("datetime").Matching(regexp.MustCompile(`^[0-9T:+Z. -]{1,40}$`)).OnElements("time", "del", "ins")
	p.AllowStyles("color", "background-color", "font", "font-family", "font-size", "font-style", "font-weight", "font-variant", "line-height", "letter-spacing", "word-spacing",
		"text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "word-break", "word-wrap", "overflow-wrap", "direction",
		"width", "max-width", "min-width", "height", "max-height", "min-height", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "border", "border-top", "border-right", "border-bottom", "border-left",
		"border-color", "border-style", "border-width", "border-collapse", "border-spacing", "border-radius", "list-style-type", "display", "float", "clear", "table-layout").
		MatchingHandler(harmless).Globally()
	return p
}()

// rewrite looks at the pictures of clean HTML: those that came with the mail get their address, those elsewhere theirs only
// when the reader wants them.
func rewrite(clean string, o Options, r *Result) string {
	if !strings.Contains(clean, "<img") {
		return clean
	}
	var out strings.Builder
	out.Grow(len(clean))
	z := nethtml.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return out.String()
		}
		raw := string(z.Raw())
		if (kind != nethtml.StartTagToken && kind != nethtml.SelfClosingTagToken) || !strings.HasPrefix(raw, "<img") {
			out.WriteString(raw)
			continue
		}
		token := z.Token()
		out.WriteString("<img")
		for _, a := range token.Attr {
			if a.Key == "src" {
				a.Key, a.Val = picture(a.Val, o, r)
			}
			out.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
		}
		out.WriteString(">")
	}
}

// picture says under which name and value a picture's address stays. data-remote is one that was not asked for.
func picture(src string, o Options, r *Result) (key, value string) {
	scheme, rest, _ := strings.Cut(src, ":")
	switch strings.ToLower(scheme) {
	case "cid":
		id := strings.Trim(rest, "<> ")
		r.CIDs = append(r.CIDs, id)
		if o.CID == nil {
			return "src", src
		}
		if at := o.CID(id); at != "" {
			return "src", at
		}
		return "data-missing", id
	case "data":
		if dataImage.MatchString(src) {
			return "src", src
		}
	case "http", "https":
		if o.Remote {
			return "src", src
		}
		r.Remote++
		return "data-remote", src
	}
	return "data-none", ""
}
