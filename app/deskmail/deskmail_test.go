package deskmail_test

import (
	"context"
	"errors"
	"log/slog"
	"net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/deskmail"
	"huiyin/app/i18n"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// desk is the service on a database of its own; its jobs wait in a list.
type desk struct {
	*deskmail.Service
	tickets *tickets.Service
	mu      sync.Mutex
	jobs    []deskmail.SendMail
	alerts  []string
	links   int
	over    bool // nobody gets a link any more
}

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, database))
	})
}

func newDesk(t *testing.T, database *db.DB) *desk {
	t.Helper()
	d := &desk{}
	ids := id.NewMaker(1, time.Now)
	store := tickets.Store{Write: database.Write, Read: database.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(t.TempDir(), "keyring"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	texts, err := i18n.Load()
	must(t, err)
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: time.Now})
	d.Service = deskmail.New(deskmail.Options{
		Store: store, Tickets: d.tickets, BaseURL: &url.URL{Scheme: "https", Host: "desk.test"}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Text: texts.Text,
		HTML:  func(l deskmail.Letter) (string, error) { return "<p>" + l.Subject + "</p>", nil },
		Queue: func(_ *gorm.DB, job deskmail.SendMail) error { d.jobs = append(d.jobs, job); return nil },
		PasswordLink: func(context.Context, id.ID) (string, error) {
			if d.over {
				return "", fault.New(fault.Conflict, "auth.error.disabled")
			}
			d.links++
			return "token-of-a-password", nil
		},
		Invitation: func(context.Context, id.ID) (deskmail.Invited, error) {
			if d.over {
				return deskmail.Invited{}, fault.New(fault.NotFound, "auth.error.link")
			}
			return deskmail.Invited{Email: "new@shop.test", Token: "token-of-an-invitation", ExpiresAt: time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC).UnixMilli()}, nil
		},
		Alert: func(_ context.Context, kind string, args map[string]string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.alerts = append(d.alerts, kind+" "+args["reason"])
		},
		AlertOver: func(_ context.Context, kind string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.alerts = append(d.alerts, kind+" over")
		},
	})
	return d
}

func (d *desk) agent(t *testing.T, locale string) *tickets.Agent {
	t.Helper()
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Email: "wang@shop.test", Name: "王芳", Role: tickets.RoleAgent, Locale: locale, PasswordHash: "x"})
	must(t, err)
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobHoldsIDsAndTheMailIsWrittenWhenItLeaves(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := mailertest.Start(t, mailertest.Options{})
		must(t, d.Save(bg, server.Settings()))
		must(t, d.tickets.SaveShop(bg, tickets.Shop{Name: "青禾", Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}))
		a := d.agent(t, "en")
		must(t, d.QueuePassword(bg, a.ID))
		must(t, d.QueueInvitation(bg, 17))
		if d.jobs[0] != (deskmail.SendMail{What: "password", Agent: a.ID}) || d.jobs[1] != (deskmail.SendMail{What: "invitation", Invitation: 17}) {
			t.Fatalf("got the jobs %+v", d.jobs)
		}
		if d.links != 0 {
			t.Error("a link was made before the mail leaves")
		}
		for _, job := range d.jobs {
			must(t, d.Work(bg, job, time.Now()))
		}
		mails := server.Wait(2)
		if m := mails[0]; m.To[0] != "wang@shop.test" || m.Link() != "https://desk.test/passwords/token-of-a-password" ||
			!strings.Contains(m.Text, "Hello 王芳") || !strings.Contains(m.Subject, "new password") || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("got %q to %v: %s", m.Subject, m.To, m.Text)
		}
		if m := mails[1]; m.To[0] != "new@shop.test" || m.Link() != "https://desk.test/invitations/token-of-an-invitation" ||
			!strings.Contains(m.Text, "2026-12-01 12:00") || !strings.Contains(m.Subject, "青禾") {
			t.Errorf("got %q to %v: %s", m.Subject, m.To, m.Text)
		}
	})
}

func TestAJobWhoseMatterIsOverEndsWithoutAMail(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a := d.agent(t, "")
		password := deskmail.SendMail{What: "password", Agent: a.ID}
		must(t, d.Work(bg, password, time.Now())) // mail is not set up
		server := mailertest.Start(t, mailertest.Options{})
		must(t, d.Save(bg, server.Settings()))
		must(t, d.Work(bg, deskmail.SendMail{What: "password"}, time.Now()))           // nobody has the address
		must(t, d.Work(bg, deskmail.SendMail{What: "password", Agent: 7}, time.Now())) // she is gone
		must(t, d.Work(bg, password, time.Now().Add(-time.Hour)))                      // nobody waits any more
		if d.links != 0 {
			t.Errorf("%d links were made for nobody", d.links)
		}
		d.over = true
		must(t, d.Work(bg, password, time.Now()))
		must(t, d.Work(bg, deskmail.SendMail{What: "invitation", Invitation: 17}, time.Now()))
		if n := len(server.Mails()); n > 0 {
			t.Errorf("%d mails have gone out", n)
		}
	})
}

