package grouping_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/measure"
)

// moved is the share of texts that are in another group than before.
func moved(before, after []grouping.Member) float64 {
	n := 0
	for i, m := range before {
		if m.Group != after[i].Group {
			n++
		}
	}
	return float64(n) / float64(len(before))
}

func ids(members []grouping.Member) []string {
	names := make([]string, len(members))
	for i, m := range members {
		if names[i] = strconv.Itoa(m.Group); m.Group == 0 {
			names[i] = "none" + strconv.Itoa(i)
		}
	}
	return names
}

func TestTomorrowsGroupsAreTodays(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(4400, 11))
	today := build(t, in[:4000], grouping.Options{})
	for rule, next := range map[string]*grouping.Grouping{
		"a day": today.Refresh(in, today.Members, nil), "a week, words placed anew": today.Retrain(in, today.Members, nil),
	} {
		if len(next.Members) != len(in) {
			t.Fatalf("%s: %d members of %d texts", rule, len(next.Members), len(in))
		}
		if ari := measure.ARI(ids(today.Members), ids(next.Members[:4000])); ari < .97 {
			t.Errorf("%s: ARI with yesterday %.3f, want .97; %.3f moved", rule, ari, moved(today.Members, next.Members[:4000]))
		}
		grouped := 0
		for _, m := range next.Members[4000:] {
			if m.Group != 0 {
				grouped++
			}
		}
		if grouped < 360 {
			t.Errorf("%s: of 400 new texts %d are in groups", rule, grouped)
		}
	}
}

func TestAPinnedGroupKeepsIDAndMembers(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(2200, 12))
	today := build(t, in[:2000], grouping.Options{})
	before := slices.Clone(today.Members)
	const pinned = 2
	for i := range before { // by hand: every seventh text goes there
		if i%7 == 0 {
			for _, m := range today.Members {
				if m.Group == pinned {
					before[i].Fine, before[i].Group = m.Fine, m.Group
					break
				}
			}
		}
	}
	for rule, next := range map[string]*grouping.Grouping{
		"a day": today.Refresh(in, before, []int{pinned}), "a week": today.Retrain(in, before, []int{pinned}),
	} {
		for i, m := range before {
			if m.Group == pinned && (next.Members[i].Group != pinned || next.Members[i].Fine != m.Fine) {
				t.Fatalf("%s: text %d left the pinned group for %+v", rule, i, next.Members[i])
			}
		}
	}
	loose := 0
	for i, m := range today.Refresh(in, before, nil).Members[:2000] {
		if before[i].Group == pinned && m.Group != pinned {
			loose++
		}
	}
	if loose == 0 {
		t.Error("nothing leaves a group that is not pinned: the test tells nothing")
	}
}

func TestANewMatterBecomesAGroupWithANewID(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(2000, 13))
	today := build(t, in, grouping.Options{})
	last := 0
	for _, m := range today.Members {
		last = max(last, m.Group)
	}
	for i := range 40 {
		in = append(in, grouping.Text{Body: []string{"门店停车场收费太贵", "停车场找不到车位", "停车场入口太窄", "停车要排队半小时"}[i%4] + string(rune('一'+i))})
	}
	next := today.Retrain(in, today.Members, nil)
	found := map[int]int{}
	for _, m := range next.Members[2000:] {
		found[m.Group]++
	}
	for id, n := range found {
		if id > last && n >= 10 {
			return
		}
	}
	t.Errorf("the new matter is in groups %v, the last id was %d", found, last)
}

func TestAStoredModelAnswersAsTheOneThatWasBuilt(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(1500, 14))
	g := build(t, in, grouping.Options{})
	var file, again bytes.Buffer
	if err := errors.Join(g.Encode(&file), g.Encode(&again)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same model is written in two ways")
	}
	stored := file.Bytes()
	m, err := grouping.Decode(bytes.NewReader(stored), grouping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	more, _ := texts(invent.Complaints(200, 15))
	same := 0
	for i, text := range more {
		got, want := m.Assign(text), g.Assign(text)
		if got != want {
			t.Fatalf("%q: %+v, want %+v", text.Body, got, want)
		}
		if got.Group != 0 {
			same++
		}
		if i == 0 && m.Assign(text) != got {
			t.Error("asked twice, it answers otherwise")
		}
	}
	if same < 150 {
		t.Errorf("of 200 texts %d have a group", same)
	}
	if a, b := m.Refresh(in, g.Members, nil), g.Refresh(in, g.Members, nil); !reflect.DeepEqual(a.Members, b.Members) {
		t.Error("a day on the stored model gives other members")
	}
	other, err := lexicon.Parse("== x | 甲 | x\na | 乙 | b\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grouping.Decode(bytes.NewReader(stored), grouping.Options{Lexicon: other}); !errors.Is(err, grouping.ErrForm) {
		t.Errorf("with another lexicon: %v", err)
	}
	if _, err := grouping.Decode(bytes.NewReader(stored[:len(stored)/2]), grouping.Options{}); err == nil {
		t.Error("half a model is read")
	}
}

func TestAssignAgreesWithTheBuild(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(1500, 16))
	g := build(t, in, grouping.Options{})
	other := 0
	for i, text := range in {
		if g.Assign(text).Group != g.Members[i].Group {
			other++
		}
	}
	if other > 30 { // a build asks more than which middle is nearest
		t.Errorf("%d of 1,500 texts would go elsewhere when they came again", other)
	}
}

func TestASampleIsEnoughToGroupTheRest(t *testing.T) {
	t.Parallel()
	in, _ := texts(invent.Complaints(3000, 17))
	whole, err := grouping.BuildSample(in, len(in), grouping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := build(t, in, grouping.Options{})
	if !slices.Equal(whole.Members, g.Members) {
		t.Error("a sample of all is another grouping")
	}
	part, err := grouping.BuildSample(in, 1000, grouping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	groupless, sizes := 0, map[int]int{}
	for _, m := range part.Members {
		if m.Group == 0 {
			groupless++
		}
		sizes[m.Group]++
	}
	if groupless > len(in)/10 {
		t.Errorf("%d of %d texts have no group", groupless, len(in))
	}
	for _, d := range part.Describe(grouping.Groups) {
		if d.Size != sizes[d.ID] {
			t.Errorf("group %d has %d texts, said are %d", d.ID, sizes[d.ID], d.Size)
		}
		for _, i := range d.Samples {
			if part.Members[i].Group != d.ID {
				t.Errorf("text %d is no example of group %d", i, d.ID)
			}
		}
	}
}
