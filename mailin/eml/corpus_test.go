package eml_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/eml"
)

// corpus is the folder of real mails with what is expected of each. It is no part of the project.
const corpus = "../../../shared/data/mail"

// expected is what is known of one mail.
type expected struct {
	ID         string
	Subject    *string
	From       *string
	FromName   *string `json:"fromname"`
	Text       *string
	TextPrefix *string  `json:"text_prefix"`
	TextHas    *string  `json:"text_has"`
	Names      []string // of attachments
	NamesSrc   []string `json:"names_src"`
	Bounces    []struct{ Recipient, Status, Action string }
}

// mails reads the corpus; the test is passed over where it is not there.
func mails(t testing.TB) (all []expected) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus, "expected.json"))
	if os.IsNotExist(err) {
		t.Skip("../shared/data/mail is not here")
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func rawOf(t testing.TB, id string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus, filepath.FromSlash(id)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// wrong lists what of a mail was not read as expected.
func (e *expected) wrong(m *eml.Message) (fields []string) {
	differ := func(field, got, want string) {
		if got != want {
			fields = append(fields, fmt.Sprintf("%s: got %.300q want %.300q", field, got, want))
		}
	}
	if e.Subject != nil {
		differ("subject", spaced(m.Subject), spaced(*e.Subject))
	}
	if e.From != nil {
		differ("from", strings.ToLower(m.From.Address), strings.ToLower(*e.From))
	}
	if e.FromName != nil {
		differ("from name", m.From.Name, *e.FromName)
	}
	text := spaced(m.Text)
	if e.Text != nil {
		differ("text", text, spaced(*e.Text))
	}
	if e.TextPrefix != nil && !strings.HasPrefix(text, spaced(*e.TextPrefix)) {
		differ("text begins", text, spaced(*e.TextPrefix))
	}
	if e.TextHas != nil && !strings.Contains(text, spaced(*e.TextHas)) {
		differ("text has", text, spaced(*e.TextHas))
	}
	var names []string
	for _, a := range m.Attachments {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if want := slices.Sorted(slices.Values(e.Names)); !slices.Equal(names, want) && !(e.NamesSrc != nil && slices.Equal(names, slices.Sorted(slices.Values(e.NamesSrc)))) {
		differ("names", fmt.Sprint(names), fmt.Sprint(want))
	}
	return fields
}

// The table of how many real mails are read right, and the limits of time for each.
func TestRealMailsAreReadRight(t *testing.T) {
	all := mails(t)
	right, slowest := 0, time.Duration(0)
	wrong := map[string]int{}
	bounces, found, other, taken := 0, 0, 0, 0
	recipients, statuses := 0, 0
	for i := range all {
		e := &all[i]
		raw := rawOf(t, e.ID)
		begin := time.Now()
		m := eml.Parse(raw)
		slowest = max(slowest, time.Since(begin))
		fields := e.wrong(m)
		if len(fields) == 0 {
			right++
		}
		for _, f := range fields {
			name, _, _ := strings.Cut(f, ":")
			wrong[name]++
			if testing.Verbose() {
				t.Logf("%s: %s", e.ID, f)
			}
		}
		if len(e.Bounces) > 0 {
			if bounces++; m.Auto == eml.AutoBounce {
				found++
				for _, b := range e.Bounces {
					if strings.EqualFold(b.Recipient, m.Bounce.Recipient) {
						recipients++
						break
					}
				}
				if m.Bounce.Status == e.Bounces[0].Status {
					statuses++
				}
			} else if testing.Verbose() {
				t.Logf("%s: a bounce that is not recognised: auto %q from %v subject %q", e.ID, m.Auto, m.From, m.Subject)
			}
		} else if other++; m.Auto == eml.AutoBounce {
			taken++
			if testing.Verbose() {
				t.Logf("%s: taken for a bounce: from %v subject %q", e.ID, m.From, m.Subject)
			}
		}
	}
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(of) }
	t.Logf("mails all right: %d of %d (%.1f %%), wrong: %v, slowest %v", right, len(all), percent(right, len(all)), wrong, slowest.Round(time.Millisecond))
	t.Logf("bounces recognised: %d of %d (%.1f %%), recipient right %d, status right %d; others taken for one: %d of %d", found, bounces, percent(found, bounces), recipients, statuses, taken, other)
	if percent(right, len(all)) < 98 {
		t.Errorf("%.1f %% of the mails are all right, want 98", percent(right, len(all)))
	}
	if percent(found, bounces) < 98 {
		t.Errorf("%.1f %% of the bounces are recognised, want 98", percent(found, bounces))
	}
	if slowest > 2*time.Second {
		t.Errorf("the slowest mail took %v", slowest)
	}
}
