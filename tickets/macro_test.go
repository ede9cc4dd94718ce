package tickets_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func (d *desk) manager(t testing.TB) tickets.Actor {
	t.Helper()
	a, err := d.CreateAgent(bg, tickets.NewAgent{Email: "li@huiyin.test", Name: "李静", Role: tickets.RoleManager, PasswordHash: "$argon2id$"})
	ok(t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

func own(a tickets.Actor) tickets.MacroShelf {
	return tickets.MacroShelf{Scope: tickets.MacroPerson, Owner: a.ID}
}

// titles gives what somebody may use, one line each: "everyone 售后/退款/多久到账 tk".
func (d *desk) titles(t testing.TB, a tickets.Actor) (out []string) {
	t.Helper()
	all, err := d.Macros(bg, a)
	ok(t, err)
	paths := tickets.MacroPaths(all.Groups)
	for _, m := range all.Macros {
		path := paths[m.GroupID]
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s/%s/%s %s", m.Scope, path[0], path[1], m.Title, m.Shortcut)))
	}
	return out
}

func (d *desk) macro(t testing.TB, a tickets.Actor, e tickets.MacroEdit) id.ID {
	t.Helper()
	m, err := d.AddMacro(bg, a, e)
	ok(t, err)
	return m.ID
}

// macroFile is a file of a quick reply, as the store of files notes it.
func (d *desk) macroFile(macro id.ID) *tickets.MacroFile {
	return &tickets.MacroFile{ID: d.ids.Next(), MacroID: macro, File: rand.Text(), Name: "退货单.pdf", Type: "application/pdf", Size: 7}
}

// noFilesLeft finds that no row of a file outlives its quick reply: the sweep deletes what has none.
func (d *desk) noFilesLeft(t *testing.T, want int) {
	t.Helper()
	n := 0
	ok(t, d.db.Read(bg).Raw(`SELECT COUNT(*) FROM macro_files`).Row().Scan(&n))
	equal(t, n, want)
}

func TestQuickRepliesLieInGroupsThatComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lead := d.manager(t)
		edit := tickets.MacroEdit{Shelf: tickets.Everyones, Group: "售后", Subgroup: "退款", Title: "多久到账", Shortcut: "／tk", Text: "{{contact.name|您}}好，三天内到账。\r\n"}
		one := d.macro(t, lead, edit)
		two := d.macro(t, lead, tickets.MacroEdit{Shelf: tickets.Everyones, Title: "您好", Text: "您好"})
		lines(t, d.titles(t, d.wang), "everyone 售后/退款/多久到账 tk", "everyone //您好")
		got, err := d.Macro(bg, d.wang, one)
		ok(t, err)
		equal(t, got.Text, "{{contact.name|您}}好，三天内到账。")

		_, err = d.AddMacro(bg, lead, edit)
		refused(t, err, fault.Invalid, "error.macro.title_taken")
		edit.Title = "另一条"
		_, err = d.AddMacro(bg, lead, edit)
		refused(t, err, fault.Invalid, "error.macro.shortcut_taken")

		edit.Title, edit.Group, edit.Subgroup = "多久到账", "", ""
		_, err = d.ChangeMacro(bg, lead, one, edit)
		ok(t, err)
		all, err := d.Macros(bg, d.wang)
		ok(t, err)
		equal(t, len(all.Groups), 0)
		ok(t, d.MoveMacro(bg, lead, one, -1))
		lines(t, d.titles(t, d.wang), "everyone //多久到账 tk", "everyone //您好")
		ok(t, d.MoveMacro(bg, lead, one, -1)) // at the end it stays
		ok(t, d.DeleteMacro(bg, lead, two))
		lines(t, d.titles(t, d.wang), "everyone //多久到账 tk")
		refused(t, d.DeleteMacro(bg, lead, two), fault.NotFound, "error.macro.not_found")
	})
}

func TestGroupsAreRenamedMovedAndDeletedWithWhatIsInThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mine := own(d.wang)
		for _, path := range []string{"a/b/1", "a/c/2", "d//3"} {
			p := strings.Split(path, "/")
			m := d.macro(t, d.wang, tickets.MacroEdit{Shelf: mine, Group: p[0], Subgroup: p[1], Title: p[2], Text: "x"})
			ok(t, d.AddMacroFile(bg, d.wang, d.macroFile(m)))
		}
		d.noFilesLeft(t, 3)
		group := func(name string) id.ID {
			all, err := d.Macros(bg, d.wang)
			ok(t, err)
			for _, g := range all.Groups {
				if g.Name == name {
					return g.ID
				}
			}
			t.Fatalf("no group %s", name)
			return 0
		}
		ok(t, d.RenameMacroGroup(bg, d.wang, group("b"), "B2"))
		refused(t, d.RenameMacroGroup(bg, d.wang, group("c"), "b2"), fault.Invalid, "error.macro.group_taken")
		refused(t, d.RenameMacroGroup(bg, d.zhao, group("c"), "x"), fault.NotFound, "error.macro.not_found")
		ok(t, d.MoveMacroGroup(bg, d.wang, group("d"), -1))
		all, err := d.Macros(bg, d.wang)
		ok(t, err)
		equal(t, all.Groups[0].Name, "d")
		refused(t, d.DeleteMacroGroup(bg, d.zhao, group("a")), fault.NotFound, "error.macro.not_found")
		ok(t, d.DeleteMacroGroup(bg, d.wang, group("a")))
		lines(t, d.titles(t, d.wang), "person d//3")
		d.noFilesLeft(t, 1)
		if all, err = d.Macros(bg, d.wang); err != nil || len(all.Groups) != 1 {
			t.Errorf("groups %v, %v", all.Groups, err)
		}
	})
}

