package mailin

import "gorm.io/gorm"

// bounced notes that a mail of ours did not arrive; known is false when it is no mail of ours that it speaks of.
func (s *Service) bounced(tx *gorm.DB, l *letter) (known bool, err error) {
	_, _ = tx, l
	return false, nil
}
