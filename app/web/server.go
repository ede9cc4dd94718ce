package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"huiyin/app/answers"
	"huiyin/app/attempts"
	"huiyin/app/auth"
	"huiyin/app/certs"
	"huiyin/app/deskmail"
	"huiyin/app/feedback"
	"huiyin/app/files"
	"huiyin/app/hooks"
	"huiyin/app/i18n"
	"huiyin/app/idempotency"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/notify"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/app/sms"
	"huiyin/app/web/api"
	"huiyin/mailin"
	"huiyin/mailin/probe"
	"huiyin/static"
	"huiyin/templates"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Options are what New needs.
type Options struct {
	Tickets *tickets.Service
	Auth    *auth.Service
	Texts   *i18n.Bundle
	Files   *files.Service
	BaseURL *url.URL // public address; links are built from it, and https makes browsers stay there (HSTS)
	// TrustedProxies may say who the client is (X-Forwarded-For). Empty: the peer is the client.
	TrustedProxies []netip.Prefix
	LimitScale     float64 // multiplies every rate limit; 0 means 1
	Now            func() time.Time
	Log            *slog.Logger

	// ChatVisitor serves /chat/v1/*, ChatAgent /agent/v1/socket.
	ChatVisitor http.Handler
	ChatAgent   http.Handler
	// AgentChanged is told when an agent's presence or right to be here changes. nil: nobody listens.
	AgentChanged func(agent id.ID)

	// Answers, SMS and Mail have settings of their own.
	Answers  *answers.Service
	SMS      *sms.Service
	Mail     *deskmail.Service
	Hooks    *hooks.Service
	Orders   *orders.Service
	Insights *insights.Service // complaints in groups
	OldTexts *oldtexts.Service // files of old texts, taken into the groups
	Improve  *improve.Service  // what is done about them
	Telling  *telling.Service  // those who complained are told, and everybody reads it
	// Feedback is the forms.
	Feedback *feedback.Service
	// Attempts count how many orders come about.
	Attempts *attempts.Service
	// Mailboxes are those of the e-mail inboxes, MailTokens comes to the ones whose providers take no password.
	Mailboxes  *mailin.Service
	MailTokens *mailin.Tokens
	// MailPlan says how a mailbox is tried out.
	MailPlan func(a *mailin.Account, inboxName string) probe.Plan
	// LookupMX gives the servers that take a domain's mail, by which the provider is guessed. nil: by the domain alone.
	LookupMX func(ctx context.Context, domain string) []string
	// Idempotency does the calls of programs once.
	Idempotency *idempotency.Service
	// Notices tell people what wants them.
	Notices *notify.Service
	// Privacy forgets people and keeps the record of who saw what.
	Privacy *privacy.Service

	// There tells whether an agent who takes chats is connected. nil: nobody is.
	There func() bool
	// WaitNews waits until something of a contact's tickets may have changed, or ctx ends. nil: the ticket's page does
	// not wait.
	WaitNews func(ctx context.Context, contact, inbox id.ID)

	// Ready are the conditions of /readyz.
	Ready []ReadyCheck
	// Metrics is the desk's registry; MetricsToken opens /metrics here. Empty: only MetricsHandler gives it.
	Metrics      *prometheus.Registry
	MetricsToken string

	// Certificates tells how the desk's certificates stand. nil: it does not speak TLS itself.
	Certificates func() []certs.HostState

	// Health is what the page of that name shows and does. Its zero value takes the page away.
	Health Health
	// MayWrite tells why nothing can be written now: a full disk, a read-only one. nil: it is not known.
	MayWrite func() error

	// DemoShop adds the sample shop's pages. nil: nothing of the demo is there.
	DemoShop *DemoShop
	// DemoMail adds the sample shoppers' webmail. nil: it is not there.
	DemoMail DemoMail
}

// ReadyCheck is one thing that must work before the desk serves.
type ReadyCheck struct {
	Name  string // database, bus, migrations
	Check func(ctx context.Context) error
}

// Server is the desk's web face.
type Server struct {
	Options
	echo    *echo.Echo
	api     *api.API
	assets  *static.Assets
	pages   *templates.Set
	limits  *limiters
	looked  lookedReady
	metrics *httpMetrics
	scripts scripts
	// chatTexts are the keys of the texts that the chat's script shows.
	chatTexts []string
	// pageTexts are those of the script of a ticket's page.
	pageTexts []string
	// formTexts are those of the script of a feedback form.
	formTexts []string
	origins   *http.CrossOriginProtection
}

// New makes the server; it does not listen.
func New(o Options) (*Server, error) {
	if o.LimitScale == 0 {
		o.LimitScale = 1
	}
	if o.AgentChanged == nil {
		o.AgentChanged = func(id.ID) {}
	}
	if o.LookupMX == nil {
		o.LookupMX = func(context.Context, string) []string { return nil }
	}
	if o.There == nil {
		o.There = func() bool { return false }
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	s := &Server{Options: o, limits: newLimiters(o.LimitScale)}
	var err error
	if s.assets, err = static.Load(); err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	if s.pages, err = templates.Load(s.templateFuncs()); err != nil {
		return nil, fmt.Errorf("load templates: %w", err)
	}
	s.scripts = findScripts(s.assets)
	s.chatTexts = findChatTexts(s.assets.Content("widget/chat.js"))
	s.pageTexts = findChatTexts(s.assets.Content("widget/ticket.js"))
	s.formTexts = findFormTexts(s.assets.Content("widget/form.js"))
	if s.metrics, err = newHTTPMetrics(o.Metrics); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	if s.origins, err = newOrigins(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, fmt.Errorf("public address: %w", err)
	}
	if s.api, err = api.New(api.Options{Tickets: o.Tickets, Feedback: o.Feedback, Orders: o.Orders, Attempts: o.Attempts, Improve: o.Improve, Insights: o.Insights, Idempotency: o.Idempotency, BaseURL: o.BaseURL}); err != nil {
		return nil, fmt.Errorf("put the API together: %w", err)
	}
	s.echo = s.newEcho()
	for _, r := range s.routes() {
		s.add(r)
	}
	return s, nil
}

// Handler serves all routes.
func (s *Server) Handler() http.Handler { return s.echo }

// Limits of a connection. The write limit leaves room for a long poll; sockets are out of it once upgraded.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeader         = 32 << 10
)

// HTTPServer is an http.Server for Handler with all its limits set; the caller listens and shuts it down.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(quietHandler{s.Log.Handler()}, slog.LevelDebug),
	}
}

// secure tells whether browsers reach the desk by https.
func (s *Server) secure() bool { return s.BaseURL.Scheme == "https" }

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = ipExtractor(s.TrustedProxies)
	e.SchemeExtractor = func(*http.Request) string { return s.BaseURL.Scheme }
	e.HTTPErrorHandler = s.fail
	e.Use(s.meet, s.observe, s.recover, s.protect, s.zip())
	return e
}
