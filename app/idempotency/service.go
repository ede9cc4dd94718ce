package idempotency

import (
	"context"
	"crypto/sha256"
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
}

// Service does calls. It is safe for concurrent use.
type Service struct {
	store tickets.Store
	seal  *seal.Sealer
	ids   *id.Maker
	now   func() time.Time
}

// New makes the service.
func New(store tickets.Store, sealer *seal.Sealer, ids *id.Maker, now func() time.Time) *Service {
	return &Service{store: store, seal: sealer, ids: ids, now: now}
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

func (row) TableName() string { return "idempotency_keys" }

// Do does the call's work in one transaction, or gives the answer that it had before. work may run more than once and
// only assigns. Errors: those of work; Invalid (field Idempotency-Key: too long, or used for another request).
func (s *Service) Do(ctx context.Context, call Call, work func(tx *gorm.DB) (Answer, error)) (out Answer, err error) {
	if len(call.Key) > KeyMax {
		return Answer{}, fault.InvalidField("Idempotency-Key", "too_long", "api.error.key_long", map[string]any{"max": KeyMax})
	}
	sum := sha256.Sum256(call.Request)
	for range tries {
		err = s.store.Write(ctx, func(tx *gorm.DB) error {
			out, err = s.do(tx, call, sum[:], work)
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

// meanwhile tells that somebody else has just made what this call was about to make: the second look finds it.
func meanwhile(err error) bool {
	e := fault.As(err)
	return errors.Is(err, gorm.ErrDuplicatedKey) || (e != nil && e.Kind == fault.Conflict && e.Key == "error.identity.taken")
}

func (s *Service) do(tx *gorm.DB, call Call, sum []byte, work func(tx *gorm.DB) (Answer, error)) (Answer, error) {
	if call.Key == "" {
		return work(tx)
	}
	hash := s.seal.Hash(hashKey, call.Key)
	if old, err := s.before(tx, call.Token, hash, sum); old != nil || err != nil {
		return s.again(tx, old, err)
	}
	out, err := work(tx)
	if err != nil {
		return Answer{}, err
	}
	r := row{TokenID: call.Token, Hash: hash, ID: s.ids.Next(), Request: sum, Status: out.Status, CreatedAt: s.now().UnixMilli()}
	key := s.seal.DeskKey()
	if out.Contact != 0 && out.KeyID != 0 {
		key, r.ContactID = out.KeyID, &out.Contact
	}
	if r.Answer, err = s.seal.Seal(tx, key, "idempotency_keys", "answer", r.ID, out.Body); err != nil {
		return Answer{}, err
	}
	return out, tx.Create(&r).Error
}

// before finds an earlier sending; nil: there was none, or it is a day old.
func (s *Service) before(tx *gorm.DB, token id.ID, hash, sum []byte) (*row, error) {
	var found []row
	if err := tx.Where("token_id = ? AND hash = ?", token, hash).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	old := &found[0]
	if s.now().UnixMilli()-old.CreatedAt >= Kept.Milliseconds() {
		return nil, tx.Where("token_id = ? AND hash = ?", token, hash).Delete(&row{}).Error
	}
	if string(old.Request) != string(sum) {
		return nil, fault.InvalidField("Idempotency-Key", "other_request", "api.error.key_used", nil)
	}
	return old, nil
}

// again opens the answer of an earlier sending.
func (s *Service) again(tx *gorm.DB, old *row, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	body, err := s.seal.Open(tx, "idempotency_keys", "answer", old.ID, old.Answer)
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
