package improve_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/improve"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestATaskSaysWhatWasSaidOfItAndStandsOnTheBoard(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, group := t.Context(), d.group("open", 0)
		gone := d.group("merged", group)
		got := d.task(improve.Draft{
			Title: "  包装  加固 ", What: "双层纸箱\r\n加气柱", Why: "玻璃碎", Links: []string{"https://shop.example/1", "", "https://shop.example/1"}, Owner: d.helper.ID, Due: "2026-12-24",
			Groups: []id.ID{group, gone},
		})
		if got.Number != 1 || got.Title != "包装 加固" || got.What != "双层纸箱\n加气柱" || len(got.Links) != 1 || got.State != improve.Proposed || got.How != improve.Everybody ||
			got.Target != improve.TargetUsual || !slices.Equal(got.Groups, []id.ID{group}) || got.Version != 1 {
			t.Errorf("the task is %+v", got)
		}
		second := d.task(improve.Draft{Title: "运费说明"})
		board, err := d.Board(ctx)
		must(t, err)
		if len(board) != 7 || board[0].Count != 2 || board[0].Tasks[0].ID != second.ID || board[0].Tasks[1].ID != got.ID {
			t.Errorf("the board is %+v", board)
		}
		list, err := d.List(ctx, improve.Filter{Group: gone}, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].ID != got.ID {
			t.Errorf("tasks of a merged group: %+v", list)
		}
		if len(d.events()) != 2 || d.events()[0]["tell"].([]any)[0] != d.helper.ID.String() {
			t.Errorf("the log says %v", d.events())
		}
	})
}

func TestWhatIsWrongWithATaskIsNamedByField(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for key, draft := range map[string]improve.Draft{
			"improve.error.title":  {Title: "  "},
			"improve.error.long":   {Title: strings.Repeat("长", improve.TitleMax+1)},
			"improve.error.link":   {Title: "x", Links: []string{"javascript:alert(1)"}},
			"improve.error.links":  {Title: "x", Links: strings.Fields(links(improve.LinksMost + 1))},
			"improve.error.day":    {Title: "x", Due: "2026-02-30"},
			"improve.error.target": {Title: "x", Target: 99},
			"web.error.choice":     {Title: "x", How: "never"},
			"improve.error.owner":  {Title: "x", Owner: 5},
			"improve.error.group":  {Title: "x", Groups: []id.ID{5}},
			"improve.error.groups": {Title: "x", Groups: make([]id.ID, improve.GroupsMost+1)},
		} {
			_, err := d.Create(t.Context(), d.boss, draft)
			fails(t, err, fault.Invalid, key)
		}
		if got := d.task(improve.Draft{Title: "<script>alert(1)</script>"}); got.Title != "<script>alert(1)</script>" {
			t.Errorf("the title is %q", got.Title)
		}
	})
}

func links(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("https://a.example/" + strings.Repeat("x", i) + " ")
	}
	return b.String()
}

func TestOnlyManagersLeadAndWhoIsMentionedMayWrite(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, task := t.Context(), d.task(improve.Draft{})
		for _, by := range []tickets.Actor{d.helper, {Kind: tickets.ActorContact, ID: 7}, {}} {
			_, err := d.Create(ctx, by, improve.Draft{Title: "x"})
			fails(t, err, fault.Denied, "improve.error.managers")
			_, err = d.Change(ctx, by, task.ID, 1, improve.Draft{Title: "x"})
			fails(t, err, fault.Denied, "improve.error.managers")
			_, err = d.MoveTo(ctx, by, task.ID, improve.Move{Version: 1, To: improve.InWork})
			fails(t, err, fault.Denied, "improve.error.managers")
			_, err = d.PlanTrial(ctx, by, task.ID, improve.ByHash, 50)
			fails(t, err, fault.Denied, "improve.error.managers")
			_, err = d.Comment(ctx, by, task.ID, "hello")
			fails(t, err, fault.Denied, "improve.error.mentioned")
			fails(t, d.Attach(ctx, by, task.ID, "x.txt", bytes.NewReader(nil)), fault.Denied, "improve.error.mentioned")
		}
		_, err := d.Comment(ctx, d.boss, task.ID, "请 ＠lin da 看看，也请@Lin 看看，a@b 不算")
		must(t, err)
		last := d.events()[len(d.events())-1]
		if told := last["tell"].([]any); len(told) != 2 || !slices.Contains(told, any(d.helper.ID.String())) || !slices.Contains(told, any(d.second.ID.String())) {
			t.Errorf("told are %v", told)
		}
		_, err = d.Comment(ctx, d.helper, task.ID, "看过了")
		must(t, err)
		must(t, d.Attach(ctx, d.helper, task.ID, "box.txt", strings.NewReader("纸箱")))
		history, err := d.History(ctx, task.ID, 100)
		must(t, err)
		if len(history) != 4 || history[1].Kind != improve.EntryComment || history[2].Body != "看过了" || history[3].Kind != improve.EntryFile {
			t.Errorf("the history is %+v", history)
		}
		_, err = d.Comment(ctx, d.boss, task.ID, " ")
		fails(t, err, fault.Invalid, "improve.error.comment")
		_, err = d.Comment(ctx, d.boss, 12345, "x")
		fails(t, err, fault.NotFound, "improve.error.unknown")
	})
}

