package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huiyin/app/feedback"
	"huiyin/tickets"
)

// fields are the fields of the builder as a browser without scripts would send them.
func (r reply) fields() url.Values {
	v := url.Values{}
	_, form, _ := strings.Cut(r.body, "data-builder>")
	form, _, _ = strings.Cut(form, "</form>")
	for _, m := range regexp.MustCompile(`<input ([^>]*)>`).FindAllStringSubmatch(form, -1) {
		if !strings.Contains(m[1], `type="checkbox"`) || strings.Contains(m[1], " checked") {
			v.Add(attribute(m[1], "name"), attribute(m[1], "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea ([^>]*)>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		v.Add(attribute(m[1], "name"), m[2])
	}
	for _, m := range regexp.MustCompile(`(?s)<select ([^>]*)>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2])
		if chosen == nil {
			chosen = regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(m[2])
		}
		v.Add(attribute(m[1], "name"), chosen[1])
	}
	return v
}

func attribute(tag, name string) string {
	if m := regexp.MustCompile(`(?:^| )` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
		return m[1]
	}
	return ""
}

// formBuilding is an administrator at work on a form, without scripts.
type formBuilding struct {
	*desk
	boss *browser
	path string // of the form
}

func newFormBuilding(t *testing.T, occasion feedback.Occasion) *formBuilding {
	t.Helper()
	d := newDesk(t)
	b := &formBuilding{desk: d, boss: d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))}
	made := b.boss.post("/settings/forms", url.Values{"name": {"Orders"}, "occasion": {string(occasion)}})
	if made.status != http.StatusSeeOther {
		t.Fatalf("make a form: %d %s", made.status, made.body)
	}
	b.path = strings.TrimSuffix(made.header.Get("Location"), "/builder")
	return b
}

// press sends the builder with a button; change is what was typed before.
func (b *formBuilding) press(do string, change ...func(url.Values)) reply {
	b.t.Helper()
	v := b.boss.get(b.path + "/builder").fields()
	for _, fn := range change {
		fn(v)
	}
	v.Set("do", do)
	got := b.boss.post(b.path+"/draft", v)
	if got.status != http.StatusSeeOther {
		b.t.Fatalf("%s: %d %s", do, got.status, got.body)
	}
	return b.boss.get(b.path + "/builder")
}

func (b *formBuilding) publish() reply {
	b.t.Helper()
	return b.boss.post(b.path+"/versions", b.boss.get(b.path+"/builder").fields())
}

// form is what is kept.
func (b *formBuilding) form() *feedback.Form {
	b.t.Helper()
	list, err := b.web.Feedback.Forms(context.Background())
	must(b.t, err)
	return &list[0]
}

// order are the questions of a draft, a bar between steps.
func order(d *feedback.Definition) string {
	var steps []string
	for _, step := range d.Steps {
		var ids []string
		for _, q := range step.Questions {
			name, _, _ := strings.Cut(q.ID, "_")
			ids = append(ids, name)
		}
		steps = append(steps, strings.Join(ids, " "))
	}
	return strings.Join(steps, " | ")
}

func TestAFormIsMadeEditedPublishedAndArchivedWithoutScripts(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.AfterOrder)
	if got := order(b.form().Draft); got != "rating wrong more" {
		t.Fatalf("a new form after the order asks %q", got)
	}
	if page := b.boss.get("/f/" + b.form().Key); page.status != http.StatusNotFound {
		t.Errorf("a form that was never published is shown: %d", page.status)
	}
	page := b.press("add:0", func(v url.Values) { v.Set("kind.0", "single") })
	if got := order(b.form().Draft); got != "rating wrong more single" {
		t.Fatalf("added: %q", got)
	}
	single := b.form().Draft.Steps[0].Questions[3].ID
	if !strings.Contains(page.body, `name="q.`+single+`.option"`) {
		t.Error("a question of choice has no options to fill in")
	}
	b.press("option:"+single, func(v url.Values) {
		v.Set("q."+single+".label.en", "Which courier?")
		v["q."+single+".option.en"][0], v["q."+single+".option.zh-CN"][1] = "SF", "圆通"
		v.Set("q."+single+".if", "rating")
	})
	if q := b.form().Draft.Question(single); len(q.Options) != 2 || q.Options[1].Label["zh-CN"] != "圆通" || q.ShownIf == nil || q.ShownIf.Op != feedback.OpAtMost || q.ShownIf.Value != "3" {
		t.Errorf("options and condition: %+v", q)
	}
	b.press("step")
	b.press("down:q:" + single)
	b.press("up:q:more")
	if got := order(b.form().Draft); got != "rating more wrong | single" {
		t.Errorf("moved: %q", got)
	}
	b.press("remove:q:rating")
	if q := b.form().Draft.Question(single); q.ShownIf != nil {
		t.Error("a condition on a question that was removed stays")
	}
	b.press("remove:s:1")
	if got := order(b.form().Draft); got != "more wrong single" {
		t.Errorf("a step that was removed took its questions with it: %q", got)
	}
	if got := b.publish(); got.status != http.StatusSeeOther || got.header.Get("Location") != b.path+"?saved=1" {
		t.Fatalf("publish: %d %s", got.status, got.body)
	}
	f := b.form()
	if f.Version != 1 || f.Draft != nil || !strings.Contains(b.boss.get("/f/"+f.Key).body, "Which courier?") {
		t.Errorf("published as %d, draft %v", f.Version, f.Draft != nil)
	}
	if b.press("save"); b.form().Draft != nil {
		t.Error("keeping what is published makes a draft")
	}
	b.boss.post(b.path+"/state", url.Values{"archived": {"1"}})
	if got := b.boss.get("/f/" + f.Key).status; got != http.StatusConflict {
		t.Errorf("an archived form: %d", got)
	}
	b.boss.post(b.path+"/state", url.Values{"archived": {"0"}})
	if got := b.boss.get("/f/" + f.Key).status; got != http.StatusOK {
		t.Errorf("a form that was taken up again: %d", got)
	}
}

func TestWhatIsWrongWithAFormIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.ByLink)
	page := b.press("save", func(v url.Values) {
		v.Del("title.zh-CN")
		v.Del("title.en")
		v.Set("q.more.max", "9999")
		v.Set("q.more.label.en", strings.Repeat("x", 201))
		v.Set("q.rating.if", "more") // which comes later
	})
	for what, want := range map[string]bool{`id="f-q.more.max-wrong"`: true, `id="q-more-label-wrong"`: true, `id="f-q.rating.if-wrong"`: true, `id="title-wrong"`: false} {
		if strings.Contains(page.body, what) != want {
			t.Errorf("while building, %s: %t, want %t", what, !want, want)
		}
	}
	refused := b.publish()
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, `id="title-wrong"`) || strings.Count(refused.body, " autofocus") != 1 {
		t.Errorf("publish: %d, title %t", refused.status, strings.Contains(refused.body, `id="title-wrong"`))
	}
	if b.form().Version != 0 {
		t.Error("published all the same")
	}
	for name, form := range map[string]url.Values{"name": {"occasion": {"link"}}, "inbox": {"name": {"x"}, "occasion": {"link"}, "inbox": {b.inbox.ID.String()}}} {
		if got := b.boss.post("/settings/forms", form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `id="f-`+name+`-wrong"`) {
			t.Errorf("a new form with a wrong %s: %d", name, got.status)
		}
	}
	for name, value := range map[string]string{"name": " ", "quiet_days": "366", "card.en": strings.Repeat("x", 121)} {
		form := url.Values{"name": {"x"}, "occasion": {"link"}, "quiet_days": {"14"}}
		form.Set(name, value)
		at := map[string]string{"name": "f-name", "quiet_days": "f-quiet-days", "card.en": "card"}[name]
		if got := b.boss.post(b.path, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `id="`+at+`-wrong"`) {
			t.Errorf("a wrong %s: %d", name, got.status)
		}
	}
	if got := b.boss.post(b.path+"/draft", url.Values{"do": {"save"}}); got.status != http.StatusUnprocessableEntity || b.form().Draft.Question("more") == nil {
		t.Errorf("a form without fields: %d, and the draft is gone: %t", got.status, b.form().Draft.Question("more") == nil)
	}
}

func TestSettingsOfAFormHoldAtOnceAndItsVersionsStay(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.AfterOrder)
	b.publish()
	got := b.boss.post(b.path, url.Values{
		"name": {"Orders 2"}, "occasion": {"after_delivery"}, "quiet_days": {"30"}, "thresholds.rating": {"5"}, "card.en": {"Tell us"}, "inbox": {b.inbox.ID.String()},
	})
	f := b.form()
	if got.status != http.StatusSeeOther || f.Name != "Orders 2" || f.Occasion != feedback.AfterDelivery || f.Settings.QuietDays != 30 || f.Settings.Thresholds["rating"] != 5 ||
		f.Settings.Card["en"] != "Tell us" || len(f.Settings.Inboxes) != 1 {
		t.Errorf("%d %+v", got.status, f)
	}
	b.press("save", func(v url.Values) { v.Set("q.rating.label.en", "New words") })
	if page := b.boss.get("/f/" + f.Key); strings.Contains(page.body, "New words") {
		t.Error("a draft is shown to shoppers")
	}
	preview := b.boss.get(b.path + "/preview?lang=en")
	if csp := preview.header.Get("Content-Security-Policy"); !strings.Contains(preview.body, "New words") || !strings.Contains(csp, "sandbox allow-scripts") || !strings.Contains(csp, "frame-ancestors 'self'") {
		t.Errorf("the preview does not show the draft, or not in its frame: %s", csp)
	}
	b.publish()
	if old := b.boss.get(b.path + "/preview?version=1&lang=en"); strings.Contains(old.body, "New words") || !strings.Contains(old.body, "How easy was it to order?") {
		t.Error("the first version has changed")
	}
	page := b.boss.get(b.path)
	if !strings.Contains(page.body, "Version 2") || !strings.Contains(page.body, "Boss") || strings.Count(page.body, "preview?version=") != 2 {
		t.Error("the page does not list the versions with who published them")
	}
	for _, want := range []string{`data-huiyin-form=&#34;` + f.Key, "/forms.js", "form." + f.Key + ".ORDER.EXP", "/f/" + f.Key} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	b.press("save", func(v url.Values) { v.Set("q.rating.label.en", "Newer words") })
	if got := b.boss.post(b.path+"/draft/removal", nil); got.status != http.StatusSeeOther || b.form().Draft != nil {
		t.Errorf("a draft that was dropped stays: %d", got.status)
	}
}

func TestTwoWhoBuildOneFormDoNotUndoEachOthersWork(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.ByLink)
	mine, hers := b.boss.get(b.path+"/builder").fields(), b.boss.get(b.path+"/builder").fields()
	mine.Set("q.more.label.en", "Mine")
	hers.Set("q.more.label.en", "Hers")
	for range 2 { // the second time nothing changes, so nothing is undone
		if got := b.boss.post(b.path+"/draft", mine); got.status != http.StatusSeeOther {
			t.Fatalf("the first: %d", got.status)
		}
	}
	for _, path := range []string{"/draft", "/versions"} {
		if got := b.boss.post(b.path+path, hers); got.status != http.StatusConflict || !strings.Contains(got.body, "meanwhile") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if f := b.form(); f.Version != 0 || f.Draft.Question("more").Label["en"] != "Mine" {
		t.Errorf("what the first did is gone: %v", f.Draft.Question("more").Label)
	}
}

func TestTheCardHasTheFormsCodeInItsLanguage(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.ByLink)
	zh, sheet := b.boss.get(b.path+"/card?lang=zh-CN"), b.boss.get(b.path+"/card?lang=en&sheet=a4")
	if !strings.Contains(zh.body, "扫一扫") || strings.Count(zh.body, `class="qr"`) != 1 || !strings.Contains(zh.body, "/f/"+b.form().Key) {
		t.Error("the Chinese card lacks its line, its code or its link")
	}
	if !strings.Contains(sheet.body, "Scan and tell us") || strings.Count(sheet.body, `class="qr"`) != 4 {
		t.Error("a sheet does not hold four English cards")
	}
	if got := b.boss.get(b.path + "/qr.png"); got.header.Get("Content-Type") != "image/png" {
		t.Errorf("the code alone: %d", got.status)
	}
}

func TestTheFormSamplesOfEveryLanguageSignWhatTheFormTakes(t *testing.T) {
	t.Parallel()
	b := newFormBuilding(t, feedback.ByLink)
	b.publish()
	f := b.form()
	box, err := b.tickets.Inbox(context.Background(), f.InboxID)
	must(t, err)
	samples, err := formSamples(f.Key, b.web.BaseURL.JoinPath("f", f.Key).String())
	must(t, err)
	const exp = "4102444800"
	for _, one := range samples {
		t.Run(one.Language, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(one.Code, box.Secret) {
				t.Error("the code has the secret")
			}
			run := sampleRunner(t, one, box.Secret)
			for _, order := range []string{"20260001", "订单-1", "a b&c=d.e"} {
				link, err := url.Parse(strings.TrimSpace(run(true, order, exp)))
				must(t, err)
				q := link.Query()
				if want := feedback.Sign(box.Secret, f.Key, order, exp); q.Get("signature") != want || q.Get("order") != order || q.Get("exp") != exp || !strings.HasSuffix(link.Path, "/f/"+f.Key) {
					t.Errorf("%q gives %s", order, link)
				}
			}
		})
	}
}

func TestEveryOccasionBeginsWithAFormThatCanBePublished(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, o := range feedback.Occasions() {
		def := d.web.startForm(o)
		if err := def.Check(); err != nil {
			t.Errorf("%s: %v", o, err)
		}
		for _, q := range def.Questions() {
			for _, locale := range feedback.Locales() {
				texts := []string{q.Label[locale], def.Title[locale], def.Intro[locale]}
				for _, one := range q.Options {
					texts = append(texts, one.Label[locale])
				}
				if slices.ContainsFunc(texts, func(text string) bool { return text == "" || strings.HasPrefix(text, "forms.") }) {
					t.Errorf("%s, %s, %s: %q", o, q.ID, locale, texts)
				}
			}
		}
	}
}
