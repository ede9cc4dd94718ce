package mailin

import (
	"sync"
	"time"

	"gorm.io/gorm"
)

// knownFor is how long the accounts are remembered by which the desk's own addresses are known.
const knownFor = 2 * time.Second

// knownAccounts remembers all accounts for a moment: each mail asks for them several times.
type knownAccounts struct {
	mu   sync.Mutex
	at   time.Time
	list []Account
}

// known gives all accounts. They are read outside the lock: who waits for a connection must not keep those who have one.
func (s *Service) known(tx *gorm.DB) ([]Account, error) {
	now := s.Now()
	if list := s.accounts.fresh(now); list != nil {
		return list, nil
	}
	rows, err := s.rows(tx, `ORDER BY inbox_id`)
	if err != nil {
		return nil, err
	}
	list := make([]Account, len(rows))
	for i := range rows {
		list[i] = rows[i].Account
	}
	s.accounts.mu.Lock()
	defer s.accounts.mu.Unlock()
	s.accounts.list, s.accounts.at = list, now
	return list, nil
}

// fresh gives what is remembered, if it is not too old.
func (k *knownAccounts) fresh(now time.Time) []Account {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.at) > knownFor || now.Before(k.at) {
		return nil
	}
	return k.list
}

func (k *knownAccounts) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = nil
}
