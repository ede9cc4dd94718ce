package app

import (
	"context"
	"errors"
	"fmt"

	"huiyin/app/web"
)

var errStopping = errors.New("the desk is stopping")

func (s *server) readyChecks() []web.ReadyCheck {
	return []web.ReadyCheck{
		{Name: "desk", Check: func(context.Context) error {
			if s.stopping.Load() {
				return errStopping
			}
			return nil
		}},
		{Name: "database", Check: s.DB.Ping},
		{Name: "migrations", Check: func(ctx context.Context) error {
			n, err := s.DB.Pending(ctx)
			if err == nil && n > 0 {
				err = fmt.Errorf("%d migrations are pending", n)
			}
			return err
		}},
		{Name: "bus", Check: s.bus.Ping},
		{Name: "disk", Check: func(context.Context) error { return s.standing.Problem() }},
	}
}
