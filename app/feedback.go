package app

import (
	"net/url"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/app/feedback"
	"huiyin/app/i18n"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// newFeedback makes the service of forms.
func (s *server) newFeedback(texts *i18n.Bundle) *feedback.Service {
	return feedback.New(feedback.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		MayWrite: s.standing.MayWrite, OrderContact: s.orderContact, OrderSKUs: s.orderSKUs, Queue: s.queueAsking, Send: s.sendAsking,
	})
}

// FeedbackAt makes another service of the desk's forms whose clock the caller sets; it asks nobody.
func (d *Desk) FeedbackAt(now func() time.Time, texts *i18n.Bundle) *feedback.Service {
	return feedback.New(feedback.Options{Store: d.Store, Tickets: d.TicketsAt(now), Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log, Text: texts.Text, BaseURL: &url.URL{}})
}

// orderContact gives whose an order is; zero: nobody is known.
func (s *server) orderContact(tx *gorm.DB, number string) (id.ID, error) {
	o, err := s.orders.ByNumberTx(tx, number)
	if err != nil {
		return 0, unlessUnknown(err)
	}
	return o.ContactID, nil
}

// orderSKUs gives the goods of an order, each once.
func (s *server) orderSKUs(tx *gorm.DB, number string) (list []string, err error) {
	o, err := s.orders.ByNumberTx(tx, number)
	if err != nil {
		return nil, unlessUnknown(err)
	}
	for _, line := range o.Lines {
		if line.SKU != "" && !slices.Contains(list, line.SKU) {
			list = append(list, line.SKU)
		}
	}
	return list, nil
}

// unlessUnknown makes no error of an order that the desk does not know.
func unlessUnknown(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
