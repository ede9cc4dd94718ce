package worker_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"huiyin/app/insights/worker"
)

// TestMain makes this program the child where a test has started it as such.
func TestMain(m *testing.M) {
	if os.Getenv("HUIYIN_TEST_WORKER") != "" {
		worker.Low()
		if err := worker.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func process(t testing.TB) *worker.Process {
	t.Helper()
	path, err := os.Executable()
	must(t, err)
	p := &worker.Process{Command: []string{path}, Env: []string{"HUIYIN_TEST_WORKER=1"}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Plain: func() bool { return true }}
	t.Cleanup(p.Close)
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// both runs a test in the process and in a child.
func both(t *testing.T, fn func(t *testing.T, w worker.Worker)) {
	t.Run("local", func(t *testing.T) { fn(t, &worker.Local{}) })
	t.Run("process", func(t *testing.T) { fn(t, process(t)) })
}

var kinds = []struct{ en, zh string }{
	{"my parcel %s has not arrived for days, where is the delivery", "快递%s几天了还没到，物流一直不更新"},
	{"the refund %s has not come back to my card for weeks", "退款%s好几周了还没到账，一直不退钱"},
	{"the courier was rude and shouted at my mother %s", "快递员%s态度很差，对我妈妈大喊大叫"},
	{"the price dropped the day after i paid, i want the difference %s", "刚买第二天就降价%s，要求退差价"},
}

// complaints are n texts of each of the first sorts, in both languages.
func complaints(n, sorts int) (list []worker.Text) {
	for i := range n {
		for _, k := range kinds[:sorts] {
			for _, form := range []string{k.en, k.zh} {
				list = append(list, worker.Text{Body: fmt.Sprintf(form, []string{"again", "really", "now", "still", "sadly"}[i%5]+strings.Repeat("!", i%3)+" "+string(rune('a'+i%26))), Writer: fmt.Sprint(i)})
			}
		}
	}
	return list
}

func each(list []worker.Text) iter.Seq2[worker.Text, error] {
	return func(yield func(worker.Text, error) bool) {
		for _, t := range list {
			if !yield(t, nil) {
				return
			}
		}
	}
}

func TestAModelIsBuiltAndGivesANewTextTheGroupOfItsLike(t *testing.T) {
	both(t, func(t *testing.T, w worker.Worker) {
		texts := complaints(20, 4)
		r, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Plain: true, Memory: 400}, each(texts))
		must(t, err)
		if len(r.Members) != len(texts) || len(r.Groups) < 3 || len(r.Model) == 0 {
			t.Fatalf("%d members, groups %+v", len(r.Members), r.Groups)
		}
		reads := 0
		m := worker.Model{Name: "a", Read: func(context.Context) ([]byte, error) { reads++; return r.Model, nil }}
		for range 2 {
			got, err := w.Assign(t.Context(), m, []string{"the refund is not on my card yet, weeks now", "xyzzy"})
			must(t, err)
			group := map[int]int{}
			for _, f := range r.Fines {
				group[f.Number] = f.Group
			}
			if g := group[got[0].Fine]; g == 0 || g != group[r.Members[2].Fine] {
				t.Errorf("the new text is in %+v, its like in %+v", got[0], r.Members[2])
			}
			if got[1].Fine != 0 {
				t.Errorf("what says nothing is in %+v", got[1])
			}
		}
		if reads != 1 {
			t.Errorf("the model was read %d times", reads)
		}
	})
}

func TestThePassOfTheNextNightKeepsNumbersAndParents(t *testing.T) {
	both(t, func(t *testing.T, w worker.Worker) {
		texts := complaints(20, 4)
		first, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Plain: true}, each(texts))
		must(t, err)
		parents := map[int]int{}
		for _, f := range first.Fines {
			parents[f.Number] = 7 // a person has merged all of them
		}
		for i := range texts {
			texts[i].Known, texts[i].Fine = true, first.Members[i].Fine
			texts[i].Group = parents[texts[i].Fine]
		}
		kept := worker.Text{Body: "it smells", Writer: "k", Known: true, Fine: -99, Group: 7, Keep: true}
		texts = append(texts, kept)
		texts = append(texts, complaints(2, 4)...)
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly} {
			r, err := w.Pass(t.Context(), worker.Pass{Kind: kind, Model: first.Model, Writers: 3, Plain: true, Parents: parents}, each(texts))
			must(t, err)
			if r.Moved > len(texts)/20 {
				t.Errorf("%s: %d of %d moved", kind, r.Moved, len(texts))
			}
			if got := r.Members[len(first.Members)].Fine; got != -99 {
				t.Errorf("%s: what a person put into a group of her own is in %d", kind, got)
			}
			for _, g := range r.Groups {
				if g.Number != 7 && g.Number > 0 {
					t.Errorf("%s: a group that nobody knows: %+v", kind, g)
				}
			}
		}
	})
}

