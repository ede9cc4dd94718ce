package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"huiyin/app/attempts"
	"huiyin/app/auth"
	"huiyin/app/feedback"
	"huiyin/app/idempotency"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets"
)

// Options are what New needs.
type Options struct {
	Feedback    *feedback.Service
	Tickets     *tickets.Service
	Orders      *orders.Service
	Idempotency *idempotency.Service
	Attempts    *attempts.Service
	Improve     *improve.Service
	Insights    *insights.Service
	BaseURL     *url.URL
}

// API is the REST face.
type API struct {
	Options
	document []byte
}

// New makes it.
func New(o Options) (*API, error) {
	a := &API{Options: o}
	var err error
	a.document, err = Document(o.BaseURL)
	return a, err
}

// Size is how large a request of an endpoint may be.
type Size int

// The sizes.
const (
	Small Size = iota // 256 KiB
	Batch             // 4 MiB
)

// Endpoint is one door of the API.
type Endpoint struct {
	Method string
	Path   string     // below /api/v1
	Scope  auth.Scope // empty: any token; see Public
	// Manager: only tokens of managers and administrators.
	Manager bool
	Public  bool // no token is asked for; with a Scope, one that comes is looked at
	Size    Size
	Handle  func(c *Call) error
}

// Call makes the call of a request; token is nil on a public endpoint.
func (a *API) Call(c echo.Context, token *auth.TokenUse, locale string) *Call {
	return &Call{Context: c, api: a, Token: token, Locale: locale}
}

// Endpoints lists all doors.
func (a *API) Endpoints() []Endpoint {
	const get, post, patch = http.MethodGet, http.MethodPost, http.MethodPatch
	return []Endpoint{
		{Method: get, Path: "/openapi.json", Public: true, Handle: a.openAPI},
		{Method: get, Path: "/me", Handle: a.me},
		{Method: get, Path: "/inboxes", Scope: auth.ScopeInboxesRead, Handle: a.inboxes},

		{Method: get, Path: "/tickets", Scope: auth.ScopeTicketsRead, Handle: a.ticketList},
		{Method: post, Path: "/tickets", Scope: auth.ScopeTicketsWrite, Handle: a.createTicket},
		{Method: get, Path: "/tickets/:ticket", Scope: auth.ScopeTicketsRead, Handle: a.ticket},
		{Method: patch, Path: "/tickets/:ticket", Scope: auth.ScopeTicketsWrite, Handle: a.changeTicket},
		{Method: get, Path: "/tickets/:ticket/messages", Scope: auth.ScopeTicketsRead, Handle: a.messages},
		{Method: post, Path: "/tickets/:ticket/messages", Scope: auth.ScopeTicketsWrite, Handle: a.postMessage},
		{Method: get, Path: "/tickets/:ticket/events", Scope: auth.ScopeTicketsRead, Handle: a.events},
		{Method: post, Path: "/tickets/:ticket/merge", Scope: auth.ScopeTicketsWrite, Handle: a.merge},
		{Method: post, Path: "/tickets/:ticket/split", Scope: auth.ScopeTicketsWrite, Handle: a.split},

		{Method: post, Path: "/order-attempts", Scope: auth.ScopeAttemptsWrite, Size: Batch, Handle: a.postAttempts},

		{Method: get, Path: "/tasks", Scope: auth.ScopeTasksRead, Handle: a.tasks},
		{Method: post, Path: "/tasks", Scope: auth.ScopeTasksWrite, Handle: a.createTask},
		{Method: get, Path: "/tasks/:task", Scope: auth.ScopeTasksRead, Handle: a.task},
		{Method: patch, Path: "/tasks/:task", Scope: auth.ScopeTasksWrite, Handle: a.changeTask},
		{Method: get, Path: "/tasks/:task/effect", Scope: auth.ScopeTasksRead, Handle: a.taskEffect},
		{Method: get, Path: "/trials/:trial/assignment", Scope: auth.ScopeTrialsRead, Handle: a.assignment},

		{Method: get, Path: "/contacts", Scope: auth.ScopeContactsRead, Handle: a.contactList},
		{Method: post, Path: "/contacts", Scope: auth.ScopeContactsWrite, Handle: a.createContact},
		{Method: get, Path: "/contacts/:contact", Scope: auth.ScopeContactsRead, Handle: a.contact},
		{Method: patch, Path: "/contacts/:contact", Scope: auth.ScopeContactsWrite, Handle: a.changeContact},

		{Method: get, Path: "/forms", Scope: auth.ScopeFormsRead, Handle: a.forms},
		{Method: post, Path: "/forms", Scope: auth.ScopeFormsWrite, Handle: a.createForm},
		{Method: post, Path: "/forms/:key/responses", Scope: auth.ScopeResponsesWrite, Public: true, Handle: a.submit},
		{Method: http.MethodOptions, Path: "/forms/:key/responses", Public: true, Handle: a.mayAnswer},
		{Method: get, Path: "/responses", Scope: auth.ScopeResponsesRead, Handle: a.responses},
		{Method: post, Path: "/links", Scope: auth.ScopeFormsWrite, Handle: a.shorten},

		{Method: get, Path: "/insights/groups", Scope: auth.ScopeInsightsRead, Manager: true, Handle: a.insightGroups},
		{Method: get, Path: "/insights/groups/:group", Scope: auth.ScopeInsightsRead, Manager: true, Handle: a.insightGroup},
		{Method: post, Path: "/insights/groups/:group/rename", Scope: auth.ScopeInsightsWrite, Manager: true, Handle: a.renameInsight},
		{Method: post, Path: "/insights/groups/:group/merge", Scope: auth.ScopeInsightsWrite, Manager: true, Handle: a.mergeInsight},
		{Method: post, Path: "/insights/groups/:group/split", Scope: auth.ScopeInsightsWrite, Manager: true, Handle: a.splitInsight},
		{Method: post, Path: "/insights/groups/:group/mute", Scope: auth.ScopeInsightsWrite, Manager: true, Handle: a.muteInsight},

		{Method: http.MethodPut, Path: "/orders/:order", Scope: auth.ScopeOrdersWrite, Handle: a.putOrder},
		{Method: get, Path: "/orders/:order", Scope: auth.ScopeOrdersRead, Handle: a.order},
	}
}

func (a *API) openAPI(c *Call) error {
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
	c.Response().Header().Set("Cache-Control", "public, max-age=300")
	return c.Blob(http.StatusOK, "application/json", a.document)
}
