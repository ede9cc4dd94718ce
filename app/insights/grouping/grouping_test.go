package grouping_test

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/grouping/measure"
)

func texts(made []invent.Complaint) (texts []grouping.Text, matters []string) {
	for _, c := range made {
		texts = append(texts, grouping.Text{Body: c.Text})
		matters = append(matters, c.Matter)
	}
	return texts, matters
}

func build(t testing.TB, texts []grouping.Text, o grouping.Options) *grouping.Grouping {
	t.Helper()
	g, err := grouping.Build(texts, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Members) != len(texts) {
		t.Fatalf("%d members of %d texts", len(g.Members), len(texts))
	}
	return g
}

// groups names the group of each text; one without a group is by itself.
func groups(g *grouping.Grouping, level grouping.Level) []string {
	names := make([]string, len(g.Members))
	for i, m := range g.Members {
		if names[i] = strconv.Itoa(m.At(level)); m.At(level) == 0 {
			names[i] = "none" + strconv.Itoa(i)
		}
	}
	return names
}

func TestComplaintsOfOneMatterMeetInBothLanguages(t *testing.T) {
	t.Parallel()
	made := invent.Complaints(3000, 1)
	in, matters := texts(made)
	g := build(t, in, grouping.Options{})
	if nmi := measure.NMI(matters, groups(g, grouping.Groups)); nmi < .75 {
		t.Errorf("NMI %.3f, want .75", nmi)
	}
	var zl, zg, el, eg []string
	for i, name := range groups(g, grouping.Groups) {
		if made[i].Language == "zh" {
			zl, zg = append(zl, matters[i]), append(zg, name)
		} else {
			el, eg = append(el, matters[i]), append(eg, name)
		}
	}
	same, different := measure.Together(zl, zg, el, eg)
	if same < .3 || different > .03 {
		t.Errorf("across languages %.3f of the pairs of one matter are together and %.4f of the others", same, different)
	}
}

func TestTheSameTextsGiveTheSameGroupsOnAnyNumberOfProcessors(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	in, _ := texts(invent.Complaints(2500, 2))
	run := func(processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		g := build(t, in, grouping.Options{})
		return fmt.Sprint(g.Members, g.Describe(grouping.Groups), g.Describe(grouping.FineGroups))
	}
	if run(1) != run(7) {
		t.Error("groups differ between one processor and seven")
	}
}

func TestAnyTextsAreGroupedWithoutHarm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("the delivery is late and nobody answers. ", 1500)
	for rule, bodies := range map[string][]string{
		"nothing":      {},
		"one":          {"快递太慢"},
		"empty":        {"", " ", "\n"},
		"one word":     {"慢", "late", "慢", "退款", "refund"},
		"emoji":        {"😡😡😡", "👎", "😡"},
		"digits":       {"111", "222", "3"},
		"long":         {long, strings.Repeat("慢", 10000), long + "x"},
		"mixed script": {"app 打不开 please fix", "доставка медленная 太慢", "配送が遅い", "배송이 늦어요", "العربية متأخرة"},
		"broken bytes": {"\xff\xfe慢", "\xf0\x28\x8c\xbc", "a\x00b"},
	} {
		in := make([]grouping.Text, len(bodies))
		for i, b := range bodies {
			in[i].Body = b
		}
		g := build(t, in, grouping.Options{})
		for _, d := range append(g.Describe(grouping.Groups), g.Describe(grouping.FineGroups)...) {
			if d.Name == "" || d.Size == 0 {
				t.Errorf("%s: %+v", rule, d)
			}
		}
		for i, m := range g.Members {
			if m.Score < 0 || m.Score > 1.0001 || (m.Fine == 0) != (m.Group == 0) {
				t.Errorf("%s: text %d is %+v", rule, i, m)
			}
		}
	}
}

