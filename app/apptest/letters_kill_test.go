package apptest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
)

// A desk that is killed while its answers leave as mail sends each of them after all. Only those that were on their way come
// twice, under the Message-ID that they had.
func TestAnswersThatWaitSurviveKills(t *testing.T) {
	t.Parallel()
	const letters, kills, atOnce = 30, 3, 3
	var taken atomic.Int64
	server := mailertest.Start(t, mailertest.Options{NoAuth: true, Answer: func(step mailer.Step, _ string) error {
		if step == mailer.StepData {
			taken.Add(1)
			time.Sleep(100 * time.Millisecond) // so that some are on their way
		}
		return nil
	}})
	desk := apptest.NewProcess(t)
	want := answersByMail(t, desk.Dir, server, letters)
	desk.Start()
	for n := range kills {
		waitFor(t, "some mails to leave", func() bool { return taken.Load() >= int64((n+1)*letters/(kills+2)) })
		desk.Kill()
		if len(server.Mails()) >= letters {
			t.Fatal("all had left before the kill: the test tries nothing")
		}
		desk.Start()
	}
	seen := map[string]int{}
	waitFor(t, "every mail", func() bool {
		clear(seen)
		for _, m := range server.Mails() {
			seen[m.Header.Get("To")+m.Header.Get("Message-Id")]++
		}
		return len(seen) >= want
	})
	if len(seen) != want {
		t.Errorf("%d mails by address and id, want %d", len(seen), want)
	}
	if twice := len(server.Mails()) - want; twice > kills*atOnce {
		t.Errorf("%d came once more than needed, with %d kills and %d on their way at a time", twice, kills, atOnce)
	}
}

// answersByMail fills a data folder with answers that wait to leave by a server, and tells how many.
func answersByMail(t *testing.T, dir string, server *mailertest.Server, n int) int {
	t.Helper()
	ctx := t.Context()
	d, err := app.OpenDesk(ctx, config.Desk{Data: dir, Migrate: "auto"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	m := mailin.New(mailin.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: d.Log})
	box, err := d.Tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Save(ctx, mailin.Account{
		InboxID: box.ID, Address: "support@shop.test", IMAP: mailin.Server{Host: "imap.shop.test"}, SMTP: mailin.Server{Host: server.Host, Port: server.Port, Security: imapbox.Plain},
	})
	for i := range n {
		err = errors.Join(err, d.Store.Write(ctx, func(tx *gorm.DB) error {
			p, err := d.Tickets.CreateContactTx(tx, tickets.NewContact{Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: fmt.Sprintf("s%d@home.test", i), Verified: true}}})
			if err != nil {
				return err
			}
			_, err = d.Tickets.ReceiveTx(tx, tickets.Inbound{InboxID: box.ID, ContactID: p.ID, SourceID: "1", Body: "Where is it?"})
			return err
		}))
	}
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.Tickets.List(ctx, tickets.ListQuery{List: tickets.ListAll, Limit: n})
	for i := range list.Items {
		said, e := d.Tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{TicketID: list.Items[i].ID, Kind: tickets.KindReply, Body: "It comes today."})
		err = errors.Join(err, e)
		if e == nil {
			err = errors.Join(err, d.Store.Write(ctx, func(tx *gorm.DB) error { return m.Replied(tx, said.Ticket, said.Message) }))
		}
	}
	if err = errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}
