package chat

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// noticeName is the notice that a shopper accepts before her first message.
const noticeName = "privacy"

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
	if err := d.acceptNotice(ctx, s, inbox, in.Notice); err != nil {
		return nil, err
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

// acceptNotice keeps that she has taken note of the inbox's notice, in the version that she was shown.
func (d *Desk) acceptNotice(ctx context.Context, s *session, inbox *tickets.Inbox, version string) error {
	if version == "" || version != noticeVersion(inbox) {
		return nil // an old page: she is shown the new one next time
	}
	done, err := d.tickets.Accepted(ctx, s.ContactID, noticeName, version)
	if done || err != nil {
		return err
	}
	return d.tickets.AcceptNotice(ctx, s.ContactID, noticeName, version)
}

func noticeVersion(inbox *tickets.Inbox) string {
	if v := inbox.Settings.NoticeVersion; v != "" {
		return v
	}
	return "1"
}
