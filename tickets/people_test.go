package tickets_test

import (
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func (d *desk) admin(t *testing.T, email string) tickets.Actor {
	t.Helper()
	a, err := d.CreateAgent(bg, tickets.NewAgent{Email: email, Name: "周岚", Role: tickets.RoleAdmin, PasswordHash: "$argon2id$"})
	ok(t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

func (d *desk) disable(by tickets.Actor, agent id.ID) error {
	return d.store.Write(bg, func(tx *gorm.DB) error { return d.DisableAgentTx(tx, by, agent) })
}

func TestOnlyAnAdministratorAtWorkChangesAgents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		boss, other := d.admin(t, "boss@huiyin.test"), d.admin(t, "other@huiyin.test")
		ok(t, d.ChangeAgent(bg, boss, d.wang.ID, "王小芳", tickets.RoleManager))
		got, err := d.Agent(bg, d.wang.ID)
		ok(t, err)
		equal(t, got.Name+string(got.Role), "王小芳manager")
		ok(t, d.disable(boss, other.ID))
		ok(t, d.disable(boss, other.ID)) // again is harmless
		contact := tickets.Actor{Kind: tickets.ActorContact, ID: boss.ID}
		for _, by := range []tickets.Actor{d.wang, other, contact, {}} { // a manager, a disabled administrator, a shopper, nobody
			refused(t, d.ChangeAgent(bg, by, d.zhao.ID, "赵", tickets.RoleAdmin), fault.Denied, "error.denied")
			refused(t, d.disable(by, d.zhao.ID), fault.Denied, "error.denied")
			refused(t, d.EnableAgent(bg, by, other.ID), fault.Denied, "error.denied")
		}
		ok(t, d.EnableAgent(bg, boss, other.ID))
		ok(t, d.ChangeAgent(bg, other, d.zhao.ID, "赵磊", tickets.RoleAdmin))
		refused(t, d.ChangeAgent(bg, boss, 17, "x", tickets.RoleAgent), fault.NotFound, "error.agent.not_found")
		refused(t, d.ChangeAgent(bg, boss, d.zhao.ID, " ", tickets.RoleAgent), fault.Invalid, "error.text.empty")
		refused(t, d.ChangeAgent(bg, boss, d.zhao.ID, "赵", "owner"), fault.Invalid, "error.agent.role")
	})
}

func TestNobodyTakesHerOwnRightsAndOneAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		boss := d.admin(t, "boss@huiyin.test")
		system := tickets.Actor{Kind: tickets.ActorSystem}
		refused(t, d.disable(boss, boss.ID), fault.Conflict, "error.agent.oneself")
		refused(t, d.ChangeAgent(bg, boss, boss.ID, "周岚", tickets.RoleAgent), fault.Conflict, "error.agent.oneself")
		ok(t, d.ChangeAgent(bg, boss, boss.ID, "周小岚", tickets.RoleAdmin)) // her name is hers to change
		refused(t, d.disable(system, boss.ID), fault.Conflict, "error.agent.last_admin")
		refused(t, d.ChangeAgent(bg, system, boss.ID, "周岚", tickets.RoleManager), fault.Conflict, "error.agent.last_admin")

		// Two who disable each other at once leave one.
		other := d.admin(t, "other@huiyin.test")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, pair := range [][2]tickets.Actor{{boss, other}, {other, boss}} {
			wg.Go(func() { errs[i] = d.disable(pair[0], pair[1].ID) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("got %v and %v, want one of them refused", errs[0], errs[1])
		}
	})
}

