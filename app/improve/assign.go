package improve

import (
	"context"
	"encoding/binary"
	"math"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The arms, as the API and the shop's orders call them.
const (
	ArmTreated   = "treated"
	ArmUntreated = "untreated"
)

const (
	hashArm     = "trial.arm"
	hashSession = "trial.session"
	hashContact = "trial.contact"

	sessionMax = 128 // characters
)

// Unit is whom a trial assigns: the shop's id of her, or else a session of the shop's, or a contact of the desk.
type Unit struct {
	External string
	Session  string
	Contact  id.ID
}

// Assignment says how somebody is to be treated.
type Assignment struct {
	Trial   string
	State   TrialState
	Arm     string
	Treated bool
	Share   int // in per cent
}

// Assign says in which arm of a trial somebody is, always the same one, and notes when that was asked first. Before the trial
// nobody is treated, after it everybody if the change was kept. Errors: NotFound, Invalid (nobody is named), Conflict (the shop
// assigns).
func (s *Service) Assign(ctx context.Context, key string, u Unit) (Assignment, error) {
	trial, err := s.TrialByKey(ctx, key)
	if err != nil {
		return Assignment{}, err
	}
	if trial.Mode == ByFlag {
		return Assignment{}, fault.New(fault.Conflict, "improve.error.flag")
	}
	unit, err := s.unit(ctx, u)
	if err != nil {
		return Assignment{}, err
	}
	a := Assignment{Trial: trial.Key, State: trial.State, Share: trial.Share}
	switch trial.State {
	case Running:
		a.Treated = s.treated(trial, unit)
		err = s.expose(ctx, trial, unit, u.Contact, a.Treated)
	case Ended:
		var t *Task
		if t, err = s.Task(ctx, trial.Task); err == nil {
			a.Treated = t.State == RolledOut || t.State == Verified
		}
	}
	if a.Arm = ArmUntreated; a.Treated {
		a.Arm = ArmTreated
	}
	return a, err
}

// unit is the keyed hash of whom is meant. A contact whom the shop has signed is the one of the shop's id.
func (s *Service) unit(ctx context.Context, u Unit) ([]byte, error) {
	switch {
	case u.External != "":
		if unit := s.Tickets.ShopKey(u.External); unit != nil {
			return unit, nil
		}
		return nil, fault.InvalidField("contact", "invalid", "improve.error.contact", nil)
	case u.Contact != 0:
		keys, err := s.Tickets.ShopKeys(ctx, []id.ID{u.Contact})
		if err != nil {
			return nil, err
		}
		if mine := keys[u.Contact]; len(mine) > 0 {
			return mine[0], nil
		}
		return s.Sealer.Hash(hashContact, u.Contact.String()), nil
	case u.Session != "" && fits(u.Session, sessionMax):
		return s.Sealer.Hash(hashSession, u.Session), nil
	case u.Session != "":
		return nil, fault.InvalidField("session", "too_long", "improve.error.long", map[string]any{"max": sessionMax})
	}
	return nil, fault.InvalidField("contact", "required", "improve.error.contact", nil)
}

// treated draws by a keyed hash: nobody can tell who is, and it never changes.
func (s *Service) treated(t *Trial, unit []byte) bool {
	draw := binary.BigEndian.Uint64(s.Sealer.Hash(hashArm, t.Key+"\x00"+string(unit)))
	return float64(draw)/math.MaxUint64 < float64(t.Share)/100
}

// expose notes when somebody was assigned first. Most have been already, and never reach the writer.
func (s *Service) expose(ctx context.Context, t *Trial, unit []byte, contact id.ID, treated bool) error {
	var n int
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM improve_exposures WHERE trial_id = ? AND unit_hash = ?`, int64(t.ID), unit).Row().Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO improve_exposures (trial_id, unit_hash, contact_id, treated, first_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			int64(t.ID), unit, orNull(contact), treated, tickets.Millis(s.Now())).Error
	})
}

// Merged makes the arms of one contact another's, within the transaction that makes one contact of two.
func Merged(tx *gorm.DB, from, to id.ID) error {
	return tx.Exec(`UPDATE improve_exposures SET contact_id = ? WHERE contact_id = ?`, int64(to), int64(from)).Error
}

// Forget takes erased contacts out of the trials, within the transaction that erases them.
func Forget(tx *gorm.DB, who tickets.Erased) error {
	if len(who.Contacts) > 0 {
		if err := tx.Exec(`DELETE FROM improve_exposures WHERE contact_id IN ?`, who.Contacts).Error; err != nil {
			return err
		}
	}
	if len(who.ShopKeys) == 0 {
		return nil
	}
	return tx.Exec(`DELETE FROM improve_exposures WHERE unit_hash IN ?`, who.ShopKeys).Error
}