func TestFilesOfATaskAreKeptOpenedAndTakenAway(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, task, other := t.Context(), d.task(improve.Draft{}), d.task(improve.Draft{})
		must(t, d.Attach(ctx, d.boss, task.ID, "箱.txt", strings.NewReader("纸箱")))
		list, err := d.FilesOfTask(ctx, task.ID)
		must(t, err)
		if len(list) != 1 || list[0].Name != "箱.txt" || list[0].Size != 6 {
			t.Fatalf("the files are %+v", list)
		}
		_, body, err := d.OpenFile(ctx, task.ID, list[0].ID)
		must(t, err)
		var b bytes.Buffer
		_, err = b.ReadFrom(body)
		must(t, err)
		if b.String() != "纸箱" {
			t.Errorf("the file says %q", b.String())
		}
		_, _, err = d.OpenFile(ctx, other.ID, list[0].ID)
		fails(t, err, fault.NotFound, "error.file.not_found")
		fails(t, d.Detach(ctx, d.helper, task.ID, list[0].ID), fault.Denied, "improve.error.managers")
		name := ""
		for name = range d.kept {
		}
		if known, err := d.FilesOf(ctx, []string{name, "other"}); err != nil || !slices.Equal(known, []string{name}) {
			t.Errorf("known are %v (%v)", known, err)
		}
		must(t, d.Detach(ctx, d.second, task.ID, list[0].ID))
		if len(d.kept) != 0 {
			t.Error("the content is still there")
		}
		for range improve.FilesMost {
			must(t, d.Attach(ctx, d.boss, task.ID, "x.txt", strings.NewReader("x")))
		}
		fails(t, d.Attach(ctx, d.boss, task.ID, "x.txt", strings.NewReader("x")), fault.Invalid, "improve.error.files")
	})
}

func TestOfTwoManagersWhoMoveOneCardAtOnceTheSecondHearsOfTheFirst(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, task := t.Context(), d.task(improve.Draft{})
		var errs [2]error
		var both sync.WaitGroup
		for i, by := range []tickets.Actor{d.boss, d.second} {
			both.Go(func() {
				_, errs[i] = d.MoveTo(ctx, by, task.ID, improve.Move{Version: 1, To: []improve.State{improve.InWork, improve.Dropped}[i]})
			})
		}
		both.Wait()
		first := 0
		if errs[0] != nil {
			first = 1
		}
		must(t, errs[first])
		fails(t, errs[1-first], fault.Conflict, "improve.error.changed_by")
		if name := fault.As(errs[1-first]).Args["name"]; name != []string{"Bo Ss", "Lin"}[first] {
			t.Errorf("the second hears of %v", name)
		}
		got, err := d.Task(ctx, task.ID)
		must(t, err)
		if got.State != []improve.State{improve.InWork, improve.Dropped}[first] || got.Version != 2 {
			t.Errorf("the task is %+v", got)
		}
		_, err = d.Change(ctx, d.second, task.ID, 1, improve.Draft{Title: "late"})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a change upon an old version: %v", err)
		}
	})
}

