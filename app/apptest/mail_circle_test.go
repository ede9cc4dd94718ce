package apptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
)

// circle is a shop's desk behind a real Postfix and Dovecot, and the shoppers' mailboxes there.
type circle struct {
	t    *testing.T
	post *mailtest.Postfix
	desk *apptest.Process
}

const (
	supportMail = "support@shop.test"
	bossMail    = "boss@example.com"
)

func newCircle(t *testing.T, plus bool, env ...string) *circle {
	t.Helper()
	c := &circle{t: t, post: mailtest.StartPostfix(t, mailtest.Options{Plus: plus})}
	c.desk = apptest.NewProcess(t, append(env, "SSL_CERT_FILE="+c.post.Dovecot.CertFile())...)
	arrives := map[bool]string{true: "yes", false: "no"}[plus]
	config, err := json.Marshal(map[string]any{"mail": map[string]any{
		"address": supportMail, "name": "青禾", "processed": "Huiyin", "plus": arrives, "signature": "{agent}",
		"imap":       map[string]any{"host": "localhost", "port": c.post.Dovecot.Secure, "security": "tls", "password": mailtest.Password},
		"smtp":       map[string]any{"host": "localhost", "port": c.post.Plain, "security": "starttls"},
		"auto_reply": map[string]any{"on": true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mail.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := c.desk.Command("", "inbox", "add", "--channel", "email", "--name", "客服邮箱", "--config", file); strings.Contains(said, mailtest.Password) {
		t.Error("the command prints the password")
	}
	c.desk.AddAgent(bossMail, "周岚", "admin", agentPassword)
	c.desk.Start()
	return c
}

// mails reads somebody's mailbox.
func (c *circle) mails(who string) (out []*eml.Message) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	box, err := imapbox.Open(ctx, imapbox.Config{
		Host: "localhost", Port: c.post.Dovecot.Secure, Security: imapbox.TLS, User: who, Password: mailtest.Password, TLS: c.post.TLS(),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	defer box.Close()
	if _, err := box.New(ctx, 0, 100, 1<<20, func(m imapbox.Mail) error { out = append(out, eml.Parse(m.Raw)); return nil }); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// arrived waits for a mail to somebody of which is is true.
func (c *circle) arrived(who, what string, is func(m *eml.Message) bool) *eml.Message {
	c.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		all := c.mails(who)
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i]
		}
	}
	c.t.Fatalf("%s did not arrive at %s: %s", what, who, c.desk.Log())
	return nil
}

var ticketLink = regexp.MustCompile(`/tickets/(\d+)`)

// tickets are the numbers of all.
func (c *circle) tickets() (numbers []string) {
	c.t.Helper()
	_, page := c.desk.GetAs(c.t, bossMail, agentPassword, "/tickets?list=all")
	for _, m := range ticketLink.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(numbers, m[1]) {
			numbers = append(numbers, m[1])
		}
	}
	slices.Sort(numbers)
	return numbers
}

// page waits until a ticket's page says something.
func (c *circle) page(number string, words ...string) string {
	c.t.Helper()
	page := ""
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		_, page = c.desk.GetAs(c.t, bossMail, agentPassword, "/tickets/"+number+"")
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(page, w) }) {
			return page
		}
	}
	c.t.Fatalf("ticket %s does not say %q: %s", number, words, c.desk.Log())
	return ""
}

// send hands a mail to Postfix.
func (c *circle) send(from, to string, raw []byte) {
	c.t.Helper()
	if err := c.post.Send(from, to, raw); err != nil {
		c.t.Fatal(err)
	}
}

func (c *circle) until(what string, is func() bool) {
	c.t.Helper()
	for end := time.Now().Add(60 * time.Second); !is(); time.Sleep(250 * time.Millisecond) {
		if time.Now().After(end) {
			_, page := c.desk.GetAs(c.t, bossMail, agentPassword, "/tickets?list=all")
			c.t.Fatalf("%s: %d in the mailbox, %d taken\n%s\n%s\n%s", what, c.post.Dovecot.Count(supportMail, "INBOX"), c.post.Dovecot.Count(supportMail, "Huiyin"), page, c.post.Log(), c.desk.Log())
		}
	}
}

func (c *circle) answer(number, text string) {
	c.t.Helper()
	status, body := c.desk.PostAs(c.t, bossMail, agentPassword, "/tickets/"+number+"/messages", url.Values{"kind": {"reply"}, "body": {text}, "id": {"a" + strconv.Itoa(len(text)) + number}, "seen": {"1000"}})
	if status != http.StatusOK {
		c.t.Fatalf("answer: %d %s", status, body)
	}
}

