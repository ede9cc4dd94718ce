package tickets_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// fillCases are shared with the scripts: static/js_test.go fills the same texts.
func fillCases(t *testing.T) (cases []struct{ Name, Text, Want string }, values map[string]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/macros.json")
	ok(t, err)
	var file struct {
		Values map[string]string
		Cases  []struct{ Name, Text, Want string }
	}
	ok(t, json.Unmarshal(data, &file))
	return file.Cases, file.Values
}

func TestVariablesAreFilledOnceFromLeftToRight(t *testing.T) {
	t.Parallel()
	cases, values := fillCases(t)
	for _, test := range cases {
		t.Run(test.Name, func(t *testing.T) {
			t.Parallel()
			equal(t, tickets.FillMacro(test.Text, values), test.Want)
		})
	}
}

func TestTextsOfQuickRepliesAreChecked(t *testing.T) {
	d := onSQLite(t)
	for name, test := range map[string]struct{ text, key string }{
		"plain":                       {"您好", ""},
		"every variable":              {"{{" + strings.Join(tickets.MacroVariables, "}}{{") + "}}", ""},
		"a variable with a stand-in":  {"{{ contact.name | 您 }}好", ""},
		"single braces are text":      {"{1} {a}", ""},
		"an unknown variable":         {"{{contact.shoe_size}}", "error.macro.variable"},
		"an unknown one after others": {"{{order}} {{ORDER}}", "error.macro.variable"},
		"none at all":                 {"{{}}", "error.macro.variable"},
		"never closed":                {"{{order", "error.macro.unclosed"},
		"closed on the next line":     {"{{order\n}}", "error.macro.unclosed"},
		"closed by half":              {"{{order}", "error.macro.unclosed"},
		"nothing to see":              {" \u200b\n", "error.text.empty"},
		"too long":                    {strings.Repeat("字", tickets.MacroTextMax+1), "error.text.too_long"},
		"far too long":                {strings.Repeat("a", 5*tickets.MacroTextMax), "error.text.too_long"},
		"broken characters":           {"a\xff", "error.text.encoding"},
	} {
		_, err := d.AddMacro(bg, d.wang, tickets.MacroEdit{Shelf: own(d.wang), Title: name, Text: test.text})
		if test.key == "" {
			ok(t, err)
			continue
		}
		refused(t, err, fault.Invalid, test.key)
		if e := fault.As(err); e.Fields[0].Name != "text" {
			t.Errorf("%s: field %s", name, e.Fields[0].Name)
		}
	}
	_, err := d.AddMacro(bg, d.wang, tickets.MacroEdit{Shelf: own(d.wang), Title: "x", Text: "{{shop.namen}}"})
	equal(t, fault.As(err).Args["name"].(string), "shop.namen")
	for field, e := range map[string]tickets.MacroEdit{
		"title":    {Text: "x"},
		"group":    {Title: "t", Text: "x", Subgroup: "b"},
		"shortcut": {Title: "t", Text: "x", Shortcut: "a b"},
		"subgroup": {Title: "t", Text: "x", Group: "a", Subgroup: strings.Repeat("b", 51)},
	} {
		e.Shelf = own(d.wang)
		_, err := d.AddMacro(bg, d.wang, e)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
