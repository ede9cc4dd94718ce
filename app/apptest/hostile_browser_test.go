package apptest_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"huiyin/app/apptest"
	"huiyin/mailin/safe/safetest"
)

// elsewhere is every other server of the world: what a browser asks of any host but the desk's arrives here.
type elsewhere struct {
	mu    sync.Mutex
	asked []string // host, destination as the browser calls it, what it says of us
}

func startElsewhere(t *testing.T) (e *elsewhere, flags []chromedp.ExecAllocatorOption) {
	t.Helper()
	e = &elsewhere{}
	plain, secure := httptest.NewServer(e), httptest.NewTLSServer(e)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	port := func(s *httptest.Server) int { return s.Listener.Addr().(*net.TCPAddr).Port }
	rules := fmt.Sprintf("MAP *:443 127.0.0.1:%d,MAP *:80 127.0.0.1:%d,EXCLUDE 127.0.0.1", port(secure), port(plain))
	// One process for all frames: what the frame's walls hold back is the same, and hundreds of processes take minutes.
	together := chromedp.Flag("disable-features", "IsolateSandboxedIframes")
	return e, []chromedp.ExecAllocatorOption{chromedp.Flag("host-resolver-rules", rules), chromedp.IgnoreCertErrors, together}
}

func (e *elsewhere) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, strings.TrimSpace(r.Host+" "+r.Header.Get("Sec-Fetch-Dest")+" "+r.Referer()+r.Header.Get("Cookie")))
	dot, _ := base64.StdEncoding.DecodeString(leaf) // a constant
	w.Header().Set("Content-Type", "image/gif")
	_, _ = w.Write(dot)
}

// wasAsked gives what was asked of hosts that mails name; what the browser asks for itself is not theirs.
func (e *elsewhere) wasAsked() (asked []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.asked {
		if strings.Contains(one, ".example") {
			asked = append(asked, one)
		}
	}
	return asked
}

// hostileMail is a mail whose HTML is what it is given; all are of one ticket.
func hostileMail(n int, source string) string {
	body := base64.StdEncoding.EncodeToString([]byte("<p>mail " + strconv.Itoa(n) + "</p>" + source))
	return fmt.Sprintf("Message-ID: <h%d@%s>\nReferences: <h0@%[2]s>\nFrom: mallory@%[2]s\nTo: support@shop.test\nSubject: hostile\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n%s\n", n, safetest.Host, body)
}

// listening counts the frames that are loaded, and what they say to the page around them.
const listening = `window.heard = [], window.loaded = new Set(), window.marker = 1, addEventListener("message", (e) => heard.push(String(e.data))),
	document.addEventListener("load", (e) => e.target.tagName === "IFRAME" && loaded.add(e.target), true)`

// namesOf are the names of a page that a frame might take.
const namesOf = `JSON.stringify([...["getElementById", "cookie", "location", "attributes", "defaultView", "x", "y", "f", "self", "document", "innerHTML", "main"].map((n) =>
	n + ":" + typeof document[n] + (n === "location" || n === "document" || n === "self" ? "" : typeof window[n])), document.getElementById("main")?.tagName, window.self === window])`

// onTop tells of what can be pressed in the console and does not answer for itself.
const onTop = `[...document.querySelectorAll(".thread-head button, .composer button, .rail a, .list a, .thread-head a, .thread-head summary, .composer textarea")].filter((e) => {
	const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
	if (!e.checkVisibility() || !r.width || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
	const at = document.elementFromPoint(x, y);
	return !at || at.tagName === "IFRAME" || at.closest(".letter-sheet");
}).map((e) => e.outerHTML.slice(0, 80))`

// unharmed fails when something in the frames reached the page or the world.
func unharmed(t *testing.T, what string, p *apptest.Page, names, at string) {
	t.Helper()
	if heard := apptest.Eval[[]string](p, `heard`); len(heard) > 0 {
		t.Errorf("%s: %d scripts ran: %v", what, len(heard), heard[0])
	}
	if got := apptest.Eval[string](p, `location.href`); got != at || !apptest.Eval[bool](p, `window.marker === 1`) {
		t.Errorf("%s: the page was led to %s", what, got)
	}
	if got := apptest.Eval[string](p, namesOf); got != names {
		t.Errorf("%s: names of the page were taken:\n%s\n%s", what, names, got)
	}
	if got := apptest.Eval[[]string](p, onTop); len(got) > 0 {
		t.Errorf("%s: something covers %v", what, got)
	}
}

