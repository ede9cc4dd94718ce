package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dynamic are the prefixes to which code joins a name that it has at hand. Every key below them counts as used.
var dynamic = map[string]string{
	"improve.state.":       "a state of a task",
	"improve.verdict.":     "a verdict",
	"improve.basis.":       "what was compared",
	"improve.rate.":        "what complaints are held against",
	"improve.unit.":        "what complaints are held against",
	"improve.how.":         "what a verdict rests on",
	"improve.how_word.":    "how a change comes to shoppers",
	"improve.field.":       "a field of a task",
	"improve.hint.":        "a field of a task",
	"improve.look.":        "what is to be expected",
	"improve.trial.":       "a state of a trial",
	"improve.mode.":        "who assigns",
	"improve.entry.trial_": "what became of a trial",
	"console.masked.":      "the sorts of number that were hidden",
	"privacy.consent.":     "what a consent is for",
	"privacy.rule.":        "the rule's number",
	"privacy.rule_hint.":   "the rule's number",
	"privacy.rule_title.":  "the rule",
	"privacy.count.":       "the rule",
	"privacy.export.":      "what an export says (app/privacy/exportpage.go)",
	"privacy.reason.":      "a reason of an erasure",
	"privacy.access.":      "an action of the access record",
	"auth.country.":        "the country's code",
	"files.kind.":          "the kind of file",
	"egress.":              "why an address outside gave no answer",
	"error.hours.":         "what is wrong with the hours",
	"insights.by.":         "what a group is split by",
	"insights.column.":     "the column of a table",
	"insights.did.":        "the action's kind",
	"insights.done.":       "what was done",
	"insights.language.":   "the language's code",
	"insights.mark.":       "the mark's kind",
	"insights.part.":       "the page's name",
	"insights.period.":     "the period's name",
	"insights.rising.":     "what a finding says",
	"insights.sort.":       "the rank's name",
	"insights.wrong.":      "what is wrong with a line of the lexicon",
	"mail.error.":          "the setting's name",
	"mailbox.field.":       "the setting's name",
	"mailbox.hint.":        "the setting's name",
	"mailbox.mend.":        "why a step failed",
	"mailbox.older.":       "what becomes of older mails",
	"mailbox.plus.":        "whether they arrive",
	"mailbox.preset.":      "the provider's name",
	"mailbox.preset_help.": "the provider's name",
	"mailbox.sign_in.":     "the way to sign in",
	"mailbox.step.":        "the step's name",
	"mailbox.why.":         "why a step failed",
	"mail.field.":          "the setting's name",
	"mail.hint.":           "the setting's name",
	"mail.next.":           "why a mail failed",
	"mail.preset.":         "the provider's name",
	"mail.preset_help.":    "the provider's name",
	"mail.reason.":         "why a mail failed",
	"mailin.reason.":       "why a mail stands in its ticket",
	"mailin.out.reason.":   "why a mail did not arrive",
	"mailin.out.state.":    "how far a mail is with a recipient",
	"mail.security.":       "the kind of protection",
	"robot.":               "why a robot did not take a message",
	"hooks.event.":         "the event's name",
	"feedback.error.":      "what is wrong with a form or an answer",
	"hooks.state.":         "the hook's state",
	"forms.field.":         "the field's name",
	"forms.hint.":          "the field's name",
	"forms.kind.":          "the kind of question",
	"forms.occasion.":      "the form's occasion",
	"forms.op.":            "how a condition compares",
	"forms.start.":         "the form's occasion",
	"hooks.delivery.":      "the delivery's state",
	"sms.field.":           "the setting's name",
	"sms.hint.":            "the setting's name",
	"sms.reason.":          "why a message failed",
	"health.database.":     "the kind of database",
	"hours.day.":           "the day of the week",
	"hours.month.":         "the month",
	"page.rating.":         "the score",
	"page.status.":         "the ticket's status",
	"console.after.":       "where solving leads",
	"console.channel.":     "the ticket's channel",
	"console.empty.":       "the list's name",
	"console.empty_help.":  "the list's name",
	"console.event.":       "the event's type",
	"console.identity.":    "the identity's kind",
	"console.keys.":        "the table of keys",
	"console.list.":        "the list's name",
	"console.mail.auto.":   "why a mail is automatic",
	"console.message.":     "the message's state",
	"console.priority.":    "the ticket's priority",
	"console.section.":     "the section of the settings",
	"people.guide.":        "the step of the guide",
	"people.role.":         "the agent's role",
	"people.scope.":        "the token's scope",
	"console.set_status.":  "the status to set",
	"console.sla.":         "how a promise stands",
	"console.snooze.":      "the proposed time",
	"console.status.":      "the ticket's status",
	"notify.alert.":        "the alert's kind",
	"notices.kind.":        "the notice's kind",
	"notices.say.":         "the notice's kind",
	"notices.channel.":     "the channel's name",
	"notices.field.":       "the setting's name",
	"notices.hint.":        "the setting's name",
	"notices.sort.":        "the target's sort",
	"notices.state.":       "what became of a notice",
	"public.shop.colour_":  "the colour of the sample shop's goods",
	"public.shop.error.":   "the field's name",
	"public.shop.field.":   "the field's name",
	"public.shop.state_":   "the sample order's state",
	"public.shop.way.":     "the way to pay",
	"telling.way.":         "the way by which somebody is told",
	"telling.left.":        "why somebody is not told",
	"telling.state.":       "the telling's state",
	"told.":                "what she has answered",
	"oldtexts.preset.":     "the program's name",
	"oldtexts.column.":     "the field of a column",
	"oldtexts.reject.":     "what is wrong with a line",
	"oldtexts.file.":       "what is wrong with a file",
	"orders.status.":       "the order's state",
	"orders.preset.":       "the platform's name",
	"import.state.":        "the import's state",
	"orders.column.":       "the field of a column",
	"orders.reject.why.":   "what is wrong with a line",
	"orders.file.":         "what is wrong with a file",
	"orders.map.":          "the field of a mapping",
	"orders.time.":         "the form of times",
	"orders.refund.":       "the refund's state",
	"orders.error.":        "what is wrong with a field",
	"report.kind.":         "the question's kind",
	"report.period.":       "the period's name",
	"report.source.":       "the response's source",
	"replies.fate.":        "what becomes of a line",
	"replies.field.":       "the field's name",
	"replies.scope.":       "the shelf's scope",
	"replies.shelf.":       "the shelf's scope",
	"replies.shelf_help.":  "the shelf's scope",
	"replies.variable.":    "the variable's name",
	"success.column.":      "what a table counts by",
	"success.device.":      "the device",
	"success.hint.":        "the setting's name",
	"success.origin.":      "who reported an attempt",
	"success.outcome.":     "the attempt's outcome",
	"success.period.":      "the period's name",
	"success.reason.":      "why an attempt failed",
	"success.set.":         "the setting's name",
	"success.usual.":       "what a rate is held against",
	"web.help.":            "the HTTP status",
}

