package attempts

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/mask"
)

// Outcome is what became of an attempt.
type Outcome string

// The outcomes. An attempt is abandoned when the shopper left it without an answer of the shop: the shop's page or server
// says so, the desk never guesses it.
const (
	OK        Outcome = "ok"
	Failed    Outcome = "failed"
	Abandoned Outcome = "abandoned"
)

// Origins: who said it. They are counted apart.
const (
	FromAPI  = "api"  // the shop's server, which knows
	FromShop = "page" // the shop's page: a claim of whoever looks at it
)

// Origins are all of them, the surer one first.
func Origins() []string { return []string{FromAPI, FromShop} }

// Reasons are why an attempt may have failed.
func Reasons() []string { return []string{"network", "system", "payment", "stock", "input", other} }

// Devices are what a shopper may have ordered with.
func Devices() []string { return []string{"phone", "tablet", "desktop", other} }

const other = "other"

// Limits of an attempt.
const (
	BatchMost = 1000 // attempts of one call
	StepMax   = 40   // characters

	idMax      = 128
	wordMax    = 64
	orderMax   = 64
	sessionMax = 128
	detailMax  = 500
	lateMost   = 30 * 24 * time.Hour // an attempt may be told so long after it was
	earlyMost  = 5 * time.Minute     // clocks differ
)

// Attempt is one try to order, as the shop tells it.
type Attempt struct {
	ID      string // the shop's own; the same id again changes nothing
	Origin  string // one of Origins; empty: the API
	Outcome Outcome
	Step    string // the shop's word: cart, address, payment …
	Reason  string // one of Reasons; of an attempt that succeeded none
	Device  string // one of Devices; empty: by UserAgent
	Order   string
	Session string // the shop's own, opaque
	Detail  string // what the shop wants to find again: an error code
	Page    string // address; what stands behind ? and # is not kept
	Trial   string // the trial that the shopper was in, and its arm
	Arm     string
	At      time.Time // zero: now

	// Contact is who it was; its zero value: nobody knows.
	Contact   tickets.ContactRef
	UserAgent string
}

// checked is an attempt in the form in which it is counted and kept.
type checked struct {
	Attempt
	at int64
}

// wrong collects what is wrong with attempts.
type wrong struct {
	prefix string // items[3].
	fields []fault.Field
}

func (w *wrong) add(name, code, key string, args map[string]any) {
	w.fields = append(w.fields, fault.Field{Name: w.prefix + name, Code: code, Key: key, Args: args})
}

// err is nil when nothing is wrong.
func (w *wrong) err() error {
	if len(w.fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Key: "attempts.error.invalid", Fields: w.fields}
}

// checkAll checks attempts of the shop's server. Errors: Invalid, with the fields of all that are wrong, at most fieldsMost.
func (s *Service) checkAll(list []Attempt, batch bool) ([]checked, error) {
	const fieldsMost = 50
	if len(list) == 0 || len(list) > BatchMost {
		return nil, fault.InvalidField("items", "count", "attempts.error.items", map[string]any{"max": BatchMost})
	}
	w, out := &wrong{}, make([]checked, len(list))
	for i := range list {
		if batch {
			w.prefix = ItemPrefix(i)
		}
		out[i] = s.check(list[i], w)
		if len(w.fields) >= fieldsMost {
			break
		}
	}
	return out, w.err()
}

