package grouping_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/grouping/lexicon"
)

func TestNoTwoGroupsAreCalledTheSame(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(2000, 4))
	g := build(t, in, grouping.Options{})
	for _, level := range []grouping.Level{grouping.Groups, grouping.FineGroups} {
		seen := map[string]int{}
		for _, d := range g.Describe(level) {
			if other, taken := seen[d.Name]; taken && level == grouping.Groups {
				t.Errorf("groups %d and %d are both %q", other, d.ID, d.Name)
			}
			seen[d.Name] = d.ID
			for what := range strings.SplitSeq(d.Name, " · ") {
				if utf8.RuneCountInString(what) < 2 || what == "no" || what == "not" || what == "没有" {
					t.Errorf("a group is called %q", d.Name)
				}
			}
		}
	}
}

// What nobody else said must not show (Options.Writers): then the lexicon says what the texts are about.
func TestWithoutWordsOfManyPeopleTheLexiconNamesAGroup(t *testing.T) {
	t.Parallel()
	var in []grouping.Text
	say := func(of string, n int) {
		for i := range n {
			in = append(in, grouping.Text{Body: fmt.Sprintf("%s，%c%c", of, '一'+rune(7*i), '丁'+rune(11*i)), Writer: strconv.Itoa(i)})
		}
	}
	say("优惠券用不了", 40)
	say("刚买就降价", 40)
	say("退款没到", 40)
	names := map[string]bool{}
	for _, d := range build(t, in, grouping.Options{Writers: 1000}).Describe(grouping.Groups) {
		names[d.Name] = true
		if len(d.Terms) > 0 {
			t.Errorf("terms of few people: %q", d.Terms)
		}
	}
	for _, want := range []string{"价格优惠 · 优惠券用不了", "价格优惠 · 刚买就降价", "退货退款 · 退款没到账"} {
		if !names[want] {
			t.Errorf("no group is called %q: %v", want, names)
		}
	}
}

func TestSamplesOfTwoLanguagesHoldBoth(t *testing.T) {
	t.Parallel()
	made := invent.Complaints(3000, 1)
	in, _ := texts(made)
	g := build(t, in, grouping.Options{})
	both := 0
	for _, d := range g.Describe(grouping.Groups) {
		spoken, shown := map[string]int{}, map[string]bool{}
		for i, m := range g.Members {
			if m.Group == d.ID {
				spoken[made[i].Language]++
			}
		}
		for _, i := range d.Samples {
			shown[made[i].Language] = true
		}
		if 5*min(spoken["zh"], spoken["en"]) < d.Size {
			continue
		}
		both++
		if len(shown) != 2 {
			t.Errorf("group %d of %v shows %v", d.ID, spoken, shown)
		}
	}
	if both == 0 {
		t.Error("no group holds both languages: the test tells nothing")
	}
}

// "Orders · order" says nothing more than "Orders".
func TestANameSaysNoWordTwice(t *testing.T) {
	t.Parallel()
	var in []grouping.Text
	for _, of := range []string{"about my order", "about my payment", "about the invoice"} {
		for i := range 40 {
			in = append(in, grouping.Text{Body: fmt.Sprintf("%s, q%cz", of, 'a'+rune(i%26)), Writer: strconv.Itoa(i)})
		}
	}
	names := map[string]bool{}
	for _, d := range build(t, in, grouping.Options{Writers: 1000}).Describe(grouping.Groups) {
		names[d.Name] = true
	}
	for _, want := range []string{"Orders", "Payment", "Invoice"} {
		if !names[want] {
			t.Errorf("no group is called %q: %v", want, names)
		}
	}
}

func TestWithAnEmptyLexiconWordsNameGroups(t *testing.T) {
	t.Parallel()
	empty, err := lexicon.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	in, _ := texts(invent.Complaints(1000, 5))
	list := build(t, in, grouping.Options{Lexicon: empty}).Describe(grouping.Groups)
	if len(list) == 0 {
		t.Error("there is no group")
	}
	for _, d := range list {
		if d.Name == "" {
			t.Errorf("group %d has no name", d.ID)
		}
	}
}

// named gives the names of the groups of forty texts each that say the same and something that nobody else says.
func named(t *testing.T, writers int, said ...string) map[string]bool {
	t.Helper()
	var in []grouping.Text
	for _, of := range said {
		for i := range 40 {
			in = append(in, grouping.Text{Body: fmt.Sprintf("%s，%c%c", of, '一'+rune(7*i), '丁'+rune(11*i)), Writer: strconv.Itoa(i)})
		}
	}
	names := map[string]bool{}
	for _, d := range build(t, in, grouping.Options{Writers: writers}).Describe(grouping.Groups) {
		names[d.Name] = true
	}
	return names
}

// Who feels cheated speaks of no leak, though the lexicon has the one below the other.
func TestAGroupIsCalledByTheMostParticularConceptThatAllItsTextsHold(t *testing.T) {
	t.Parallel()
	if names := named(t, 1000, "感觉被坑", "退款没到"); !names["页面账号 · 怀疑受骗"] {
		t.Errorf("%v", names)
	}
}

func TestWithoutADictionaryTheLexiconComesBeforePairsOfCharacters(t *testing.T) {
	t.Parallel()
	if names := named(t, 5, "想换大一码", "刚买就降价"); !names["质量 · 尺码"] {
		t.Errorf("%v", names)
	}
}
