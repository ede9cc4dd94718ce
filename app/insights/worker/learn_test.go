package worker_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/app/insights/worker"
)

// broken are complaints of one more kind, which nothing in complaints is like.
func broken(n int) (list []worker.Text) {
	for i := range n {
		list = append(list, worker.Text{Body: fmt.Sprintf("the %s stopped working and the screen stays black %s", []string{"phone", "tablet", "watch", "camera"}[i%4], string(rune('a'+i%26))), Writer: fmt.Sprint("b", i)})
	}
	return list
}

// taught gives complaints as the desk knows them after a pass, of which put broken ones were put into group 7, fine group -99.
func taught(t *testing.T, w worker.Worker, put int) ([]worker.Text, worker.Pass) {
	t.Helper()
	return taughtWith(t, w, put, broken(40))
}

func taughtWith(t *testing.T, w worker.Worker, put int, more []worker.Text) (texts []worker.Text, pass worker.Pass) {
	t.Helper()
	texts = append(complaints(20, 4), more...)
	first, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Plain: true}, each(texts))
	must(t, err)
	pass = worker.Pass{Kind: worker.Nightly, Model: first.Model, Writers: 3, Plain: true, Parents: map[int]int{}, Put: map[int]int{7: put}}
	for _, f := range first.Fines {
		pass.Parents[f.Number] = 10 - f.Group // those of the model are below 0
	}
	pass.Parents[-99] = 7
	after(texts, first, pass.Parents)
	for i := range put {
		one := &texts[len(texts)-1-i]
		one.Fine, one.Group, one.Keep, one.Put = -99, 7, true, true
	}
	return texts, pass
}

// after takes the members of a pass over.
func after(texts []worker.Text, r *worker.Result, parents map[int]int) {
	for i := range texts {
		texts[i].Known, texts[i].Fine = true, r.Members[i].Fine
		texts[i].Group = parents[texts[i].Fine]
	}
}

// claimed is the fine group of group 7 that holds what it has claimed, and how many texts that are.
func claimed(r *worker.Result) (fine, n int) {
	for _, f := range r.Fines {
		if f.Group == 7 && f.Number > 0 {
			fine = f.Number
		}
	}
	for _, m := range r.Members {
		if fine != 0 && m.Fine == fine {
			n++
		}
	}
	return fine, n
}

func TestFiveTextsThatPeoplePutIntoAGroupBringItTheirLike(t *testing.T) {
	both(t, func(t *testing.T, w worker.Worker) {
		texts, pass := taught(t, w, 4)
		r, err := w.Pass(t.Context(), pass, each(texts))
		must(t, err)
		if fine, n := claimed(r); n != 0 {
			t.Errorf("four texts bring %d more into %d", n, fine)
		}
		texts, pass = taught(t, w, 6)
		r, err = w.Pass(t.Context(), pass, each(texts))
		must(t, err)
		fine, n := claimed(r)
		if n < 25 || n > 36 || fine <= 0 {
			t.Fatalf("six texts bring %d more into %d, want most of 34", n, fine)
		}
		for i := range texts {
			if texts[i].Keep && r.Members[i].Fine != -99 {
				t.Errorf("what was put there is in %d", r.Members[i].Fine)
			}
		}
	})
}

func TestWhatAGroupHasLearnedIsInOneFineGroupUntilItIsTakenBack(t *testing.T) {
	w := &worker.Local{}
	texts, pass := taught(t, w, 6)
	r, err := w.Pass(t.Context(), pass, each(texts))
	must(t, err)
	fine, many := claimed(r)
	next := func(kind worker.Kind) int {
		t.Helper()
		for i := range texts {
			if texts[i].Keep {
				continue
			}
			texts[i].Fine = r.Members[i].Fine
			texts[i].Group = pass.Parents[texts[i].Fine]
		}
		pass.Kind, pass.Model = kind, r.Model
		r, err = w.Pass(t.Context(), pass, each(texts))
		must(t, err)
		now, n := claimed(r)
		if n > 0 && kind != worker.Cold && now != fine {
			t.Errorf("%s: it is in fine group %d, was in %d", kind, now, fine)
		}
		return n
	}
	pass.Parents[fine] = 7
	for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly} {
		if n := next(kind); n < many-1 || r.Moved > 4 {
			t.Errorf("%s: %d are claimed, were %d; %d moved", kind, n, many, r.Moved)
		}
	}
	for i := range texts {
		if texts[i].Put {
			texts[i].Keep, texts[i].Put = false, false
		}
	}
	if n := next(worker.Nightly); n < many-1 {
		t.Errorf("nobody can read what taught the group, but nobody has taken it back: %d of %d are left", n, many)
	}
	pass.Put[7] = 0
	if n := next(worker.Weekly); n != 0 {
		t.Errorf("what taught the group was taken back: %d are left", n)
	}
}

// Of a fine group that was elsewhere, most of which is claimed, the group that claims it does not take the place.
func TestWhatIsClaimedInAColdPassComesToTheGroupThatHasLearned(t *testing.T) {
	more := broken(40)
	for i := range more { // of one fine group
		more[i].Body = "the screen of my phone stays black " + string(rune('a'+i%26)) + strings.Repeat("z", i/26)
	}
	texts, pass := taughtWith(t, &worker.Local{}, 6, more)
	pass.Kind, pass.Model = worker.Cold, nil
	r, err := (&worker.Local{}).Pass(t.Context(), pass, each(texts))
	must(t, err)
	if _, n := claimed(r); n < 25 {
		t.Errorf("%d are claimed, want most of 34", n)
	}
	for _, f := range r.Fines {
		if was := pass.Parents[f.Was]; f.Group == 7 && f.Was != 0 && was != 7 {
			t.Errorf("group 7 has claimed fine group %d, which is that of before in group %d", f.Number, was)
		}
	}
}

func TestWhatPeopleHaveGivenToAGroupAsAWholeIsClaimedByNoOther(t *testing.T) {
	w := &worker.Local{}
	texts, pass := taught(t, w, 6)
	here := map[int]int{}
	for i := range texts {
		if !texts[i].Put && i >= len(texts)-40 {
			here[texts[i].Fine]++
		}
	}
	for fine := range here {
		pass.Given = append(pass.Given, fine)
	}
	r, err := w.Pass(t.Context(), pass, each(texts))
	must(t, err)
	if _, n := claimed(r); n != 0 {
		t.Errorf("%d texts were claimed out of %v", n, here)
	}
}

func TestFewClaimedTextsStayAsWellWhenNobodyCanReadWhatTaughtTheGroup(t *testing.T) {
	w := &worker.Local{}
	texts, pass := taughtWith(t, w, 6, broken(10))
	r, err := w.Pass(t.Context(), pass, each(texts))
	must(t, err)
	fine, n := claimed(r)
	if n == 0 || n >= 5 {
		t.Fatalf("%d are claimed: the test tells nothing", n)
	}
	pass.Parents[fine], pass.Model = 7, r.Model
	for i := range texts {
		if !texts[i].Keep {
			texts[i].Fine = r.Members[i].Fine
			texts[i].Group = pass.Parents[texts[i].Fine]
		}
	}
	r, err = w.Pass(t.Context(), pass, each(texts[:len(texts)-6])) // all but those that were put there
	must(t, err)
	if _, left := claimed(r); left != n {
		t.Errorf("of %d claimed texts %d are left", n, left)
	}
}
