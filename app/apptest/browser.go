package apptest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browserPatience is how long a step in the browser may take on a busy machine.
const browserPatience = 20 * time.Second

// Look is how a person sees the pages.
type Look struct {
	Locale        string // zh-CN or en
	Width, Height int64  // 0: 1280 × 800
	Dark          bool
}

// Browser is a Chromium of its own with third-party storage blocked.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	quit context.CancelFunc
}

// OpenBrowser starts Chromium on a profile folder; the same folder again is the same person after a restart. Without
// Chromium the test is skipped and says so.
func OpenBrowser(t testing.TB, profile, locale string, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path := chromium(t)
	blockThirdParty(t, profile, locale)
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 800), chromedp.Flag("lang", locale),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("accept-lang", locale),
		chromedp.Flag("test-third-party-cookie-phaseout", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(60 * time.Second),
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	ctx, cancel := chromedp.NewContext(alloc)
	b := &Browser{t: t, ctx: ctx, quit: sync.OnceFunc(func() { _ = chromedp.Cancel(ctx); cancel(); stop() })}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	t.Cleanup(b.quit)
	return b
}

// Close ends the browser as a person closing it does.
func (b *Browser) Close() { b.quit() }

func chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("HUIYIN_TEST_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "Chromium", "HUIYIN_TEST_CHROMIUM")
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

// blockThirdParty writes the profile's settings that keep an iframe of another site from cookies and storage.
func blockThirdParty(t testing.TB, profile, locale string) {
	t.Helper()
	dir := filepath.Join(profile, "Default")
	file := filepath.Join(dir, "Preferences")
	if _, err := os.Stat(file); err == nil {
		return
	}
	prefs, err := json.Marshal(map[string]any{
		"profile": map[string]any{"block_third_party_cookies": true, "cookie_controls_mode": 1},
		"intl":    map[string]any{"accept_languages": locale, "selected_languages": locale},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, prefs, 0o600); err != nil {
		t.Fatal(err)
	}
}
