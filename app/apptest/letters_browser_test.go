package apptest_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// mailbox is an e-mail inbox of a desk that runs, into which mails are put as its reader does.
type mailbox struct {
	t    *testing.T
	desk *app.Desk
	mail *mailin.Service
	box  id.ID
	uids uint32
}

// openMailbox makes an inbox on a desk's data, beside the desk.
func openMailbox(t *testing.T, p *apptest.Process) *mailbox {
	t.Helper()
	d, err := app.OpenDesk(t.Context(), config.Desk{Data: p.Dir, Migrate: "check"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // only a connection that ends with the test
	box, err := d.Tickets.CreateInbox(t.Context(), tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "客服邮箱"})
	if err != nil {
		t.Fatal(err)
	}
	m := mailin.New(mailin.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: d.Log})
	if err := m.Save(t.Context(), mailin.Account{InboxID: box.ID, Address: "support@shop.test", IMAP: mailin.Server{Host: "imap.shop.test"}}); err != nil {
		t.Fatal(err)
	}
	return &mailbox{t: t, desk: d, mail: m, box: box.ID}
}

func (m *mailbox) put(raws ...string) {
	m.t.Helper()
	var mails []imapbox.Mail
	for _, raw := range raws {
		m.uids++
		raw = strings.ReplaceAll(raw, "\n", "\r\n")
		mails = append(mails, imapbox.Mail{UID: m.uids, Raw: []byte(raw), At: time.Now(), Size: int64(len(raw))})
	}
	if err := m.mail.Keep(m.t.Context(), m.box, 1, mails...); err != nil {
		m.t.Fatal(err)
	}
}

