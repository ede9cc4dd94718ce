package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func testLibrary(t *testing.T) *library {
	t.Helper()
	lib, err := loadLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

var braces = regexp.MustCompile(`\{(\w*)\}`)

func TestEveryScenarioIsWhole(t *testing.T) {
	t.Parallel()
	lib := testLibrary(t)
	seen := map[string]bool{}
	for locale, list := range lib.scenarios {
		for _, s := range list {
			name := locale + " " + s.name
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			if _, ok := teamOf[s.team]; !ok {
				t.Errorf("%s: no team %q", name, s.team)
			}
			if len(goodsOf(s.product)) == 0 {
				t.Errorf("%s: no goods of kind %q", name, s.product)
			}
			if s.page != "product" && pageTitles[s.page][locale] == "" {
				t.Errorf("%s: no page %q", name, s.page)
			}
			if len(s.tags) == 0 || len(s.lines) == 0 || s.lines[0].kind != '>' || s.lines[0].maybe {
				t.Errorf("%s: needs tags, and the shopper to begin", name)
			}
			if spoken := slices.DeleteFunc(slices.Clone(s.lines), func(l line) bool { return l.kind != '>' && l.kind != '<' }); len(spoken) < 3 && s.ends == "solved" {
				t.Errorf("%s: fewer than three turns", name)
			}
		}
	}
}

func TestTheLibraryIsRich(t *testing.T) {
	t.Parallel()
	lib := testLibrary(t)
	for locale, least := range map[string]int{zh: 40, en: 20} {
		if n := len(lib.scenarios[locale]); n < least {
			t.Errorf("%s: %d scenarios, want %d at least", locale, n, least)
		}
	}
}

func TestEveryPlaceInATextHasAValue(t *testing.T) {
	t.Parallel()
	lib := testLibrary(t)
	for locale, list := range lib.scenarios {
		values, _ := newSlots(testRand(1), &scenario{locale: locale}, nil, testNow)
		known := func(name string) bool {
			_, slot := values[name]
			return slot || len(lib.phrases[locale][name]) > 0 || name == "agent" || name == "colleague"
		}
		for _, s := range list {
			for _, l := range s.lines {
				for _, text := range l.texts {
					if strings.Count(text, "{") != len(braces.FindAllString(text, -1)) {
						t.Errorf("%s %s: odd braces in %q", locale, s.name, text)
					}
					for _, m := range braces.FindAllStringSubmatch(text, -1) {
						if !known(m[1]) {
							t.Errorf("%s %s: nothing stands for {%s}", locale, s.name, m[1])
						}
					}
				}
			}
		}
	}
}

func TestAMistakeInATextIsFound(t *testing.T) {
	t.Parallel()
	for rule, text := range map[string]string{
		"a line before the first scenario": "> hello",
		"an unknown header":                "# a\ncolour: blue",
		"an unknown action":                "# a\n+ assign nobody",
		"a pause that is none":             "# a\n~ long",
		"an empty line of a person":        "# a\n>",
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if list, err := parseScenarios(en, strings.NewReader(text)); err == nil {
				t.Errorf("read %q as %+v", text, list)
			}
		})
	}
}

func TestALineMayGoOnInTheNext(t *testing.T) {
	t.Parallel()
	list, err := parseScenarios(en, strings.NewReader("# a\n> one\n  two || three\n"))
	if err != nil || len(list) != 1 || !slices.Equal(list[0].lines[0].texts, []string{"one\ntwo", "three"}) {
		t.Errorf("got %+v, %v", list, err)
	}
}
