package insights

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// groupsFor is how long the list of groups is kept in memory: what another node changes is seen so late here.
const groupsFor = 2 * time.Second

// groupsCache keeps the list of groups for a moment.
type groupsCache struct {
	mu    sync.Mutex
	list  []Group
	until time.Time
}

func (c *groupsCache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Time{}
}

// Group gives a group or a fine group; of one that was merged the group that it is shown in. Errors: NotFound.
func (s *Service) Group(ctx context.Context, group id.ID) (*Group, error) {
	return s.groupTx(s.Store.Read(ctx), group)
}

func (s *Service) groupTx(tx *gorm.DB, group id.ID) (*Group, error) {
	for range mergesMost {
		list, err := s.groups(tx, ` WHERE g.id = ?`, int64(group))
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			break
		}
		if list[0].MergedInto == nil {
			return &list[0], nil
		}
		group = *list[0].MergedInto
	}
	return nil, fault.New(fault.NotFound, "insights.error.group")
}

// mergesMost is how many merges are followed from one group to the next.
const mergesMost = 1000

// Groups gives the groups that people see, muted ones too, the largest first. The list is the caller's to read only.
func (s *Service) Groups(ctx context.Context) ([]Group, error) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.Now().Before(s.cache.until) {
		return s.cache.list, nil
	}
	list, err := s.groups(s.Store.Read(ctx), ` WHERE g.level = 'group' AND g.state IN ('open', 'muted') ORDER BY g.size DESC, g.id`)
	if err != nil {
		return nil, err
	}
	s.cache.list, s.cache.until = list, s.Now().Add(groupsFor)
	return list, nil
}

// Fines gives the fine groups of a group, the largest first. One without terms holds what people put there.
func (s *Service) Fines(ctx context.Context, group id.ID) ([]Group, error) {
	return s.finesTx(s.Store.Read(ctx), group)
}

func (s *Service) finesTx(tx *gorm.DB, group id.ID) ([]Group, error) {
	return s.groups(tx, ` WHERE g.parent_id = ? AND g.state <> 'gone' ORDER BY g.size DESC, g.id`, int64(group))
}

// Resolve says of every group that was merged in which one it is shown.
func (s *Service) Resolve(ctx context.Context) (map[id.ID]id.ID, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT g.id, g.merged_into FROM insight_groups g WHERE g.level = 'group' AND g.state = 'merged'`).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[id.ID]id.ID{}
	for rows.Next() {
		var from, into int64
		if err := rows.Scan(&from, &into); err != nil {
			return nil, err
		}
		out[id.ID(from)] = id.ID(into)
	}
	for from := range out {
		end := from
		for range mergesMost {
			next, merged := out[end]
			if !merged {
				break
			}
			end = next
		}
		out[from] = end
	}
	return out, rows.Err()
}
