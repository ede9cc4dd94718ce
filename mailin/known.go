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

func (s *Service) known(tx *gorm.DB) ([]Account, error) {
	k := &s.accounts
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := s.Now(); k.list == nil || now.Sub(k.at) > knownFor || now.Before(k.at) {
		rows, err := s.rows(tx, `ORDER BY inbox_id`)
		if err != nil {
			return nil, err
		}
		k.list, k.at = make([]Account, len(rows)), now
		for i := range rows {
			k.list[i] = rows[i].Account
		}
	}
	return k.list, nil
}

func (k *knownAccounts) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = nil
}
