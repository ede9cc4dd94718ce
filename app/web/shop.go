package web

import (
	"context"

	"huiyin/tickets"
)

// shopOf gives the desk's settings; when the database does not answer, the last known ones.
func (s *Server) shopOf(ctx context.Context) tickets.Shop {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "read the shop's settings", "error", err)
	}
	return shop
}
