package grouping_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/invent"
)

// matter gives the places of the texts about a matter.
func matter(matters []string, name string) (places []int) {
	for i, m := range matters {
		if m == name {
			places = append(places, i)
		}
	}
	return places
}

// spread gives n of some places, from everywhere among them.
func spread(places []int, n int) (some []int) {
	for k := range n {
		some = append(some, places[k*len(places)/n])
	}
	return some
}

// in counts the texts that lie in a fine group.
func in(g *grouping.Grouping, places []int, fine int) (n int) {
	for _, i := range places {
		if g.Members[i].Fine == fine {
			n++
		}
	}
	return n
}

func learn(g *grouping.Grouping, lessons ...grouping.Lesson) []int {
	return g.Learn(grouping.Lessons{Groups: lessons})
}

func TestAGroupClaimsWhatIsLikeTheTextsThatWerePutIntoIt(t *testing.T) {
	t.Parallel()
	made, matters := texts(invent.Complaints(2000, 21))
	coupons, all := matter(matters, "coupon"), make([]int, len(made))
	for i := range all {
		all[i] = i
	}
	g := build(t, made, grouping.Options{})
	few := slices.Clone(g.Members)
	if fines := learn(g, grouping.Lesson{Confirmed: spread(coupons, 4)}); fines[0] != 0 || !slices.Equal(g.Members, few) {
		t.Errorf("four texts teach: fine group %d", fines[0])
	}
	fine := learn(g, grouping.Lesson{Confirmed: spread(coupons, 10)})[0]
	right, claimed := in(g, coupons, fine), in(g, all, fine)
	t.Logf("of %d texts like the ten %d were claimed, and %d others", len(coupons)-10, right, claimed-right)
	if fine == 0 || float64(right) < .8*float64(len(coupons)-10) || float64(right) < .9*float64(claimed) {
		t.Errorf("of %d texts like the ten %d were claimed, and %d others", len(coupons)-10, right, claimed-right)
	}
}

func TestNothingMovesThatPeopleHavePutSomewhere(t *testing.T) {
	t.Parallel()
	made, matters := texts(invent.Complaints(2000, 22))
	coupons := matter(matters, "coupon")
	g := build(t, made, grouping.Options{})
	before := slices.Clone(g.Members)
	lessons := grouping.Lessons{Groups: []grouping.Lesson{{Confirmed: spread(coupons, 10)}}, Stays: make([]bool, len(made))}
	stay, refused := coupons[1:20:20], coupons[20:30:30]
	for _, i := range stay {
		lessons.Stays[i] = true
	}
	lessons.Refused = refused
	if fine := g.Learn(lessons)[0]; in(g, coupons, fine) == 0 {
		t.Error("nothing was claimed: the test tells nothing")
	}
	for _, i := range slices.Concat(stay, refused, lessons.Groups[0].Confirmed) {
		if g.Members[i] != before[i] {
			t.Errorf("text %d moved from %+v to %+v", i, before[i], g.Members[i])
		}
	}
}

// Where people have confirmed texts they have seen what lies beside those. Of other fine groups of the group nobody knows.
func TestWhatIsUnlikeTheConfirmedTextsLeavesTheirFineGroupsAlone(t *testing.T) {
	t.Parallel()
	made, matters := texts(invent.Complaints(2000, 23))
	g := build(t, made, grouping.Options{})
	own := map[string][]int{} // the fine groups of each matter
	for i, m := range g.Members {
		if m.Fine != 0 && !slices.Contains(own[matters[i]], m.Fine) {
			own[matters[i]] = append(own[matters[i]], m.Fine)
		}
	}
	logins, late, sizes := matter(matters, "login"), matter(matters, "late"), matter(matters, "size")
	confirmed := spread(logins, 10)
	there := g.Members[confirmed[0]] // where most of the confirmed texts lie
	for _, i := range confirmed {
		if m := g.Members[i]; in(g, confirmed, m.Fine) > in(g, confirmed, there.Fine) {
			there = m
		}
	}
	astray := spread(late, 20)
	for _, i := range astray {
		g.Members[i] = there
	}
	lesson := grouping.Lesson{Confirmed: confirmed, Own: slices.Concat(own["login"], own["size"])}
	before := slices.Clone(g.Members)
	fine := learn(g, lesson)[0]
	for _, i := range astray {
		if m := g.Members[i]; m.Fine == fine || slices.Contains(lesson.Own, m.Fine) {
			t.Errorf("%q stays among what it is unlike", made[i].Body)
		}
	}
	for _, i := range sizes {
		if g.Members[i] != before[i] {
			t.Errorf("%q leaves a fine group of which nothing was confirmed", made[i].Body)
		}
	}
	given := build(t, made, grouping.Options{})
	for _, i := range astray {
		given.Members[i] = there
	}
	lesson.Given = lesson.Own
	if learn(given, lesson); in(given, astray, there.Fine) != len(astray) {
		t.Error("something leaves a fine group that people have given to the group as a whole")
	}
}

