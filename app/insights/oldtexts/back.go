package oldtexts

import (
	"context"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/tickets/id"
)

// subjectsAtOnce are taken out in one transaction, each with its clauses and counts.
const subjectsAtOnce = 10

// takeBack takes the subjects of an import out of the groups, some at a time, then forgets the key that their texts were
// sealed with. A chat of which a later file told more goes whole, with the lines of that file: sent again it counts again.
func (s *Service) takeBack(ctx context.Context, f *File) (more bool, err error) {
	return intake.InTurn(ctx, func() (left bool, err error) {
		err = s.Store.Write(ctx, func(tx *gorm.DB) error {
			var subjects []id.ID
			err := tx.Raw(`SELECT DISTINCT subject_id FROM insight_import_lines WHERE import_id = ? ORDER BY subject_id LIMIT ?`, int64(f.ID), subjectsAtOnce).Scan(&subjects).Error
			if err != nil {
				return err
			}
			if left = len(subjects) > 0; !left {
				return s.forget(tx, f)
			}
			if err := s.Groups.WithdrawTx(tx, subjects); err != nil {
				return err
			}
			return tx.Exec(`DELETE FROM insight_import_lines WHERE subject_id IN ?`, subjects).Error
		})
		return left, err
	})
}

// forget ends the taking back.
func (s *Service) forget(tx *gorm.DB, f *File) error {
	if f.key != 0 {
		if err := s.Sealer.DropKeys(tx, []id.ID{f.key}); err != nil {
			return err
		}
	}
	return tx.Exec(`UPDATE insight_imports SET state = ?, key_id = NULL, ended_at = ? WHERE id = ? AND state = ?`, StateBack, s.Now().UnixMilli(), int64(f.ID), StateBacking).Error
}
