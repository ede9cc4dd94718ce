package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"huiyin/app/answers"
	"huiyin/app/attempts"
	"huiyin/app/backup"
	"huiyin/app/blob"
	"huiyin/app/bus"
	"huiyin/app/certs"
	"huiyin/app/config"
	"huiyin/app/deskmail"
	"huiyin/app/egress"
	"huiyin/app/feedback"
	"huiyin/app/files"
	"huiyin/app/hooks"
	"huiyin/app/i18n"
	"huiyin/app/idempotency"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/insights/worker"
	"huiyin/app/jobs"
	"huiyin/app/notify"
	"huiyin/app/orders"
	"huiyin/app/outbox"
	"huiyin/app/privacy"
	"huiyin/app/sms"
	"huiyin/app/standing"
	"huiyin/app/web"
	"huiyin/chat"
	"huiyin/mailin"
	"huiyin/tickets"
)

// Extras are what a command adds to a running desk.
type Extras struct {
	Log *slog.Logger
	// Ready is called once the desk serves.
	Ready func(Running)
	// Bus replaces the bus of the settings; tests join several desks in one process by it.
	Bus bus.Bus
	// Demo fills the desk with the sample shop and shows its pages. nil: nothing of the demo can be reached.
	Demo func(ctx context.Context, d *Desk, base *url.URL) error
	// DemoShop is the sample shop's pages; it goes with Demo.
	DemoShop *web.DemoShop
	// DemoMail is the sample shoppers' mail; it goes with Demo.
	DemoMail web.DemoMail
}

// Running is what there is to know of a desk that serves.
type Running struct {
	URL       string // public address
	Listen    string // host:port that it listens on
	SetupCode string // what the first visitor must know; empty when the desk has an agent
	Desk      *Desk
	Backlog   func(ctx context.Context) (map[string]int64, error) // of the log's readers
	Insights  *insights.Service
	Telling   *telling.Service
}

// server is one running desk.
type server struct {
	*Desk
	cfg             config.Config
	extras          Extras
	base            *url.URL
	listener        net.Listener
	metricsListener net.Listener // nil: /metrics is with the rest
	plain           plainHTTP
	certs           certs.Source // nil: the desk does not speak TLS itself
	metrics         *prometheus.Registry
	bus             bus.Bus
	chat            *chat.Desk
	answers         *answers.Service
	egress          *egress.Client // for every address outside that somebody typed in
	sms             *sms.Service
	mail            *deskmail.Service
	mailboxes       *mailin.Service
	mailTokens      *mailin.Tokens
	notices         *notify.Service
	hooks           *hooks.Service
	attempts        *attempts.Service
	calls           *idempotency.Service // of programs, each done once
	feedback        *feedback.Service
	orders          *orders.Service
	insights        *insights.Service
	worker          *worker.Process // that groups complaints
	oldTexts        *oldtexts.Service
	improve         *improve.Service
	telling         *telling.Service
	jobs            *jobs.Client
	events          *outbox.Pump[tickets.Event]
	web             *web.Server
	files           *files.Service
	blobs           blob.Store
	privacy         *privacy.Service
	backups         *backup.Service
	standing        *standing.Watch
	folder          *flock.Flock // held while this process serves from the data folder
	servers         []*http.Server
	stopping        atomic.Bool
	asked           sync.Map // kinds of jobs that are about to be asked for again

	work     sync.WaitGroup // readers, hub and clock
	stopWork context.CancelFunc
}

// Serve runs a desk until ctx ends, then stops it in order. A second signal is the caller's to handle.
func Serve(ctx context.Context, cfg config.Config, extras Extras) error {
	err := serve(ctx, cfg, extras)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // asked to end while it was still starting
	}
	return err
}