func mailFrom(id, from, to, subject, text string, more ...string) []byte {
	return fmt.Appendf(nil, "Message-ID: <%s>\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n%s\r\n%s\r\n",
		id, from, to, subject, time.Now().Format(time.RFC1123Z), strings.Join(append(more, ""), "\r\n"), text)
}

// A shopper's mail becomes a ticket, the agent's answer reaches her mailbox, and her answer to that comes back into the same
// ticket; what cannot arrive comes back to its message.
func TestAMailGoesTheWholeCircle(t *testing.T) {
	t.Parallel()
	for name, plus := range map[string]bool{"SQLite, plus addresses arrive": true, "PostgreSQL, plus addresses do not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var env []string
			if strings.HasPrefix(name, "PostgreSQL") {
				env = append(env, "HUIYIN_DATABASE="+dbtest.Postgres(t))
			}
			c := newCircle(t, plus, env...)
			c.send("wang@home.test", supportMail, mailFrom("first@home.test", "=?utf-8?B?546L6Iqz?= <wang@home.test>", supportMail, "Refund", "我的钱呢？", "Cc: Li <li@home.test>"))
			c.until("no ticket", func() bool { return len(c.tickets()) == 1 })
			number := c.tickets()[0]
			auto := c.arrived("wang@home.test", "the automatic answer", func(m *eml.Message) bool { return m.Auto == eml.AutoReply })
			if !strings.Contains(auto.Text+auto.Subject, number) {
				t.Errorf("the automatic answer does not name the ticket: %q", auto.Text)
			}

			c.answer(number, "今天就退。")
			got := c.arrived("wang@home.test", "the answer", func(m *eml.Message) bool { return strings.Contains(m.Text, "今天就退。") })
			if got.From.Address != supportMail || !strings.Contains(got.Subject, "Refund") || !strings.Contains(got.Subject, "#"+number) || !slices.Contains(got.InReplyTo, "first@home.test") ||
				!strings.Contains(got.Text, "周岚") || !strings.Contains(got.Text, "我的钱呢") {
				t.Errorf("got %+v\n%s", got, got.Text)
			}
			if hasPlus := len(got.ReplyTo) == 1 && strings.Contains(got.ReplyTo[0].Address, "+"); hasPlus != plus {
				t.Errorf("the answer address is %v", got.ReplyTo)
			}
			copied := c.arrived("li@home.test", "her copy", func(m *eml.Message) bool { return strings.Contains(m.Text, "今天就退。") })
			if copied.MessageID != got.MessageID {
				t.Error("the copy is another mail")
			}

			// She answers as a careless program does: by the mark alone, without References, where no plus arrives.
			to, more := got.From.Address, []string{"In-Reply-To: <" + got.MessageID + ">"}
			if plus {
				to, more = got.ReplyTo[0].Address, nil
			}
			c.send("wang@home.test", to, mailFrom("second@home.test", "wang@home.test", to, "another subject", "谢谢！", more...))
			c.page(number, "谢谢！")
			quoted := "> " + strings.Join(strings.Split(strings.ReplaceAll(got.Text, "\r\n", "\n"), "\n"), "\r\n> ")
			c.send("li@home.test", supportMail, mailFrom("third@home.test", "li@home.test", supportMail, "Re: something", "I am Li.\r\n\r\nOn Thu, 26 Nov 2026 at 10:00, 青禾 <support@shop.test> wrote:\r\n"+quoted))
			c.page(number, "I am Li.")
			if all := c.tickets(); len(all) != 1 {
				t.Errorf("%d tickets, want 1: %v", len(all), all)
			}

			c.send("", supportMail, mailFrom("fourth@home.test", mailtest.Nobody+"-here@home.test", supportMail, "From nobody", "Will you answer?"))
			c.until("no second ticket", func() bool { return len(c.tickets()) == 2 })
			second := c.tickets()[1]
			c.answer(second, "Gladly.")
			c.page(second, "Gladly.", "nobody-here@home.test", "邮件被退回")
			if all := c.tickets(); len(all) != 2 {
				t.Errorf("%d tickets: the mail that came back began one", len(all))
			}
			if left := c.post.Dovecot.Count(supportMail, "INBOX"); left != 0 {
				t.Errorf("%d mails were left in the mailbox", left)
			}
		})
	}
}
