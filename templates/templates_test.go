package templates_test

import (
	"html/template"
	"io"
	"strings"
	"testing"

	"huiyin/templates"
)

// funcs stand in for those of app/web, by name: parsing asks for no more.
var funcs = template.FuncMap{
	"asset": func(string) (string, error) { return "", nil }, "importmap": func(string) template.HTML { return "" },
	"modules": func() []string { return nil }, "styles": func() []string { return nil }, "icon": func(string) template.HTML { return "" },
}

func TestEveryPageParses(t *testing.T) {
	t.Parallel()
	set, err := templates.Load(funcs)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Names()) < 8 {
		t.Fatalf("found only %v", set.Names())
	}
	for _, name := range set.Names() {
		// Without data every page fails, but not before it is parsed.
		if err := set.Render(io.Discard, name, nil); err != nil && !strings.Contains(err.Error(), "nil data") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := set.Render(io.Discard, "agent/absent", nil); err == nil {
		t.Error("a page that does not exist is rendered")
	}
}
