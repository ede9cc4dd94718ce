package mailin_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin"
	"huiyin/mailin/eml"
)

// killed is what a test ends a try with, in the place of the process.
var errKilled = errors.New("killed")

// workUntil works on a letter and dies at a step.
func (d *desk) workUntil(step string, job mailin.SendLetter) {
	d.t.Helper()
	d.AtStep(func(at string) {
		if at == step {
			panic(errKilled)
		}
	})
	defer d.AtStep(nil)
	defer func() {
		if r := recover(); r != nil && r != any(errKilled) {
			panic(r)
		}
	}()
	must(d.t, d.Work(bg, job))
}

func TestALetterSurvivesADeathAtEveryStep(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked()
		for step, mails := range map[string]int{"claimed": 1, "built": 1, "sent": 2, "noted": 1} { // sent: the moment that SMTP leaves open
			before := len(server.Mails())
			m := d.reply(ticket.ID, "One moment.")
			d.workUntil(step, mailin.SendLetter{Message: m.ID})
			d.drain() // at once: the dead process may only be slow
			if n := len(server.Mails()) - before; n > 1 {
				t.Errorf("%s: sent %d times while the first try may still run", step, n)
			}
			d.later(15 * minute)
			d.drain()
			d.later(15 * minute)
			d.drain()
			sent := server.Mails()[before:]
			if len(sent) != mails {
				t.Errorf("%s: sent %d times, want %d", step, len(sent), mails)
			}
			for _, one := range sent {
				if a, b := one.Header.Get("Message-Id"), sent[0].Header.Get("Message-Id"); a != b {
					t.Errorf("%s: the second copy is %s, the first one %s", step, a, b)
				}
			}
			got(t, step, d.states(m.ID), "li@home.test sent")
			if unsure := d.delivery(m.ID).Unsure; unsure != (step != "noted") {
				t.Errorf("%s: unsure %v", step, unsure)
			}
		}
	})
}

func TestAServerThatIsGoneAfterTheDotGetsTheSameMailAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var ids []string
		var mu sync.Mutex
		server := d.post(func(step mailer.Step, what string) error {
			if step != mailer.StepData {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if ids = append(ids, eml.Parse([]byte(what)).MessageID); len(ids) == 1 {
				return mailertest.ErrHangUp
			}
			return nil
		})
		m := d.reply(d.asked().ID, "One moment.")
		d.drain()
		got(t, "lost", d.states(m.ID)+fmt.Sprint(" ", d.delivery(m.ID).Unsure), "li@home.test queued unreachable true")
		d.later(2 * minute)
		d.drain()
		server.Wait(1)
		got(t, "again", d.states(m.ID), "li@home.test sent")
		if len(ids) != 2 || ids[0] != ids[1] {
			t.Errorf("ids %q", ids)
		}
	})
}

func TestManyNodesSendEachLetterOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.PerHour = 25 })
		ticket := d.asked()
		var jobs []mailin.SendLetter
		for i := range 30 {
			jobs = append(jobs, mailin.SendLetter{Message: d.reply(ticket.ID, fmt.Sprint("answer ", i)).ID})
		}
		var nodes sync.WaitGroup
		for range 4 {
			order := rand.Perm(len(jobs))
			nodes.Go(func() {
				for _, i := range order {
					if err := d.Work(bg, jobs[i]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		nodes.Wait()
		if n := len(server.Mails()); n != 25 {
			t.Errorf("%d mails within the limit of 25", n)
		}
		d.later(61 * minute)
		d.drain()
		seen := map[string]int{}
		for _, m := range server.Mails() {
			seen[m.Header.Get("Message-Id")]++
		}
		if len(seen) != 30 || len(server.Mails()) != 30 {
			t.Errorf("%d mails of %d letters", len(server.Mails()), len(seen))
		}
	})
}

func TestALateNodeDoesNotUndoWhatALaterTryHasDone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var asked atomic.Bool
		hang, hangs := make(chan struct{}), make(chan struct{})
		d.post(func(step mailer.Step, _ string) error {
			if step != mailer.StepData || asked.Swap(true) {
				return nil
			}
			close(hangs)
			<-hang
			return mailertest.Say(554, "5.7.1 no")
		})
		m := d.reply(d.asked().ID, "One moment.")
		late := make(chan error)
		go func() { late <- d.Work(context.Background(), mailin.SendLetter{Message: m.ID}) }()
		<-hangs
		d.later(20 * minute)
		d.drain()
		got(t, "the later try", d.states(m.ID), "li@home.test sent")
		close(hang)
		select {
		case err := <-late:
			must(t, err)
		case <-time.After(30 * time.Second):
			t.Fatal("the late try hangs")
		}
		got(t, "after the late one", d.states(m.ID)+" "+d.delivery(m.ID).State, "li@home.test sent sent")
	})
}
