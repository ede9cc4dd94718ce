package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A key is at work once. Within the process a set knows it. Between processes that share a PostgreSQL the work's
// transaction holds an advisory lock, which ends with it however it ends. Work of several transactions leaves a claim, a row
// without an answer, which lapses: a crash locks a key for ClaimFor at most.

// ClaimFor is how long work of several transactions may take.
const ClaimFor = time.Minute

const retryAfter = time.Second

func errRunning() error {
	return &fault.Error{Kind: fault.Conflict, Key: "api.error.key_running", RetryAfter: retryAfter}
}

// running are the keys that are at work in this process.
type running struct {
	mu   sync.Mutex
	keys map[string]struct{}
}

// begin takes a key; false: it is at work.
func (r *running) begin(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.keys[name]; ok {
		return false
	}
	r.keys[name] = struct{}{}
	return true
}

func (r *running) end(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, name)
}

// use is one sending at work.
type use struct {
	token     id.ID
	key       string
	hash, sum []byte
	end       func()
}

// use begins a sending. Errors: Invalid (the key is too long), Conflict (it is at work here).
func (s *Service) use(call Call) (*use, error) {
	if len(call.Key) > KeyMax {
		return nil, fault.InvalidField("Idempotency-Key", "too_long", "api.error.key_long", map[string]any{"max": KeyMax})
	}
	u := &use{token: call.Token, key: call.Key, end: func() {}}
	if call.Key == "" {
		return u, nil
	}
	sum := sha256.Sum256(call.Request)
	u.hash, u.sum = s.seal.Hash(hashKey, call.Key), sum[:]
	name := string(u.id())
	if !s.here.begin(name) {
		return nil, errRunning()
	}
	u.end = func() { s.here.end(name) }
	return u, nil
}

// id tells the key of one token from all others.
func (u *use) id() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(u.token)), u.hash...)
}

// hold keeps other processes from the key until the transaction ends. On SQLite there are none.
func (u *use) hold(tx *gorm.DB) error {
	if tx.Name() != "postgres" {
		return nil
	}
	sum := sha256.Sum256(u.id())
	var free bool
	if err := tx.Raw("SELECT pg_try_advisory_xact_lock(?)", int64(binary.BigEndian.Uint64(sum[:]))).Scan(&free).Error; err != nil {
		return err
	}
	if !free {
		return errRunning()
	}
	return nil
}

// claim tells that the row is no answer yet.
func (r *row) claim() bool { return r.Status == 0 }

// DoLong is Do for work of several transactions, which must itself be able to go on after a crash: its effect and its
// answer are not stored together. work has ClaimFor. Errors: those of Do.
func (s *Service) DoLong(ctx context.Context, call Call, work func(ctx context.Context) (Answer, error)) (Answer, error) {
	u, err := s.use(call)
	if err != nil {
		return Answer{}, err
	}
	defer u.end()
	if u.key == "" {
		return work(ctx)
	}
	r := s.row(u)
	var old *Answer
	err = s.store.Write(ctx, func(tx *gorm.DB) error {
		old = nil
		known, err := s.before(tx, u)
		if err != nil {
			return err
		}
		if known == nil {
			return tx.Create(&r).Error
		}
		a, err := s.again(tx, known)
		old = &a
		return err
	})
	if err != nil || old != nil {
		return orNone(old), err
	}
	limited, cancel := context.WithTimeout(ctx, ClaimFor)
	defer cancel()
	out, err := work(limited)
	after := context.WithoutCancel(ctx)
	if err != nil {
		if dropped := s.store.Write(after, func(tx *gorm.DB) error {
			return tx.Where("token_id = ? AND hash = ? AND id = ?", r.TokenID, r.Hash, r.ID).Delete(&row{}).Error
		}); dropped != nil {
			return Answer{}, dropped
		}
		return Answer{}, err
	}
	return out, s.store.Write(after, func(tx *gorm.DB) error {
		if err := s.fill(tx, &r, out); err != nil {
			return err
		}
		return tx.Model(&row{}).Where("token_id = ? AND hash = ? AND id = ?", r.TokenID, r.Hash, r.ID).
			Updates(map[string]any{"status": r.Status, "answer": r.Answer, "contact_id": r.ContactID}).Error
	})
}
