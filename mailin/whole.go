package mailin

import (
	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Whole is all that is kept of a mail beside its message.
type Whole struct {
	Head    Head
	Content Content
}

// WholeOf gives all that is kept of a message's mail; nil: it was none, or is gone.
func WholeOf(tx *gorm.DB, sealer *seal.Sealer, message id.ID) (*Whole, error) {
	var head, content []byte
	err := all(tx, func(scan func(...any) error) error { return scan(&head, &content) }, `SELECT head, content FROM mail_messages WHERE message_id = ?`, int64(message))
	if err != nil || head == nil {
		return nil, err
	}
	w := &Whole{}
	there, err := openJSON(tx, sealer, "head", message, head, false, &w.Head)
	if err != nil || !there {
		return nil, err
	}
	_, err = openJSON(tx, sealer, "content", message, content, true, &w.Content)
	return w, err
}
