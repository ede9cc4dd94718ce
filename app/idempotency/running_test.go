package idempotency_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/idempotency"
	"huiyin/tickets/fault"
)

// atWork says whether a key is refused because it is at work.
func atWork(err error) bool {
	e := fault.As(err)
	return e != nil && e.Kind == fault.Conflict && e.Key == "api.error.key_running" && e.RetryAfter > 0
}

func TestAKeyThatIsAtWorkIsRefusedOnEveryNodeUntilItIsDone(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			_, err := r.Do(bg, call, func(*gorm.DB) (idempotency.Answer, error) {
				close(begun)
				<-end
				return idempotency.Answer{Status: 200, Body: []byte("one")}, nil
			})
			done <- err
		}()
		<-begun
		for node, s := range map[string]*idempotency.Service{"this": r.Service, "the other": r.other()} {
			if _, err := s.Do(bg, call, r.counted("two", 0, 0)); !atWork(err) {
				t.Errorf("%s node: %v", node, err)
			}
		}
		if r.other() != r.Service { // SQLite has one writer
			_, err := r.other().Do(bg, idempotency.Call{Token: 2, Key: "k", Request: []byte("a")}, r.counted("hers", 0, 0))
			ok(t, err)
		}
		close(end)
		ok(t, <-done)
		got, err := r.other().Do(bg, call, r.counted("two", 0, 0))
		ok(t, err)
		if !got.Again || string(got.Body) != "one" {
			t.Errorf("after the first is done: %+v", got)
		}
	})
}

func TestLongWorkIsAtWorkBetweenItsTransactionsAndAnsweredAgainAfterwards(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		twice := func(context.Context) (idempotency.Answer, error) {
			t.Error("done twice")
			return idempotency.Answer{}, nil
		}
		got, err := r.DoLong(bg, call, func(context.Context) (idempotency.Answer, error) {
			for node, s := range map[string]*idempotency.Service{"this": r.Service, "another": r.service()} {
				if _, err := s.DoLong(bg, call, twice); !atWork(err) {
					t.Errorf("%s node: %v", node, err)
				}
			}
			return idempotency.Answer{Status: 201, Body: []byte("one")}, nil
		})
		ok(t, err)
		if got.Again || got.Status != 201 {
			t.Errorf("%+v", got)
		}
		got, err = r.DoLong(bg, call, twice)
		ok(t, err)
		if !got.Again || string(got.Body) != "one" || got.Status != 201 {
			t.Errorf("again: %+v", got)
		}
		call.Request = []byte("b")
		if _, err := r.DoLong(bg, call, twice); !fault.Is(err, fault.Invalid) {
			t.Errorf("another request: %v", err)
		}
	})
}

func TestLongWorkThatFailsOrCrashesLeavesTheKeyFree(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		bad := errors.New("bad")
		fails := func(context.Context) (idempotency.Answer, error) { return idempotency.Answer{}, bad }
		works := func(context.Context) (idempotency.Answer, error) { return idempotency.Answer{Status: 200}, nil }
		if _, err := r.DoLong(bg, call, fails); !errors.Is(err, bad) {
			t.Errorf("%v", err)
		}
		// what a process that was killed in the middle leaves
		if _, err := r.DoLong(bg, call, func(context.Context) (idempotency.Answer, error) {
			ok(t, r.db.Write(bg, func(tx *gorm.DB) error {
				return tx.Exec("UPDATE idempotency_keys SET id = id + 1").Error
			}))
			return idempotency.Answer{}, bad
		}); !errors.Is(err, bad) {
			t.Errorf("%v", err)
		}
		r.now = r.now.Add(idempotency.ClaimFor - time.Millisecond)
		if _, err := r.DoLong(bg, call, works); !atWork(err) {
			t.Errorf("a claim that holds: %v", err)
		}
		r.now = r.now.Add(time.Millisecond)
		got, err := r.DoLong(bg, call, works)
		ok(t, err)
		if got.Again {
			t.Error("a claim was taken for an answer")
		}
	})
}

func TestWhatIsPreparedIsNotPreparedForAnAnswerThatIsKnown(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		prepared := 0
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a"), Prepare: func(context.Context) error { prepared++; return nil }}
		for i := range 2 {
			got, err := r.Do(bg, call, r.counted("one", 0, 0))
			ok(t, err)
			if got.Again != (i == 1) || prepared != 1 {
				t.Errorf("sending %d: %+v, prepared %d times", i, got, prepared)
			}
		}
	})
}