// noKeys are texts of the code that look like keys of an area and are none.
var noKeys = map[string]string{
	"mail.eml":          "a mail that was set aside, as a file",
	"replies.csv":       "the demo's file of quick replies",
	"notices.failing":   "the kind of an alert",
	"widget.js":         "the loader's file name",
	"mail.failed":       "the type of an event",
	"mail.bounced":      "the type of an event",
	"mail.sending":      "the kind of an alert",
	"feedback.received": "the type of an event",
	"success.fall_":     "the kind of an alert",
	"insights.":         "the kinds of alerts",
	"success.":          "the kinds of alerts",
}

func TestEveryKeyStandsInEveryLanguage(t *testing.T) {
	t.Parallel()
	b := embedded(t)
	for _, locale := range Locales() {
		for _, other := range Locales() {
			for _, key := range b.Keys(locale) {
				if _, ok := b.raw[other][key]; !ok {
					t.Errorf("%s is in %s and not in %s", key, locale, other)
				}
			}
		}
	}
}

func TestEveryLanguageFillsTheSamePlaces(t *testing.T) {
	t.Parallel()
	b := embedded(t)
	for _, key := range b.Keys(English) {
		en, zh := places(b.raw[English][key]), places(b.raw[Chinese][key])
		if !slices.Equal(en, zh) {
			t.Errorf("%s fills %v in English and %v in Chinese", key, en, zh)
		}
	}
}

func TestEnglishCountsHaveBothForms(t *testing.T) {
	t.Parallel()
	for key, raw := range embedded(t).raw[English] {
		if forms, ok := raw.(map[string]string); ok && (forms["one"] == "" || forms["other"] == "" || len(forms) != 2) {
			t.Errorf("%s: want the forms one and other, got %v", key, forms)
		}
	}
}

func TestNoKeyIsMissingOrUnused(t *testing.T) {
	t.Parallel()
	b := embedded(t)
	found := literals(t, areas(b))
	used := map[string]bool{}
	for literal, file := range found {
		switch {
		case b.raw[Default][literal] != nil:
			used[literal] = true
		case dynamic[literal] != "" || noKeys[literal] != "":
		case strings.HasSuffix(literal, "."):
			t.Errorf("%s joins a key to %q: name the prefix and the reason in dynamic", file, literal)
		default:
			t.Errorf("%s uses %q, which has no text", file, literal)
		}
	}
	for _, key := range b.Keys(Default) {
		if !used[key] && !slices.ContainsFunc(prefixes(dynamic), func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
	for _, list := range []map[string]string{dynamic, noKeys} {
		for name := range list {
			if found[name] == "" {
				t.Errorf("%q is listed here and not found in the code", name)
			}
		}
	}
}

// embedded is the bundle of the embedded files.
func embedded(t *testing.T) *Bundle {
	t.Helper()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var place = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// places are the names that a text fills in, sorted; the count may be left out of a form that says it in words.
func places(raw any) []string {
	forms, ok := raw.(map[string]string)
	if text, plain := raw.(string); plain {
		forms, ok = map[string]string{"other": text}, true
	}
	var names []string
	if !ok {
		return nil
	}
	for _, m := range place.FindAllStringSubmatch(forms["other"], -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func areas(b *Bundle) []string {
	var names []string
	for _, key := range b.Keys(Default) {
		area, _, _ := strings.Cut(key, ".")
		names = append(names, area)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func prefixes(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	return names
}

// literals finds the quoted texts of Go, templates and scripts that begin with an area's name and a dot, each with
// one file that has it.
func literals(t *testing.T, areas []string) map[string]string {
	t.Helper()
	quoted := regexp.MustCompile("[\"'`]((?:" + strings.Join(areas, "|") + ")\\.[a-z0-9_.-]*)[\"'`$]")
	found := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && strings.HasPrefix(d.Name(), ".") && path != root {
				return fs.SkipDir
			}
			return err
		}
		if !slices.Contains([]string{".go", ".html", ".js", ".txt"}, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range quoted.FindAllStringSubmatch(string(data), -1) {
			found[m[1]] = filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
