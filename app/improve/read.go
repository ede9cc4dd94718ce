package improve

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

const (
	tasksTable = "improve_tasks"
	taskSelect = `SELECT t.id, t.number, t.title, t.what, t.why, t.links, COALESCE(t.owner_id, 0), t.due_day, t.target, t.state, t.how, t.change_day, t.place,
 t.effect, COALESCE(t.effect_at, 0), t.version, t.agent_id, t.state_at, t.created_at, t.updated_at FROM improve_tasks t`
)

// tasks reads tasks, opened, with their groups.
func (s *Service) tasks(tx *gorm.DB, where string, args ...any) ([]Task, error) {
	rows, err := tx.Raw(taskSelect+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	type sealed struct{ title, what, why, links []byte }
	var list []Task
	var bodies []sealed
	for rows.Next() {
		var t Task
		var b sealed
		var effect string
		err := rows.Scan((*int64)(&t.ID), &t.Number, &b.title, &b.what, &b.why, &b.links, (*int64)(&t.Owner), &t.Due, &t.Target, (*string)(&t.State), (*string)(&t.How),
			&t.ChangeDay, &t.place, &effect, &t.EffectAt, &t.Version, (*int64)(&t.By), &t.StateAt, &t.CreatedAt, &t.UpdatedAt)
		if err != nil {
			return nil, err
		}
		if effect != "" {
			if err := json.Unmarshal([]byte(effect), &t.Effect); err != nil {
				return nil, err
			}
		}
		list, bodies = append(list, t), append(bodies, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		t, b, links := &list[i], bodies[i], ""
		for _, one := range []struct {
			column string
			value  []byte
			text   *string
		}{{"title", b.title, &t.Title}, {"what", b.what, &t.What}, {"why", b.why, &t.Why}, {"links", b.links, &links}} {
			if len(one.value) == 0 {
				continue
			}
			if *one.text, err = s.Sealer.OpenText(tx, tasksTable, one.column, t.ID, one.value); err != nil {
				return nil, err
			}
		}
		if links != "" {
			t.Links = strings.Split(links, "\n")
		}
	}
	return list, s.fillGroups(tx, list)
}

// fillGroups adds the groups of tasks, as people see them now.
func (s *Service) fillGroups(tx *gorm.DB, list []Task) error {
	if len(list) == 0 {
		return nil
	}
	shown, err := s.Insights.Resolve(tx.Statement.Context)
	if err != nil {
		return err
	}
	byID := make(map[id.ID]*Task, len(list))
	ids := make([]int64, len(list))
	for i := range list {
		byID[list[i].ID], ids[i] = &list[i], int64(list[i].ID)
	}
	for part := range slices.Chunk(ids, 500) {
		rows, err := tx.Raw(`SELECT task_id, group_id FROM improve_groups WHERE task_id IN ? ORDER BY task_id, group_id`, part).Rows()
		if err != nil {
			return err
		}
		for rows.Next() {
			var task, group id.ID
			if err := rows.Scan((*int64)(&task), (*int64)(&group)); err != nil {
				return cmp.Or(rows.Close(), err)
			}
			if into, merged := shown[group]; merged {
				group = into
			}
			if t := byID[task]; !slices.Contains(t.Groups, group) {
				t.Groups = append(t.Groups, group)
			}
		}
		if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// ByNumber gives a task. Errors: NotFound.
func (s *Service) ByNumber(ctx context.Context, number int64) (*Task, error) {
	return one(s.tasks(s.Store.Read(ctx), ` WHERE t.number = ?`, number))
}

// Task gives a task. Errors: NotFound.
func (s *Service) Task(ctx context.Context, task id.ID) (*Task, error) {
	return s.taskTx(s.Store.Read(ctx), task)
}

func (s *Service) taskTx(tx *gorm.DB, task id.ID) (*Task, error) {
	return one(s.tasks(tx, ` WHERE t.id = ?`, int64(task)))
}

func one(list []Task, err error) (*Task, error) {
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, unknownTask()
	}
	return &list[0], nil
}

// Filter says which tasks are wanted.
type Filter struct {
	State State // empty: all
	Group id.ID // zero: whatever they are about
	Owner id.ID // zero: whoever has them
}

// ListMost is the largest page of tasks.
const ListMost = 200

// List gives tasks, the newest first, from before one on; zero: from the newest.
func (s *Service) List(ctx context.Context, f Filter, before id.ID, limit int) ([]Task, error) {
	where, args := []string{`1 = 1`}, []any{}
	add := func(text string, value ...any) { where, args = append(where, text), append(args, value...) }
	if f.State != "" {
		add(`t.state = ?`, string(f.State))
	}
	if f.Owner != 0 {
		add(`t.owner_id = ?`, int64(f.Owner))
	}
	if f.Group != 0 {
		groups, err := s.asShown(ctx, f.Group)
		if err != nil {
			return nil, err
		}
		add(`t.id IN (SELECT x.task_id FROM improve_groups x WHERE x.group_id IN ?)`, groups)
	}
	if before != 0 {
		add(`t.id < ?`, int64(before))
	}
	return s.tasks(s.Store.Read(ctx), ` WHERE `+strings.Join(where, " AND ")+` ORDER BY t.id DESC LIMIT ?`, append(args, min(limit, ListMost))...)
}

// asShown gives a group with all that were merged into it.
func (s *Service) asShown(ctx context.Context, group id.ID) ([]int64, error) {
	shown, err := s.Insights.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	if into, merged := shown[group]; merged {
		group = into
	}
	out := []int64{int64(group)}
	for from, into := range shown {
		if into == group {
			out = append(out, int64(from))
		}
	}
	return out, nil
}

// Column is a state with its tasks.
type Column struct {
	State State
	Count int
	Tasks []Task // the first of them
}

// ColumnMost is how many cards a column of the board shows.
const ColumnMost = 50

// Board gives the columns of the board with their first cards.
func (s *Service) Board(ctx context.Context) ([]Column, error) {
	counts, err := s.Counts(ctx)
	if err != nil {
		return nil, err
	}
	var out []Column
	for _, state := range States() {
		c := Column{State: state, Count: counts[state]}
		if c.Count > 0 {
			if c.Tasks, err = s.tasks(s.Store.Read(ctx), ` WHERE t.state = ? ORDER BY t.place, t.id LIMIT ?`, string(state), ColumnMost); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// Counts tells how many tasks stand in each state.
func (s *Service) Counts(ctx context.Context) (map[State]int, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT state, COUNT(*) FROM improve_tasks GROUP BY state`).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan((*string)(&state), &n); err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, rows.Err()
}
