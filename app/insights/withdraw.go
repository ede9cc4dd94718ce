package insights

import (
	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// WithdrawTx takes subjects out of the groups as if they had never been said, with all that they count. It is for what should
// not have been taken in; of a person who is erased the counts stay (Forget).
func (s *Service) WithdrawTx(tx *gorm.DB, list []id.ID) error {
	if err := alone(tx); err != nil {
		return err
	}
	all, err := takeSubjects(tx, list)
	if err != nil {
		return err
	}
	var gone []int64
	for _, rows := range all.rows {
		for i := range rows {
			gone = append(gone, int64(rows[i].id))
			all.resize(&rows[i], -1)
		}
	}
	clear(all.rows)
	if len(gone) > 0 {
		for _, text := range []string{
			`DELETE FROM insight_samples WHERE voice_id IN ?`,
			`DELETE FROM insight_voice_products WHERE voice_id IN ?`,
			`DELETE FROM insight_voices WHERE id IN ?`,
		} {
			if err := tx.Exec(text, gone).Error; err != nil {
				return err
			}
		}
	}
	return all.done()
}
