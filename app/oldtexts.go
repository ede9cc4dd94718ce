package app

import (
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/oldtexts"
)

// newOldTexts makes what takes files of old texts into the groups. They wait in one queue with files of orders.
func (s *server) newOldTexts() *oldtexts.Service {
	return oldtexts.New(oldtexts.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Files: s.blobs, MayWrite: s.standing.MayWrite, Groups: s.insights,
		Queue: func(tx *gorm.DB, job oldtexts.Job) error { return s.queueImport(tx, job) },
		Buyers: func(tx *gorm.DB, keys [][]byte) (map[string]oldtexts.Buyer, error) {
			list, err := s.orders.BuyersTx(tx, keys)
			out := map[string]oldtexts.Buyer{}
			for key, who := range list {
				out[key] = oldtexts.Buyer(who)
			}
			return out, err
		},
	})
}