func serve(ctx context.Context, cfg config.Config, extras Extras) (err error) {
	s := &server{cfg: cfg, extras: extras}
	if err = s.takeFolder(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.folder.Close()) }()
	if err = s.listen(); err != nil {
		return errors.Join(err, s.closeListeners())
	}
	s.standing = standing.New(standing.Options{Dir: cfg.Data, Now: time.Now, Log: extras.Log, Alert: s.alert, AlertOver: s.alertOver})
	if s.Desk, err = openDesk(ctx, cfg.Desk, extras.Log, deskOptions{notify: s.changed, logged: s.logged, may: s.mayReceive(), copyFile: s.copyFile, replied: s.replied, secure: s.base.Scheme == "https", serves: true}); err != nil {
		return errors.Join(err, s.closeListeners())
	}
	if err := s.assemble(); err != nil {
		return errors.Join(err, s.closeListeners(), s.closeBus(), s.Desk.Close())
	}
	failed := s.start(ctx)
	if err = s.announce(ctx); err != nil {
		return errors.Join(err, s.stop())
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, s.stop())
}

// changed hands every committed change to the screens.
func (s *server) changed(c tickets.Change) {
	if s.chat != nil {
		s.chat.Changed(c)
	}
	s.hold(c)
}

// logged wakes the readers of the log, here and on the other nodes.
func (s *server) logged() {
	if s.events != nil {
		s.events.Wake()
	}
	if s.bus != nil && s.bus.Remote() {
		_ = s.bus.Publish(wakeSubject, nil) // a hint: the readers look by themselves too
	}
}

// assemble makes the parts that only a running desk has; none of them works yet.
func (s *server) assemble() error {
	texts, err := i18n.Load()
	if err != nil {
		return err
	}
	if s.certs, err = s.openCerts(texts.Text); err != nil {
		return err
	}
	s.metrics = prometheus.NewRegistry()
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if s.bus = s.extras.Bus; s.bus == nil {
		if s.bus, err = bus.Open(s.cfg.Bus.Reveal(), s.Log); err != nil {
			return fmt.Errorf("open the bus: %w", err)
		}
	}
	if err = s.openFiles(); err != nil {
		return err
	}
	s.orders = s.newOrders()
	s.chat = chat.New(chat.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Bus: s.bus, BaseURL: s.base,
		ClientIP: web.ClientIP(s.cfg.TrustedProxies), AuthAgent: s.Auth.AgentOf, Text: texts.Text,
		Notice: func(ctx context.Context) (string, string, error) { return s.privacy.NoticeStanding(ctx) },
		Orders: orderLook(s.orders),
		Files:  s.files.Link, TakeFile: func(ctx context.Context, by tickets.Actor, name string, body io.Reader) (*tickets.Attachment, error) {
			return s.files.Take(ctx, files.Upload{By: by, Name: name, Body: body})
		},
		Attempt:    s.takeAttempt,
		Assign:     s.assign,
		LimitScale: s.cfg.LimitScale, Log: s.Log, Metrics: s.metrics,
	})
	s.answers = answers.New(answers.Options{
		Tickets: s.Tickets, BaseURL: s.base, Now: time.Now, Log: s.Log, Text: texts.Text, There: s.chat.There, Connected: s.chat.Connected,
	})
	s.egress = egress.New(egress.Options{Allow: s.cfg.AllowInner.Networks(), AllowHosts: s.cfg.AllowInner.Hosts()})
	s.notices = s.newNotices(texts)
	s.sms = s.newSMS()
	s.mail = s.newMail(texts)
	s.mailboxes = s.newMailboxes(texts)
	s.mailTokens = s.newTokens()
	s.hooks = s.newHooks()
	s.attempts = s.newAttempts()
	s.calls = idempotency.New(s.Store, s.Sealer, s.IDs, time.Now)
	s.feedback = s.newFeedback(texts)
	s.worker = s.newWorker()
	s.insights = s.newInsights()
	s.oldTexts = s.newOldTexts()
	s.improve = s.newImprove()
	s.telling = s.newTelling(texts)
	s.backups = s.newBackups()
	s.privacy = s.withAnswers(newPrivacy(s.Desk, s.files, texts, s.chat.ContactErased, s.backups.RenewKeys))
	if s.jobs, err = s.openJobs(); err != nil {
		return err
	}
	if s.events, err = s.newEventPump(); err != nil {
		return err
	}
	if _, err = s.bus.Subscribe(wakeSubject, func(string, []byte) { s.events.Wake() }); err != nil {
		return err
	}
	if _, err = s.bus.Subscribe(mailSubject, func(string, []byte) { s.mailboxes.Woken() }); err != nil {
		return err
	}
	s.web, err = web.New(web.Options{
		Tickets: s.Tickets, Auth: s.Auth, Texts: texts, Files: s.files, BaseURL: s.base, TrustedProxies: s.cfg.TrustedProxies,
		LimitScale: s.cfg.LimitScale, Now: time.Now, Log: s.Log,
		ChatVisitor: s.chat.Visitor(), ChatAgent: s.chat.Agent(), AgentChanged: s.chat.AgentChanged, Answers: s.answers, SMS: s.sms, Mail: s.mail, Hooks: s.hooks, Feedback: s.feedback, Notices: s.notices, Privacy: s.privacy, There: s.chat.There, WaitNews: s.chat.WaitNews,
		Attempts:    s.attempts,
		Orders:      s.orders,
		Insights:    s.insights,
		OldTexts:    s.oldTexts,
		Improve:     s.improve,
		Telling:     s.telling,
		Idempotency: s.calls,
		Mailboxes:   s.mailboxes, MailTokens: s.mailTokens, MailPlan: s.mailPlan, LookupMX: lookupMX,
		Ready: s.readyChecks(), Metrics: s.metrics, MetricsToken: s.cfg.MetricsToken.Reveal(), DemoShop: s.extras.DemoShop, DemoMail: s.extras.DemoMail,
		Certificates: s.certificates(), Health: s.health(), MayWrite: s.standing.MayWrite,
	})
	return err
}

