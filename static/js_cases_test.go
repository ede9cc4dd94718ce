package static_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

type libraryCase struct {
	name, expression string
	want             any
}

// at is 2026-11-22T18:41:00Z: in Shanghai the day has changed already.
const at = 1795372860000

func libraryCases(t *testing.T) []libraryCase {
	t.Helper()
	key := func(fields string) string {
		return fmt.Sprintf("L.keys.keyOf(new KeyboardEvent('keydown', {%s}))", fields)
	}
	sends := func(fields string, enter bool) string {
		return fmt.Sprintf("L.enter.sends(Object.assign({key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false}, {%s}), %t)", fields, enter)
	}
	cases := []libraryCase{
		{"text: a place is filled", `L.text.fill("Hello {{.name}}, {{ .name }}", {name: "Li"})`, "Hello Li, Li"},
		{"text: a value is no template", `L.text.fill("{{.a}}", {a: "{{.b}}", b: "x"})`, "{{.b}}"},
		{"text: an unknown place stays", `L.text.fill("{{.a}}")`, "{{.a}}"},
		{"text: one", `L.text.say({one: "{{.count}} day", other: "{{.count}} days"}, "en", {count: 1})`, "1 day"},
		{"text: many", `L.text.say({one: "{{.count}} day", other: "{{.count}} days"}, "en", {count: 2})`, "2 days"},
		{"text: Chinese has one form", `L.text.say("{{.count}} 天", "zh-CN", {count: 1})`, "1 天"},
		{"text: a key without a text comes back", `L.text.t("console.absent")`, "console.absent"},

		{"when: the clock is the shop's", fmt.Sprintf("L.when.clock(%d)", at), "02:41"},
		{"when: midnight is 00", fmt.Sprintf("L.when.clock(%d)", at-41*60_000-2*3_600_000), "00:00"},
		{"when: the day is the shop's", fmt.Sprintf("L.when.dayOf(%d)", at), "2026-11-23"},
		{"when: today", fmt.Sprintf("L.when.day(%d, %d)", at, at+3_600_000), "Today"},
		{"when: yesterday is the calendar's", fmt.Sprintf("L.when.day(%d, %d)", at-3*3_600_000, at), "Yesterday"},
		{"when: within the year", fmt.Sprintf("L.when.day(%d, %d)", at-30*86_400_000, at), "24 Oct"},
		{"when: another year", fmt.Sprintf("L.when.day(%d, %d)", at-365*86_400_000, at), "23 Nov 2025"},
		{"when: a moment of another day", fmt.Sprintf("L.when.moment(%d, %d)", at-30*86_400_000, at), "24 Oct, 02:41"},
		{"when: seconds", "L.when.ago(59_000)", "now"},
		{"when: minutes are rounded down", "L.when.ago(119_000)", "1 min"},
		{"when: hours", "L.when.ago(7_199_000)", "1 h"},
		{"when: days", "L.when.ago(49 * 3_600_000)", "2 days"},

		{"backoff: grows", "[0, 1, 2, 3].map((n) => L.backoff.backoff(n, () => 1))", []int{400, 800, 1600, 3200}},
		{"backoff: ends growing", "L.backoff.backoff(99, () => 1)", 15000},
		{"backoff: half is chance", "L.backoff.backoff(2, () => 0)", 800},

		{"enter: sends", sends("", true), true},
		{"enter: with Shift it breaks the line", sends("shiftKey: true", true), false},
		{"enter: with Ctrl it always sends", sends("ctrlKey: true", false), true},
		{"enter: with ⌘ it always sends", sends("metaKey: true", false), true},
		{"enter: chosen to break the line", sends("", false), false},
		{"enter: Alt is the system's", sends("altKey: true", true), false},
		{"enter: another key", sends("key: 'a'", true), false},

		{"keys: a letter", key("key: 'e'"), "e"},
		{"keys: Caps Lock makes no difference", key("key: 'E'"), "e"},
		{"keys: with Shift", key("key: 'E', shiftKey: true"), "shift+e"},
		{"keys: a sign", key("key: '?', shiftKey: true"), "?"},
		{"keys: a wide sign of an input method", key("key: '／'"), "/"},
		{"keys: another script's layout", key("key: 'у', code: 'KeyE'"), "e"},
		{"keys: Ctrl", key("key: 'k', ctrlKey: true"), "mod+k"},
		{"keys: ⌘", key("key: 'K', metaKey: true"), "mod+k"},
		{"keys: Alt types characters", key("key: 'e', altKey: true"), ""},
		{"keys: composing", key("key: 'e', isComposing: true"), ""},
		{"keys: a name", key("key: 'Escape'"), "escape"},
		{"keys: typing into a text field", "L.keys.isTyping(document.createElement('textarea'))", true},
		{"keys: a checkbox takes no letters", "L.keys.isTyping(Object.assign(document.createElement('input'), {type: 'checkbox'}))", false},

		{"place: a ticket in a list", `L.place.placeOf("/tickets/12?list=mine", "https://desk.example")`, map[string]any{"path": "/tickets/12", "here": "?list=mine", "ticket": true}},
		{"place: no list is the first", `L.place.placeOf("/tickets", "https://desk.example")`, map[string]any{"path": "/tickets", "here": "?list=unassigned", "ticket": false}},
		{"place: what was looked for", `L.place.placeOf("/tickets?q=%E6%9D%8E%20%26", "https://desk.example").here`, "?q=%E6%9D%8E%20%26"},
		{"place: an empty search is none", `L.place.placeOf("/tickets?q=", "https://desk.example").here`, "?list=unassigned"},
	}
	return slices.Concat(cases, elementCases(), macroCases(t), linkCases(t))
}

