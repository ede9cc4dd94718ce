package tickets

import (
	"context"

	"huiyin/tickets/id"
)

// Standing is how a contact stands to being written to of the desk's own accord.
type Standing struct {
	Living  id.ID // who she is now, if she was merged
	Erased  bool
	Blocked bool
	Told    bool // she wants to be told of an improvement
}

const standingQuery = `SELECT p.id, l.id, l.key_id, l.blocked, EXISTS (SELECT 1 FROM contact_consents n WHERE n.contact_id = l.id AND n.purpose = 'told' AND n.withdrawn_at IS NULL)
 FROM contacts p JOIN contacts l ON l.id = COALESCE(p.merged_into, p.id) WHERE p.id IN `

// Standings gives how contacts stand, by the id that is asked for. It is meant for some hundred at once.
func (s *Service) Standings(ctx context.Context, contacts []id.ID) (map[id.ID]Standing, error) {
	out := map[id.ID]Standing{}
	in, args := list(int64s(contacts))
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var asked, living, key int64
		var one Standing
		if err := scan(&asked, &living, &key, &one.Blocked, &one.Told); err != nil {
			return err
		}
		one.Living, one.Erased = id.ID(living), key == 0
		out[id.ID(asked)] = one
		return nil
	}, standingQuery+in, args...)
	return out, err
}
