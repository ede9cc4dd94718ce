package privacy_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"huiyin/app/i18n"
	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// exported gives the texts of a person's export.
func (x *desk) exported(t *testing.T, contact id.ID) (page, data string) {
	t.Helper()
	var err error
	x.Texts, err = i18n.Load()
	must(t, err)
	e, err := x.Export(t.Context(), contact, privacy.ExportOptions{})
	must(t, err)
	var b bytes.Buffer
	must(t, e.WriteTo(t.Context(), &b))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	read := func(name string) string {
		f, err := z.Open(name)
		must(t, err)
		text, err := io.ReadAll(f)
		must(t, err)
		return string(text)
	}
	page, data = read("index.html"), read("data.json")
	if !json.Valid([]byte(data)) {
		t.Errorf("data.json: %s", data)
	}
	return page, data
}

func TestWhatSomebodyWroteInTheTicketOfAnotherIsHersToHaveAndToForget(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		ctx := t.Context()
		mail, err := x.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "邮件"})
		must(t, err)
		li, err := x.tickets.CreateContact(ctx, tickets.NewContact{Name: "李雷", Locale: "zh-CN"})
		must(t, err)
		mei, err := x.tickets.CreateContact(ctx, tickets.NewContact{Name: "韩梅梅", Locale: "zh-CN"})
		must(t, err)
		r, err := x.tickets.Receive(ctx, tickets.Inbound{InboxID: mail.ID, ContactID: li.ID, Body: "李雷写的"})
		must(t, err)
		_, err = x.tickets.Receive(ctx, tickets.Inbound{InboxID: mail.ID, ContactID: mei.ID, TicketID: r.Ticket.ID, Joins: true, Body: "梅梅写的"})
		must(t, err)
		_, err = x.tickets.Receive(ctx, tickets.Inbound{InboxID: mail.ID, ContactID: li.ID, TicketID: r.Ticket.ID, Aside: true, Body: "李雷在休假"})
		must(t, err)
		_, err = x.tickets.Post(ctx, x.agent, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindReply, Body: "还没发的", Hold: time.Hour})
		must(t, err)

		page, data := x.exported(t, li.ID)
		if !strings.Contains(data, `"from":"participant"`) || !strings.Contains(data, "梅梅写的") || !strings.Contains(data, "李雷在休假") || strings.Contains(data, "还没发的") {
			t.Errorf("the contact's export: %s", data)
		}
		if !strings.Contains(page, "另一位参与人") {
			t.Error("her page does not say that somebody else wrote")
		}
		page, data = x.exported(t, mei.ID)
		if !strings.Contains(data, "梅梅写的") || strings.Contains(data, "李雷写的") || !strings.Contains(data, `"from":"contact"`) || strings.Contains(data, `"from":"participant"`) {
			t.Errorf("the guest's export: %s", data)
		}
		if !strings.Contains(page, "在他人工单中的消息") || !strings.Contains(page, "梅梅写的") {
			t.Error("her page lacks what she wrote")
		}

		must(t, x.Erase(ctx, x.boss, mei.ID, tickets.ErasedOnRequest))
		if n := x.count(t, `SELECT COUNT(*) FROM ticket_participants`) + x.count(t, `SELECT COUNT(*) FROM messages WHERE guest_id IS NOT NULL AND (body IS NOT NULL OR state <> 'erased')`); n != 0 {
			t.Errorf("%d rows of hers are left", n)
		}
		if _, data = x.exported(t, li.ID); strings.Contains(data, "梅梅写的") || !strings.Contains(data, "李雷写的") {
			t.Errorf("after the erasure: %s", data)
		}
	})
}
