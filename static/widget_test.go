package static

import (
	"bytes"
	"compress/gzip"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// loaderMax is the contract's limit of the loader, gzipped.
const loaderMax = 10_000

func TestTheLoaderIsSmall(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b) // the level that a proxy would use
	if _, err := w.Write(loaded(t).Content("widget/loader.js")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() < 1000 || b.Len() > loaderMax {
		t.Errorf("the loader has %d bytes gzipped, want at most %d", b.Len(), loaderMax)
	}
}

// tooNew is what WebView 80 or iOS 13.0 cannot read or does not have, each with a line that the pattern must find.
var tooNew = []struct{ name, ext, pattern, example string }{
	{"optional chaining", ".js", `\?\.[^0-9]`, "a?.b"},
	{"nullish coalescing", ".js", `\?\?`, "a ?? b"},
	{"logical assignment", ".js", `(\|\||&&)=`, "a ||= b"},
	{"module", ".js", `^\s*(import|export)\b`, "import a from './a.js'"},
	{"private or static field", ".js", `(\bthis\.#|^\s*(static\s|#)\w+)`, "  #count = 0"},
	{"numeric separator", ".js", `\d_\d`, "1_000"},
	{"big integer", ".js", `\b(\d+n|BigInt)\b`, "10n"},
	{"look-behind", ".js", `\(\?<[=!]`, "/(?<=a)b/"},
	{"top-level or async syntax", ".js", `\b(async|await)\b`, "async function f() {}"},
	{"newer method", ".js", `\.(at|replaceAll|replaceChildren|hasOwn|structuredClone|findLast|toSorted|allSettled|any|matchAll|flatMap)\(`, "a.at(-1)"},
	{"newer API", ".js", `\b(randomUUID|ResizeObserver|BroadcastChannel|RelativeTimeFormat|globalThis|structuredClone|dateStyle|timeStyle)\b`, "new ResizeObserver(f)"},
	{"listener of a media query", ".js", `matchMedia\(.*?\)\.addEventListener`, "matchMedia('(a)').addEventListener('change', f)"},
	{"inset", ".css", `(^|[\s;{])inset(-\w+)*:`, "a { inset: 0; }"},
	{"layer", ".css", `@layer|@container|@supports\s+selector`, "@layer base;"},
	{"selector list", ".css", `:(is|where|has)\(`, "a:is(b) {}"},
	{"nesting", ".css", `^\s*&|\{\s*&`, "  &:hover { }"},
	{"gap of a flex box", ".css", `(^|[\s;{])(row-|column-)?gap:`, "a { gap: 4px; }"},
	{"logical shorthand", ".css", `(margin|padding|border)-(inline|block):`, "a { margin-inline: 4px; }"},
	{"aspect ratio", ".css", `aspect-ratio:`, "a { aspect-ratio: 1; }"},
	{"newer unit or function", ".css", `\d(dvh|svh|lvh|cqw)\b|color-mix\(|light-dark\(|clamp\(`, "a { height: 100dvh; }"},
	{"colour with spaces", ".css", `\brgb\(\d+ `, "a { color: rgb(1 2 3 / .5); }"},
}

func TestShoppersBrowsersOfLongAgoCanReadTheWidget(t *testing.T) {
	t.Parallel()
	a := loaded(t)
	for _, one := range tooNew {
		pattern := regexp.MustCompile("(?m)" + one.pattern)
		if !pattern.MatchString(one.example) {
			t.Errorf("%s: the pattern does not find its own example", one.name)
		}
		for _, name := range a.Names("widget") {
			if path.Ext(name) != one.ext {
				continue
			}
			if hit := pattern.FindString(withoutComments(string(a.Content(name)))); hit != "" {
				t.Errorf("%s uses %s: %q", name, one.name, strings.TrimSpace(hit))
			}
		}
	}
}

// Text of people must never become markup, and pages that forbid inline styles must stay able to embed the loader.
func TestTheWidgetMakesNoMarkupOutOfText(t *testing.T) {
	t.Parallel()
	a := loaded(t)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|DOMParser|createContextualFragment`)
	inline := regexp.MustCompile(`setAttribute\('style'|createElement\('(style|link|script)'`)
	for _, name := range a.Names("widget") {
		if path.Ext(name) != ".js" {
			continue
		}
		text := withoutComments(string(a.Content(name)))
		for _, pattern := range []*regexp.Regexp{markup, inline} {
			if hit := pattern.FindString(text); hit != "" {
				t.Errorf("%s uses %s", name, hit)
			}
		}
	}
}

func TestTheLoaderSetsNoCookie(t *testing.T) {
	t.Parallel()
	if bytes.Contains(loaded(t).Content("widget/loader.js"), []byte("cookie")) {
		t.Error("the loader speaks of cookies")
	}
}

func TestEveryPartStandsInABundle(t *testing.T) {
	t.Parallel()
	a := loaded(t)
	var used []string
	for _, parts := range bundles {
		used = append(used, parts...)
	}
	for _, folder := range []string{"widget/loader", "widget/frame", "widget/css"} {
		names := a.Names(folder)
		if len(names) == 0 {
			t.Errorf("%s is empty", folder)
		}
		for _, name := range names {
			if !slices.Contains(used, name) {
				t.Errorf("%s is in no bundle", name)
			}
		}
	}
}

// The console's tokens stand in layers, which old browsers do not know; so the shopper's pages have them once more.
func TestShopperAndAgentSeeTheSameColours(t *testing.T) {
	t.Parallel()
	a := loaded(t)
	value := regexp.MustCompile(`(--[\w-]+):\s*(#[0-9a-f]{6});`)
	read := func(name string) map[string][]string {
		found := map[string][]string{}
		for _, m := range value.FindAllStringSubmatch(string(a.Content(name)), -1) {
			if !slices.Contains(found[m[1]], m[2]) {
				found[m[1]] = append(found[m[1]], m[2]) // light, then dark
			}
		}
		return found
	}
	desk, widget := read("css/tokens.css"), read("widget/css/tokens.css")
	shared := 0
	for name, values := range widget {
		if want, ok := desk[name]; ok {
			shared++
			if !slices.Equal(values, want) {
				t.Errorf("%s is %v for shoppers and %v for agents", name, values, want)
			}
		}
	}
	if shared < 12 {
		t.Errorf("only %d colours are compared", shared)
	}
}

func TestCommentsAreNotServed(t *testing.T) {
	t.Parallel()
	for name := range bundles {
		if path.Ext(name) != ".js" {
			continue
		}
		for line := range strings.Lines(string(loaded(t).Content(name))) {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// withoutComments leaves out what the engines do not read.
func withoutComments(text string) string {
	text = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(text, "")
	return regexp.MustCompile(`(?m)(^|[\s;,{}])//.*$`).ReplaceAllString(text, "$1")
}

func loaded(t *testing.T) *Assets {
	t.Helper()
	a, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return a
}