// settled waits until a message was made of every mail.
func (m *mailbox) settled() {
	m.t.Helper()
	for deadline, left := time.Now().Add(40*time.Second), 1; left > 0; time.Sleep(100 * time.Millisecond) {
		if err := m.desk.DB.Read(m.t.Context()).Raw(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'new'`).Row().Scan(&left); err != nil {
			m.t.Fatal(err)
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%d mails wait", left)
		}
	}
}

// leaf is a small green picture.
const leaf = "R0lGODlhEAAQAIAAAAtrUwAAACH5BAAAAAAALAAAAAAQABAAAAIOhI+py+0Po5y02ouzPgUAOw=="

// complaint is a mail as people send them: an answer with a quotation, its HTML with pictures, files, many people.
const complaint = `Message-ID: <%[1]s@mail.example>
From: "%[2]s" <zhang@mail.example>
To: support@shop.test, one@team.example, two@team.example, three@team.example, four@team.example
Cc: "Boss" <boss@team.example>
Subject: %[3]s
%[4]sDate: Thu, 26 Nov 2026 10:00:00 +0800
MIME-Version: 1.0
Content-Type: multipart/related; boundary=in

--in
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

%[5]s

On Wed, 25 Nov 2026 at 09:00, Shop <support@shop.test> wrote:
> How is the cup that you bought?

--alt
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<table width="600" bgcolor="#eef6f2" cellpadding="12"><tr><td><h2 style="color:#0b6b53">%[5]s</h2><img src="cid:leaf@x" width="64" height="64" alt="leaf">
<p><a href="https://shop.example/orders/7">Order 7</a></p><img src="https://away.example/banner.png" alt="banner" width="300" height="60"></td></tr></table>
--alt--
--in
Content-Type: image/gif; name=leaf.gif
Content-ID: <leaf@x>
Content-Disposition: inline; filename=leaf.gif
Content-Transfer-Encoding: base64

` + leaf + `
--in
Content-Type: application/octet-stream; name=setup.exe
Content-Disposition: attachment; filename=setup.exe
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
--in--
`

// An agent reads mails: who wrote to whom, what they quote, what they looked like. What comes while she reads looks the same.
func TestMailsInTheConsole(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	box := openMailbox(t, desk)
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Dark: true}} {
		b := apptest.NewBrowser(t, look.Locale)
		ask, first := []string{"杯子一直漏水", "The cup leaks"}[i], fmt.Sprintf("one%d", i)
		box.put(fmt.Sprintf(complaint, first, "Zhang San", ask, "", ask))
		p := b.OpenAs(desk, desk.Base(), agentEmail, agentPassword, look, "/tickets")
		ticketOf(p, desk.Base(), ask)
		p.Wait(".letter-head")
		p.WaitFor(`document.querySelectorAll(".event[data-joined]").length === 1`)
		p.Axe("a mail in the thread")
		p.Shot(fmt.Sprintf("letters-%d-head", i))

		p.Run(`document.querySelector("unfold-part[data-from$='/text'] summary").focus()`)
		p.Press("\r")
		p.WaitText("How is the cup that you bought?")
		p.Run(`document.querySelector("unfold-part[data-from$='/original'] summary").focus()`)
		p.Press("\r")
		p.WaitFor(`document.querySelector(".letter-sheet iframe")?.getBoundingClientRect().height > 100`)
		p.Run(`document.querySelector(".letter-rest").scrollIntoView({block: "end"})`)
		p.Axe("a mail as it was sent")
		p.Shot(fmt.Sprintf("letters-%d-original", i))
		p.Run(`document.querySelector("[data-again]").focus()`)
		p.Press("\r")
		p.WaitFor(`document.querySelector(".letter-sheet iframe").src.endsWith("/mail?remote=1") && document.activeElement.matches("[data-again]")`)
		p.Shot(fmt.Sprintf("letters-%d-remote", i))
		p.Run(`document.querySelectorAll(".letter-rest details, .letter-head details").forEach(d => d.open = true)`)
		p.Axe("a mail with all of it unfolded")
		p.Shot(fmt.Sprintf("letters-%d-unfolded", i))
		p.WaitFor(`document.documentElement.scrollWidth <= innerWidth`)

		box.put(fmt.Sprintf(complaint, "two"+first, "Zhang San", "Re: other", "References: <"+first+"@mail.example>\n", ask+" !!"))
		p.WaitFor(`document.querySelectorAll(".talk > .m.letter .letter-head").length === 2`)
		p.WaitFor(`[...document.querySelectorAll(".letter-subject")].some(s => s.innerText.includes("other"))`)
		p.Shot(fmt.Sprintf("letters-%d-live", i))
		live := apptest.Eval[string](p, `document.querySelector(".talk > .m.letter:last-child").outerHTML.replaceAll(/until|\/files\/[^"]+/g, "")`)
		p.Reload()
		p.Wait(".letter-head")
		if again := apptest.Eval[string](p, `document.querySelector(".talk > .m.letter:last-child").outerHTML.replaceAll(/until|\/files\/[^"]+/g, "")`); again != live {
			t.Errorf("a mail that comes is not as one that is there:\n%s\n%s", live, again)
		}
	}
}

// A mail in the wrong ticket is moved and taken back; people are let into a ticket and out again, and the page follows.
func TestMessagesAreMovedAndPeopleTakePartInTheConsole(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	box := openMailbox(t, desk)
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Dark: true}} {
		b := apptest.NewBrowser(t, look.Locale)
		ask, wrong, first := fmt.Sprintf("杯子漏水 %d", i), fmt.Sprintf("说错地方了 %d", i), fmt.Sprintf("first%d@mail.example", i)
		box.put(strings.Replace(fmt.Sprintf(short, first, "cup", ask), "References: <>\n", "", 1), strings.Replace(fmt.Sprintf(short, "x"+first, "cup", wrong), "<>", "<"+first+">", 1))
		p := b.OpenAs(desk, desk.Base(), agentEmail, agentPassword, look, "/tickets")
		from := ticketOf(p, desk.Base(), wrong)
		p.WaitText(ask, wrong)
		button := fmt.Sprintf(`[...document.querySelectorAll(".m")].find(m => m.innerText.includes(%q)).querySelector("[data-move]")`, wrong)
		p.Run(button + `.focus()`)
		p.Press("\r")
		p.WaitFor(`document.querySelector("#move").open && document.activeElement.id === "move-into"`)
		p.Axe("where a message belongs")
		p.Shot(fmt.Sprintf("move-%d-dialog", i))
		p.Type("#move-into", "99999\r")
		p.WaitFor(`!document.querySelector("#move [data-slot=wrong]").hidden`)
		p.Shot(fmt.Sprintf("move-%d-wrong", i))
		p.Click("#move button[name=new]")
		p.WaitFor(`document.querySelector(".toast .way[href]") && document.querySelector(".m.gone [data-slot=state] a[href^='/tickets/']")`)
		p.Axe("a message that was moved")
		p.Shot(fmt.Sprintf("move-%d-done", i))
		p.Click(".toast button.way")
		p.WaitFor(fmt.Sprintf(`[...document.querySelectorAll(".m.letter:not(.gone)")].some(m => m.innerText.includes(%q))`, wrong))

		if look.Width > 0 {
			p.Click("[data-toggle=side]")
		}
		p.Wait(".participants-add input")
		p.Type(".participants-add input", "boss@team.example\r")
		p.WaitFor(`[...document.querySelectorAll(".participants li")].some(l => l.innerText.includes("bo***@team.example"))`)
		p.Axe("who takes part")
		p.Run(`document.querySelector(".participants-add").scrollIntoView({block: "center"})`)
		p.Shot(fmt.Sprintf("move-%d-people", i))
		p.Click(".participants button")
		p.WaitFor(`!document.querySelector(".participants li")`)
		p.Go(desk.Base() + from)
		p.WaitText(map[string]string{"zh-CN": "移除了", "en": "removed"}[look.Locale])
	}
}

// short is a mail of a few words.
const short = "Message-ID: <%s>\nReferences: <>\nFrom: Zhang San <zhang@mail.example>\nTo: support@shop.test\nSubject: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n"
