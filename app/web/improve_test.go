package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/improve"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// taskFiles keeps what is attached to tasks with the desk's other files.
func taskFiles(d *desk) improve.Files {
	return improve.Files{
		Keep: func(ctx context.Context, row id.ID, name string, body io.Reader) (improve.Stored, error) {
			f, err := d.files.TakeForTask(ctx, row, name, body)
			return improve.Stored{Name: f.Name, Type: f.Type, Size: f.Size, File: f.File}, err
		},
		Open: d.files.OpenOfTask, Drop: d.files.DropOfTask,
	}
}

// grouped makes a group of complaints with a title.
func (d *desk) grouped(title string) id.ID {
	d.t.Helper()
	group := id.ID(1000)
	must(d.t, d.db.Write(d.t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO insight_groups (id, level, state, pinned, by_hand, language, aspect, size, twin_refused, dirty, version, created_at, updated_at)
 VALUES (?, 'group', 'open', ?, ?, 'zh', 'delivery', 1, ?, ?, 1, 0, 0)`, int64(group), false, false, false, false).Error
	}))
	_, err := d.groups.Rename(d.t.Context(), 1, group, title)
	must(d.t, err)
	return group
}

func TestATaskIsMadeFromAGroupInOneClickAndMovedOverTheBoard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss, wang := d.agent("boss", "Boss", tickets.RoleManager), d.agent("wang", "王芳", tickets.RoleAgent)
	b, agent := d.signedIn(boss), d.signedIn(wang)
	if r := b.get("/improve"); r.status != http.StatusOK || !strings.Contains(r.body, "No improvement tasks yet") {
		t.Fatalf("empty: %d %s", r.status, r.body)
	}
	group := d.grouped("箱子破了<b>")
	b.has("/improve/new?group="+group.String(), "Fewer complaints: 箱子破了&lt;b&gt;", `value="`+group.String()+`" checked`, "will only watch for harm")
	if r := b.post("/improve", url.Values{"title": {""}, "target": {"500"}, "links": {"javascript:x"}}); r.status != http.StatusUnprocessableEntity ||
		!strings.Contains(r.body, "Say in a few words") || !strings.Contains(r.body, "from 5 to 90") || !strings.Contains(r.body, "is no address of the web") {
		t.Errorf("a wrong form: %d", r.status)
	}
	made := b.post("/improve", url.Values{"title": {"加固<script>"}, "what": {"第一行\n第二行"}, "target": {"30"}, "group": {group.String()}, "owner": {wang.ID.String()}, "due": {"2020-01-02"}, "links": {"https://a.example/x"}})
	if made.status != http.StatusSeeOther || made.header.Get("Location") != "/improve/1" {
		t.Fatalf("made: %d %s", made.status, made.body)
	}
	b.has("/improve", "加固&lt;script&gt;", "箱子破了&lt;b&gt;", "王芳", "late", `data-version="1"`)
	b.has("/improve/1", "<p>第一行</p><p>第二行</p>", `href="https://a.example/x"`, "30 % fewer complaints", "made the task", "/insights/groups/"+group.String())
	if r := b.script("/improve/1/state", url.Values{"version": {"1"}, "state": {"in_work"}, "note": {"今天开始"}}); r.status != http.StatusOK || !strings.Contains(r.body, `"version":2`) {
		t.Errorf("moved by a script: %d %s", r.status, r.body)
	}
	if r := b.script("/improve/1/state", url.Values{"version": {"1"}, "state": {"dropped"}}); r.status != http.StatusConflict || !strings.Contains(r.body, "Boss has changed this task meanwhile") {
		t.Errorf("moved upon an old version: %d %s", r.status, r.body)
	}
	if r := b.post("/improve/1/state", url.Values{"version": {"2"}, "state": {"verified"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "Verified needs figures") {
		t.Errorf("verified without figures: %d", r.status)
	}
	if r := b.post("/improve/1/state", url.Values{"version": {"2"}, "state": {"rolled_out"}, "from": {"board"}}); r.status != http.StatusSeeOther || r.header.Get("Location") != "/improve#task-1" {
		t.Errorf("moved by a form: %d %s", r.status, r.header.Get("Location"))
	}
	b.has("/improve/1", "moved it from “Proposed” to “In work”", "今天开始", "Day of the change")
	if r := b.post("/improve/1/effect", nil); r.status != http.StatusSeeOther {
		t.Errorf("measured: %d", r.status)
	}
	b.has("/improve/1", "Too early", "Watching for harm only", "nothing shows whether it was the cause")
	// Who does not lead reads, and writes where she is the owner.
	agent.has("/improve/1", "加固", "第一行")
	if r := agent.get("/improve/1"); strings.Contains(r.body, "/improve/1/edit") || strings.Contains(r.body, `action="/improve/1/state"`) {
		t.Error("an agent is offered what she may not do")
	}
	if r := agent.post("/improve/1/comments", url.Values{"body": {"请 @Boss 看"}}); r.status != http.StatusSeeOther {
		t.Errorf("the owner comments: %d", r.status)
	}
	b.has("/improve/1", "请 @Boss 看")
	other := d.signedIn(d.agent("zhao", "赵磊", tickets.RoleAgent))
	if r := other.post("/improve/1/comments", url.Values{"body": {"hi"}}); r.status != http.StatusForbidden {
		t.Errorf("somebody else comments: %d", r.status)
	}
	other.has("/improve/1", "somebody has to mention you")
	b.has("/improve/all?state=rolled_out", "加固", "Rolled out")
	if r := b.get("/improve/99"); r.status != http.StatusNotFound {
		t.Errorf("a task that is not there: %d", r.status)
	}
}

func TestATrialIsPlannedAndStartedOnThePageOfItsTask(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	group := d.grouped("发货慢")
	b.post("/improve", url.Values{"title": {"x"}, "target": {"30"}, "group": {group.String()}, "how": {"trial"}})
	b.has("/improve/1", "Plan the trial", "Half gives an answer the soonest")
	if r := b.post("/improve/1/trial", url.Values{"mode": {"hash"}, "share": {"100"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "from 1 to 99") {
		t.Errorf("a wrong share: %d", r.status)
	}
	if r := b.post("/improve/1/state", url.Values{"version": {"1"}, "state": {"trial"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "Plan the trial first") {
		t.Errorf("started without a plan: %d", r.status)
	}
	if r := b.post("/improve/1/trial", url.Values{"mode": {"hash"}, "share": {"20"}}); r.status != http.StatusSeeOther {
		t.Fatalf("planned: %d %s", r.status, r.body)
	}
	b.has("/improve/1", "Start the trial", "20%", "huiyin(&#39;trial&#39;")
	if r := b.post("/improve/1/state", url.Values{"version": {"1"}, "state": {"trial"}}); r.status != http.StatusSeeOther {
		t.Fatalf("started: %d %s", r.status, r.body)
	}
	b.has("/improve/1", "Running", "Watching for harm only", "started the trial")
}

func TestFilesOfATaskAreAddedReadAndTakenAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b, agent := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager)), d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	b.post("/improve", url.Values{"title": {"x"}, "target": {"30"}})
	if r := b.sendFile("/improve/1/files", nil, []byte("MZ\x90\x00")); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "replies.csv") {
		t.Errorf("a program: %d", r.status)
	}
	if r := b.sendFile("/improve/1/files", nil, []byte("a,b\n1,2\n")); r.status != http.StatusSeeOther {
		t.Fatalf("added: %d %s", r.status, r.body)
	}
	_, rest, _ := strings.Cut(b.get("/improve/1").body, `href="/improve/1/files/`)
	file, _, _ := strings.Cut(rest, `"`)
	if r := agent.get("/improve/1/files/" + file); r.status != http.StatusOK || r.body != "a,b\n1,2\n" {
		t.Errorf("read: %d %q", r.status, r.body)
	}
	if r := agent.sendFile("/improve/1/files", nil, []byte("a,b\n")); r.status != http.StatusForbidden {
		t.Errorf("who was not mentioned adds: %d", r.status)
	}
	if r := agent.post("/improve/1/files/"+file+"/removal", nil); r.status != http.StatusForbidden {
		t.Errorf("who was not mentioned removes: %d", r.status)
	}
	if r := b.post("/improve/1/files/"+file+"/removal", nil); r.status != http.StatusSeeOther || b.get("/improve/1/files/"+file).status != http.StatusNotFound {
		t.Errorf("removed: %d", r.status)
	}
}