// load loads all frames, some at a time; address is the expression of a frame's address, f.
func load(p *apptest.Page, frames int, address string) {
	const some = 50
	p.Run(`loaded.clear()`)
	for from := 0; from < frames; from += some {
		p.Run(fmt.Sprintf(`[...document.querySelectorAll(".letter-sheet iframe")].slice(%d, %d).forEach((f) => { f.loading = "eager"; f.src = %s; })`, from, from+some, address))
		p.WaitFor(fmt.Sprintf(`loaded.size >= %d`, min(frames, from+some)))
	}
}

// Each hostile mail is opened in the console as it was sent, first as it is, then with pictures of other servers. Nothing of it
// runs, leaves, leads away, covers the console or takes its names, and the browser has nothing to refuse: it never sees it.
func TestHostileMailsDoNothingInTheConsole(t *testing.T) {
	t.Parallel()
	world, flags := startElsewhere(t)
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	box := openMailbox(t, desk)
	sources := safetest.Mails()
	if len(sources) < 150 {
		t.Fatalf("%d mails, want 150", len(sources))
	}
	mails := make([]string, len(sources))
	for i, source := range sources {
		mails[i] = hostileMail(i, source)
	}
	box.put(mails...)
	box.settled()
	b := apptest.StartBrowser(t, t.TempDir(), "en", flags...)
	p := b.OpenAs(desk, desk.Base(), agentEmail, agentPassword, apptest.Look{Locale: "en"}, "/tickets/1001")
	p.Wait(".letter-head")
	watch := p.Watch(desk.Base())
	p.Run(listening)
	names, at := apptest.Eval[string](p, namesOf), apptest.Eval[string](p, `location.href`)
	p.WaitFor(`(document.querySelector(".earlier")?.click(), !document.querySelector(".earlier"))`)
	p.WaitFor(fmt.Sprintf(`document.querySelectorAll("unfold-part[data-from$='/original']").length === %d`, len(mails)))
	p.Run(`document.querySelectorAll("unfold-part[data-from$='/original'] details").forEach((d) => d.open = true)`)
	p.WaitFor(fmt.Sprintf(`document.querySelectorAll(".letter-sheet iframe").length === %d`, len(mails)))
	load(p, len(mails), "f.src")
	unharmed(t, "as they are", p, names, at)
	apart := watch.Frames()
	t.Logf("%d mails, %d frames in processes of their own", len(mails), apart)
	for _, seen := range watch.Seen(func(string) bool { return false }) {
		t.Error("as they are: " + seen)
	}
	if asked := world.wasAsked(); len(asked) > 0 {
		t.Errorf("other servers were asked: %q", asked)
	}
	load(p, len(mails), `f.src + "?remote=1"`)
	unharmed(t, "with pictures of others", p, names, at)
	watch.Frames()
	for _, seen := range watch.Seen(func(seen string) bool {
		return strings.HasPrefix(seen, "request: GET Image https://"+safetest.Host+"/")
	}) {
		t.Error("with pictures of others: " + seen)
	}
	asked := world.wasAsked()
	for _, one := range asked {
		if one != safetest.Host+" image" {
			t.Errorf("asked elsewhere: %s", one)
		}
	}
	if len(asked) == 0 {
		t.Error("no picture of another server was fetched: the test sees nothing")
	}
}

