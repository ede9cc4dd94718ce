package insights

import (
	"context"

	"gorm.io/gorm"

	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// NewGroup makes a group with a fine group, as a pass does.
func (s *Service) NewGroup(ctx context.Context, name string, engine int64) (group, fine id.ID, err error) {
	group, fine = s.IDs.Next(), s.IDs.Next()
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := s.insertGroup(tx, &Group{ID: group, Level: LevelGroup, Name: name, State: Open, Language: "en", Aspect: "delivery"}); err != nil {
			return err
		}
		return s.insertGroup(tx, &Group{ID: fine, Level: LevelFine, ParentID: &group, Name: name, Terms: []string{name}, State: Open, Language: "en", Aspect: "delivery", engine: &engine})
	})
	s.cache.drop()
	return group, fine, err
}

// Put puts all clauses of subjects into a fine group.
func (s *Service) Put(ctx context.Context, fine id.ID, list ...id.ID) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		f, err := s.groupTx(tx, fine)
		if err != nil {
			return err
		}
		rows, err := voicesWhere(tx, ` WHERE v.subject_id IN ?`, int64s(list))
		if err != nil {
			return err
		}
		_, err = s.place(tx, rows, func(v *voice) { v.fine, v.group, v.score = fine, *f.ParentID, .8 })
		return err
	})
}

// Recount counts all subjects from their clauses, as the rolls should say.
func (s *Service) Recount(ctx context.Context) (map[string]int, error) {
	tx := s.Store.Read(ctx)
	rows, err := voicesWhere(tx, ``)
	if err != nil {
		return nil, err
	}
	aspects, err := aspectRefs(tx, nil)
	if err != nil {
		return nil, err
	}
	bySubject := map[id.ID][]voice{}
	for _, v := range rows {
		bySubject[v.subject] = append(bySubject[v.subject], v)
	}
	out := map[string]int{}
	for _, rows := range bySubject {
		for _, r := range counted(rows, aspects) {
			out[r.text()]++
		}
	}
	return out, nil
}

// Rolls are the counts as they are kept.
func (s *Service) Rolls(ctx context.Context) (map[string]int, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT kind, ref, day, channel, language, team_id, n FROM insight_rolls WHERE n <> 0`).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]int{}
	for rows.Next() {
		var r roll
		var n int
		if err := rows.Scan(&r.kind, (*int64)(&r.ref), &r.day, &r.channel, &r.language, (*int64)(&r.team), &n); err != nil {
			return nil, err
		}
		out[r.text()] = n
	}
	return out, rows.Err()
}

func (r roll) text() string {
	return r.kind + " " + r.ref.String() + " " + id.ID(r.day).String() + " " + r.channel + " " + r.language + " " + r.team.String()
}

// SetName gives a group a name as if the machine had given it.
func (s *Service) SetName(ctx context.Context, group id.ID, name string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.sealGroup(tx, group, "name", name)
		if err != nil {
			return err
		}
		return tx.Exec(`UPDATE insight_groups SET name = ? WHERE id = ?`, sealed, int64(group)).Error
	})
}

// Offer lets a pass find that two groups may be of the same complaint.
func (s *Service) Offer(ctx context.Context, a, b id.ID) error {
	p := &passing{s: s, own: map[int]id.ID{1: a, 2: b}, result: &worker.Result{Twins: []worker.Twin{{A: 1, B: 2, Score: .9}}}}
	return p.twins(ctx)
}