func TestWhatWasLearnedHoldsTheNextNightAndWeekAndIsGivenUpWithItsLesson(t *testing.T) {
	t.Parallel()
	made, matters := texts(invent.Complaints(2200, 24))
	coupons := matter(matters[:2000], "coupon")
	g := build(t, made[:2000], grouping.Options{})
	lesson := grouping.Lesson{Confirmed: spread(coupons, 10)}
	lesson.Fine = learn(g, lesson)[0]
	var stored bytes.Buffer
	if err := g.Encode(&stored); err != nil {
		t.Fatal(err)
	}
	m, err := grouping.Decode(bytes.NewReader(stored.Bytes()), grouping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, carry := range map[string]func([]grouping.Text, []grouping.Member, []int) *grouping.Grouping{"night": m.Refresh, "week": m.Retrain} {
		next := carry(made, g.Members, nil)
		if !slices.Equal(next.Learned(), []int{lesson.Fine}) {
			t.Errorf("%s: learned was %v, want fine group %d", name, next.Learned(), lesson.Fine)
		}
		if fine := learn(next, lesson)[0]; fine != lesson.Fine {
			t.Errorf("%s: what is claimed lies in fine group %d, before in %d", name, fine, lesson.Fine)
		}
		was, stays := in(g, coupons, lesson.Fine), 0
		for _, i := range coupons {
			if g.Members[i].Fine == lesson.Fine && next.Members[i].Fine == lesson.Fine {
				stays++
			}
		}
		if float64(stays) < .97*float64(was) || was == 0 {
			t.Errorf("%s: of %d claimed texts %d are where they were", name, was, stays)
		}
		fresh := matter(matters, "coupon")[len(coupons):]
		if n := in(next, fresh, lesson.Fine); float64(n) < .7*float64(len(fresh)) {
			t.Errorf("%s: of %d new texts of the kind %d are claimed", name, len(fresh), n)
		}
		learn(next, grouping.Lesson{Fine: lesson.Fine})
		if n := in(next, coupons, lesson.Fine); n != 0 {
			t.Errorf("%s: the lesson was taken back, and %d texts are still claimed", name, n)
		}
	}
}

func TestANewTextIsClaimedByWhatWasLearned(t *testing.T) {
	t.Parallel()
	made, matters := texts(invent.Complaints(2200, 25))
	g := build(t, made[:2000], grouping.Options{})
	fine := learn(g, grouping.Lesson{Confirmed: spread(matter(matters[:2000], "coupon"), 10)})[0]
	var stored bytes.Buffer
	if err := g.Encode(&stored); err != nil {
		t.Fatal(err)
	}
	m, err := grouping.Decode(&stored, grouping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	right, of, wrong := 0, 0, 0
	for i := 2000; i < len(made); i++ {
		got := m.Assign(made[i])
		switch claimed := got.Fine == fine; {
		case matters[i] == "coupon":
			if of++; claimed {
				right++
			}
		case claimed:
			wrong++
		}
		if got != g.Assign(made[i]) {
			t.Fatal("a stored model answers otherwise")
		}
	}
	if float64(right) < .7*float64(of) || wrong > 4 {
		t.Errorf("of %d new texts of the kind %d are claimed, and %d others", of, right, wrong)
	}
}

func TestLessonsTeachTheSameOnAnyNumberOfProcessors(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	made, matters := texts(invent.Complaints(1500, 26))
	var lessons []grouping.Lesson
	for _, name := range []string{"coupon", "login", "pay"} {
		lessons = append(lessons, grouping.Lesson{Confirmed: spread(matter(matters, name), 6)})
	}
	run := func(processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		g := build(t, made, grouping.Options{})
		fines := learn(g, lessons...)
		var stored bytes.Buffer
		if err := g.Encode(&stored); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(fines, g.Members) + stored.String()
	}
	if run(1) != run(7) {
		t.Error("lessons teach otherwise on seven processors than on one")
	}
}

// A shop may begin with texts that say nothing that is known: then there is no fine group yet.
func TestTextsTeachAGroupWhereTheModelHasNone(t *testing.T) {
	t.Parallel()
	var in []grouping.Text
	for i := range 20 {
		in = append(in, grouping.Text{Body: fmt.Sprintf("%c%c", '一'+rune(7*i), '丁'+rune(11*i))})
	}
	g := build(t, in, grouping.Options{Writers: 1000})
	var confirmed []int
	for _, body := range []string{"运费", "发票", "密码", "积分", "赠品"} {
		confirmed = append(confirmed, len(in))
		in = append(in, grouping.Text{Body: body})
	}
	next := g.Refresh(in, g.Members, nil)
	for _, i := range confirmed {
		if next.Members[i].Fine != 0 {
			t.Fatalf("text %d is in fine group %d: the test tells nothing", i, next.Members[i].Fine)
		}
	}
	if fine := learn(next, grouping.Lesson{Confirmed: confirmed})[0]; fine != 0 {
		t.Errorf("fine group %d holds what was claimed of nothing", fine)
	}
}
