package tickets_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestAnAgentIsKnownByHerAddressWithoutCase(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, err := d.CreateAgent(bg, tickets.NewAgent{Email: " Li@Huiyin.Test ", Name: "李 娜", Role: tickets.RoleAdmin, PasswordHash: "$x$"})
		ok(t, err)
		for _, email := range []string{"li@huiyin.test", "LI@HUIYIN.TEST", " li@huiyin.test"} {
			got, err := d.AgentByEmail(bg, email)
			ok(t, err)
			equal(t, got.ID, a.ID)
			equal(t, got.Email, "li@huiyin.test")
			equal(t, got.Name, "李 娜")
			equal(t, got.Password, "$x$")
		}
		for _, email := range []string{"", "x", "other@huiyin.test"} {
			_, err := d.AgentByEmail(bg, email)
			refused(t, err, fault.NotFound, "error.agent.not_found")
		}
		_, err = d.CreateAgent(bg, tickets.NewAgent{Email: "LI@huiyin.test", Name: "x", Role: tickets.RoleAgent})
		refused(t, err, fault.Conflict, "error.agent.email_taken")
		_, err = d.CreateAgent(bg, tickets.NewAgent{Email: "first@huiyin.test", Name: "x", Role: tickets.RoleAdmin, First: true})
		refused(t, err, fault.Conflict, "error.agent.not_first")
		n, err := d.CountAgents(bg)
		ok(t, err)
		equal(t, n, 3)
		all, err := d.Agents(bg)
		ok(t, err)
		equal(t, len(all), 3)
	})
}

func TestWhatIsNoAgentIsRefused(t *testing.T) {
	d := onSQLite(t)
	for key, n := range map[string]tickets.NewAgent{
		"error.identity.email": {Email: "x", Name: "x", Role: tickets.RoleAgent},
		"error.text.empty":     {Email: "x@y.z", Name: " ", Role: tickets.RoleAgent},
		"error.agent.role":     {Email: "x@y.z", Name: "x", Role: "owner"},
	} {
		_, err := d.CreateAgent(bg, n)
		refused(t, err, fault.Invalid, key)
	}
	_, err := d.Agent(bg, 17)
	refused(t, err, fault.NotFound, "error.agent.not_found")
	refused(t, d.SetAgentPassword(bg, 17, "x"), fault.NotFound, "error.agent.not_found")
	refused(t, d.SetAgentPreferences(bg, d.wang.ID, "fr", "", "online"), fault.Invalid, "error.agent.preference")
	refused(t, d.SetAgentPreferences(bg, d.wang.ID, "", "", ""), fault.Invalid, "error.agent.preference")
}

func TestAnAgentKeepsWhatSheChose(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ok(t, d.SetAgentPreferences(bg, d.wang.ID, "en", "dark", "away"))
		ok(t, d.SetAgentPassword(bg, d.wang.ID, "$new$"))
		got, err := d.Agent(bg, d.wang.ID)
		ok(t, err)
		equal(t, got.Locale+got.Theme+got.Availability+got.Password, "endarkaway$new$")
	})
}

func TestTeamsHaveTheirAgents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		team, err := d.CreateTeam(bg, "售后")
		ok(t, err)
		_, err = d.CreateTeam(bg, "物流")
		ok(t, err)
		for range 2 {
			ok(t, d.AddTeamAgent(bg, team.ID, d.wang.ID))
		}
		refused(t, d.AddTeamAgent(bg, 17, d.wang.ID), fault.NotFound, "error.team.unknown")
		refused(t, d.AddTeamAgent(bg, team.ID, 17), fault.NotFound, "error.agent.not_found")
		all, err := d.Teams(bg)
		ok(t, err)
		equal(t, len(all), 2)
		equal(t, all[0].Name, "售后")
		equal(t, len(all[0].Agents), 1)
		equal(t, len(all[1].Agents), 0)
		_, err = d.CreateTeam(bg, "\u200b")
		refused(t, err, fault.Invalid, "error.text.empty")
	})
}

func TestAnInboxHasAPublicKeyAndASecretOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		set := tickets.InboxSettings{AllowedOrigins: []string{"https://Shop.Example/", "https://shop.example:443", "http://localhost:8090"}, Colour: "#0B6B53", Greeting: "您好"}
		box, err := d.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "商城", Settings: set})
		ok(t, err)
		if len(box.Key) < 20 || len(box.Secret) != 64 || box.Key == d.chat.Key || box.Secret == d.chat.Secret {
			t.Errorf("key %q, secret of %d characters", box.Key, len(box.Secret))
		}
		got, err := d.InboxByKey(bg, box.Key)
		ok(t, err)
		equal(t, got.Name, "商城")
		equal(t, got.Secret, box.Secret)
		equal(t, strings.Join(got.Settings.AllowedOrigins, " "), "https://shop.example http://localhost:8090")
		equal(t, got.Settings.Colour, "#0b6b53")
		equal(t, got.Settings.NoticeVersion, "1")
		_, err = d.InboxByKey(bg, "nobody")
		refused(t, err, fault.NotFound, "error.inbox.not_found")
		all, err := d.Inboxes(bg)
		ok(t, err)
		equal(t, len(all), 2)
	})
}

