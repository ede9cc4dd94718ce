package attempts

import (
	"context"

	"huiyin/tickets/id"
)

// Arm is the arm of a trial in which somebody tried to order, and when she did first, in Unix ms.
type Arm struct {
	Arm string
	At  int64
}

// InArms gives of contacts in which arm of a trial they tried to order first.
func (s *Service) InArms(ctx context.Context, trial string, contacts []id.ID) (map[id.ID]Arm, error) {
	out := map[id.ID]Arm{}
	if len(contacts) == 0 {
		return out, nil
	}
	rows, err := s.Store.Read(ctx).Raw(`SELECT contact_id, arm, at FROM order_attempts WHERE contact_id IN ? AND trial = ? AND arm <> '' ORDER BY contact_id, at DESC, id DESC`, contacts, trial).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var contact id.ID
		var one Arm
		if err := rows.Scan((*int64)(&contact), &one.Arm, &one.At); err != nil {
			return nil, err
		}
		out[contact] = one // the last that comes is the first that was
	}
	return out, rows.Err()
}
