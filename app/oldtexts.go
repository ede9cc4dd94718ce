package app

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/oldtexts"
	"huiyin/app/jobs"
)

// newOldTexts makes what takes files of old texts into the groups. They wait in one queue with files of orders.
func (s *server) newOldTexts() *oldtexts.Service {
	return oldtexts.New(oldtexts.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Files: s.blobs, MayWrite: s.standing.MayWrite, Groups: s.insights,
		Queue: func(tx *gorm.DB, job oldtexts.Job) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: ordersQueue, Unique: true})
			return err
		},
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

// oldTextsWorker works on a file of old texts for a while; the rest comes in another turn.
func (s *server) oldTextsWorker() jobs.Worker[oldtexts.Job] {
	return jobs.Worker[oldtexts.Job]{Timeout: importTimeout, Work: func(ctx context.Context, job jobs.Job[oldtexts.Job]) error {
		more, err := s.oldTexts.Work(ctx, job.Args)
		if err == nil && more {
			return jobs.Later(time.Millisecond)
		}
		if err != nil && ctx.Err() == nil && job.Attempt >= importTries {
			return errors.Join(err, s.oldTexts.GiveUp(ctx, job.Args))
		}
		return err
	}}
}