// elementCases are those of functions that make elements or keep things.
func elementCases() []libraryCase {
	message := `{pos: 3, seq: 2, kind: "reply", author: {kind: "agent", id: "7", name: "Wang"}, body: "<b>x</b> https://a.example", at: "2026-11-22T18:41:00.000Z", id: "c1"}`
	memory := `new L.outbox.Outbox("t", (() => { const m = {}; return {getItem: (k) => m[k] ?? null, setItem: (k, v) => { m[k] = v; }, removeItem: (k) => { delete m[k]; }, m}; })())`
	refused := `new L.outbox.Outbox("t", {getItem: () => { throw 1; }, setItem: () => { throw 1; }, removeItem: () => { throw 1; }})`
	rows := func(list string) string {
		return fmt.Sprintf("(() => { const e = document.createElement('div'); for (const [k, v] of %s) { const r = document.createElement('p'); r.dataset.k = k; r.textContent = v; e.append(r); } return e; })()", list)
	}
	return []libraryCase{
		{"message: markup stays text", "L.message.message(" + message + ").querySelector('[data-slot=text]').firstChild.nodeValue", "<b>x</b> "},
		{"message: a link opens elsewhere, without a word about us", "L.message.message(" + message + ").querySelector('a').rel", "noopener noreferrer nofollow"},
		{"message: one's own", "L.message.message(" + message + ").className", "m m-reply mine"},
		{"message: says what was hidden", "L.message.message({...(" + message + "), masked: ['card', 'id_card']}).querySelector('[data-slot=hidden]').textContent", "Hidden"},
		{"message: read", "L.message.message(" + message + ", 2).querySelector('[data-slot=state]').textContent", "Read"},
		{"message: not read", "L.message.message(" + message + ", 1).querySelector('[data-slot=state]').textContent", ""},
		{"message: recalled", "L.message.message({..." + message + ", state: 'recalled', body: ''}).textContent.includes('Recalled')", true},
		{"message: a mail by its id", "L.message.isMail({author: {kind: 'contact'}, id: 'mail:1'}, 'chat')", true},
		{"message: a mail by its ticket", "L.message.isMail({author: {kind: 'contact'}}, 'email')", true},
		{"message: a chat is no mail, nor is an answer or what was taken back", "[[{author: {kind: 'contact'}, id: 'c1'}, 'chat'], [{author: {kind: 'agent'}}, 'email'], [{author: {kind: 'contact'}, state: 'erased'}, 'email']].some((m) => L.message.isMail(...m))", false},
		{"event: taken", `L.event.eventText({event: "ticket.assigned", author: {kind: "agent", id: "7", name: "Wang"}, subject: {id: "7", name: "Wang"}, data: {}}, "chat")`, "Wang took it"},
		{"event: given", `L.event.eventText({event: "ticket.assigned", author: {kind: "agent", id: "7", name: "Wang"}, subject: {id: "8", name: "Zhao"}, data: {}}, "chat")`, "Wang gave it to Zhao"},
		{"event: taking says enough", `L.event.eventText({event: "ticket.status", author: {kind: "agent", id: "7", name: "W"}, subject: null, data: {from: "new", to: "open"}}, "chat")`, ""},

		{"outbox: keeps until it is removed", "((o) => { o.add({id: 'a', ticket: '1'}); o.add({id: 'b', ticket: '2'}); o.remove('a'); return o.all().map((l) => l.id); })(" + memory + ")", []string{"b"}},
		{"outbox: by ticket", "((o) => { o.add({id: 'a', ticket: '1'}); o.add({id: 'b', ticket: '2'}); return o.of('2').length; })(" + memory + ")", 1},
		{"outbox: tells of a change", "((o) => { const said = []; o.addEventListener('change', (e) => said.push(e.detail.state)); o.add({id: 'a', state: 'sending'}); o.change('a', {state: 'failed'}); return said; })(" + memory + ")", []string{"sending", "failed"}},
		{"outbox: refused storage falls back to memory", "((o) => { o.add({id: 'a', ticket: '1'}); return o.all().length; })(" + refused + ")", 1},
		{"outbox: ids are 128 bits", "L.outbox.newID().length", 32},

		{"reconcile: orders, adds and removes", "((a, b) => { L.reconcile.reconcile(a, b, 'k'); return a.textContent; })(" + rows("[[1,'a'],[2,'b'],[3,'c']]") + ", " + rows("[[3,'c'],[4,'d'],[1,'x']]") + ")", "cdx"},
		{"reconcile: what is the same is the same element", "((a, b) => { const one = a.firstChild; L.reconcile.reconcile(a, b, 'k'); return a.lastChild === one; })(" + rows("[[1,'a'],[2,'b']]") + ", " + rows("[[2,'b'],[1,'changed']]") + ")", true},
	}
}

// linkCases are the ones that the server's linkify is held to as well.
func linkCases(t *testing.T) []libraryCase {
	t.Helper()
	data, err := os.ReadFile("../app/web/testdata/links.json")
	if err != nil {
		t.Fatal(err)
	}
	var shared []struct {
		Name, Text string
		Links      []string
	}
	if err := json.Unmarshal(data, &shared); err != nil {
		t.Fatal(err)
	}
	var cases []libraryCase
	for _, one := range shared {
		text, err := json.Marshal(one.Text)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases,
			libraryCase{"linkify: " + one.Name, fmt.Sprintf("L.linkify.linkify(%s).filter((p) => p.href).map((p) => p.href)", text), one.Links},
			libraryCase{"linkify: nothing is lost: " + one.Name, fmt.Sprintf("L.linkify.linkify(%s).map((p) => p.text).join('')", text), one.Text})
	}
	return cases
}