func TestANoticeReachesAnAgentWhoIsThere(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a := d.agent(t, "zh-CN")
		if err := d.SendAgent(bg, int64(a.ID), "主题", "正文", ""); !errors.Is(err, mailer.ErrUnset) {
			t.Errorf("without settings: %v", err)
		}
		server := mailertest.Start(t, mailertest.Options{})
		must(t, d.Save(bg, server.Settings()))
		must(t, d.SendAgent(bg, int64(a.ID), "工单 1024 等了 5 分钟", "第一行\n\n第二行", "https://desk.test/tickets/1024"))
		m := server.Wait(1)[0]
		if m.Subject != "工单 1024 等了 5 分钟" || m.Link() != "https://desk.test/tickets/1024" || !strings.Contains(m.Text, "第一行\r\n\r\n第二行") {
			t.Errorf("got %q: %q", m.Subject, m.Text)
		}
		must(t, d.SendAgent(bg, 7, "x", "y", ""))
		if n := len(server.Mails()); n != 1 {
			t.Errorf("somebody who is gone got a mail: %d", n)
		}
	})
}

func TestALetterThatAsksSaysHowToStopAlsoToMailPrograms(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := mailertest.Start(t, mailertest.Options{})
		must(t, d.Save(bg, server.Settings()))
		c := deskmail.ContactLetter{Locale: "en", Subject: "How was it?", Text: "Tell us.", Button: "Tell us", Link: "https://desk.test/f/x"}
		to := mailer.Address{Email: "mei@example.com"}
		must(t, d.SendContact(bg, to, c))
		c.Stop, c.StopWords = "https://desk.test/asks/1?lang=en", "No more"
		must(t, d.SendContact(bg, to, c))
		mails := server.Wait(2)
		for i, want := range []string{"", "<https://desk.test/asks/1?lang=en>"} {
			post := ""
			if want != "" {
				post = "List-Unsubscribe=One-Click"
			}
			if h := mails[i].Header; h.Get("List-Unsubscribe") != want || h.Get("List-Unsubscribe-Post") != post {
				t.Errorf("mail %d: %v", i, h)
			}
			if said := strings.Contains(mails[i].Text, "No more\r\nhttps://desk.test/asks/1"); said != (want != "") {
				t.Errorf("mail %d says how to stop: %v\n%s", i, said, mails[i].Text)
			}
		}
	})
}

func TestWhatKeepsAllMailsBackIsToldToTheAdministrators(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	a := d.agent(t, "")
	for _, one := range []struct {
		step   mailer.Step
		code   int
		alerts string
	}{{mailer.StepSignIn, 535, "mails_failing sign_in"}, {mailer.StepRecipient, 550, ""}, {mailer.StepSender, 450, ""}} {
		d.alerts = nil
		server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, _ string) error {
			if step == one.step {
				return mailertest.Say(one.code, "no")
			}
			return nil
		}})
		must(t, d.Save(bg, server.Settings()))
		err := d.SendAgent(bg, int64(a.ID), "x", "y", "")
		var e *mailer.Error
		if !errors.As(err, &e) || e.Code != one.code || strings.Join(d.alerts, ",") != one.alerts {
			t.Errorf("%s %d: got %v, alerts %v", one.step, one.code, err, d.alerts)
		}
	}
	d.alerts = nil
	must(t, d.Save(bg, mailertest.Start(t, mailertest.Options{}).Settings()))
	out, err := d.Try(bg, mail.Address{Name: "王芳", Address: "wang@shop.test"}, "en")
	if err != nil || out.Failure != nil || strings.Join(d.alerts, ",") != "mails_failing over" {
		t.Errorf("a test that works: %v, %v, alerts %v", err, out.Failure, d.alerts)
	}
	for _, locale := range i18n.Locales() {
		for _, part := range []string{"title", "text"} {
			if key := "notify.alert.mails_failing." + part; d.Text(locale, key, map[string]any{"reason": "x"}) == key {
				t.Errorf("%s has no text in %s", key, locale)
			}
		}
	}
}
