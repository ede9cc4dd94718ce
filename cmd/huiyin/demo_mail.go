package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"huiyin/app"
	"huiyin/app/demo"
	"huiyin/app/demo/post"
	"huiyin/app/web"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// demoMail shows the demo's post office to its webmail.
type demoMail struct {
	office   *post.Office
	shoppers []web.DemoShopper
}

// openMail opens the post office of the demo. Its mail lies in memory and ends with it.
func openMail(log *slog.Logger) (*demoMail, error) {
	office, err := post.Start(post.Options{Log: log, Domains: demo.MailDomains(), Mailboxes: []string{demo.SupportEmail}, Password: demo.Password})
	if err != nil {
		return nil, err
	}
	m := &demoMail{office: office}
	for _, c := range demo.Customers(time.Now()) {
		m.shoppers = append(m.shoppers, web.DemoShopper{ID: c.ID, DemoAddress: web.DemoAddress{Name: c.Name, Email: c.Email}, Locale: c.Locale})
		subject, text := demo.Shipped(c)
		if err := office.Send(post.Draft{From: post.Address(m.Shop()), To: []post.Address{{Name: c.Name, Email: c.Email}}, Subject: subject, Text: text}); err != nil {
			return nil, errors.Join(err, office.Close())
		}
	}
	return m, nil
}

// connect gives the desk the shop's mailbox; a desk that was shown before has it already, on other ports.
func (m *demoMail) connect(ctx context.Context, desk *app.Desk, name string) error {
	at, mails := m.office.Account(demo.SupportEmail), desk.Mailboxes()
	a := mailin.Account{
		Active: true, Address: demo.SupportEmail, Name: demo.ShopName, Processed: mailin.DefaultProcessed, Plus: mailin.PlusYes,
		IMAP:      mailin.Server{Host: at.Host, Port: at.IMAPPort, Security: imapbox.Plain, User: at.User, Password: at.Password},
		SMTP:      mailin.Server{Host: at.Host, Port: at.SMTPPort, Security: imapbox.Plain, User: at.User, Password: at.Password},
		AutoReply: mailin.AutoReply{On: true}, Signature: "{agent} · " + demo.ShopName,
	}
	known, err := mails.Accounts(ctx)
	if err != nil {
		return err
	}
	for i := range known {
		if known[i].Address == a.Address {
			known[i].IMAP, known[i].SMTP = a.IMAP, a.SMTP
			return mails.Save(ctx, known[i])
		}
	}
	box, err := desk.Tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: name})
	if err != nil {
		return err
	}
	a.InboxID = box.ID
	return mails.Save(ctx, a)
}

// Shop is part of web.DemoMail.
func (m *demoMail) Shop() web.DemoAddress {
	return web.DemoAddress{Name: demo.ShopName, Email: demo.SupportEmail}
}

// Shoppers is part of web.DemoMail.
func (m *demoMail) Shoppers() []web.DemoShopper { return m.shoppers }

// Letters is part of web.DemoMail.
func (m *demoMail) Letters(email string) []web.DemoLine {
	var out []web.DemoLine
	for _, one := range m.office.Letters(email) {
		out = append(out, lineOf(one))
	}
	return out
}

func lineOf(one post.Line) web.DemoLine {
	return web.DemoLine{ID: one.ID, At: one.At, From: web.DemoAddress(one.From), To: addressesOf(one.To), Subject: one.Subject, Sent: one.Sent, Seen: one.Seen}
}

func addressesOf(list []post.Address) []web.DemoAddress {
	var out []web.DemoAddress
	for _, one := range list {
		out = append(out, web.DemoAddress(one))
	}
	return out
}

// Letter is part of web.DemoMail.
func (m *demoMail) Letter(email string, id int64) (*web.DemoLetter, error) {
	one, err := m.office.Letter(email, id)
	if err != nil {
		return nil, mailFault(err)
	}
	l := &web.DemoLetter{
		DemoLine: lineOf(one.Line), CC: addressesOf(one.CC), ReplyTo: addressesOf(one.ReplyTo), Text: one.Text, MessageID: one.MessageID, References: one.References,
	}
	for _, f := range one.Files {
		l.Files = append(l.Files, web.DemoFile{Name: f.Name, Size: f.Size})
	}
	return l, nil
}

// File is part of web.DemoMail.
func (m *demoMail) File(email string, id int64, place int) (*web.DemoFile, error) {
	f, err := m.office.File(email, id, place)
	if err != nil {
		return nil, mailFault(err)
	}
	return &web.DemoFile{Name: f.Name, Size: len(f.Content), Content: f.Content}, nil
}

// Send is part of web.DemoMail.
func (m *demoMail) Send(d web.DemoDraft) error {
	draft := post.Draft{From: post.Address(d.From), Subject: d.Subject, Text: d.Text, InReplyTo: d.InReplyTo, References: d.References}
	for _, one := range d.To {
		draft.To = append(draft.To, post.Address(one))
	}
	for _, one := range d.CC {
		draft.CC = append(draft.CC, post.Address(one))
	}
	for _, f := range d.Files {
		draft.Files = append(draft.Files, post.File{Name: f.Name, Content: f.Content})
	}
	return mailFault(m.office.Send(draft))
}

// mailFault says an error of the post office in the desk's words.
func mailFault(err error) error {
	switch {
	case errors.Is(err, post.ErrNoSuchLetter):
		return fault.Wrap(fault.NotFound, "web.error.not_found", err)
	case errors.Is(err, post.ErrNoSuchDomain):
		return fault.InvalidField("to", "unknown", "public.mail.to_unknown", nil)
	case errors.Is(err, post.ErrTooLarge):
		return fault.InvalidField("file", "large", "public.mail.too_large", nil)
	case errors.Is(err, post.ErrFull):
		return fault.InvalidField("to", "full", "public.mail.full", nil)
	}
	return err
}
