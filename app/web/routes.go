package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// route is one door of the desk. Nothing is served that has none.
type route struct {
	method     string // anyMethod: whatever comes
	path       string
	permission permission
	limit      limit
	handle     echo.HandlerFunc
}

const anyMethod = ""

// routes is the one table of all routes.
func (s *Server) routes() []route {
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	table := []route{
		{get, "/healthz", public, limitAsset, s.alive},
		{get, "/readyz", public, limitAsset, s.ready},
		{get, "/metrics", operator, limitRead, echo.WrapHandler(s.MetricsHandler())},
		{get, "/static/*", public, limitAsset, echo.WrapHandler(s.assets)},
		{get, "/favicon.ico", public, limitAsset, s.favicon},

		{get, "/", visitor, limitRead, s.home},
		{get, "/sign-in", visitor, limitRead, s.signInPage},
		{post, "/sign-in", visitor, limitSignIn, s.signIn},
		{get, "/forgot", visitor, limitRead, s.forgotPage},
		{post, "/forgot", visitor, limitSignIn, s.forgot},
		{post, "/sign-out", visitor, limitWrite, s.signOut},
		{get, "/setup", setup, limitRead, s.setupPage},
		{post, "/setup", setup, limitSignIn, s.setUp},

		{get, "/tickets", agent, limitRead, s.ticketList},
		{get, "/tickets/:number", agent, limitRead, s.ticket},
		{post, "/tickets/:number/messages", agent, limitWrite, s.post},
		{post, "/tickets/:number/recalls", agent, limitWrite, s.recallMessage},
		{post, "/tickets/:number/assignment", agent, limitWrite, s.assign},
		{post, "/tickets/:number/team", agent, limitWrite, s.setTeam},
		{post, "/tickets/:number/closure", agent, limitWrite, s.solve},
		{post, "/tickets/:number/status", agent, limitWrite, s.setStatus},
		{post, "/tickets/:number/snooze", agent, limitWrite, s.snooze},
		{post, "/tickets/:number/priority", agent, limitWrite, s.setPriority},
		{post, "/tickets/:number/tags", agent, limitWrite, s.setTags},
		{put, "/tickets/:number/drafts/:kind", agent, limitWrite, s.saveDraft},
		{get, "/tickets/:number/identities/:identity", agent, limitRead, s.revealIdentity},

		{get, "/preferences", agent, limitRead, s.preferencesPage},
		{post, "/preferences", agent, limitWrite, s.savePreferences},
		{post, "/preferences/availability", agent, limitWrite, s.setAvailability},
		{post, "/preferences/after", agent, limitWrite, s.setAfter},

		{anyMethod, "/chat/v1/*", chatOwner, limitChat, echo.WrapHandler(s.ChatVisitor)},
		{get, "/agent/v1/socket", chatOwner, limitChat, echo.WrapHandler(s.ChatAgent)},
	}
	table = append(table, s.macroRoutes()...)
	table = append(table, s.guideRoutes()...)
	table = append(table, s.inboxRoutes()...)
	table = append(table, s.peopleRoutes()...)
	table = append(table, s.deskSettingsRoutes()...)
	table = append(table, s.fileRoutes()...)
	table = append(table, s.contactRoutes()...)
	table = append(table, s.noticeRoutes()...)
	table = append(table, s.retentionRoutes()...)
	table = append(table, s.siteRoutes()...)
	table = append(table, s.ticketPageRoutes()...)
	table = append(table, s.formRoutes()...)
	table = append(table, s.formSettingsRoutes()...)
	table = append(table, s.hoursRoutes()...)
	table = append(table, s.smsRoutes()...)
	table = append(table, s.mailRoutes()...)
	table = append(table, s.mailboxRoutes()...)
	table = append(table, s.hookRoutes()...)
	table = append(table, s.orderRoutes()...)
	table = append(table, s.oldTextsRoutes()...)
	table = append(table, s.toldRoutes()...)
	table = append(table, s.tellingRoutes()...)
	table = append(table, s.improvedRoutes()...)
	table = append(table, s.successRoutes()...)
	table = append(table, s.improveRoutes()...)
	table = append(table, s.feedbackRoutes()...)
	table = append(table, s.insightRoutes()...)
	table = append(table, s.mergeRoutes()...)
	table = append(table, s.letterRoutes()...)
	table = append(table, s.moveRoutes()...)
	table = append(table, s.outgoingRoutes()...)
	table = append(table, s.failedRoutes()...)
	table = append(table, s.participantRoutes()...)
	table = append(table, s.healthRoutes()...)
	table = append(table, s.notificationRoutes()...)
	table = append(table, s.apiRoutes()...)
	return append(table, s.publicRoutes()...)
}

// add registers a route with everything that stands before its handler.
func (s *Server) add(r route) {
	before := []echo.MiddlewareFunc{s.limited(r.limit), timed(r.limit)}
	if r.permission.sessioned() {
		before = append(before, s.session)
	}
	before = append(before, s.permitted(r.permission))
	switch r.method {
	case anyMethod:
		s.echo.Any(r.path, r.handle, before...)
	case http.MethodGet:
		s.echo.GET(r.path, r.handle, before...)
		s.echo.HEAD(r.path, r.handle, before...)
	default:
		s.echo.Add(r.method, r.path, r.handle, before...)
	}
}

// home leads to where somebody belongs.
func (s *Server) home(c echo.Context) error {
	needed, err := s.Auth.SetupNeeded(c.Request().Context())
	switch {
	case err != nil:
		return err
	case needed:
		return c.Redirect(http.StatusSeeOther, "/setup")
	case of(c).agent != nil:
		return c.Redirect(http.StatusSeeOther, "/tickets")
	}
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}

// favicon is asked for by browsers that look at no page.
func (s *Server) favicon(c echo.Context) error {
	url, err := s.assets.URL("img/mark.svg")
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, url)
}
