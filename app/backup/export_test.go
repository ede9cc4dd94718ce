package backup

import "context"

// Look is one turn of Loop.
func (s *Service) Look(ctx context.Context) error { return s.look(ctx, false) }
