package tickets_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// teamWithReplies is a team of wang with quick replies, some of which are like everybody's.
func (d *desk) teamWithReplies(t *testing.T, lead tickets.Actor, name string) *tickets.Team {
	t.Helper()
	team, err := d.CreateTeam(bg, name)
	ok(t, err)
	ok(t, d.AddTeamAgent(bg, team.ID, d.wang.ID))
	shelf := tickets.MacroShelf{Scope: tickets.MacroTeam, Owner: team.ID}
	for i, path := range []string{"售后/退款/多久到账", "售后//寄回地址", "//您好", "组内/深/一条"} {
		p := strings.Split(path, "/")
		m := d.macro(t, lead, tickets.MacroEdit{Shelf: shelf, Group: p[0], Subgroup: p[1], Title: p[2], Shortcut: fmt.Sprint("k", i), Text: "好"})
		ok(t, d.AddMacroFile(bg, lead, d.macroFile(m)))
	}
	return team
}

func TestATeamThatEndsLeavesItsQuickRepliesToEverybody(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lead := d.manager(t)
		d.macro(t, lead, tickets.MacroEdit{Shelf: tickets.Everyones, Group: "售后", Subgroup: "退款", Title: "多久到账", Shortcut: "k2", Text: "好"})
		team := d.teamWithReplies(t, lead, "退款组")
		counts, err := d.RepliesOfTeams(bg)
		ok(t, err)
		equal(t, counts[team.ID], 4)
		refused(t, d.DeleteTeam(bg, team.ID, "perhaps"), fault.Invalid, "error.team.replies")
		ok(t, d.DeleteTeam(bg, team.ID, tickets.TeamRepliesMove))
		d.noFilesLeft(t, 4) // they moved along
		got := strings.Join(d.titles(t, d.wang), "\n")
		for _, want := range []string{
			"everyone 售后/退款/多久到账 k2", "everyone 售后/退款/多久到账 2 k0", "everyone 售后//寄回地址 k1", "everyone //您好", "everyone 组内/深/一条 k3",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not there:\n%s", want, got)
			}
		}
		if strings.Contains(got, "team ") || strings.Count(got, "k2") != 1 {
			t.Errorf("something is still the team's, or a shortcut stands twice:\n%s", got)
		}
		refused(t, d.DeleteTeam(bg, team.ID, tickets.TeamRepliesMove), fault.NotFound, "error.team.unknown")
	})
}

func TestATeamThatEndsTakesItsQuickRepliesAlong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lead := d.manager(t)
		d.macro(t, lead, tickets.MacroEdit{Shelf: tickets.Everyones, Title: "留下", Text: "好"})
		team, other := d.teamWithReplies(t, lead, "一组"), d.teamWithReplies(t, lead, "二组")
		ok(t, d.DeleteTeam(bg, team.ID, tickets.TeamRepliesDelete))
		d.noFilesLeft(t, 4) // the other team's
		counts, err := d.RepliesOfTeams(bg)
		ok(t, err)
		equal(t, counts[team.ID], 0)
		equal(t, counts[other.ID], 4)
		equal(t, len(d.titles(t, d.wang)), 5)
	})
}