// start lets all parts work; what comes out of the channel ends the desk.
func (s *server) start(ctx context.Context) <-chan error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stopWork = stop
	failed := make(chan error, 8)
	spawn := func(what string, fn func() error) {
		s.work.Go(func() {
			if err := fn(); err != nil && work.Err() == nil {
				failed <- fmt.Errorf("%s: %w", what, err)
			}
		})
	}
	spawn("chat", func() error { return s.chat.Run(work) })
	spawn("readers", func() error { s.events.Run(work); return nil })
	spawn("clock", func() error { s.runClock(work); return nil })
	spawn("erasures", func() error { s.finishErasures(work); return nil })
	spawn("backups", func() error { s.backups.Loop(work); return nil })
	spawn("mails", func() error { s.mailboxes.Run(work); return nil })
	spawn("jobs", func() error { return s.jobs.Start(work) })
	s.askAgain(insights.Assigning{}) // what asked for it may have died before it was heard
	s.serveWeb(work, spawn)
	if s.metricsListener != nil {
		m := s.web.HTTPServer()
		m.Handler = s.web.MetricsHandler()
		s.servers = append(s.servers, m)
		spawn("metrics", func() error { return notClosed(m.Serve(s.metricsListener)) })
	}
	return failed
}

// notClosed makes the orderly end of a web server no error.
func notClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// announce tells the command that the desk serves, with what the first visitor must know, and lets the demo begin.
func (s *server) announce(ctx context.Context) error {
	code, err := s.Auth.SetupCode(ctx)
	if err != nil {
		return err
	}
	if s.extras.Demo != nil {
		if err := s.extras.Demo(ctx, s.Desk, s.base); err != nil {
			return err
		}
	}
	if s.extras.Ready != nil {
		s.extras.Ready(Running{
			URL: s.base.String(), Listen: s.listener.Addr().String(), SetupCode: code, Desk: s.Desk, Backlog: s.events.Backlog, Insights: s.insights, Telling: s.telling,
		})
	}
	return nil
}
