package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huiyin/app/feedback"
	"huiyin/tickets"
)

func TestAQuestionOfAnotherKindIsANewOneOnceItWasPublished(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.AfterOrder)
	b.press("save", func(v url.Values) { // not published: it stays itself, without what its kind does not have
		v.Set("q.wrong.kind", "single")
		v.Set("q.more.kind", "photo")
	})
	d := b.form().Draft
	if got := order(d); got != "rating wrong more" || d.Question("wrong").Kind != feedback.KindSingle || len(d.Question("wrong").Options) < 2 || d.Question("more").Max != 0 || d.Question("more").Placeholder != nil {
		t.Errorf("%q: %+v, %+v", got, d.Question("wrong"), d.Question("more"))
	}
	kept := len(d.Question("wrong").Options)
	b.press("save", func(v url.Values) { v.Set("q.wrong.kind", "rating") }) // on the way by keyboard
	b.press("save", func(v url.Values) { v.Set("q.wrong.kind", "multiple") })
	if got := len(b.form().Draft.Question("wrong").Options); got != kept {
		t.Errorf("%d options are left of %d", got, kept)
	}
	if got := b.publish(); got.status != http.StatusSeeOther {
		t.Fatalf("publish: %d %s", got.status, got.body)
	}
	page := b.press("save", func(v url.Values) {
		v.Set("q.rating.kind", "nps")
		v.Set("q.wrong.if", "rating")
	})
	d = b.form().Draft
	first := d.Steps[0].Questions[0]
	if first.Kind != feedback.KindNPS || first.ID == "rating" || d.Question("wrong").ShownIf == nil || d.Question("wrong").ShownIf.Question != first.ID {
		t.Errorf("%+v, %+v", first, d.Question("wrong").ShownIf)
	}
	if b.form().Definition.Question("rating") == nil || !strings.Contains(page.body, `name="q.`+first.ID+`.low.en"`) {
		t.Error("what is published has changed, or the new kind's fields are missing")
	}
	v := b.boss.get(b.path + "/builder").fields()
	v.Set("q."+first.ID+".kind", "text")
	v.Set("q.wrong.kind", "text") // with the button that publishes
	if got := b.boss.post(b.path+"/versions", v); got.status != http.StatusSeeOther {
		t.Fatalf("publish: %d %s", got.status, got.body)
	}
	if q := b.form().Definition.Steps[0].Questions[0]; b.form().Version != 2 || q.Kind != feedback.KindText || q.Low != nil || len(b.form().Definition.Steps[0].Questions[1].Options) != 0 {
		t.Errorf("version %d: %+v", b.form().Version, q)
	}
	if got := b.boss.post(b.path+"/draft", func() url.Values {
		v := b.boss.get(b.path + "/builder").fields()
		v.Set("q.more.kind", "magic")
		return v
	}()); got.status >= 500 {
		t.Errorf("a kind that there is not: %d", got.status)
	}
}

func TestOptionsAndStepsAreMovedByButtonsWithoutScripts(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.AfterOrder)
	options := func() (ids []string) {
		for _, o := range b.form().Draft.Question("wrong").Options {
			ids = append(ids, o.ID)
		}
		return ids
	}
	b.press("save")
	before := options()
	page := b.press("down:o:wrong:" + before[0])
	if got := options(); got[0] != before[1] || got[1] != before[0] || len(got) != len(before) {
		t.Errorf("down: %v, was %v", got, before)
	}
	if !strings.Contains(page.body, `value="up:o:wrong:`+before[1]+`" id="q-wrong-option-1-up" disabled`) {
		t.Error("the first option can go up")
	}
	b.press("up:o:wrong:" + before[0])
	for _, nothing := range []string{"up:o:wrong:" + before[0], "down:o:wrong:" + before[len(before)-1], "up:o:wrong:x", "up:o:x:y", "turn:o:wrong:" + before[0]} {
		if b.press(nothing); !slices.Equal(options(), before) {
			t.Errorf("%s: %v, was %v", nothing, options(), before)
		}
	}
	b.press("step")
	b.press("down:q:more")
	b.press("up:s:1")
	if got := order(b.form().Draft); got != "more | rating wrong" {
		t.Errorf("steps: %q", got)
	}
}

func TestManagersBuildFormsAndOnlyAdministratorsSeeTheirSecret(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.AfterOrder)
	b.publish()
	box, err := b.tickets.Inbox(t.Context(), b.form().InboxID)
	must(t, err)
	manager, agent := b.signedIn(b.desk.agent("manager", "Manager", tickets.RoleManager)), b.signedIn(b.desk.agent("agent", "Agent", tickets.RoleAgent))
	page := manager.has(b.path, "Version 1", "/builder")
	if strings.Contains(page, box.Secret) || strings.Contains(page, b.path+"/sites") {
		t.Error("a manager sees the secret, or what is an administrator's to change")
	}
	b.boss.has(b.path, box.Secret, b.path+"/sites")
	manager.has("/settings/forms", `href="`+b.path)
	manager.has("/settings/replies", `href="/settings/forms"`)
	for _, path := range []string{"/sites", "/secret"} {
		if got := manager.post(b.path+path, url.Values{"keep": {"0"}}); got.status != http.StatusForbidden {
			t.Errorf("a manager, %s: %d", path, got.status)
		}
	}
	for _, path := range []string{"", "/builder", "/preview", "/card"} {
		if got := agent.get(b.path + path); got.status != http.StatusForbidden {
			t.Errorf("an agent, %s: %d", path, got.status)
		}
	}
}
