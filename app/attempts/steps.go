package attempts

import (
	"sync"

	"gorm.io/gorm"
)

const (
	// StepsMost is how many different steps of a day and origin are counted apart.
	StepsMost = 40

	dayMillis = 24 * 60 * 60 * 1000
	daysKept  = 64 // in memory
)

type stepDay struct {
	origin string
	day    int64
}

// stepWords remembers which steps a day has, so that usually nobody asks the database.
type stepWords struct {
	mu   sync.Mutex
	days map[stepDay]map[string]bool
}

func (w *stepWords) known(d stepDay, step string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.days[d][step]
}

func (w *stepWords) add(d stepDay, steps map[string]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.days[d]; !ok && len(w.days) >= daysKept {
		clear(w.days)
	}
	w.days[d] = steps
}

// settle gives each attempt's step in its day, "other" when the day has enough words. Several nodes at once may settle on
// a few more.
func (s *Service) settle(tx *gorm.DB, origin string, list []checked) error {
	seen := map[stepDay]map[string]bool{} // of this transaction, which may be rolled back
	for i := range list {
		a := &list[i]
		day := stepDay{origin, a.at - a.at%dayMillis}
		if a.Step == "" || a.Step == other || s.steps.known(day, a.Step) {
			continue
		}
		words, ok := seen[day]
		if !ok {
			var err error
			if words, err = stepsOf(tx, day); err != nil {
				return err
			}
			seen[day] = words
		}
		switch {
		case words[a.Step]:
		case len(words) < StepsMost:
			words[a.Step] = true
			if err := tx.Exec(`INSERT INTO attempt_steps (origin, day, step) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, origin, day.day, a.Step).Error; err != nil {
				return err
			}
		default:
			a.Step = other
		}
	}
	s.Store.After(tx, func() {
		for day, words := range seen {
			s.steps.add(day, words)
		}
	})
	return nil
}

func stepsOf(tx *gorm.DB, day stepDay) (map[string]bool, error) {
	var list []string
	err := tx.Raw(`SELECT step FROM attempt_steps WHERE origin = ? AND day = ?`, day.origin, day.day).Scan(&list).Error
	out := map[string]bool{}
	for _, one := range list {
		out[one] = true
	}
	return out, err
}
