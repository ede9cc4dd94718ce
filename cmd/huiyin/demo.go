package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"huiyin/app"
	"huiyin/app/config"
	"huiyin/app/demo"
	"huiyin/app/feedback"
	"huiyin/app/i18n"
	"huiyin/app/orders"
	"huiyin/app/web"
	"huiyin/tickets"
)

// demoSettings are the settings of `huiyin demo`. It takes no database and no key ring of others.
type demoSettings struct {
	Data       string     `env:"DATA" arg:"DIR" usage:"Folder of the demo's data. Empty: a temporary one that is removed at the end."`
	Listen     string     `env:"LISTEN" envDefault:"127.0.0.1:8080" arg:"HOST:PORT" usage:"Where to listen. Port 0 takes a free one."`
	URL        string     `env:"URL" arg:"URL" usage:"Public address that links are built from. Empty: http:// and the listen address."`
	LimitScale float64    `env:"LIMIT_SCALE" envDefault:"1" arg:"FACTOR" usage:"Multiplies every rate limit; for load tests."`
	Log        string     `env:"LOG" envDefault:"text" arg:"text|json" usage:"Form of the log lines on standard error."`
	LogLevel   slog.Level `env:"LOG_LEVEL" envDefault:"error" arg:"LEVEL" usage:"Least level that is logged: debug, info, warn or error."`
}

// config gives the settings of the desk that the demo runs on.
func (d demoSettings) config() config.Config {
	c := config.Default()
	c.Listen, c.URL, c.LimitScale, c.Log, c.LogLevel = d.Listen, d.URL, d.LimitScale, d.Log, d.LogLevel
	if d.Data != "" {
		c.Data = d.Data
	}
	return c
}

// Check holds the settings against the rules of serve.
func (d demoSettings) Check() error { return d.config().Check() }

func demoCommand() command {
	return with(command{
		name: "demo", brief: "runs a desk with a sample shop, to look around",
		about: "Runs a desk in a folder of its own, with a sample shop, its agents, some 300 conversations of the last months in\n" +
			"Chinese and English, and a year of orders, complaints and improvements, which fills in within two minutes. Prints the addresses, the sign-ins and things to try. It needs nothing and keeps nothing.",
	}, runDemo)
}

