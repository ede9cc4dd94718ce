package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/app/i18n"
	"huiyin/app/jobs"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/chat"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// ordersQueue does one file of orders after the other: two at once would only be slower.
	ordersQueue = "orders"
	// importTimeout ends a turn of an import that is stuck; what is done stays, and the next try goes on from there.
	importTimeout = 2 * time.Minute
	// importTries is after how many tries, over some four hours, a failure makes an import say that it broke off. A kill counts as
	// a try and is none: the job itself has more.
	importTries = 10
)

// Orders keeps the orders of the desk. That of a command imports no files.
func (d *Desk) Orders() *orders.Service { return d.OrdersAt(time.Now) }

// OrdersAt is Orders with a clock that the caller sets.
func (d *Desk) OrdersAt(now func() time.Time) *orders.Service {
	return orders.New(orders.Options{Store: d.Store, Tickets: d.TicketsAt(now), Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log})
}

// newOrders makes what keeps the shop's orders.
func (s *server) newOrders() *orders.Service {
	return orders.New(orders.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Files: s.blobs, MayWrite: s.standing.MayWrite, Delivered: s.orderDelivered,
		Queue: func(tx *gorm.DB, job orders.Import) error { return s.queueImport(tx, job) },
	})
}

// orderLook shows the chat an order as its shopper may see it.
func orderLook(s *orders.Service) chat.OrderLook {
	return func(ctx context.Context, number string) (*chat.OrderCard, id.ID, error) {
		o, err := s.ByNumber(ctx, number)
		if fault.Is(err, fault.NotFound) {
			return nil, 0, nil
		}
		if err != nil {
			return nil, 0, err
		}
		card := &chat.OrderCard{
			Number: o.Number, Status: string(o.Status), StatusText: o.StatusText, Total: orders.Money(o.Total, o.Currency), URL: o.URL,
			Lines: []chat.OrderLine{}, Shipments: []chat.OrderShipment{},
		}
		for _, l := range o.Lines {
			name := l.Name
			if name == "" {
				name = l.SKU
			}
			card.Lines = append(card.Lines, chat.OrderLine{Name: name, Quantity: l.Quantity})
		}
		for _, p := range o.Shipments {
			card.Shipments = append(card.Shipments, chat.OrderShipment{Courier: p.Courier, Tracking: p.Tracking, Status: p.Status})
		}
		return card, o.ContactID, nil
	}
}

// queueImport lets a file wait for its turn, once: files of orders and of old texts in one queue.
func (s *server) queueImport(tx *gorm.DB, job jobs.Args) error {
	_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: ordersQueue, Unique: true})
	return err
}

// importWorker works on a file for a while; the rest comes in another turn.
func importWorker[A jobs.Args](work func(ctx context.Context, job A) (more bool, err error), giveUp func(ctx context.Context, job A) error) jobs.Worker[A] {
	return jobs.Worker[A]{Timeout: importTimeout, Work: func(ctx context.Context, job jobs.Job[A]) error {
		more, err := work(ctx, job.Args)
		if err == nil && more {
			return jobs.Later(time.Millisecond)
		}
		if err != nil && ctx.Err() == nil && job.Attempt >= importTries {
			return errors.Join(err, giveUp(ctx, job.Args))
		}
		return err
	}}
}

// ordersPart is what an export holds of a person's orders.
func ordersPart(s *orders.Service, texts *i18n.Bundle) privacy.Part {
	return privacy.Part{Name: "orders", Each: func(ctx context.Context, contact id.ID, locale string, fn func(privacy.Record) error) error {
		return s.Each(ctx, contact, func(o *orders.Order) error {
			r := privacy.Record{When: o.OrderedAt, Title: strings.TrimSpace(o.Number + " " + orders.Money(o.Total, o.Currency) + " " + texts.Text(locale, "orders.status."+string(o.Status), nil))}
			goods := []map[string]any{}
			for _, l := range o.Lines {
				goods = append(goods, map[string]any{"sku": l.SKU, "name": l.Name, "quantity": l.Quantity, "price": orders.Money(l.Price, o.Currency)})
				r.Lines = append(r.Lines, fmt.Sprintf("%s × %d", cmp.Or(l.Name, l.SKU), l.Quantity))
			}
			refunds := []map[string]any{}
			for i := range o.Refunds {
				one := &o.Refunds[i]
				refunds = append(refunds, map[string]any{"id": one.ID, "amount": orders.Money(one.Amount, o.Currency), "reason": one.Reason, "state": one.State})
				r.Lines = append(r.Lines, strings.TrimSpace(texts.Text(locale, "orders.refund."+string(one.State), nil)+" "+orders.Money(one.Amount, o.Currency)+" "+one.Reason))
			}
			for _, p := range o.Shipments {
				r.Lines = append(r.Lines, strings.TrimSpace(p.Courier+" "+p.Tracking+" "+p.Status))
			}
			r.Data = map[string]any{
				"number": o.Number, "status": o.Status, "status_text": o.StatusText, "currency": o.Currency, "total": orders.Money(o.Total, o.Currency), "platform": o.Platform,
				"placed_at": o.PlacedAt, "paid_at": o.PaidAt, "shipped_at": o.ShippedAt, "delivered_at": o.DeliveredAt, "finished_at": o.FinishedAt, "updated_at": o.UpdatedAt,
				"lines": goods, "refunds": refunds, "shipments": o.Shipments, "invoice": o.Invoice, "url": o.URL, "meta": o.Meta,
			}
			return fn(r)
		})
	}}
}
