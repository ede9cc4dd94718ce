package apptest

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// browserPatience is how long a step in the browser may take on a busy machine.
const browserPatience = time.Minute

// Look is how a person sees the pages.
type Look struct {
	Locale        string // zh-CN or en
	Width, Height int64  // 0: 1280 × 800
	Dark          bool
}

// Browser is a browser whose cookies and storage no other Browser shares.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	quit context.CancelFunc
}

// NewBrowser gives a browser that asks for pages in a language. It is a part of its own of the one Chromium of that
// language that all tests of the package share, since to start one takes seconds. Closed, it has forgotten all. Without
// Chromium the test is skipped and says so.
func NewBrowser(t testing.TB, locale string) *Browser {
	t.Helper()
	root, err := sharedChromium(t, locale)
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	ctx, cancel := context.WithTimeout(root, browserPatience)
	defer cancel()
	made, err := chromedp.CallBrowser(ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		t.Fatalf("a browser of its own: %v", err)
	}
	own, end := chromedp.NewContext(root, chromedp.WithExistingBrowserContext(made.BrowserContextID))
	b := &Browser{t: t, ctx: own, quit: sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(root, browserPatience)
		defer cancel()
		_, _ = chromedp.CallBrowser(ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams(made)) // a dead Chromium keeps nothing either
		end()
	})}
	t.Cleanup(b.quit)
	return b
}

// OpenBrowser is NewBrowser for a test without wishes of its own, and StartBrowser for one with options.
func OpenBrowser(t testing.TB, profile, locale string, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	if len(more) == 0 {
		return NewBrowser(t, locale)
	}
	return StartBrowser(t, profile, locale, more...)
}

// Close ends the browser as a person closing it does.
func (b *Browser) Close() { b.quit() }

// In is the same browser in a subtest, which then fails by itself.
func (b *Browser) In(t testing.TB) *Browser { return &Browser{t: t, ctx: b.ctx, quit: b.quit} }

func chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("HUIYIN_TEST_CHROMIUM"); path != "" {
		return path
	}
	if path := firstProgram("chromium", "chromium-browser", "google-chrome"); path != "" {
		return path
	}
	Missing(t, "Chromium", "HUIYIN_TEST_CHROMIUM")
	return ""
}

// shell is Chromium without its windows, where it is installed: pages are the same in it and it costs a quarter.
func shell(t testing.TB) string {
	t.Helper()
	if path := firstProgram("chromium-headless-shell", "chrome-headless-shell"); path != "" {
		return path
	}
	return chromium(t)
}

func firstProgram(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Missing skips a test whose program is missing; under `make test`, which installs them all, it fails.
func Missing(t testing.TB, program, variable string) {
	t.Helper()
	if os.Getenv("HUIYIN_TEST_REQUIRED") != "" {
		t.Fatalf("%s is missing (%s)", program, variable)
	}
	t.Skipf("needs %s: install it or set %s", program, variable)
}
