package oldtexts

import (
	"regexp"
	"strings"

	"huiyin/app/sheet"
)

// Some programs export a whole chat as one cell: each turn begins with who speaks and when, in one of many forms.
var (
	turnDate = regexp.MustCompile(`[\[(（]?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+\d{1,2}:\d{2}(?::\d{2})?[\])）]?`)
	turnHour = regexp.MustCompile(`^[\[(（]?\d{1,2}:\d{2}(?::\d{2})?[\])）]?\s|\s[\[(（]?\d{1,2}:\d{2}(?::\d{2})?[\])）]?$`)
)

const (
	speakerMost = 40 // characters of a name
	turnsLeast  = 2  // a single one is a line that happens to hold a time
)

// turn is a turn of a chat within a cell.
type turn struct{ who, text string }

// turns parts a cell that holds a whole chat; nil: it holds none.
func turns(cell string) []turn {
	if !strings.Contains(cell, "\n") {
		return nil
	}
	var out []turn
	for _, line := range strings.Split(cell, "\n") {
		line = strings.TrimSpace(line)
		who, text, begins := turnHead(line)
		switch {
		case begins:
			out = append(out, turn{who, text})
		case len(out) > 0 && line != "":
			last := &out[len(out)-1]
			last.text = strings.TrimSpace(last.text + "\n" + line)
		}
	}
	if len(out) < turnsLeast {
		return nil
	}
	return out
}

// turnHead reads a line that begins a turn: 访客 2026-05-01 10:00:00, [10:00] 客服: 您好, customer: hello.
func turnHead(line string) (who, text string, begins bool) {
	rest := turnDate.ReplaceAllString(line, " ")
	dated := rest != line
	if hour := turnHour.ReplaceAllString(rest, " "); hour != rest {
		rest, dated = hour, true
	}
	rest = strings.TrimSpace(rest)
	name, text, said := strings.Cut(strings.Replace(rest, "：", ":", 1), ":")
	name = sheet.Bare(name)
	if name == "" || len([]rune(name)) > speakerMost {
		return "", "", false
	}
	known := holds(folded(name), shopWords) || holds(folded(name), shopperWords)
	switch {
	case dated && said, said && known && len([]rune(name)) <= speakerMost/2:
		return name, strings.TrimSpace(text), true
	case dated && !strings.ContainsAny(rest, "。！？!?，,"): // the time and the name stand above what was said
		return rest, "", true
	}
	return "", "", false
}

// shoppersTurns gives what the shopper says in a chat of one cell. unknown: of somebody nobody knows on whose side she is.
func (r *reading) shoppersTurns(list []turn, customer string) (text string, unknown bool) {
	var said []string
	for _, t := range list {
		switch r.side(t.who, customer) {
		case Unknown:
			return "", true
		case Shopper:
			said = append(said, t.text)
		}
	}
	return strings.TrimSpace(strings.Join(said, "\n")), false
}

// speakersMost is how many names a preview tells that nobody knows the side of.
const speakersMost = 30

// unknownSpeakers are names in a file of which nobody knows whether they speak for the shop.
func (r *reading) unknownSpeakers(rows []sheet.Row) (out []string) {
	seen := map[string]bool{}
	add := func(name, customer string) {
		if name = sheet.Bare(name); !seen[name] && len(out) < speakersMost && r.side(name, customer) == Unknown {
			seen[name] = true
			out = append(out, name)
		}
	}
	for _, row := range rows {
		customer := sheet.Cell(row, r.plan.Columns, FieldCustomer)
		add(sheet.Cell(row, r.plan.Columns, FieldSpeaker), customer)
		for _, t := range turns(sheet.Cell(row, r.plan.Columns, FieldText)) {
			add(t.who, customer)
		}
		if len(out) == speakersMost {
			break
		}
	}
	return out
}
