package quote_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"huiyin/mailin/plain"
	"huiyin/mailin/quote"
)

// replyCase is a mail's text or HTML and what of it is the reply.
type replyCase struct{ ID, Src, Kind, Input, Expected string }

func replyCases(t testing.TB) (all []replyCase) {
	t.Helper()
	b, err := os.ReadFile("../../../shared/data/mail/reply.json")
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

func words(s string) []string { return strings.Fields(s) }

// missing counts the words of want that got lacks, in their order.
func missing(got, want []string) (n int) {
	i := 0
	for _, w := range want {
		at := slices.Index(got[i:], w)
		if at < 0 {
			n++
			continue
		}
		i += at + 1
	}
	return n
}

// The table of the reply cases, per source: exact, with words lost, with quotation left.
func TestRepliesAreFoundInRealMails(t *testing.T) {
	type row struct{ all, exact, lost, leak int }
	rows := map[string]*row{}
	total := &row{}
	for _, c := range replyCases(t) {
		var s quote.Split
		want := c.Expected
		if c.Kind == "html" {
			s, want = quote.OfHTML(c.Input), plain.Text(c.Expected)
		} else {
			s = quote.Text(c.Input)
		}
		got, signed := words(s.Reply), words(s.Reply+"\n"+s.Signature)
		expected := words(want)
		r := rows[c.Src]
		if r == nil {
			r = &row{}
			rows[c.Src] = r
		}
		exact := slices.Equal(got, expected) || slices.Equal(signed, expected)
		lost := missing(signed, words(quote.Text(want).Reply)) > 0
		leak := missing(expected, got) > 0
		for _, one := range []*row{r, total} {
			one.all++
			if exact {
				one.exact++
			}
			if lost {
				one.lost++
			}
			if leak {
				one.leak++
			}
		}
		if testing.Verbose() && !exact {
			t.Logf("%s %s: lost %v leak %v\n--- got\n%.700s\n--- want\n%.700s", c.Src, c.ID, lost, leak, s.Reply, want)
		}
	}
	for src, r := range rows {
		t.Logf("%-20s %3d cases: exact %3d, words lost %2d, quotation left %2d", src, r.all, r.exact, r.lost, r.leak)
	}
	t.Logf("%-20s %3d cases: exact %3d (%.1f %%), words lost %2d (%.1f %%), quotation left %2d", "all", total.all, total.exact, 100*float64(total.exact)/float64(total.all), total.lost, 100*float64(total.lost)/float64(total.all), total.leak)
	if 100*total.lost > 4*total.all {
		t.Errorf("words are lost in %d of %d cases, want at most 4 %%", total.lost, total.all)
	}
	if 100*total.exact < 76*total.all {
		t.Errorf("%d of %d are exact, want 76 %%", total.exact, total.all)
	}
}
