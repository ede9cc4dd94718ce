package apptest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// Shot writes a screenshot into the folder of HUIYIN_SHOTS, where people look at it; without the variable it only checks
// that one can be made.
func (p *Page) Shot(name string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	if dir := os.Getenv("HUIYIN_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// Axe runs axe-core on the page and fails on every violation.
func (p *Page) Axe(what string) {
	p.t.Helper()
	script := axe(p.t)
	p.WaitFor(`document.readyState !== "loading"`) // half a page has no landmarks
	if !Eval[bool](p, `"axe" in window`) {         // half a megabyte, once for each document
		Eval[bool](p, script+";true")
	}
	found := Eval[[]string](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v =>
		v.id + ": " + v.help + " at " + v.nodes.map(n => n.target.join(" ") + " (" + n.failureSummary + ")").join("; ")))`)
	for _, f := range found {
		p.t.Errorf("%s: %s", what, f)
	}
}

func axe(t testing.TB) string {
	t.Helper()
	path := os.Getenv("HUIYIN_TEST_AXE")
	if path == "" {
		Missing(t, "axe-core", "HUIYIN_TEST_AXE")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func quoteJS(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
