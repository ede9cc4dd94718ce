package apptest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Page is a tab, or an iframe of another site in one.
type Page struct {
	t   testing.TB
	ctx context.Context
}

// Open opens a tab with a look and goes to an address. Private tabs share nothing with the others.
func (b *Browser) Open(look Look, private bool, url string) *Page {
	b.t.Helper()
	p := b.tab(look, private)
	p.Go(url)
	return p
}

func (b *Browser) tab(look Look, private bool) *Page {
	b.t.Helper()
	var opts []chromedp.ContextOption
	if private {
		opts = append(opts, chromedp.WithNewBrowserContext())
	}
	ctx, cancel := chromedp.NewContext(b.ctx, opts...)
	b.t.Cleanup(cancel)
	if look.Width == 0 {
		look.Width, look.Height = 1280, 800
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatal(err)
	}
	p := &Page{t: b.t, ctx: ctx}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	p.do("look", chromedp.EmulateViewport(look.Width, look.Height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			return err
		}
		// Each tab is the one that its person looks at: those of other tests do not take its focus.
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	return p
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.shotAfterFailure())
	}
}

func (p *Page) shotAfterFailure() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText.slice(0, 2000)"))
	if err != nil {
		return "the page cannot be read: " + err.Error()
	}
	return "the page was " + text
}

// Go goes to an address. A page that still comes in is waited for; where its end breaks off the way to the next one all
// the same, the way is taken again.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.WaitFor(`document.readyState === "complete"`)
	p.do("go to "+url, func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		for range 3 {
			var broken *chromedp.LoadError
			if none, err = chromedp.Navigate(url)(ctx, t); !errors.As(err, &broken) || broken.ErrorText != "net::ERR_ABORTED" {
				break
			}
		}
		return none, err
	})
}

// Reload loads the page again.
func (p *Page) Reload() { p.t.Helper(); p.do("reload", chromedp.Reload()) }

// Wait waits until an element is visible.
func (p *Page) Wait(css string) {
	p.t.Helper()
	p.do("wait for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// Click clicks an element.
func (p *Page) Click(css string) {
	p.t.Helper()
	p.do("click "+css, chromedp.Click(chromedp.CSS(css)))
}

// Type writes into an element, key by key; "\r" is Enter.
func (p *Page) Type(css, text string) {
	p.t.Helper()
	p.do("type into "+css, chromedp.WaitVisible(chromedp.CSS(css)), chromedp.SendKeys(chromedp.CSS(css), text))
}

// Press presses keys where the focus is.
func (p *Page) Press(keys string, opts ...chromedp.KeyOption) {
	p.t.Helper()
	p.do("press "+keys, chromedp.KeyEvent(keys, opts...))
}

// WaitText waits until the page's text contains all of the words.
func (p *Page) WaitText(words ...string) {
	p.t.Helper()
	for _, w := range words {
		p.WaitFor(fmt.Sprintf("document.body.innerText.includes(%s)", quoteJS(w)))
	}
}

// WaitFor waits until an expression is true.
func (p *Page) WaitFor(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(browserPatience)
	for {
		ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("never true: %s (%v)\n%s", expression, err, p.shotAfterFailure())
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// Eval evaluates an expression, waiting for its promise. A page that still comes in is waited for: half of it would be
// without what is asked for.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	p.WaitFor(`document.readyState !== "loading"`)
	ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %.120s: %v", expression, err)
	}
	return v
}

// Run runs a script for what it does.
func (p *Page) Run(script string) { p.t.Helper(); Eval[bool](p, "("+script+", true)") }

// Frame is the iframe of another site whose address begins with prefix.
func (p *Page) Frame(prefix string) *Page {
	p.t.Helper()
	deadline := time.Now().Add(browserPatience)
	for time.Now().Before(deadline) {
		infos, err := chromedp.Targets(p.ctx)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, info := range infos {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, prefix) && p.owns(info) {
				ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(info.TargetID))
				p.t.Cleanup(cancel)
				if chromedp.Do(ctx) == nil {
					return &Page{t: p.t, ctx: ctx}
				}
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("no iframe at %s", prefix)
	return nil
}

// owns tells whether the iframe belongs to this tab and not to another of the same browser.
func (p *Page) owns(info *target.Info) bool {
	own := chromedp.FromContext(p.ctx).Target
	return own != nil && (info.ParentFrameID == "" || string(info.ParentFrameID) == string(own.TargetID))
}

// Insets gives the screen a notch and a home bar, in pixels.
func (p *Page) Insets(top, right, bottom, left int64) {
	p.t.Helper()
	edges := emulation.SafeAreaInsets{Top: &top, Right: &right, Bottom: &bottom, Left: &left}
	p.do("set the insets", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetSafeAreaInsetsOverride, emulation.SetSafeAreaInsetsOverrideParams{Insets: &edges})
		return err
	}))
}

// Choose puts files into a file input, as a person does in the dialog that it opens.
func (p *Page) Choose(css string, files ...string) {
	p.t.Helper()
	p.do("choose files for "+css, chromedp.SetUploadFiles(chromedp.CSS(css), files))
}