func TestQuickRepliesAreUsedAndChangedByWhoMay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lead := d.manager(t)
		team, err := d.CreateTeam(bg, "售后")
		ok(t, err)
		ok(t, d.AddTeamAgent(bg, team.ID, d.wang.ID))
		teams := tickets.MacroShelf{Scope: tickets.MacroTeam, Owner: team.ID}
		text := func(shelf tickets.MacroShelf) tickets.MacroEdit {
			return tickets.MacroEdit{Shelf: shelf, Title: shelf.String(), Text: "x"}
		}
		everyones, ofTeam := d.macro(t, lead, text(tickets.Everyones)), d.macro(t, lead, text(teams))
		wangs, zhaos := d.macro(t, d.wang, text(own(d.wang))), d.macro(t, d.zhao, text(own(d.zhao)))
		equal(t, len(d.titles(t, d.wang)), 3)
		equal(t, len(d.titles(t, d.zhao)), 2)
		equal(t, len(d.titles(t, lead)), 2)

		for _, test := range []struct {
			who   tickets.Actor
			what  id.ID
			shelf tickets.MacroShelf
			kind  fault.Kind // Internal: it is allowed
		}{
			{d.wang, everyones, tickets.Everyones, fault.Denied},
			{d.wang, ofTeam, teams, fault.Denied},
			{d.wang, zhaos, own(d.zhao), fault.NotFound},
			{d.wang, zhaos, own(d.wang), fault.NotFound},
			{d.wang, wangs, own(d.zhao), fault.NotFound},
			{d.wang, wangs, tickets.Everyones, fault.Denied},
			{d.wang, wangs, own(d.wang), fault.Internal},
			{lead, zhaos, own(d.zhao), fault.NotFound},
			{lead, zhaos, tickets.Everyones, fault.NotFound},
			{lead, everyones, tickets.Everyones, fault.Internal},
			{lead, ofTeam, teams, fault.Internal},
			{lead, ofTeam, tickets.MacroShelf{Scope: tickets.MacroTeam, Owner: 17}, fault.NotFound},
			{tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, everyones, tickets.Everyones, fault.Denied},
		} {
			if _, err := d.ChangeMacro(bg, test.who, test.what, text(test.shelf)); fault.KindOf(err) != test.kind || (err == nil) != (test.kind == fault.Internal) {
				t.Errorf("%d changes %d on %s: %v", test.who.ID, test.what, test.shelf, err)
			}
		}
		for who, what := range map[tickets.Actor]id.ID{d.wang: zhaos, d.zhao: ofTeam, lead: wangs} {
			_, err := d.Macro(bg, who, what)
			refused(t, err, fault.NotFound, "error.macro.not_found")
			refused(t, d.UseMacro(bg, who, what), fault.NotFound, "error.macro.not_found")
			refused(t, d.DeleteMacro(bg, who, what), fault.NotFound, "error.macro.not_found")
		}
		ok(t, d.UseMacro(bg, d.wang, ofTeam))
		if m, err := d.Macro(bg, d.wang, ofTeam); err != nil || m.Uses != 1 || m.UsedAt == nil {
			t.Errorf("used: %+v, %v", m, err)
		}
		refused(t, d.DeleteMacro(bg, d.wang, ofTeam), fault.Denied, "error.macro.denied")
	})
}

func TestTheVersionOfQuickRepliesChangesWithThem(t *testing.T) {
	d := onSQLite(t)
	version := func() string {
		v, err := d.MacrosVersion(bg, d.wang)
		ok(t, err)
		return v
	}
	seen := map[string]bool{version(): true}
	changed := func(what string) {
		t.Helper()
		d.advance(1e6)
		if v := version(); seen[v] {
			t.Errorf("%s: the version is an old one", what)
		} else {
			seen[v] = true
		}
	}
	one := d.macro(t, d.wang, tickets.MacroEdit{Shelf: own(d.wang), Group: "a", Title: "1", Text: "x"})
	changed("added")
	d.advance(1e7)
	_, err := d.ChangeMacro(bg, d.wang, one, tickets.MacroEdit{Shelf: own(d.wang), Group: "a", Title: "1", Text: "y"})
	ok(t, err)
	changed("changed")
	ok(t, d.UseMacro(bg, d.wang, one))
	if !seen[version()] {
		t.Error("used: the version is another")
	}
	d.macro(t, d.zhao, tickets.MacroEdit{Shelf: own(d.zhao), Title: "1", Text: "x"})
	if !seen[version()] {
		t.Error("another person's: the version is another")
	}
	ok(t, d.DeleteMacro(bg, d.wang, one))
	if v := version(); v == "" {
		t.Error("no version")
	}
}
