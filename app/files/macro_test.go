package files_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func (x *desk) agent(t *testing.T, name string) tickets.Actor {
	t.Helper()
	a, err := x.tickets.CreateAgent(t.Context(), tickets.NewAgent{Email: name + "@huiyin.test", Name: name, Role: tickets.RoleAgent, PasswordHash: "$argon2id$"})
	must(t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

func (x *desk) macro(t *testing.T, who tickets.Actor) id.ID {
	t.Helper()
	shelf := tickets.MacroShelf{Scope: tickets.MacroPerson, Owner: who.ID}
	m, err := x.tickets.AddMacro(t.Context(), who, tickets.MacroEdit{Shelf: shelf, Group: "a", Title: "退货", Text: "好"})
	must(t, err)
	return m.ID
}

func (x *desk) stored(t *testing.T) (n int) {
	t.Helper()
	must(t, filepath.WalkDir(x.dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func TestAQuickReplysFilesAreCopiedForATicketAndOutliveIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, x *desk) {
		ctx, wang := t.Context(), x.agent(t, "wang")
		macro := x.macro(t, wang)
		must(t, x.TakeForMacro(ctx, wang, macro, "../退货单.txt", strings.NewReader("form")))
		all, err := x.tickets.MacroFiles(ctx, wang, macro)
		must(t, err)
		if len(all) != 1 || all[0].Name != "退货单.txt" || all[0].Size != 4 {
			t.Fatalf("%+v", all)
		}
		raw, err := os.ReadFile(firstFile(t, x.dir))
		must(t, err)
		if bytes.Contains(raw, []byte("form")) {
			t.Error("the content lies open in the store")
		}
		in, err := x.tickets.Receive(ctx, tickets.Inbound{InboxID: x.inbox.ID, SourceID: "1", ContactID: x.her.ID, Body: "你好"})
		must(t, err)
		ticket := in.Ticket.ID
		copies, err := x.CopyOfMacro(ctx, wang, ticket, macro)
		must(t, err)
		if len(copies) != 1 || copies[0].File == all[0].File || copies[0].KeyID == x.seal.DeskKey() || *copies[0].TicketID != ticket {
			t.Fatalf("no copy of the ticket's own: %+v", copies)
		}
		if got, err := x.reads(t, &copies[0], files.Original); err != nil || string(got) != "form" {
			t.Errorf("%q, %v", got, err)
		}
		x.now = x.now.Add(48 * time.Hour) // nobody sent the copy
		must(t, x.Sweep(ctx))
		if n := x.stored(t); n != 1 {
			t.Errorf("%d files after the sweep, want the quick reply's own", n)
		}
		must(t, x.tickets.DeleteMacro(ctx, wang, macro))
		must(t, x.Sweep(ctx))
		if n := x.stored(t); n != 0 {
			t.Errorf("%d files are left of a quick reply that was deleted", n)
		}
	})
}

func firstFile(t *testing.T, dir string) (path string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			path = p
		}
		return err
	}))
	return path
}

func TestFilesOfAQuickReplyAreFewAndOnlyHers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, x *desk) {
		ctx, wang, zhao := t.Context(), x.agent(t, "wang"), x.agent(t, "zhao")
		macro := x.macro(t, wang)
		for range tickets.MacroFilesMax {
			must(t, x.TakeForMacro(ctx, wang, macro, "a.txt", strings.NewReader("a")))
		}
		if err := x.TakeForMacro(ctx, wang, macro, "a.txt", strings.NewReader("a")); !fault.Is(err, fault.Invalid) {
			t.Errorf("one too many: %v", err)
		}
		all, err := x.tickets.MacroFiles(ctx, wang, macro)
		must(t, err)
		must(t, x.tickets.RemoveMacroFile(ctx, wang, macro, all[0].ID))
		_, listed := x.tickets.MacroFiles(ctx, zhao, macro)
		_, copied := x.CopyOfMacro(ctx, zhao, 1, macro)
		for what, err := range map[string]error{
			"lists": listed, "copies": copied, "adds": x.TakeForMacro(ctx, zhao, macro, "a.txt", strings.NewReader("a")),
			"removes":                         x.tickets.RemoveMacroFile(ctx, zhao, macro, all[1].ID),
			"of another quick reply, removes": x.tickets.RemoveMacroFile(ctx, zhao, x.macro(t, zhao), all[1].ID),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("a colleague %s: %v", what, err)
			}
		}
		if m, err := x.tickets.Macro(ctx, wang, macro); err != nil || m.Files != tickets.MacroFilesMax-1 {
			t.Errorf("%+v, %v", m, err)
		}
	})
}
