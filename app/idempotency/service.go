package idempotency

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const (
	// Kept is how long an answer is given again.
	Kept = 24 * time.Hour
	// KeyMax is the longest key, in bytes.
	KeyMax = 255

	tries     = 3
	sweepStep = 100
	hashKey   = "idempotency"
	table     = "idempotency_keys"
)

// Answer is what a call gives back.
type Answer struct {
	Status int    // HTTP
	Body   []byte // JSON
	// Contact is whom it tells of, and KeyID her data key; zero: nobody.
	Contact, KeyID id.ID
	Again          bool // it is the answer of an earlier sending
}

// Call is one sending.
type Call struct {
	Token   id.ID  // who sends
	Key     string // the Idempotency-Key; empty: it is done each time
	Request []byte // all that makes it the same request: method, path, body
	// Prepare is called before the transaction of Do, unless the answer is known already: for what is slow, and for what an
	// earlier sending has made impossible. May be nil.
	Prepare func(ctx context.Context) error
}

// Service does calls. It is safe for concurrent use.
type Service struct {
	store tickets.Store
	seal  *seal.Sealer
	ids   *id.Maker
	now   func() time.Time
	here  running
}

// New makes the service.
func New(store tickets.Store, sealer *seal.Sealer, ids *id.Maker, now func() time.Time) *Service {
	return &Service{store: store, seal: sealer, ids: ids, now: now, here: running{keys: map[string]struct{}{}}}
}

// row is one of idempotency_keys.
type row struct {
	TokenID   id.ID
	Hash      []byte
	ID        id.ID
	Request   []byte
	Status    int
	Answer    []byte
	ContactID *id.ID
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (row) TableName() string { return table }

// Do does the call's work in one transaction, or gives the answer that it had before. work may run more than once and
// only assigns. Errors: those of work and Prepare; Invalid (field Idempotency-Key: too long, or used for another request);
// Conflict ("api.error.key_running", with RetryAfter: the same key is at work).
func (s *Service) Do(ctx context.Context, call Call, work func(tx *gorm.DB) (Answer, error)) (out Answer, err error) {
	u, err := s.use(call)
	if err != nil {
		return Answer{}, err
	}
	defer u.end()
	if call.Prepare != nil {
		if old, err := s.known(ctx, u); old != nil || err != nil {
			return orNone(old), err
		}
		if err := call.Prepare(ctx); err != nil {
			return Answer{}, err
		}
	}
	for range tries {
		err = s.store.Write(ctx, func(tx *gorm.DB) error {
			out, err = s.do(tx, u, work)
			return err
		})
		if !meanwhile(err) {
			break
		}
	}
	if err != nil {
		return Answer{}, err
	}
	return out, nil
}

func orNone(a *Answer) Answer {
	if a == nil {
		return Answer{}
	}
	return *a
}

// known gives the answer of an earlier sending; nil: there is none.
func (s *Service) known(ctx context.Context, u *use) (*Answer, error) {
	if u.key == "" {
		return nil, nil
	}
	var out *Answer
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		out = nil
		old, err := s.before(tx, u)
		if old == nil || err != nil {
			return err
		}
		a, err := s.again(tx, old)
		out = &a
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// meanwhile tells that somebody else has just made what this call was about to make: the second look finds it.
func meanwhile(err error) bool {
	e := fault.As(err)
	return errors.Is(err, gorm.ErrDuplicatedKey) || (e != nil && e.Kind == fault.Conflict && e.Key == "error.identity.taken")
}

func (s *Service) do(tx *gorm.DB, u *use, work func(tx *gorm.DB) (Answer, error)) (Answer, error) {
	if u.key == "" {
		return work(tx)
	}
	old, err := s.before(tx, u)
	if err != nil {
		return Answer{}, err
	}
	if old != nil {
		return s.again(tx, old)
	}
	out, err := work(tx)
	if err != nil {
		return Answer{}, err
	}
	r := s.row(u)
	if err := s.fill(tx, &r, out); err != nil {
		return Answer{}, err
	}
	return out, tx.Create(&r).Error
}

func (s *Service) row(u *use) row {
	return row{TokenID: u.token, Hash: u.hash, ID: s.ids.Next(), Request: u.sum, CreatedAt: s.now().UnixMilli()}
}

// fill puts the answer into a row, sealed.
func (s *Service) fill(tx *gorm.DB, r *row, out Answer) (err error) {
	key := s.seal.DeskKey()
	if out.Contact != 0 && out.KeyID != 0 {
		key, r.ContactID = out.KeyID, &out.Contact
	}
	r.Status = out.Status
	r.Answer, err = s.seal.Seal(tx, key, table, "answer", r.ID, out.Body)
	return err
}

// before holds the key and finds an earlier sending; nil: there was none, or it is too old. Errors: Invalid (another
// request), Conflict (it is at work).
func (s *Service) before(tx *gorm.DB, u *use) (*row, error) {
	if err := u.hold(tx); err != nil {
		return nil, err
	}
	var found []row
	if err := tx.Where("token_id = ? AND hash = ?", u.token, u.hash).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	old := &found[0]
	age := time.Duration(s.now().UnixMilli()-old.CreatedAt) * time.Millisecond
	switch {
	case age >= Kept, old.claim() && age >= ClaimFor:
		return nil, tx.Where("token_id = ? AND hash = ?", u.token, u.hash).Delete(&row{}).Error
	case string(old.Request) != string(u.sum):
		return nil, fault.InvalidField("Idempotency-Key", "other_request", "api.error.key_used", nil)
	case old.claim():
		return nil, errRunning()
	}
	return old, nil
}

// again opens the answer of an earlier sending.
func (s *Service) again(tx *gorm.DB, old *row) (Answer, error) {
	body, err := s.seal.Open(tx, table, "answer", old.ID, old.Answer)
	if errors.Is(err, seal.ErrErased) {
		return Answer{}, fault.New(fault.Conflict, "error.contact.erased")
	}
	return Answer{Status: old.Status, Body: body, Again: true}, err
}

// Sweep deletes answers that are older than a day, a few at a time.
func (s *Service) Sweep(ctx context.Context) error {
	before := s.now().Add(-Kept).UnixMilli()
	for {
		var gone int64
		err := s.store.Write(ctx, func(tx *gorm.DB) error {
			var old []row
			if err := tx.Select("token_id, hash").Where("created_at < ?", before).Limit(sweepStep).Find(&old).Error; err != nil {
				return err
			}
			gone = int64(len(old))
			for i := range old {
				if err := tx.Where("token_id = ? AND hash = ?", old[i].TokenID, old[i].Hash).Delete(&row{}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || gone < sweepStep {
			return err
		}
	}
}

// Forget deletes the answers that tell of erased contacts.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	if len(contacts) == 0 {
		return nil
	}
	return tx.Where("contact_id IN ?", contacts).Delete(&row{}).Error
}

// Tx is the transaction of a call, which handlers hand on to the services.
type Tx = *gorm.DB