// The frame holds by itself: the same mails, not cleaned at all, behind the same policies and in the same frame.
func TestTheFrameHoldsHostileMailsThatNobodyCleaned(t *testing.T) {
	t.Parallel()
	world, flags := startElsewhere(t)
	desk := apptest.StartProcess(t)
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	box := openMailbox(t, desk)
	box.put(hostileMail(0, "x"))
	box.settled()
	walls := wallsOf(t, desk)
	sources := safetest.Mails()
	var base string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/mail/"))
		if err != nil {
			w.Header().Set("Content-Security-Policy", walls.console)
			_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>x</title><main id="main"></main>`))
			for i := range sources {
				_, _ = fmt.Fprintf(w, `<div class="letter-sheet"><iframe data-src="/mail/%d" %s></iframe></div>`, i, walls.frame)
			}
			return
		}
		policy := walls.mail
		if r.URL.Query().Get("remote") != "" {
			policy = walls.remote
		}
		w.Header().Set("Content-Security-Policy", strings.ReplaceAll(policy, desk.Base(), base))
		_, _ = w.Write([]byte("<!doctype html><title>x</title>" + sources[n]))
	}))
	t.Cleanup(shop.Close)
	base = shop.URL
	b := apptest.StartBrowser(t, t.TempDir(), "en", flags...)
	p := b.Open(apptest.Look{Locale: "en"}, true, base+"/mail/none")
	watch := p.Watch(base)
	names := apptest.Eval[string](p, namesOf)
	p.Run(listening)
	at := apptest.Eval[string](p, `location.href`)
	for _, remote := range []bool{false, true} {
		what := map[bool]string{false: "as they are", true: "with pictures of others"}[remote]
		load(p, len(sources), fmt.Sprintf(`f.dataset.src + (%v ? "?remote=1" : "")`, remote))
		unharmed(t, what, p, names, at)
		watch.Frames()
		for _, seen := range watch.Seen(func(seen string) bool { return !ran.MatchString(seen) }) { // what was refused is as it should be
			t.Error(what + ": " + seen)
		}
		for _, one := range world.wasAsked() {
			if !remote || one != safetest.Host+" image" {
				t.Errorf("%s: asked elsewhere: %s", what, one)
			}
		}
	}
}

// ran is what Watch says of things that happened, and not of what was refused.
var ran = regexp.MustCompile(`^(?:exception|console|dialog|window|download)`)

// A link of a mail opens in a tab of its own, and the page there learns nothing of the desk.
func TestLinksOfAMailOpenInTabsOfTheirOwn(t *testing.T) {
	t.Parallel()
	world, flags := startElsewhere(t)
	desk := apptest.StartProcess(t)
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	box := openMailbox(t, desk)
	box.put(hostileMail(0, `<a href="https://courier.example/track?7">where it is</a>`))
	box.settled()
	b := apptest.StartBrowser(t, t.TempDir(), "en", flags...)
	p := b.OpenAs(desk, desk.Base(), agentEmail, agentPassword, apptest.Look{Locale: "en"}, "/tickets/1001")
	p.Wait(".letter-head")
	p.Run(listening)
	p.Run(`document.querySelector("unfold-part[data-from$='/original'] details").open = true`)
	p.WaitFor(`loaded.size === 1`)
	p.Run(`document.querySelector(".letter-sheet iframe").focus()`)
	p.Press("\t")
	p.Press("\r")
	for deadline := time.Now().Add(20 * time.Second); len(world.wasAsked()) == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
	}
	if asked := world.wasAsked(); len(asked) == 0 || asked[0] != "courier.example document" {
		t.Errorf("asked: %q", asked)
	}
	if at := apptest.Eval[string](p, `location.pathname`); at != "/tickets/1001" {
		t.Errorf("the console went to %s", at)
	}
}

// walls are what the console puts around a mail.
type walls struct{ console, mail, remote, frame string }

var sandboxed = regexp.MustCompile(`<iframe src="([^"]+)"[^>]* (sandbox="[^"]*")`)

// wallsOf reads them from a desk whose first ticket has a mail.
func wallsOf(t *testing.T, desk *apptest.Process) (w walls) {
	t.Helper()
	get := func(path string) (http.Header, string) {
		header, body := desk.GetAs(t, agentEmail, agentPassword, path)
		return header, body
	}
	const policy = "Content-Security-Policy"
	header, page := get("/tickets/1001")
	w.console = header.Get(policy)
	part := regexp.MustCompile(`data-from="([^"]+/original)"`).FindStringSubmatch(page)
	if part == nil {
		t.Fatal("the ticket has no mail")
	}
	_, original := get(html.UnescapeString(part[1]))
	frame := sandboxed.FindStringSubmatch(original)
	if frame == nil {
		t.Fatalf("no frame: %s", original)
	}
	w.frame = frame[2]
	src, err := url.Parse(html.UnescapeString(frame[1]))
	if err != nil {
		t.Fatal(err)
	}
	header, _ = get(src.Path)
	w.mail = header.Get(policy)
	header, _ = get(src.Path + "?remote=1")
	w.remote = header.Get(policy)
	return w
}