func TestAFloodOfOneTextIsOneGroupAndLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	in, matters := texts(invent.Complaints(1500, 3))
	alone := measure.NMI(matters, groups(build(t, in, grouping.Options{}), grouping.Groups))
	for i := range 5000 {
		in = append(in, grouping.Text{Body: fmt.Sprintf("加微信领红包 %d!!!", i)})
	}
	g := build(t, in, grouping.Options{})
	flood := g.Members[1500]
	for _, m := range g.Members[1500:] {
		if m != flood {
			t.Fatalf("the flood is in %v and %v", flood, m)
		}
	}
	if got := measure.NMI(matters, groups(g, grouping.Groups)[:1500]); got < alone-.05 {
		t.Errorf("NMI of the others fell from %.3f to %.3f", alone, got)
	}
}

func TestNamesSayWhatAGroupIsAbout(t *testing.T) {
	t.Parallel()
	in, matters := texts(invent.Complaints(2000, 4))
	g := build(t, in, grouping.Options{})
	size := 0
	for _, d := range g.Describe(grouping.Groups) {
		size += d.Size
		if d.Name == "" || len(d.Terms) == 0 || len(d.Terms) > 4 || len(d.Samples) == 0 {
			t.Errorf("group %d: %+v", d.ID, d)
		}
		for _, s := range d.Samples {
			if g.Members[s].Group != d.ID {
				t.Errorf("group %d shows a text of group %d", d.ID, g.Members[s].Group)
			}
		}
		for i, a := range d.Terms {
			for j, b := range d.Terms {
				if i != j && strings.Contains(a, b) {
					t.Errorf("group %d: %q holds %q", d.ID, a, b)
				}
			}
		}
		if d.Size > 100 && matters[d.Samples[0]] == "invoice" && !slices.ContainsFunc(d.Terms, func(s string) bool {
			return strings.Contains(s, "invoice") || strings.Contains(s, "发票")
		}) {
			t.Errorf("invoices are called %q", d.Terms)
		}
	}
	grouped := 0
	for _, m := range g.Members {
		if m.Group != 0 {
			grouped++
		}
	}
	if size != grouped {
		t.Errorf("sizes add up to %d, %d texts are grouped", size, grouped)
	}
}

func TestAWordOfFewPeopleIsKeptAndShownNowhere(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(1500, 5))
	for i := range in {
		in[i].Writer = strconv.Itoa(i)
	}
	for range 50 {
		in = append(in, grouping.Text{Body: fmt.Sprintf("Wolfeschlegel wants an invoice, number %d please", len(in)), Writer: strconv.Itoa(len(in) % 4)})
	}
	for i := range 20 { // not one unit
		in = append(in, grouping.Text{Body: strings.Repeat("very ", i) + "angry Wolfeschlegel", Writer: "0"})
	}
	held := func(writers int) bool {
		for _, d := range build(t, in, grouping.Options{Writers: writers}).Describe(grouping.FineGroups) {
			if strings.Contains(strings.ToLower(fmt.Sprint(d.Name, d.Terms)), "wolfeschlegel") {
				return true
			}
		}
		return false
	}
	if !held(0) {
		t.Error("the name is not shown at all: the test tells nothing")
	}
	if held(5) {
		t.Error("a name that four people wrote is shown")
	}
}

func TestTheGateLeavesPraiseOut(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(500, 6))
	in = append(in, grouping.Text{Body: "质量很好，非常满意，推荐"}, grouping.Text{Body: "excellent, love it, works great"})
	g := build(t, in, grouping.Options{ComplaintsOnly: true})
	if g.Members[500].Group != 0 || g.Members[501].Group != 0 {
		t.Errorf("praise is in groups: %v", g.Members[500:])
	}
	grouped := 0
	for _, m := range g.Members[:500] {
		if m.Group != 0 {
			grouped++
		}
	}
	if grouped < 400 {
		t.Errorf("only %d of 500 complaints are grouped", grouped)
	}
}
