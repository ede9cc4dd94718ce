package apptest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Watch is what a page and its frames did that a page of mere text does not: scripts that spoke or failed, dialogs, windows,
// downloads, what the browser refused them, and requests to others than the desk.
type Watch struct {
	page *Page
	base string

	mu   sync.Mutex
	seen []string
}

// Watch looks on from now; base is the desk's address.
func (p *Page) Watch(base string) *Watch {
	p.t.Helper()
	w := &Watch{page: p, base: base}
	yes := true
	p.do("watch", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if err := chromedp.Listen(p.ctx, w.hear); err != nil {
			return err
		}
		if err := chromedp.ListenBrowser(p.ctx, w.hear); err != nil {
			return err
		}
		deny := browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorDeny, EventsEnabled: &yes, BrowserContextID: p.context()}
		_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, deny)
		return err
	}))
	return w
}

// context is the part of the browser that the tab is in.
func (p *Page) context() (found cdp.BrowserContextID) {
	infos, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	own := chromedp.FromContext(p.ctx).Target
	for _, info := range infos {
		if own != nil && info.TargetID == own.TargetID {
			found = info.BrowserContextID
		}
	}
	return found
}

func (w *Watch) hear(event any) {
	say := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		say("exception: %s at %s", e.ExceptionDetails.Text, e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		say("console: %s", e.Type)
	case *page.EventJavascriptDialogOpening:
		say("dialog: %s", e.Message)
	case *page.EventWindowOpen:
		say("window: %s", e.URL)
	case *browser.EventDownloadWillBegin:
		say("download")
	case *log.EventEntryAdded:
		say("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if at := e.Request.URL; !strings.HasPrefix(at, w.base) && !strings.HasPrefix(at, "data:") && !strings.HasPrefix(at, "blob:") {
			say("request: %s %s %s", e.Request.Method, e.Type, at)
		}
	}
}

// Frames takes in what the page's frames have done since they began, those too that run in processes of their own, and tells
// how many these are.
func (w *Watch) Frames() (apart int) {
	w.page.t.Helper()
	infos, err := chromedp.Targets(w.page.ctx)
	if err != nil {
		w.page.t.Fatal(err)
	}
	for _, info := range infos {
		if info.Type != "iframe" || !w.page.owns(info) {
			continue
		}
		ctx, cancel := chromedp.NewContext(w.page.ctx, chromedp.WithTargetID(info.TargetID), chromedp.WithListener(w.hear)) // the browser says again what it has kept
		if err := chromedp.Do(ctx); err != nil {
			w.page.t.Errorf("look into a frame: %v", err)
		}
		w.page.t.Cleanup(cancel)
		apart++
	}
	return apart
}

// Seen is what was noticed until now; ignore leaves out what the test knows.
func (w *Watch) Seen(ignore func(string) bool) (seen []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.seen {
		if !ignore(one) {
			seen = append(seen, one)
		}
	}
	return seen
}
