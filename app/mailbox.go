package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"huiyin/app/db"
	"huiyin/app/deskmail"
	"huiyin/app/egress"
	"huiyin/app/files"
	"huiyin/app/i18n"
	"huiyin/app/mailer"
	"huiyin/app/mailout"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/preset"
	"huiyin/mailin/probe"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Mailboxes keeps the mailboxes of the desk. That of a command reads none of them.
func (d *Desk) Mailboxes() *mailin.Service {
	if d.mails != nil {
		return d.mails
	}
	return mailin.New(mailin.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: d.Log})
}

// newMailboxes makes what turns mails into tickets. It reads nothing until it runs.
func (s *server) newMailboxes(texts *i18n.Bundle) *mailin.Service {
	o := mailin.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		TakeFile: func(ctx context.Context, contact id.ID, name, _ string, content []byte) (*tickets.Attachment, error) {
			by := tickets.Actor{Kind: tickets.ActorContact, ID: contact}
			return s.files.Take(ctx, files.Upload{By: by, Name: name, Body: bytes.NewReader(content), Mailed: true})
		},
		OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
			return s.files.Open(ctx, a, files.Original)
		},
		Token: func(ctx context.Context, inbox id.ID) (string, error) { return s.mailTokens.Token(ctx, inbox) },
		Spoilt: func(ctx context.Context, inbox id.ID, token string) error {
			return s.mailTokens.Spoilt(ctx, inbox, token)
		},
		AgentSignature: func(ctx context.Context, agent id.ID) (string, error) { return s.web.Signature(ctx, agent) },
		MayReceive:     s.mayReceive(), Alert: s.alert, AlertOver: s.alertOver, Wake: s.wakeMailboxes,
	}
	if s.DB.Dialect() == db.Postgres {
		o.Lease = func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
			held, _, err := s.DB.Lease(ctx, name, s.holder, ttl)
			return held, err
		}
		o.Release = func(ctx context.Context, name string) error { return s.DB.Release(ctx, name, s.holder) }
	}
	s.sendsLetters(&o)
	s.mails = mailin.New(o)
	return s.mails
}

// The limits of a token: how long a provider may take, and how much it may say.
const (
	tokenTime = 20 * time.Second
	tokenMax  = 256 << 10
)

// newTokens makes what comes to mailboxes without a password. Addresses of providers may have been typed in, so they are asked by the
// way of all such addresses.
func (s *server) newTokens() *mailin.Tokens {
	out := egress.New(egress.Options{Wait: tokenTime, Answer: tokenMax, Allow: s.cfg.AllowInner.Networks(), AllowHosts: s.cfg.AllowInner.Hosts()})
	return mailin.NewTokens(s.mailboxes, &http.Client{Timeout: tokenTime, Transport: outside{out}})
}

// outside lets an http.Client ask through egress.
type outside struct{ client *egress.Client }

// RoundTrip is part of http.RoundTripper.
func (o outside) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, tokenMax)); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // it was read from memory
	}
	a, err := o.client.Do(r.Context(), egress.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: a.Status, Status: http.StatusText(a.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.Header,
		Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r,
	}, nil
}

// lookupMX gives the servers that take a domain's mail; none where it cannot be told quickly.
func lookupMX(ctx context.Context, domain string) (hosts []string) {
	ctx, cancel := context.WithTimeout(ctx, mxTime)
	defer cancel()
	list, _ := net.DefaultResolver.LookupMX(ctx, domain) // only a guess comes of it
	for _, mx := range list {
		hosts = append(hosts, mx.Host)
	}
	return hosts
}

// mxTime is how long a page waits for a guess.
const mxTime = 2 * time.Second

// mailerSettings are how an e-mail inbox sends.
func (s *server) mailerSettings(a *mailin.Account, inboxName string) mailer.Settings {
	set := mailout.Sender{Token: s.mailTokens.Token}.Settings(a)
	set.From.Name = cmp.Or(a.Name, inboxName)
	return set
}

// mailPlan says how a mailbox is tried out.
func (s *server) mailPlan(a *mailin.Account, inboxName string) probe.Plan {
	p := probe.Plan{
		Address: a.Address, Host: a.SMTP.Host,
		IMAP: imapbox.Config{
			Host: a.IMAP.Host, Port: a.IMAP.Port, Security: a.IMAP.Security, User: a.IMAP.User, Password: a.IMAP.Password, Token: s.mailTokens.Of(a),
			Folder: a.Folder, Processed: a.Processed,
		},
	}
	if p.IMAP.User == "" {
		p.IMAP.User = a.Address
	}
	if p.IMAP.Port == 0 {
		if p.IMAP.Port = 143; a.IMAP.Security == imapbox.TLS {
			p.IMAP.Port = 993
		}
	}
	if a.SMTP.Host != "" {
		set := s.mailerSettings(a, inboxName)
		p.Send = func(ctx context.Context, m probe.Mail) *probe.Failure { return s.sendProbe(ctx, set, m) }
	}
	provider, _ := preset.Named(a.Preset)
	p.Code = provider.SignIn == preset.Code
	return p
}

// probeText is the body of a test's mails; whoever finds one reads what it is.
const probeText = "This mail tests whether the desk gets its own mails. It may be deleted.\n这封邮件用于检查客服系统能否收到自己的邮件，可以删除。\n"

// sendProbe sends a mail of a test. It says that a machine wrote it, so that nothing answers it (RFC 3834).
func (s *server) sendProbe(ctx context.Context, set mailer.Settings, m probe.Mail) *probe.Failure {
	hello := s.base.Hostname()
	if net.ParseIP(hello) != nil {
		hello = ""
	}
	err := mailer.New(mailer.Options{Hello: hello}).Try(ctx, set, mailer.Message{
		To: mailer.Address{Email: m.To}, Subject: m.Subject, Text: probeText,
		Headers: map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
	})
	var failure *mailer.Error
	if !errors.As(err, &failure) {
		return nil
	}
	said := ""
	if failure.Code != 0 {
		said = strings.TrimSpace(strconv.Itoa(failure.Code) + " " + failure.Detail)
	}
	return &probe.Failure{Reason: deskmail.Reason(failure, set.Security), Said: said, Recipient: failure.Step == mailer.StepRecipient && failure.Lasting()}
}

// mailSubject tells the other nodes that mailboxes have changed, or are to be fetched now.
const mailSubject = "mailboxes"

// wakeMailboxes says so.
func (s *server) wakeMailboxes() {
	if s.bus.Remote() {
		_ = s.bus.Publish(mailSubject, nil) // a hint: the readers look by themselves too
	}
}
