package insights

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

const voiceColumns = `v.id, v.subject_id, v.team_id, v.channel, v.language, v.aspect, v.complaint, v.fixed, v.fine_id, v.group_id, v.score, v.at, v.day`

func voicesWhere(tx *gorm.DB, where string, args ...any) ([]voice, error) {
	rows, err := tx.Raw(`SELECT `+voiceColumns+` FROM insight_voices v`+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []voice
	for rows.Next() {
		var v voice
		if err := rows.Scan((*int64)(&v.id), (*int64)(&v.subject), (*int64)(&v.team), &v.channel, &v.language, &v.aspect, &v.complaint, &v.fixed,
			(*int64)(&v.fine), (*int64)(&v.group), &v.score, &v.at, &v.day); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// subjects are all clauses of some subjects, with what they count before a change.
type subjects struct {
	tx      *gorm.DB
	rows    map[id.ID][]voice
	aspects map[string]id.ID
	before  tally
	sizes   map[id.ID]int // of fine groups, how they change
}

// takeSubjects reads the clauses of subjects within a transaction that is alone.
func takeSubjects(tx *gorm.DB, list []id.ID) (*subjects, error) {
	s := &subjects{tx: tx, rows: map[id.ID][]voice{}, before: tally{}, sizes: map[id.ID]int{}}
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	var all []voice
	for part := range slices.Chunk(list, 500) {
		rows, err := voicesWhere(tx, ` WHERE v.subject_id IN ?`, int64s(part))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	var err error
	if s.aspects, err = aspectRefs(tx, all); err != nil {
		return nil, err
	}
	for _, v := range all {
		s.rows[v.subject] = append(s.rows[v.subject], v)
	}
	for _, rows := range s.rows {
		weigh(s.before, counted(rows, s.aspects), -1)
	}
	return s, nil
}

// each lets fn change the clauses; it says whether it has. What has changed is written at once.
func (s *subjects) each(fn func(v *voice) bool) error {
	for subject := range s.rows {
		for i := range s.rows[subject] {
			v := &s.rows[subject][i]
			was := *v
			if !fn(v) {
				continue
			}
			if err := s.tx.Exec(`UPDATE insight_voices SET fine_id = ?, group_id = ?, score = ?, fixed = ?, team_id = ?, day = ?, complaint = ?, subject_id = ? WHERE id = ?`,
				int64(v.fine), int64(v.group), v.score, v.fixed, int64(v.team), v.day, v.complaint, int64(v.subject), int64(v.id)).Error; err != nil {
				return err
			}
			s.resize(&was, -1)
			s.resize(v, 1)
		}
	}
	return nil
}

func (s *subjects) resize(v *voice, n int) {
	if v.complaint && v.fine != 0 {
		s.sizes[v.fine] += n
	}
}

// done writes what the subjects count now instead of what they counted before, and the sizes of groups.
func (s *subjects) done() error {
	bySubject := map[id.ID][]voice{}
	for _, rows := range s.rows {
		for _, v := range rows {
			bySubject[v.subject] = append(bySubject[v.subject], v)
		}
	}
	for _, rows := range bySubject {
		weigh(s.before, counted(rows, s.aspects), 1)
	}
	if err := addRolls(s.tx, s.before); err != nil {
		return err
	}
	fines := make([]id.ID, 0, len(s.sizes))
	for fine, n := range s.sizes {
		if n != 0 {
			fines = append(fines, fine)
		}
	}
	slices.Sort(fines)
	for _, fine := range fines {
		for _, text := range []string{
			`UPDATE insight_groups SET size = size + ? WHERE id = (SELECT f.parent_id FROM insight_groups f WHERE f.id = ?)`,
			`UPDATE insight_groups SET size = size + ? WHERE id = ?`,
		} {
			if err := s.tx.Exec(text, s.sizes[fine], int64(fine)).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// took adds a clause that was just inserted.
func (s *subjects) took(v *voice) error {
	s.rows[v.subject] = append(s.rows[v.subject], *v)
	s.resize(v, 1)
	if _, known := s.aspects[v.aspect]; known {
		return nil
	}
	var err error
	s.aspects, err = aspectRefs(s.tx, []voice{*v})
	return err
}

// drop deletes clauses.
func (s *subjects) drop(gone []id.ID) error {
	for subject, rows := range s.rows {
		s.rows[subject] = slices.DeleteFunc(rows, func(v voice) bool {
			out := slices.Contains(gone, v.id)
			if out {
				s.resize(&v, -1)
			}
			return out
		})
	}
	for _, text := range []string{
		`DELETE FROM insight_samples WHERE voice_id IN ?`, `DELETE FROM insight_voice_products WHERE voice_id IN ?`, `DELETE FROM insight_voices WHERE id IN ?`,
	} {
		if err := s.tx.Exec(text, int64s(gone)).Error; err != nil {
			return err
		}
	}
	return nil
}
