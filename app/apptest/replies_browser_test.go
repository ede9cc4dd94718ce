package apptest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
)

// writes writes a quick reply of the agent's own in the settings, by the page.
func writes(p *apptest.Page, base string, fields ...string) {
	p.Go(base + "/settings/replies/new")
	for i := 0; i < len(fields); i += 2 {
		p.Wait(fields[i])
		p.Run(fmt.Sprintf(`document.querySelector(%q).focus()`, fields[i]))
		p.Insert(fields[i+1])
	}
	p.Click(".actions .btn.primary")
	p.WaitFor(`location.pathname === "/settings/replies"`)
}

const listOpen = `!document.querySelector(".macro-box").hidden`

func body(is string) string { return fmt.Sprintf(`document.querySelector("#body").value === %q`, is) }

func TestAnAgentAnswersWithAQuickReply(t *testing.T) {
	t.Parallel()
	s, key := newScene(t)
	for _, look := range []struct {
		name, ask, slash, word string
		desk                   apptest.Look
		title, text, said      string
	}{
		{"zh, phone", "在吗，我要退款", "／", "tk", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740},
			"退款多久到账", "{{contact.name|您}}好，退款一般三天内原路退回。", "您好，退款一般三天内原路退回。"},
		{"en, desktop", "Hello, I want a refund", "/", "ref", apptest.Look{Locale: "en"},
			"Refund: how long", "Dear {{contact.name|customer}}, a refund takes three days.", "Dear customer, a refund takes three days."},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			session := call[struct{ Session string }](t, s.desk, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key, "locale": look.desk.Locale}).Session
			row := fmt.Sprintf(`.row[data-ticket="%s"]`, call[struct{ Ticket string }](t, s.desk, "POST", "/chat/v1/messages", session,
				map[string]any{"id": "1", "body": look.ask}).Ticket)
			b := apptest.NewBrowser(t, look.desk.Locale)
			p := s.signIn(b, look.desk)
			writes(p, s.base, "#f-title", look.title, "#f-text", look.text, "#f-group", look.desk.Locale)
			p.Axe("settings, quick replies")
			p.Shot("replies-" + look.desk.Locale)
			p.Go(apptest.Eval[string](p, fmt.Sprintf(`[...document.querySelectorAll("main a[href^='/settings/replies/']")].find((a) => a.closest("li, tr, article")?.innerText.includes(%q)).href`, look.title)))
			prices := filepath.Join(t.TempDir(), "prices.csv")
			if err := os.WriteFile(prices, []byte("a,b\n1,2\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			p.Choose("form[action$='/files'] input[type=file]", prices)
			p.Click("form[action$='/files'] button")
			p.WaitText("prices.csv")
			p.Axe("a quick reply with a file")
			p.Shot("reply-file-" + look.desk.Locale)

			p.Go(s.base + "/tickets")
			p.Wait(row)
			p.Click(row)
			p.WaitFor(threadSays(look.ask))
			p.Run(`document.querySelector("#body").focus()`)
			p.Insert(look.slash)
			p.WaitFor(listOpen)
			p.Axe("the list of quick replies")
			p.Shot("picker-" + look.desk.Locale)

			p.Compose(look.word) // the letters of an input method, and its Enter: nobody here takes it
			p.WaitFor(`document.querySelector("#body").dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))`)
			p.WaitFor(body(look.slash + look.word))
			p.Insert(look.word) // now they are taken in
			p.WaitFor(listOpen + ` && document.querySelector("#macro-list [aria-selected=true]")?.innerText.includes(` + fmt.Sprintf("%q", look.title) + `)`)
			p.WaitFor(`(window.since = window.since || performance.now()) + 100 < performance.now()`) // an Enter right behind the word is the input method's
			p.Key("Enter")
			p.WaitFor(body(look.said)) // put in, not sent
			p.WaitFor(`document.querySelector(".composer file-tray").innerText.includes("prices.csv")`)
			p.Axe("a quick reply with its file in the tray")
			p.Shot("reply-tray-" + look.desk.Locale)
			p.Run(`document.execCommand("undo")`)
			p.WaitFor(body(look.slash + look.word))
			p.Key("Escape")
			p.Run(`document.execCommand("redo")`)
			p.WaitFor(body(look.said))
			p.Click(".composer button.primary")
			p.WaitFor(fmt.Sprintf(`[...document.querySelectorAll(".talk article:not(.waiting)")].some((m) => m.innerText.includes(%q))`, look.said)) // the desk has it
			got := call[struct {
				Items []struct {
					Body        string
					Attachments []struct{ Name string }
				}
			}](t, s.desk, "GET", "/chat/v1/messages?after=1", session, nil)
			if n := len(got.Items); n == 0 || got.Items[n-1].Body != look.said {
				t.Errorf("the shopper got %v", got.Items)
			} else if files := got.Items[n-1].Attachments; len(files) != 1 || files[0].Name != "prices.csv" {
				t.Errorf("with the files %v", files)
			}
		})
	}
}

// Two agents: the list of the one shows what the other has open, and her own draft as soon as it is kept.
func TestTheListShowsWhoLooksAndWhatIsBegun(t *testing.T) {
	t.Parallel()
	s, key := newScene(t)
	shopperOf(t, s, key)("1", "Is anybody there?")
	s.desk.AddAgent("second@huiyin.test", "Noor", "agent", agentPassword)
	b := apptest.NewBrowser(t, "en")
	list := s.signIn(b, apptest.Look{Locale: "en"})
	other := b.Open(apptest.Look{Locale: "en"}, true, s.base+"/sign-in?next=/tickets/1001")
	other.Type("#f-email", "second@huiyin.test")
	other.Type("#f-password", agentPassword)
	other.Click("form .btn.primary")
	other.Wait("#body")
	list.WaitFor(`document.querySelector(".row-viewer")?.title.includes("Noor")`)
	list.Axe("a list with somebody at a ticket")
	list.Shot("list-viewers")

	other.Type("#body", "Yes, I am")
	other.WaitFor(`document.querySelector('.row-marks [title="You have a draft here"], .row-marks .icon')`)
	other.Go(s.base + "/preferences")
	list.WaitFor(`!document.querySelector(".row-viewer")`)
}
