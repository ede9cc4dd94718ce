package tickets_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func fates(plans []tickets.MacroPlan) (out []string) {
	for _, p := range plans {
		line := fmt.Sprintf("%d %s", p.Line, p.Fate)
		if p.Reason != nil {
			line += " " + p.Reason.Key
		}
		out = append(out, line)
	}
	return out
}

func TestAFileOfQuickRepliesIsPlannedThenImported(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lead := d.manager(t)
		d.macro(t, lead, tickets.MacroEdit{Shelf: tickets.Everyones, Group: "售后", Title: "退款", Shortcut: "tk", Text: "旧"})
		d.macro(t, lead, tickets.MacroEdit{Shelf: tickets.Everyones, Title: "您好", Text: "您好"})
		file := []tickets.MacroLine{
			{2, "售后", "", "退款", "tk", "新"},
			{3, "", "", "您好", "", "您好 "},
			{4, "售后", "换货", "换货", "hh", "换"},
			{5, "售后", "换货", "换货", "h2", "again"},
			{6, "", "", "另", "HH", "shortcut taken by line 4"},
			{7, "", "", "", "", "no title"},
			{8, "", "x", "no group", "", "x"},
			{9, "", "", "变量", "", "{{nope}}"},
			{10, "", "", "tk 让出", "tk2", "=1+1"},
		}
		want := []string{"2 changed", "3 same", "4 added", "5 refused error.macro.repeated", "6 refused error.macro.shortcut_taken",
			"7 refused error.text.empty", "8 refused error.macro.group", "9 refused error.macro.variable", "10 added"}
		plans, err := d.PlanMacros(bg, lead, tickets.Everyones, file)
		ok(t, err)
		lines(t, fates(plans), want...)
		equal(t, len(d.titles(t, d.wang)), 2) // nothing is written yet
		plans, err = d.ImportMacros(bg, lead, tickets.Everyones, file)
		ok(t, err)
		lines(t, fates(plans), want...)
		plans, err = d.ImportMacros(bg, lead, tickets.Everyones, file)
		ok(t, err)
		equal(t, tickets.CountMacroFates(plans)[tickets.MacroSame], 4) // the same file again changes nothing
		equal(t, len(d.titles(t, d.wang)), 4)

		_, err = d.PlanMacros(bg, d.wang, tickets.Everyones, file)
		refused(t, err, fault.Denied, "error.macro.denied")
		_, err = d.ImportMacros(bg, d.wang, own(d.zhao), file)
		refused(t, err, fault.NotFound, "error.macro.not_found")
	})
}

func TestAShelfHasItsLimit(t *testing.T) {
	d := onSQLite(t)
	file := make([]tickets.MacroLine, tickets.MacrosMax+2)
	for i := range file {
		file[i] = tickets.MacroLine{Line: i + 1, Title: fmt.Sprint("t", i), Text: "x"}
	}
	plans, err := d.ImportMacros(bg, d.wang, own(d.wang), file)
	ok(t, err)
	n := tickets.CountMacroFates(plans)
	if n[tickets.MacroAdded] != tickets.MacrosMax || n[tickets.MacroRefused] != 2 {
		t.Errorf("fates %v", n)
	}
	_, err = d.AddMacro(bg, d.wang, tickets.MacroEdit{Shelf: own(d.wang), Title: "one more", Text: "x"})
	refused(t, err, fault.Invalid, "error.macro.full")
	for i := range 500 {
		file[i].Text = strings.Repeat("字", 4_000)
	}
	_, err = d.ImportMacros(bg, d.zhao, own(d.zhao), file[:500])
	refused(t, err, fault.Invalid, "error.macro.full")
}