func TestAColdPassFindsTheGroupsOfBefore(t *testing.T) {
	w := &worker.Local{}
	texts := complaints(20, 4)
	first, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3}, each(texts))
	must(t, err)
	parents := map[int]int{}
	for _, f := range first.Fines {
		parents[1000+f.Number] = 1 + f.Number
	}
	for i := range texts {
		texts[i].Known = true
		if f := first.Members[i].Fine; f != 0 { // the numbers of another model
			texts[i].Fine, texts[i].Group = 1000+f, 1+f
		}
	}
	r, err := w.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Writers: 3, Parents: parents}, each(texts))
	must(t, err)
	for _, f := range r.Fines {
		if f.Was != 1000+f.Number || f.Group != 1+f.Number {
			t.Errorf("%+v: the same texts are another group", f)
		}
	}
	if r.Moved != 0 {
		t.Errorf("%d moved", r.Moved)
	}
}

func TestAKilledChildIsStartedAgain(t *testing.T) {
	p := process(t)
	r, err := p.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Plain: true}, each(complaints(10, 2)))
	must(t, err)
	m := worker.Model{Name: "a", Read: func(context.Context) ([]byte, error) { return r.Model, nil }}
	_, err = p.Assign(t.Context(), m, []string{"the refund has not come"})
	must(t, err)
	must(t, syscall.Kill(children(t)[0], syscall.SIGKILL))
	deadline := time.Now().Add(20 * time.Second)
	for {
		if _, err = p.Assign(t.Context(), m, []string{"the refund has not come"}); err == nil || time.Now().After(deadline) {
			break
		}
	}
	must(t, err)
}

func TestAPassThatIsGivenUpLeavesNoChild(t *testing.T) {
	p := process(t)
	ctx, cancel := context.WithCancel(t.Context())
	texts := func(yield func(worker.Text, error) bool) {
		for i, one := range complaints(4000, 4) {
			if i == 20_000 {
				time.AfterFunc(100*time.Millisecond, cancel)
			}
			if !yield(one, nil) {
				return
			}
		}
	}
	if _, err := p.Pass(ctx, worker.Pass{Kind: worker.Cold, Plain: true}, texts); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if list := children(t); len(list) != 0 {
		t.Errorf("children %v live on", list)
	}
}

func TestAChildIsTheLeastOfAllAndDiesWithItsParent(t *testing.T) {
	if os.Getenv("HUIYIN_TEST_PARENT") != "" { // the parent, which is killed
		p := process(t)
		r, err := p.Pass(t.Context(), worker.Pass{Kind: worker.Cold, Plain: true}, each(complaints(10, 2)))
		must(t, err)
		_, err = p.Assign(t.Context(), worker.Model{Name: "a", Read: func(context.Context) ([]byte, error) { return r.Model, nil }}, []string{"late"})
		must(t, err)
		fmt.Println("child", children(t)[0])
		time.Sleep(time.Minute)
		return
	}
	path, err := os.Executable()
	must(t, err)
	cmd := exec.Command(path, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "HUIYIN_TEST_PARENT=1")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	child := 0
	for buf := make([]byte, 4096); child == 0; {
		n, err := out.Read(buf)
		must(t, err)
		if _, after, ok := strings.Cut(string(buf[:n]), "child "); ok {
			_, err := fmt.Sscan(after, &child)
			must(t, err)
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
	must(t, err)
	if nice := strings.Fields(string(stat)[strings.LastIndex(string(stat), ")"):])[17]; nice != "19" {
		t.Errorf("its nice value is %s", nice)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for deadline := time.Now().Add(10 * time.Second); alive(child); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it lives on")
		}
	}
}

// alive tells whether a process runs; one that is only waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.HasPrefix(string(stat)[strings.LastIndex(string(stat), ")"):], ") Z")
}

// children lists the processes that this one has started.
func children(t testing.TB) (list []int) {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	must(t, err)
	for _, one := range lists {
		content, err := os.ReadFile(one)
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(content)) {
			var pid int
			if _, err := fmt.Sscan(f, &pid); err == nil && alive(pid) {
				list = append(list, pid)
			}
		}
	}
	return list
}
