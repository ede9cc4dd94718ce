package insights

import (
	"encoding/json"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

const (
	groupsTable  = "insight_groups"
	groupColumns = `g.id, g.level, g.parent_id, g.engine, g.name, g.title, g.terms, g.state, g.pinned, g.by_hand, g.merged_into, g.split_from, g.language, g.aspect,
 g.size, g.first_at, g.last_at, g.twin_id, g.twin_score, g.twin_refused, g.dirty, g.nights, g.version`
)

// groups reads groups and opens what is sealed of them.
func (s *Service) groups(tx *gorm.DB, where string, args ...any) ([]Group, error) {
	rows, err := tx.Raw(`SELECT `+groupColumns+` FROM insight_groups g`+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Group
	var sealed [][3][]byte
	for rows.Next() {
		var g Group
		var b [3][]byte
		var score *float64
		if err := rows.Scan((*int64)(&g.ID), &g.Level, &g.ParentID, &g.engine, &b[0], &b[1], &b[2], (*string)(&g.State), &g.Pinned, &g.ByHand, &g.MergedInto,
			&g.SplitFrom, &g.Language, &g.Aspect, &g.Size, scanTime{&g.FirstAt}, scanTime{&g.LastAt}, &g.TwinID, &score, &g.TwinRefused, &g.dirty, &g.nights, &g.Version); err != nil {
			return nil, err
		}
		if score != nil {
			g.TwinScore = *score
		}
		list, sealed = append(list, g), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.openGroup(tx, &list[i], sealed[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) openGroup(tx *gorm.DB, g *Group, sealed [3][]byte) (err error) {
	if g.Name, err = s.Sealer.OpenText(tx, groupsTable, "name", g.ID, sealed[0]); err != nil {
		return err
	}
	if g.Title, err = s.Sealer.OpenText(tx, groupsTable, "title", g.ID, sealed[1]); err != nil || len(sealed[2]) == 0 {
		return err
	}
	terms, err := s.Sealer.Open(tx, groupsTable, "terms", g.ID, sealed[2])
	if err != nil {
		return err
	}
	return json.Unmarshal(terms, &g.Terms)
}

// insertGroup adds a group as it is.
func (s *Service) insertGroup(tx *gorm.DB, g *Group) error {
	name, err := s.sealGroup(tx, g.ID, "name", g.Name)
	if err != nil {
		return err
	}
	title, err := s.sealGroup(tx, g.ID, "title", g.Title)
	if err != nil {
		return err
	}
	terms, err := s.sealTerms(tx, g.ID, g.Terms)
	if err != nil {
		return err
	}
	at := s.Now().UnixMilli()
	return tx.Exec(`INSERT INTO insight_groups (id, level, parent_id, engine, name, title, terms, state, pinned, by_hand, merged_into, split_from, language, aspect,
 size, first_at, last_at, twin_id, twin_score, twin_refused, dirty, version, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?, ?, ?, ?)`,
		int64(g.ID), g.Level, orNull(g.ParentID), g.engine, name, title, terms, string(g.State), g.Pinned, g.ByHand, orNull(g.MergedInto), orNull(g.SplitFrom),
		g.Language, g.Aspect, g.Size, millis(g.FirstAt), millis(g.LastAt), false, g.dirty, 1, at, at).Error
}

// sealGroup seals a text of a group with the desk's key.
func (s *Service) sealGroup(tx *gorm.DB, group id.ID, column, text string) ([]byte, error) {
	return s.Sealer.SealText(tx, s.Sealer.DeskKey(), groupsTable, column, group, text)
}

func (s *Service) sealTerms(tx *gorm.DB, group id.ID, terms []string) ([]byte, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(terms)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(tx, s.Sealer.DeskKey(), groupsTable, "terms", group, text)
}

func orNull(one *id.ID) any {
	if one == nil {
		return nil
	}
	return int64(*one)
}

// idOrNull is an id that may be none.
func idOrNull(one id.ID) any {
	if one == 0 {
		return nil
	}
	return int64(one)
}

func int64s(list []id.ID) []int64 {
	out := make([]int64, len(list))
	for i, one := range list {
		out[i] = int64(one)
	}
	return out
}
