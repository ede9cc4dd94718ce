package mailin

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets"
)

// Add makes an e-mail inbox with its mailbox, both or neither. Errors: as Save's, and Invalid for what is wrong with the inbox.
func (s *Service) Add(ctx context.Context, n tickets.NewInbox, a Account) (*tickets.Inbox, error) {
	a, err := a.checked()
	if err != nil {
		return nil, err
	}
	n.Channel = tickets.ChannelEmail
	var box *tickets.Inbox
	err = s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
		if box, err = s.Tickets.CreateInboxTx(tx, n); err != nil {
			return err
		}
		a.InboxID = box.ID
		return s.save(tx, a)
	})
	if err != nil {
		return nil, err
	}
	s.changed()
	return box, nil
}