func TestAChangedInboxHoldsEverywhereWithinASecond(t *testing.T) {
	d := onSQLite(t)
	other := d.service()
	_, err := other.InboxByKey(bg, d.chat.Key) // fills the other process's memory
	ok(t, err)
	_, err = d.UpdateInboxSettings(bg, d.chat.ID, tickets.InboxSettings{Greeting: "您好"})
	ok(t, err)
	got, err := d.InboxByKey(bg, d.chat.Key)
	ok(t, err)
	equal(t, got.Settings.Greeting, "您好") // here at once
	d.advance(time.Second)
	got, err = other.InboxByKey(bg, d.chat.Key)
	ok(t, err)
	equal(t, got.Settings.Greeting, "您好")
	equal(t, got.Secret, d.chat.Secret)
	_, err = d.UpdateInboxSettings(bg, 17, tickets.InboxSettings{})
	refused(t, err, fault.NotFound, "error.inbox.not_found")
}

func TestWhatAnInboxCannotHaveIsRefused(t *testing.T) {
	d := onSQLite(t)
	for key, set := range map[string]tickets.InboxSettings{
		"error.inbox.reopen_days": {ReopenDays: -2},
		"error.invalid":           {Position: &tickets.Position{Side: "top", X: 201, Y: -1}},
		"error.inbox.colour":      {Colour: "green"},
		"error.inbox.notice_url":  {NoticeURL: "javascript:alert(1)"},
		"error.text.too_long":     {Greeting: strings.Repeat("宽", 501)},
	} {
		_, err := d.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "x", Settings: set})
		refused(t, err, fault.Invalid, key)
	}
	for _, origin := range []string{"", "*", "shop.example", "https://*", "https://shop.example/path", "https://u@shop.example", "ftp://shop.example", "https://shop.example?x"} {
		_, err := d.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "x", Settings: tickets.InboxSettings{AllowedOrigins: []string{origin}}})
		refused(t, err, fault.Invalid, "error.inbox.origin")
	}
	_, err := d.CreateInbox(bg, tickets.NewInbox{Channel: "fax", Name: "x"})
	refused(t, err, fault.Invalid, "error.inbox.channel")
}

func TestTheDefaultsAreMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := d.service().EnsureDefaults(bg); err != nil {
					t.Errorf("defaults: %v", err)
				}
			})
		}
		wg.Wait()
		ok(t, d.EnsureDefaults(bg))
		equal(t, d.count(t, `SELECT COUNT(*) FROM inboxes WHERE channel = 'api'`), 1)
		box, err := d.DefaultInbox(bg)
		ok(t, err)
		equal(t, box.Channel, tickets.ChannelAPI)
	})
}

func TestThereIsNoDefaultInboxBeforeItIsMade(t *testing.T) {
	d := onSQLite(t)
	_, err := d.DefaultInbox(bg)
	refused(t, err, fault.NotFound, "error.inbox.not_found")
}

func TestSettingsAreKeptByNameAndSealed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, set, err := d.Setting(bg, "timezone")
		ok(t, err)
		equal(t, set, false)
		for _, value := range []string{"Asia/Shanghai", "Europe/Berlin", ""} {
			ok(t, d.SetSetting(bg, "timezone", []byte(value)))
			got, set, err := d.Setting(bg, "timezone")
			ok(t, err)
			if !set || !bytes.Equal(got, []byte(value)) {
				t.Errorf("got %q, %v", got, set)
			}
		}
		refused(t, d.SetSetting(bg, "", nil), fault.Invalid, "error.setting")
		refused(t, d.SetSetting(bg, "x", make([]byte, 64<<10+1)), fault.Invalid, "error.setting")

		// A value that is moved to another name does not open.
		d.write(t, func(tx *gorm.DB) error { return tx.Exec(`UPDATE settings SET name = 'currency'`).Error })
		if _, _, err := d.Setting(bg, "currency"); err == nil {
			t.Errorf("a setting opened under another name")
		}
	})
}

func TestADraftIsKeptPerAgentTicketAndKind(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		one, two := d.hears(t, "", "你好").Ticket.ID, d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID
		ok(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindReply, "您"))
		ok(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindReply, "您好,"))
		ok(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindNote, "查"))
		got, err := d.Drafts(bg, d.wang.ID, one)
		ok(t, err)
		equal(t, len(got), 2)
		equal(t, got[1].Body, "您好,")
		in, err := d.DraftTickets(bg, d.wang.ID, []id.ID{one, two, 17})
		ok(t, err)
		if len(in) != 1 || !in[one] {
			t.Errorf("got %v", in)
		}
		in, err = d.DraftTickets(bg, d.zhao.ID, []id.ID{one, two})
		ok(t, err)
		equal(t, len(in), 0)
		ok(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindReply, " \n"))
		got, err = d.Drafts(bg, d.wang.ID, one)
		ok(t, err)
		equal(t, len(got), 1)

		refused(t, d.SaveDraft(bg, d.wang.ID, 17, tickets.KindReply, "x"), fault.NotFound, "error.ticket.not_found")
		refused(t, d.SaveDraft(bg, 17, one, tickets.KindReply, "x"), fault.Denied, "error.denied")
		refused(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindContact, "x"), fault.Invalid, "error.message.kind")
		refused(t, d.SaveDraft(bg, d.wang.ID, one, tickets.KindReply, strings.Repeat("x", 200_000)), fault.Invalid, "error.message.too_long")
	})
}
