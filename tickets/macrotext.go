package tickets

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
)

// MacroVariables are the names that a quick reply's text may hold as {{name}} or {{name|what stands in for it}}.
var MacroVariables = []string{
	"contact.name", "agent.name", "ticket.number", "ticket.subject", "order", "shop.name", "inbox.name", "hotline",
}

// MacroBlank stands where a value is missing and the text names nothing in its place: something to see and to fill in.
const MacroBlank = "____"

// MacroValues are the values of the variables for one ticket; what is not known is left out.
func MacroValues(t *Ticket, contact *Contact, agent *Agent, shop Shop, inbox *Inbox) map[string]string {
	all := map[string]string{
		"contact.name": contact.Name, "agent.name": agent.Name, "ticket.number": strconv.FormatInt(t.Number, 10),
		"ticket.subject": t.Subject, "order": t.Order, "shop.name": shop.Name, "inbox.name": inbox.Name, "hotline": inbox.Settings.Hotline,
	}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

// FillMacro puts the values into a text, once from left to right: a value that looks like a variable stays as it is.
// What is no variable stays too. static/js/lib/macro-text.js does the same.
func FillMacro(text string, values map[string]string) string {
	var out strings.Builder
	for {
		before, inside, after, found := nextVariable(text)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, instead, given := strings.Cut(inside, "|")
		name = strings.TrimSpace(name)
		value, known := values[name]
		switch {
		case known && value != "":
			out.WriteString(value)
		case !slices.Contains(MacroVariables, name):
			out.WriteString("{{" + inside + "}}")
		case given:
			out.WriteString(instead)
		default:
			out.WriteString(MacroBlank)
		}
		text = after
	}
}

// nextVariable cuts a text at its first {{…}} on one line.
func nextVariable(text string) (before, inside, after string, found bool) {
	for from := 0; ; {
		open := strings.Index(text[from:], "{{")
		if open < 0 {
			return text, "", "", false
		}
		open += from
		end := strings.IndexAny(text[open+2:], "{}\n")
		if end < 0 {
			return text, "", "", false
		}
		if behind := open + 2 + end; strings.HasPrefix(text[behind:], "}}") {
			return text[:open], text[open+2 : behind], text[behind+2:], true
		}
		from = open + 1
	}
}

// MacroText gives a text that is filled with MacroValues in its stored form. Errors: Invalid, field text.
func MacroText(text string) (string, error) { return normalMacroText(text) }

// normalMacroText gives a text in its stored form: as a message's, and every {{ begins a variable that is known.
// Errors: Invalid, field text.
func normalMacroText(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", fault.InvalidField("text", "invalid", "error.text.encoding", nil)
	}
	if n := utf8.RuneCountInString(text); n > 4*MacroTextMax {
		return "", tooLong("text", "error.text.too_long", n, MacroTextMax)
	}
	text = strings.TrimSpace(norm.NFC.String(WithoutControls(text)))
	if n := utf8.RuneCountInString(text); n > MacroTextMax {
		return "", tooLong("text", "error.text.too_long", n, MacroTextMax)
	}
	if !Visible(text) {
		return "", fault.InvalidField("text", "required", "error.text.empty", nil)
	}
	return text, checkVariables(text)
}

func checkVariables(text string) error {
	for {
		before, inside, after, found := nextVariable(text)
		if strings.Contains(before, "{{") {
			return fault.InvalidField("text", "invalid", "error.macro.unclosed", nil)
		}
		if !found {
			return nil
		}
		name, _, _ := strings.Cut(inside, "|")
		if name = strings.TrimSpace(name); !slices.Contains(MacroVariables, name) {
			return fault.InvalidField("text", "unknown_variable", "error.macro.variable", map[string]any{"name": cut(name, 40)})
		}
		text = after
	}
}
