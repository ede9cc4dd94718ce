package worker_test

import (
	"fmt"
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
func taught(t *testing.T, w worker.Worker, put int) (texts []worker.Text, pass worker.Pass) {
	t.Helper()
	texts = append(complaints(20, 4), broken(40)...)
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
