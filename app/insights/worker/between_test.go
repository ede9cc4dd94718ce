package worker_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/worker"
)

// The child of the pass answers: a second one would take its share of memory once more.
func TestNewTextsAreGroupedWhileAPassIsUnderWay(t *testing.T) {
	both(t, func(t *testing.T, w worker.Worker) {
		texts := complaints(500, 4)
		first, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Plain: true}, each(texts[:400]))
		must(t, err)
		group := map[int]int{}
		for _, f := range first.Fines {
			group[f.Number] = f.Group
		}
		refund := group[first.Members[2].Fine]
		for i := range first.Members {
			texts[i].Known, texts[i].Fine, texts[i].Group = true, first.Members[i].Fine, -group[first.Members[i].Fine]
		}
		reads := 0
		m := worker.Model{Name: "before", Read: func(context.Context) ([]byte, error) { reads++; return first.Model, nil }}
		joins := func(when string) {
			t.Helper()
			got, err := w.Assign(t.Context(), m, []string{"the refund is not on my card yet, weeks now"})
			must(t, err)
			if g := group[got[0].Fine]; g == 0 || g != refund {
				t.Errorf("%s: the new text is in %d, its like in %d", when, g, refund)
			}
		}
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Cold} {
			pass := worker.Pass{Kind: kind, Name: "before", Model: first.Model, Writers: 3, Plain: true}
			alone, err := w.Pass(t.Context(), pass, each(texts))
			must(t, err)
			last, over := make(chan struct{}), make(chan error)
			var beside *worker.Result
			go func() {
				var err error
				beside, err = w.Pass(t.Context(), pass, func(yield func(worker.Text, error) bool) {
					each(texts)(yield)
					last <- struct{}{}
					<-last
				})
				over <- err
			}()
			<-last
			before := reads
			joins(string(kind) + ", its texts are read")
			if _, apart := w.(*worker.Process); apart {
				if list := children(t); len(list) != 1 {
					t.Errorf("%s: children %v, want one", kind, list)
				}
				if kind != worker.Cold && reads != before {
					t.Errorf("%s: the model of the pass was read once more", kind)
				}
			}
			last <- struct{}{}
			asked := 0
			for running := true; running; asked++ {
				select {
				case err = <-over:
					running = false
				default:
					joins(string(kind) + ", it is at work")
				}
			}
			must(t, err)
			if asked < 2 {
				t.Errorf("%s: nothing was asked while it was at work", kind)
			}
			beside.Model, alone.Model = nil, nil // in which gob numbers its types as they come
			if !reflect.DeepEqual(beside, alone) {
				t.Errorf("%s: the pass found something else because texts came meanwhile", kind)
			}
		}
	})
}

// grouped is a worker that has grouped some texts.
func grouped(t *testing.T) (*worker.Process, []worker.Text, *worker.Result) {
	t.Helper()
	p, texts := process(t), complaints(20, 4)
	first, err := p.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Plain: true}, each(texts))
	must(t, err)
	return p, texts, first
}

func TestAQuestionThatIsGivenUpDoesNotEndThePass(t *testing.T) {
	p, texts, first := grouped(t)
	pass := worker.Pass{Kind: worker.Nightly, Name: "before", Model: first.Model, Writers: 3, Plain: true}
	m := worker.Model{Name: "before"}
	r, err := p.Pass(t.Context(), pass, func(yield func(worker.Text, error) bool) {
		given, up := context.WithCancel(t.Context())
		up()
		if _, err := p.Assign(given, m, []string{"late"}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was given up", err)
		}
		if _, err := p.Assign(t.Context(), m, []string{"late"}); err != nil {
			t.Errorf("the next question: %v", err)
		}
		each(texts)(yield)
	})
	must(t, err)
	if len(r.Members) != len(texts) {
		t.Errorf("%d members of %d texts", len(r.Members), len(texts))
	}
}

func TestAModelOfAnotherFormIsSaidByThePass(t *testing.T) {
	both(t, func(t *testing.T, w worker.Worker) {
		form, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Plain: true, Lexicon: "mine | 包裹 | parcel"}, each(complaints(20, 4)))
		must(t, err)
		_, err = w.Pass(t.Context(), worker.Pass{Kind: worker.Nightly, Name: "a", Model: form.Model, Plain: true}, each(complaints(1, 4)))
		if !errors.Is(err, grouping.ErrForm) {
			t.Errorf("got %v, want ErrForm", err)
		}
	})
}

func TestThePassDoesNotKeepTheModelInTheDesk(t *testing.T) {
	p, texts, first := grouped(t)
	pass := worker.Pass{Kind: worker.Nightly, Name: "before", Model: slices.Clone(first.Model), Writers: 3, Plain: true}
	held := weak.Make(&pass.Model[0])
	_, err := p.Pass(t.Context(), pass, func(yield func(worker.Text, error) bool) {
		runtime.GC()
		if held.Value() != nil {
			t.Error("the model is still there")
		}
		each(texts)(yield)
	})
	must(t, err)
}
