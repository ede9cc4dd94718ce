package apptest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// process is a Chromium that runs.
type process struct {
	ctx  context.Context
	quit context.CancelFunc
}

// StartBrowser starts a Chromium of its own on a profile folder, for a test that needs options of its own, a restart (the
// same folder again is the same person) or a shop's page with the desk's iframe in it: the profile's block of third-party
// storage is known to hold in Chromium proper. All other tests take NewBrowser.
func StartBrowser(t testing.TB, profile, locale string, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	p, err := launch(chromium(t), profile, locale, more...)
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	t.Cleanup(p.quit)
	return &Browser{t: t, ctx: p.ctx, quit: p.quit}
}

func launch(path, profile, locale string, more ...chromedp.ExecAllocatorOption) (process, error) {
	if err := blockThirdParty(profile, locale); err != nil {
		return process{}, err
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 800), chromedp.Flag("lang", locale),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("accept-lang", locale),
		chromedp.Flag("test-third-party-cookie-phaseout", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("site-per-process", true), // an iframe of another site is a target of its own, as a window's are
		// A window behind another one is as alive as the one before it: tests share the screen.
		chromedp.Flag("disable-backgrounding-occluded-windows", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.WSURLReadTimeout(60 * time.Second),
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	ctx, cancel := chromedp.NewContext(alloc)
	p := process{ctx, sync.OnceFunc(func() { _ = chromedp.Cancel(ctx); cancel(); stop() })}
	if err := chromedp.Do(ctx); err != nil {
		p.quit()
		return process{}, err
	}
	return p, nil
}

// running are the Chromiums that the tests of a package share: a Chromium has one language.
var running struct {
	sync.Mutex
	dir      string
	byLocale map[string]process
}

// sharedChromium gives the Chromium of a language; the first call starts it, and so does one after a crash.
func sharedChromium(t testing.TB, locale string) (context.Context, error) {
	t.Helper()
	path := shell(t)
	running.Lock()
	defer running.Unlock()
	if p, ok := running.byLocale[locale]; ok {
		if p.ctx.Err() == nil {
			return p.ctx, nil
		}
		p.quit()
	}
	if running.dir == "" {
		dir, err := os.MkdirTemp("", "huiyin-chromium-")
		if err != nil {
			return nil, err
		}
		running.dir, running.byLocale = dir, map[string]process{}
	}
	profile, err := os.MkdirTemp(running.dir, locale+"-")
	if err != nil {
		return nil, err
	}
	p, err := launch(path, profile, locale)
	if err != nil {
		return nil, err
	}
	running.byLocale[locale] = p
	return p.ctx, nil
}

func closeChromiums() {
	running.Lock()
	defer running.Unlock()
	for _, p := range running.byLocale {
		p.quit()
	}
	if running.dir != "" {
		_ = os.RemoveAll(running.dir)
	}
}

// blockThirdParty writes the profile's settings that keep an iframe of another site from cookies and storage.
func blockThirdParty(profile, locale string) error {
	dir := filepath.Join(profile, "Default")
	file := filepath.Join(dir, "Preferences")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	prefs, err := json.Marshal(map[string]any{
		"profile": map[string]any{"block_third_party_cookies": true, "cookie_controls_mode": 1},
		"intl":    map[string]any{"accept_languages": locale, "selected_languages": locale},
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, prefs, 0o600)
}
