package demo

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// scenario is one conversation as the library tells it. In the file:
//
//	# late-parcel            its name; then headers, then lines
//	team: delivery           who answers: after-sales, delivery or global
//	tags: 物流, 催件
//	page: order              where she writes: order, product, cart, account or home
//	product: bottle          kind of goods it fits (goods.go); absent: any
//	priority: high           absent: normal
//	when: night              absent: any hour
//	visitor: yes             somebody not signed in may say this
//	ends: spam               absent: solved
//	> what the shopper says || the same in other words
//	>? what she may or may not say
//	< what the agent answers
//	= an internal note
//	+ assign colleague       or manager
//	~ 3h                     time goes by
//
// A line that begins with two spaces goes on from the line before. {braces} are filled per conversation (slots.go).
type scenario struct {
	name, locale                        string
	team, page, product, priority, when string
	ends                                string
	visitor                             bool
	tags                                []string
	lines                               []line
}

// line is one line of a scenario.
type line struct {
	kind  byte // > < = + ~
	maybe bool
	texts []string      // one of them is said
	pause time.Duration // of ~
}

// phrases are the small words of a language by name: greetings, thanks.
type phrases map[string][]string

// parseScenarios reads a file of scenarios.
func parseScenarios(locale string, r io.Reader) ([]scenario, error) {
	var list []scenario
	err := eachLine(r, func(text string) error {
		if name, ok := strings.CutPrefix(text, "# "); ok {
			list = append(list, scenario{name: name, locale: locale, ends: "solved", page: "home"})
			return nil
		}
		if len(list) == 0 {
			return fmt.Errorf("%q stands before the first scenario", text)
		}
		return list[len(list)-1].add(text)
	})
	return list, err
}

// parsePhrases reads the file of small words: a heading with the name, then one phrase a line.
func parsePhrases(r io.Reader) (phrases, error) {
	p, name := phrases{}, ""
	err := eachLine(r, func(text string) error {
		if heading, ok := strings.CutPrefix(text, "# "); ok {
			name = heading
			return nil
		}
		p[name] = append(p[name], text)
		return nil
	})
	return p, err
}

// eachLine gives the lines that are not empty, with their continuations.
func eachLine(r io.Reader, fn func(text string) error) error {
	lines := bufio.NewScanner(r)
	pending := ""
	flush := func() error {
		if pending == "" {
			return nil
		}
		text := pending
		pending = ""
		return fn(text)
	}
	for lines.Scan() {
		text := strings.TrimRight(lines.Text(), " ")
		if more, ok := strings.CutPrefix(text, "  "); ok && pending != "" {
			pending += "\n" + strings.TrimLeft(more, " ")
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		pending = text
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return flush()
}

// add takes a header or a line of the conversation.
func (s *scenario) add(text string) error {
	if strings.IndexByte("><=+~", text[0]) >= 0 {
		l, err := parseLine(text)
		if err != nil {
			return fmt.Errorf("scenario %s: %w", s.name, err)
		}
		s.lines = append(s.lines, l)
		return nil
	}
	key, value, _ := strings.Cut(text, ": ")
	switch key {
	case "team":
		s.team = value
	case "page":
		s.page = value
	case "product":
		s.product = value
	case "priority":
		s.priority = value
	case "when":
		s.when = value
	case "ends":
		s.ends = value
	case "visitor":
		s.visitor = value == "yes"
	case "tags":
		s.tags = strings.Split(value, ", ")
	default:
		return fmt.Errorf("scenario %s: no such line: %q", s.name, text)
	}
	return nil
}

func parseLine(text string) (line, error) {
	l := line{kind: text[0]}
	text, l.maybe = strings.CutPrefix(text[1:], "?")
	text = strings.TrimPrefix(text, " ")
	if !utf8.ValidString(text) || text == "" {
		return l, fmt.Errorf("%q says nothing", text)
	}
	switch l.kind {
	case '~':
		var err error
		l.pause, err = parsePause(text)
		return l, err
	case '+':
		if text != "assign colleague" && text != "assign manager" {
			return l, fmt.Errorf("no such action: %q", text)
		}
	}
	l.texts = strings.Split(text, " || ")
	return l, nil
}

// parsePause is time.ParseDuration with days.
func parsePause(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	hours, err := time.ParseDuration(days + "h")
	return 24 * hours, err
}
