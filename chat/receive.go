package chat

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// receive is the one way in for what a shopper writes, by socket or by HTTP. The ack that it gives is true: the
// message is durably stored.
func (d *Desk) receive(ctx context.Context, s *session, aliases []id.ID, in *incoming) (*ackFrame, error) {
	if p := in.checkID(); p != nil {
		return nil, p
	}
	inbox, err := d.tickets.Inbox(ctx, s.InboxID)
	if err != nil {
		return nil, err
	}
	if p := s.refused(inbox); p != nil {
		return nil, p
	}
	if in.Notice != "" {
		n, err := d.noticeOf(ctx, inbox)
		if err == nil {
			err = d.acceptNotice(ctx, s, n, in.Notice)
		}
		if err != nil {
			return nil, err
		}
	}
	where := tickets.Page{URL: s.Context.PageURL, Title: s.Context.PageTitle}
	if in.Page != nil {
		where = tickets.Page{URL: in.Page.URL, Title: in.Page.Title}
	}
	files, _ := in.fileIDs() // take refuses what is none
	got, err := d.take(ctx, in, tickets.Inbound{
		InboxID: s.InboxID, SourceID: in.ID, ContactID: s.ContactID, Aliases: aliases, Body: in.Body, Page: where,
		Order: s.Context.Order, OrderVerified: s.Context.OrderVerified, Attachments: files,
	})
	if err != nil {
		return nil, err
	}
	return &ackFrame{
		ID: in.ID, Ticket: got.Message.TicketID, Seq: got.Message.Seq, At: got.Message.CreatedAt, Masked: got.Masked,
	}, nil
}

// take hands a message on. One that we refuse ourselves is acked all the same when it is stored already.
func (d *Desk) take(ctx context.Context, in *incoming, m tickets.Inbound) (tickets.Received, error) {
	refusal := in.checkSend()
	if refusal == nil {
		return d.tickets.Receive(ctx, m)
	}
	got, err := d.tickets.Earlier(ctx, m)
	if err == nil && !got.Duplicate {
		err = refusal
	}
	return got, err
}