// check holds one attempt against the rules.
func (s *Service) check(a Attempt, w *wrong) checked {
	if a.ID = strings.TrimSpace(a.ID); a.ID == "" {
		w.add("id", "required", "attempts.error.id", nil)
	}
	for _, text := range []struct {
		name  string
		value *string
		max   int
	}{{"id", &a.ID, idMax}, {"order", &a.Order, orderMax}, {"session", &a.Session, sessionMax}, {"detail", &a.Detail, detailMax}} {
		*text.value = strings.Join(strings.Fields(*text.value), " ")
		if !utf8.ValidString(*text.value) || utf8.RuneCountInString(*text.value) > text.max {
			w.add(text.name, "too_long", "attempts.error.long", map[string]any{"max": text.max})
		}
	}
	for _, word := range []struct {
		name  string
		value *string
		max   int
	}{{"step", &a.Step, StepMax}, {"trial", &a.Trial, wordMax}, {"arm", &a.Arm, wordMax}} {
		if *word.value = strings.ToLower(*word.value); !isWord(*word.value, word.max) {
			w.add(word.name, "invalid", "attempts.error.word", map[string]any{"max": word.max})
		}
	}
	if a.Origin == "" {
		a.Origin = FromAPI
	} else if !slices.Contains(Origins(), a.Origin) {
		w.add("origin", "invalid", "attempts.error.reason", map[string]any{"words": strings.Join(Origins(), ", ")})
	}
	switch a.Outcome {
	case OK:
		if a.Reason != "" {
			w.add("reason", "invalid", "attempts.error.reason_ok", nil)
		}
	case Failed, Abandoned:
		if a.Reason == "" && a.Outcome == Failed {
			a.Reason = other
		}
		if a.Reason != "" && !among(a.Reason, Reasons()) {
			w.add("reason", "invalid", "attempts.error.reason", map[string]any{"words": strings.Join(Reasons(), ", ")})
		}
	default:
		w.add("outcome", "invalid", "attempts.error.outcome", nil)
	}
	if a.Device == "" {
		a.Device = deviceOf(a.UserAgent)
	} else if !among(a.Device, Devices()) {
		w.add("device", "invalid", "attempts.error.device", map[string]any{"words": strings.Join(Devices(), ", ")})
	}
	return s.finish(a, w)
}

// finish brings the rest into form.
func (s *Service) finish(a Attempt, w *wrong) checked {
	now := s.Now()
	if a.At.IsZero() {
		a.At = now
	}
	switch {
	case a.At.After(now.Add(earlyMost)):
		w.add("at", "future", "attempts.error.future", nil)
	case a.At.Before(now.Add(-lateMost)):
		w.add("at", "too_old", "attempts.error.late", map[string]any{"days": int(lateMost / (24 * time.Hour))})
	case a.At.After(now):
		a.At = now
	}
	a.Page = tickets.PageAddress(a.Page)
	a.Detail, _ = mask.Text(a.Detail, func(string) bool { return false })
	return checked{a, tickets.Millis(a.At)}
}

// Visit is the browser that told of an attempt.
type Visit struct {
	Contact   id.ID // of the chat's session
	UserAgent string
}

// claim brings what a page said into form: a word that is none of ours becomes "other", and what is too long is cut. Only
// an attempt without an id or outcome is refused.
func (s *Service) claim(v Visit, a Attempt) (checked, error) {
	a.Step, a.Reason = strings.ToLower(strings.TrimSpace(a.Step)), strings.TrimSpace(a.Reason)
	if !isWord(a.Step, StepMax) {
		a.Step = other
	}
	if a.Outcome == OK {
		a.Reason = ""
	} else if a.Reason != "" && !among(a.Reason, Reasons()) {
		a.Reason = other
	}
	a.Order, a.Device, a.UserAgent = cut(a.Order, orderMax), "", v.UserAgent
	a.Origin, a.Detail, a.Session, a.Trial, a.Arm = FromShop, "", "", "", ""
	a.Contact = tickets.ContactRef{ID: v.Contact}
	if now := s.Now(); a.At.After(now) || a.At.Before(now.Add(-lateMost)) {
		a.At = now // a shopper's clock
	}
	w := &wrong{}
	return s.check(a, w), w.err()
}

// isWord tells whether a word may stand in the rolls.
func isWord(word string, most int) bool {
	return len(word) <= most && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

func among(word string, list []string) bool {
	for _, one := range list {
		if one == word {
			return true
		}
	}
	return false
}

func cut(text string, most int) string {
	r := []rune(strings.ToValidUTF8(text, ""))
	return string(r[:min(len(r), most)])
}

// deviceOf reads a browser's name for itself, as far as it matters here.
func deviceOf(agent string) string {
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(agent, word) {
				return true
			}
		}
		return false
	}
	switch {
	case has("iPad", "Tablet") || has("Android") && !has("Mobile"):
		return "tablet"
	case has("Mobile", "iPhone", "Android"):
		return "phone"
	case has("Windows", "Macintosh", "X11", "Linux"):
		return "desktop"
	}
	return other
}

// ItemPrefix is how the fields of one attempt of a batch are named.
func ItemPrefix(i int) string { return "items[" + strconv.Itoa(i) + "]." }