func TestCardsKeepTheOrderInWhichTheyAreLaid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var all []*improve.Task
		for range 4 {
			all = append(all, d.task(improve.Draft{}))
		}
		for _, one := range all { // 0 1 2 3
			d.move(one, improve.InWork)
		}
		got, err := d.MoveTo(ctx, d.boss, all[3].ID, improve.Move{Version: 2, Before: all[1].ID})
		must(t, err)
		_, err = d.MoveTo(ctx, d.boss, all[0].ID, improve.Move{Version: 2})
		must(t, err)
		board, err := d.Board(ctx)
		must(t, err)
		var order []int
		for _, one := range board[1].Tasks {
			order = append(order, slices.IndexFunc(all, func(x *improve.Task) bool { return x.ID == one.ID }))
		}
		if !slices.Equal(order, []int{3, 1, 2, 0}) || got.State != improve.InWork {
			t.Errorf("they lie as %v", order)
		}
		history, err := d.History(ctx, all[3].ID, 10)
		must(t, err)
		if len(history) != 2 {
			t.Errorf("a card that only changed its place has a history of %+v", history)
		}
	})
}

func TestStatesThatATaskIsNotReadyForAreRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, task := t.Context(), d.task(improve.Draft{})
		try := func(t *testing.T, task *improve.Task, to improve.State, key string) {
			t.Helper()
			_, err := d.MoveTo(ctx, d.boss, task.ID, improve.Move{Version: task.Version, To: to})
			fails(t, err, fault.Invalid, key)
		}
		try(t, task, improve.Verified, "improve.error.verdict")
		try(t, task, improve.Trying, "improve.error.no_trial")
		try(t, task, "nowhere", "web.error.choice")
		tried := d.task(improve.Draft{How: improve.OnTrial})
		try(t, tried, improve.Trying, "improve.error.no_groups")
		tried, err := d.Change(ctx, d.boss, tried.ID, tried.Version, improve.Draft{Title: "x", How: improve.OnTrial, Groups: []id.ID{d.group("open", 0)}})
		must(t, err)
		try(t, tried, improve.Trying, "improve.error.unplanned")
		if got := d.move(task, improve.RolledOut); got.ChangeDay != "2026-11-25" {
			t.Errorf("everybody got it on %q", got.ChangeDay)
		}
	})
}

func TestEveryChangeIsInTheHistoryWithWhatWasBefore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, task := t.Context(), d.task(improve.Draft{})
		draft := task.Draft()
		draft.Due, draft.Owner, draft.Target, draft.What = "2026-12-01", d.helper.ID, 50, "anew"
		changed, err := d.Change(ctx, d.second, task.ID, task.Version, draft)
		must(t, err)
		same, err := d.Change(ctx, d.second, task.ID, changed.Version, draft)
		must(t, err)
		history, err := d.History(ctx, task.ID, 10)
		must(t, err)
		if same.Version != 2 || len(history) != 2 {
			t.Fatalf("version %d, history %+v", same.Version, history)
		}
		got := history[1]
		if got.By != d.second.ID || got.Data["what"] != true || got.Data["due"].([]any)[1] != "2026-12-01" || got.Data["target"].([]any)[0] != 30.0 || got.Data["title"] != nil {
			t.Errorf("the history says %+v", got)
		}
		if !changed.Late(noon.AddDate(0, 0, 7), time.UTC) || changed.Late(noon, time.UTC) {
			t.Error("it is late when the day it was due is over, and not before")
		}
	})
}

func TestWhoIsErasedLeavesTheTrials(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, trial := d.running(improve.ByHash, 50, 30)
		for _, external := range []string{"u-1", "u-2"} {
			_, err := d.Assign(ctx, trial.Key, improve.Unit{External: external})
			must(t, err)
		}
		contact := d.contact("u-1")
		anonymous := d.contact("")
		_, err := d.Assign(ctx, trial.Key, improve.Unit{Contact: anonymous})
		must(t, err)
		must(t, d.DB.Write(ctx, func(tx *gorm.DB) error {
			for _, one := range []id.ID{contact, anonymous} {
				who, err := d.Tickets.EraseContactTx(tx, d.boss, one, tickets.ErasedOnRequest)
				if err != nil {
					return err
				}
				if err := improve.Forget(tx, who); err != nil {
					return err
				}
			}
			return nil
		}))
		if n := d.Number(`SELECT COUNT(*) FROM improve_exposures`); n != 1 {
			t.Errorf("%d are left of three, want the one who was not erased", n)
		}
	})
}
