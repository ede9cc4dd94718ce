package demo

import (
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
)

func TestTheShopHasQuickRepliesInBothLanguages(t *testing.T) {
	t.Parallel()
	services := testServices(t, dbtest.Open(t, db.SQLite))
	shop, desk := openShop(t, services), services.Tickets
	me := tickets.Actor{Kind: tickets.ActorAgent, ID: shop.Agents[replier], Role: staff[replier].role}
	all, err := desk.Macros(t.Context(), me)
	if err != nil {
		t.Fatal(err)
	}
	used, scopes, inner := 0, map[tickets.MacroScope]int{}, 0
	for _, m := range all.Macros {
		scopes[m.Scope]++
		used += int(m.Uses)
	}
	for _, g := range all.Groups {
		if g.ParentID != 0 {
			inner++
		}
	}
	if len(all.Macros) < 14 || scopes[tickets.MacroTeam] == 0 || scopes[tickets.MacroPerson] == 0 || used == 0 || inner == 0 {
		t.Errorf("%d quick replies, by scope %v, used %d times, %d inner groups", len(all.Macros), scopes, used, inner)
	}
}