func runDemo(ctx context.Context, t *terminal, settings *demoSettings) (err error) {
	texts, err := i18n.Load()
	if err != nil {
		return err
	}
	cfg := settings.config()
	if settings.Data == "" {
		if cfg.Data, err = os.MkdirTemp("", "huiyin-demo-"); err != nil {
			return fmt.Errorf("make the demo's folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Data)) }()
	}
	log := t.logger(cfg.Log, cfg.LogLevel)
	mail, err := openMail(log)
	if err != nil {
		return fmt.Errorf("start the demo's mail: %w", err)
	}
	defer func() { err = errors.Join(err, mail.office.Close()) }() // after the desk, which may be reading
	s := &showing{t: t, texts: texts, mail: mail, folder: cfg.Data, removed: settings.Data == "", opened: make(chan struct{})}
	err = app.Serve(ctx, cfg, app.Extras{
		Log:      log,
		Demo:     s.open,
		DemoShop: &web.DemoShop{Inbox: s.inbox, ClosedInbox: s.closedInbox, Customers: sampleCustomers(), Push: s.push, Form: s.shopForm},
		DemoMail: mail,
		Ready:    func(r app.Running) { s.show(ctx, r) },
	})
	s.filling.Wait()
	return errors.Join(err, s.failed)
}

// sampleCustomers are the shoppers whom the shop's page can be signed in as: the desk knows them already.
func sampleCustomers() []web.DemoCustomer {
	var list []web.DemoCustomer
	for _, c := range demo.Customers(time.Now()) {
		one := web.DemoCustomer{ID: c.ID, Name: c.Name, Email: c.Email, Phone: c.Phone}
		for _, o := range c.Orders {
			one.Orders = append(one.Orders, web.DemoOrder(o))
		}
		list = append(list, one)
	}
	return list
}

// showing is the sample shop while it is shown.
type showing struct {
	t       *terminal
	texts   *i18n.Bundle
	mail    *demoMail
	folder  string
	removed bool
	shop    *demo.Shop
	orders  *orders.Service
	form    *feedback.Form
	tickets *tickets.Service
	running app.Running   // once it serves
	origins []string      // that may show the chat and the form
	page    string        // the chat as a page of its own
	opened  chan struct{} // closed when shop is there
	filling sync.WaitGroup
	failed  error
}

// open makes the shop before the desk serves.
func (s *showing) open(ctx context.Context, desk *app.Desk, base *url.URL) (err error) {
	s.tickets, s.origins = desk.Tickets, origins(base)
	s.shop, err = demo.Open(ctx, demo.Services{
		Tickets: desk.Tickets, New: desk.TicketsAt, AddAgent: desk.Auth.AddAgent,
		Origins: origins(base), Tries: tries(desk), Opinions: s.opinions(desk), Year: s.yearOf(desk), Now: time.Now,
	})
	if err != nil {
		return err
	}
	inbox, err := s.shop.Inbox(ctx, s.t.locale())
	if err != nil {
		return err
	}
	if err := s.mail.connect(ctx, desk, s.texts.Text(s.t.locale(), "demo.mail_inbox", nil)); err != nil {
		return err
	}
	s.orders = desk.Orders()
	if err := s.openForm(ctx, desk); err != nil {
		return err
	}
	s.page = base.JoinPath("c", inbox.Key).String()
	close(s.opened)
	return nil
}

// inbox is the chat that the shop's pages embed in a language. The desk serves a moment before the shop is open.
func (s *showing) inbox(ctx context.Context, locale string) (*tickets.Inbox, error) {
	select {
	case <-s.opened:
		return s.shop.Inbox(ctx, locale)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *showing) closedInbox(ctx context.Context, locale string) (*tickets.Inbox, error) {
	select {
	case <-s.opened:
		return s.shop.ClosedInbox(ctx, locale)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// show prints what there is to see and lets the past fill in behind.
func (s *showing) show(ctx context.Context, r app.Running) {
	out, text := s.t.stdout, s.text
	folder := s.folder
	if s.removed {
		folder += " (" + text("demo.data_removed", nil) + ")"
	}
	fmt.Fprintf(out, "%s\n\n", text("demo.title", nil))
	for _, line := range [][2]string{
		{text("demo.shop", nil), r.URL + "/demo/shop"}, {text("demo.mail", nil), r.URL + "/demo/mail"}, {text("demo.console", nil), r.URL + "/"},
		{text("demo.data", nil), folder},
	} {
		fmt.Fprintf(out, "  %s\t%s\n", line[0], line[1])
	}
	fmt.Fprintf(out, "\n%s\n", text("demo.sign_in", map[string]any{"password": demo.Password}))
	for _, in := range s.shop.SignIns() {
		fmt.Fprintf(out, "  %-26s %-8s %s\n", in.Email, in.Role, in.Name)
	}
	fmt.Fprintf(out, "\n%s\n", text("demo.mailbox", s.mailWords()))
	fmt.Fprintf(out, "\n%s\n", text("demo.try", nil))
	for _, key := range demo.Tips() {
		fmt.Fprintf(out, "  - %s\n", text(key, map[string]any{"page": s.page, "mail": r.URL + "/demo/mail", "improved": r.URL + "/improved", "support": demo.SupportEmail}))
	}
	fmt.Fprintf(out, "\n%s\n", text("demo.stop", nil))
	s.running = r
	s.filling.Go(func() { s.fill(ctx) })
}

// mailWords are what a mail program needs to open the shop's mailbox.
func (s *showing) mailWords() map[string]any {
	a := s.mail.office.Account(demo.SupportEmail)
	port := func(n int) string { return net.JoinHostPort(a.Host, strconv.Itoa(n)) }
	return map[string]any{"user": a.User, "password": a.Password, "imap": port(a.IMAPPort), "smtp": port(a.SMTPPort)}
}

// fill tells how far it is at every hundred conversations. That the desk ended meanwhile is no failure.
func (s *showing) fill(ctx context.Context) {
	err := s.shop.Fill(ctx, func(done, total int) {
		if done%100 == 0 || done == total {
			fmt.Fprintln(s.t.stdout, s.text("demo.progress", map[string]any{"done": done, "total": total}))
		}
	}, func(done, total int) {
		if done%100 == 0 || done == total {
			fmt.Fprintln(s.t.stdout, s.text("demo.progress_year", map[string]any{"done": done, "total": total}))
		}
	})
	if err != nil && ctx.Err() == nil {
		s.failed = err
		s.t.logger("text", slog.LevelError).Error("the sample shop is incomplete", "error", err)
	}
}

func (s *showing) text(key string, args map[string]any) string {
	return s.texts.Text(s.t.locale(), key, args)
}

// origins are the addresses under which people open the demo's shop: this machine has two names.
func origins(base *url.URL) []string {
	list := []string{base.Scheme + "://" + base.Host}
	if base.Hostname() == "localhost" {
		list = append(list, base.Scheme+"://"+net.JoinHostPort("127.0.0.1", base.Port()))
	}
	return list
}
