package tickets

import (
	"context"

	"gorm.io/gorm"
)

// FirstRun is what the first visit makes: the administrator, the shop's settings, and its first inbox.
type FirstRun struct {
	Admin NewAgent
	Shop  Shop
	Inbox NewInbox
	// Spend is a setting that is emptied with it: the one-time code that guards the first visit.
	Spend string
}

// BeginDesk makes all of a first run or nothing of it, in one transaction: a desk that a crash left half made could never be
// finished, for it would have its administrator already. Errors: Invalid, Conflict when there is an agent.
func (s *Service) BeginDesk(ctx context.Context, run FirstRun) (*Agent, *Inbox, error) {
	run.Admin.First, run.Admin.Role, run.Admin.Locale = true, RoleAdmin, run.Shop.Locale
	shop, err := run.Shop.encode()
	if err != nil {
		return nil, nil, err
	}
	admin, err := s.newAgent(run.Admin)
	if err != nil {
		return nil, nil, err
	}
	box, err := s.newInbox(run.Inbox)
	if err != nil {
		return nil, nil, err
	}
	const replace = `DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`
	err = s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if err := s.insertAgent(c, admin, true); err != nil {
			return err
		}
		if err := s.insertInbox(c, box); err != nil {
			return err
		}
		if _, err := s.putSetting(c, shopSetting, shop, replace); err != nil {
			return err
		}
		_, err := s.putSetting(c, run.Spend, nil, replace)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	s.shop.at.Store(nil)
	return admin, box, nil
}

// Trial is how far the desk has come with its first chat.
type Trial struct {
	Number   int64 // of the ticket to answer, or that was answered; 0: nobody has written
	Answered bool
}

// trialsMax is how many of the oldest tickets tell whether a chat was ever answered.
const trialsMax = 50

// FirstChat tells whether a shopper has written in a chat yet, and whether she was answered.
func (s *Service) FirstChat(ctx context.Context) (t Trial, err error) {
	err = on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var number int64
		var channel string
		var replied *int64
		if err := scan(&number, &channel, &replied); err != nil || t.Answered || channel != string(ChannelChat) {
			return err
		}
		t = Trial{Number: number, Answered: replied != nil}
		return nil
	}, `SELECT t.number, t.channel, t.first_replied_at FROM tickets t ORDER BY t.id LIMIT ?`, trialsMax)
	return t, err
}