func TestATeamIsChangedAsAWholeAndEndsWithoutItsTickets(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		team, err := d.CreateTeam(bg, "售后")
		ok(t, err)
		ok(t, d.ChangeTeam(bg, team.ID, "售后组", []id.ID{d.wang.ID, d.zhao.ID, d.wang.ID}))
		refused(t, d.ChangeTeam(bg, team.ID, "新名字", []id.ID{d.wang.ID, 17}), fault.NotFound, "error.agent.not_found")
		refused(t, d.ChangeTeam(bg, team.ID, " ", nil), fault.Invalid, "error.text.empty")
		all, err := d.Teams(bg)
		ok(t, err)
		if all[0].Name != "售后组" || len(all[0].Agents) != 2 {
			t.Errorf("a refused change left its marks: %+v", all[0])
		}
		ticket := d.hears(t, "", "你好").Ticket
		_, err = d.SetTeam(bg, d.wang, ticket.ID, &team.ID)
		ok(t, err)
		ok(t, d.DeleteTeam(bg, team.ID, tickets.TeamRepliesDelete))
		for _, err := range []error{d.DeleteTeam(bg, team.ID, tickets.TeamRepliesDelete), d.ChangeTeam(bg, team.ID, "x", nil), d.AddTeamAgent(bg, team.ID, d.wang.ID)} {
			refused(t, err, fault.NotFound, "error.team.unknown")
		}
		equal(t, *d.ticket(t, ticket.ID).TeamID, team.ID)
		if _, err := d.SetTeam(bg, d.wang, d.hearsFrom(t, d.contact(t, "韩梅梅").ID, "", "hi").Ticket.ID, &team.ID); err == nil {
			t.Error("a ticket is handed to a team that is gone")
		}
		all, err = d.AllTeams(bg)
		ok(t, err)
		if len(all) != 1 || all[0].DeletedAt == nil || len(all[0].Agents) != 0 {
			t.Errorf("got %+v", all)
		}
	})
}

func TestATicketsLinkOpensItUntilItIsRevokedOrOld(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket
		one, err := d.NewLink(bg, ticket.ID)
		ok(t, err)
		two, err := d.NewLink(bg, ticket.ID)
		ok(t, err)
		for _, token := range []string{one, two} {
			got, contact, err := d.TicketByLink(bg, token)
			ok(t, err)
			equal(t, got.ID, ticket.ID)
			equal(t, contact.ID, d.li.ID)
		}
		_, err = d.NewLink(bg, 17)
		refused(t, err, fault.NotFound, "error.ticket.not_found")
		refused(t, d.RevokeLinks(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, ticket.ID), fault.Denied, "error.denied")
		ok(t, d.RevokeLinks(bg, d.wang, ticket.ID))
		three, err := d.NewLink(bg, ticket.ID)
		ok(t, err)
		for name, token := range map[string]string{"revoked": one, "revoked too": two, "none": "", "forged": "AAAAAAAAAAAAAAAAAAAAAA", "longer": three + "AA"} {
			_, _, err := d.TicketByLink(bg, token)
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		d.advance(181 * 24 * time.Hour)
		_, _, err = d.TicketByLink(bg, three)
		refused(t, err, fault.NotFound, "error.ticket.not_found")
	})
}

func TestATicketHasFiftyLinksAndTheOldestGivesWay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket
		var tokens []string
		for range 51 {
			token, err := d.NewLink(bg, ticket.ID)
			ok(t, err)
			tokens = append(tokens, token)
		}
		_, _, err := d.TicketByLink(bg, tokens[0])
		refused(t, err, fault.NotFound, "error.ticket.not_found")
		_, _, err = d.TicketByLink(bg, tokens[1])
		ok(t, err)
	})
}

func TestThePhoneNumbersOfADeskAreReadInItsCountry(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		shop := tickets.Shop{Name: "Leaf", Locale: "en", Timezone: "America/New_York", Country: "US", Currency: "USD"}
		phone := func(value string) tickets.NewIdentity {
			return tickets.NewIdentity{Kind: tickets.IdentityPhone, Value: value, Verified: true}
		}
		here, err := d.TextNumber(bg, "010 6552 9988")
		ok(t, err)
		equal(t, here, "+861065529988")
		ok(t, d.SaveShop(bg, shop))
		jo := d.contact(t, "Jo", phone("(415) 555-2671"))
		text, err := d.TextNumber(bg, "415 555 2671")
		ok(t, err)
		equal(t, text, "+14155552671")
		d.advance(2 * time.Second) // what is kept in memory is over: the transaction reads for itself
		d.write(t, func(tx *gorm.DB) error {
			for _, value := range []string{"+1 415 555 2671", "415.555.2671"} {
				found, err := d.ContactByIdentityTx(tx, tickets.IdentityPhone, value)
				if err != nil {
					return err
				}
				if found == nil || found.ID != jo.ID {
					t.Errorf("%s finds %v", value, found)
				}
			}
			return nil
		})
		mobile, err := d.TextNumber(bg, "138 0013 8000") // a Chinese mobile number stays one everywhere
		ok(t, err)
		equal(t, mobile, "+8613800138000")
		shop.Country = "DE"
		ok(t, d.service().SaveShop(bg, shop)) // another process
		d.advance(2 * time.Second)
		text, err = d.TextNumber(bg, "030 901820")
		ok(t, err)
		equal(t, text, "+4930901820")
	})
}
