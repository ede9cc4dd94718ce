package static_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"

	"huiyin/tickets"
)

// macroCases: filling is held to the same cases as tickets.FillMacro.
func macroCases(t *testing.T) []libraryCase {
	t.Helper()
	data, err := os.ReadFile("../tickets/testdata/macros.json")
	if err != nil {
		t.Fatal(err)
	}
	var shared struct {
		Values json.RawMessage
		Cases  []struct{ Name, Text, Want string }
	}
	if err := json.Unmarshal(data, &shared); err != nil {
		t.Fatal(err)
	}
	var cases []libraryCase
	for _, one := range shared.Cases {
		cases = append(cases, libraryCase{"macros: " + one.Name, fmt.Sprintf("L['macro-text'].fill(%s, %s)", quoted(t, one.Text), shared.Values), one.Want})
	}
	const text, all = "L['macro-text'].", `[{id:'1',title:'退款多久到账',initials:['tkdjdz'],shortcut:'tk',group:['售后'],text:'三天内到账'},
 {id:'2',title:'换货',initials:['hh'],group:['售后'],text:'可以换货'},{id:'3',title:'Refund',group:[],text:'Dear customer, three days',uses:40,used:1e12},
 {id:'4',title:'Refunds',group:[],text:'x'},{id:'5',title:'Long',shortcut:'refx',group:[],text:'y'}]`
	asked := func(fn, before string) string {
		return fmt.Sprintf("%s%s(%s, %d)", text, fn, quoted(t, before), len([]rune(before)))
	}
	match := func(query string) string {
		return fmt.Sprintf("L['macro-match'].match(L['macro-match'].prepare(%s), %s, 1e12, 10).map((m) => m.id).join('')", all, quoted(t, query))
	}
	strong := func(line string) string {
		return fmt.Sprintf("L['macro-match'].strong(L['macro-match'].prepare(%s), %s, 1e12).map((m) => m.id).join('')", all, quoted(t, line))
	}
	at := func(from int, query string) map[string]any { return map[string]any{"from": from, "query": query} }
	return append(cases, []libraryCase{
		{"macros: a slash at the beginning", asked("slashAt", "/tk"), at(0, "tk")},
		{"macros: a wide slash after a space", asked("slashAt", "好 ／退"), at(2, "退")},
		{"macros: a slash on a new line", asked("slashAt", "a\n/"), at(2, "")},
		{"macros: a slash within a word is one", asked("slashAt", "24/7"), nil},
		{"macros: a path is one", asked("slashAt", "see /a/b"), nil},
		{"macros: a space ends it", asked("slashAt", "/tk "), nil},
		{"macros: two braces ask for a variable", asked("braceAt", "好{{or"), at(1, "or")},
		{"macros: wide braces too", asked("braceAt", "｛｛订"), at(0, "订")},
		{"macros: closed ones do not", asked("braceAt", "{{order}}"), nil},
		{"macros: a whole variable", asked("variableAt", "x{{order}}"), at(1, "{{order}}")},
		{"macros: the line", asked("lineAt", "a\n  退款 "), at(4, "退款")},

		{"match: a shortcut first", match("tk"), "1"},
		{"match: Chinese by a part of the title", match("到账"), "1"},
		{"match: first letters of a part", match("djd"), "1"},
		{"match: a shortcut's beginning, then what is used, then the rest", match("ref"), "354"},
		{"match: the title, then the text", match("换"), "2"},
		{"match: the group", match("售后"), "12"},
		{"match: every word", match("售后 换"), "2"},
		{"match: no width, no case", match("ＲＥＦＵＮＤＳ"), "4"},
		{"match: nothing", match("没有"), ""},
		{"match: all, in their order", match(""), "12345"},

		{"hints: a title", strong("退款"), "1"},
		{"hints: first letters", strong("hh"), "2"},
		{"hints: the beginning of a text", strong("dear c"), "3"},
		{"hints: the whole text needs none", strong("可以换货"), ""},
		{"hints: one character is too little", strong("退"), ""},
		{"hints: a middle of a text is not sure", strong("three"), ""},
	}...)
}

func quoted(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestScriptsAndDomainKnowTheSameVariables(t *testing.T) {
	t.Parallel()
	ctx := openLibrary(t)
	got, err := evaluate(ctx, "[L['macro-text'].VARIABLES, L['macro-text'].BLANK]")
	if err != nil {
		t.Fatal(err)
	}
	if want := normal(t, []any{tickets.MacroVariables, tickets.MacroBlank}); !reflect.DeepEqual(got, want) {
		t.Errorf("scripts %v, domain %v", got, want)
	}
	// 2,000 quick replies are looked through between two keys. The median is held: on a busy machine the slowest ones measure
	// who else works there.
	took, err := evaluate(ctx, `(() => { const M = L["macro-match"], words = ["退", "tk", "款多久", "refund 17", "三天", "zzz", "a"];
 const all = M.prepare(Array.from({length: 2000}, (_, i) => ({id: String(i), title: "退款多久到账 refund " + i, initials: ["tkdjdz" + i], shortcut: "s" + i,
  group: ["售后", "退款" + i % 20], text: "您好，退款一般三天内原路退回，请留意短信。".repeat(8) + i, uses: i % 50, used: 1e12})));
 const took = []; for (let n = 0; n < 210; n++) { const at = performance.now(); M.match(all, words[n % words.length], 1e12, 60); took.push(performance.now() - at); }
 return took.sort((a, b) => a - b)[105]; })()`)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("median of matching 2,000: %.2f ms", took)
	if ms, _ := took.(float64); ms > 25 {
		t.Errorf("matching 2,000 quick replies takes %.1f ms", ms)
	}
}
