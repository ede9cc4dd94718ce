package static_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"huiyin/static"
)

// The pure functions of js/lib, run where they run: in a browser. An expression sees every module by its name.
const libPage = `<!doctype html><html lang="en"><meta charset="utf-8"><body data-zone="Asia/Shanghai" data-agent="7">
<template id="blank-message"><article><span data-slot="name"></span><div data-slot="text"></div><p data-slot="hidden"></p><div data-slot="files"></div><span data-slot="kind"></span>
<time data-slot="time"></time><span data-slot="state"></span></article></template>
<script type="application/json" id="texts">{"time.now":"now","time.today":"Today","time.yesterday":"Yesterday","time.minutes":"{{.count}} min",
"time.hours":"{{.count}} h","time.days":{"one":"{{.count}} day","other":"{{.count}} days"},"console.masked.card.id_card":"Hidden","console.message.note":"Note","console.message.read":"Read",
"console.message.recalled":"Recalled","console.event.taken":"{{.who}} took it","console.event.assigned":"{{.who}} gave it to {{.whom}}"}</script>
<script type="module">
const names = ["backoff", "enter", "event", "keys", "linkify", "macro-match", "macro-text", "message", "outbox", "place", "reconcile", "text", "when"];
const modules = await Promise.all(names.map((n) => import("/static/js/lib/" + n + ".js")));
window.lib = Object.fromEntries(names.map((n, i) => [n, modules[i]]));
</script></body></html>`

func TestScriptLibrary(t *testing.T) {
	t.Parallel()
	ctx := openLibrary(t)
	for _, test := range libraryCases(t) {
		t.Run(test.name, func(t *testing.T) {
			got, err := evaluate(ctx, test.expression)
			if err != nil {
				t.Fatal(err)
			}
			if want := normal(t, test.want); !reflect.DeepEqual(got, want) {
				t.Errorf("%s\ngot  %v\nwant %v", test.expression, got, want)
			}
		})
	}
}

func evaluate(ctx context.Context, expression string) (any, error) {
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		fmt.Sprintf(`(() => { const L = window.lib; return JSON.stringify((%s) ?? null); })()`, expression)))
	if err != nil {
		return nil, err
	}
	var value any
	err = json.Unmarshal([]byte(text), &value)
	return value, err
}

// normal is a value as JSON gives it back.
func normal(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// openLibrary opens a browser on the page with all modules. Without Chromium the test is skipped.
func openLibrary(t testing.TB) context.Context {
	t.Helper()
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, assets)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(libPage))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium(t)), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); cancel(); stop() })
	patient, done := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(done)
	if err := chromedp.Do(patient, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	for {
		ready, err := chromedp.Run(patient, chromedp.Evaluate[bool](`Boolean(window.lib)`))
		if err != nil {
			t.Fatal(err)
		}
		if ready {
			return patient
		}
		time.Sleep(20 * time.Millisecond)
	}
}

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
	if os.Getenv("HUIYIN_TEST_REQUIRED") != "" {
		t.Fatal("Chromium is missing (HUIYIN_TEST_CHROMIUM)")
	}
	t.Skip("needs Chromium: install it or set HUIYIN_TEST_CHROMIUM")
	return ""
}

func TestDarkHasTheSameValuesBothWays(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	block := func(selector string) string {
		_, rest, found := strings.Cut(string(css), selector+" {")
		if !found {
			t.Fatalf("tokens.css has no %s", selector)
		}
		body, _, _ := strings.Cut(rest, "}")
		return strings.Join(strings.Fields(body), " ")
	}
	if system, chosen := block(":root:not([data-theme=light])"), block(":root[data-theme=dark]"); system != chosen {
		t.Errorf("the system's dark is\n%s\nthe chosen dark is\n%s", system, chosen)
	}
}
