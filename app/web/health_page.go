package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/backup"
	"huiyin/app/standing"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
)

// Health is what the page of the desk's health shows and does.
type Health struct {
	Backups *backup.Service
	State   func(ctx context.Context) standing.State
}

func (s *Server) healthRoutes() []route {
	if s.Health.Backups == nil {
		return nil
	}
	return []route{
		{http.MethodGet, "/settings/health", admin, limitRead, s.healthPage},
		{http.MethodPost, "/settings/health/backup", admin, limitSignIn, s.runBackup},
		{http.MethodPost, "/settings/health/plan", admin, limitWrite, s.savePlan},
		{http.MethodPost, "/settings/health/keys", admin, limitWrite, s.confirmKeys},
	}
}

// healthPage is how the desk stands: its backups, its keys, its machine.
type healthPage struct {
	settingsFrame
	Begun    bool   // a backup was asked for just now
	Running  string // what is under way; empty: nothing
	Second   bool   // it was asked for while one was under way
	Short    string // how much room is wanted
	Others   []string
	Nodes    []nodeView
	Alerts   []alertView
	Last     backup.Last
	LastSize string
	Took     string
	Fresh    bool // there is a proved backup of the last two days
	Kept     []keptView
	Folder   string
	Hour     field
	Error    string
	State    standing.State
	Facts    []factView
	Masters  []string
	Asked    bool // the page asks for the keys' confirmation
}

type nodeView struct {
	Name, Since, Version, Work string
	Here                       bool
}

type alertView struct{ Title, Text, Since string }

type keptView struct {
	Name, At, Size string
	Before         bool // made before a migration
}

type factView struct {
	Label, Value string
	Bad          bool
}

func (s *Server) healthPage(c echo.Context) error { return s.showHealth(c, nil) }

// backupStale is the age at which the last backup is worth a word.
const backupStale = 48 * time.Hour

func (s *Server) showHealth(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "health")
	if err != nil {
		return err
	}
	p := healthPage{settingsFrame: frame, Begun: c.QueryParam("begun") != "", Folder: s.Health.Backups.Dir}
	if p.Last, err = s.Health.Backups.Last(ctx); err != nil {
		return err
	}
	p.LastSize, p.Took = sizeText(uint64(max(p.Last.Bytes, 0))), p.T("health.seconds", "n", secondsText(p.Last.Took))
	p.Fresh = p.Last.Proved != 0 && p.Last.Problem == "" && s.Now().Sub(time.UnixMilli(p.Last.At)) < backupStale
	p.Second = c.QueryParam("running") != ""
	if err := errors.Join(s.fillKept(ctx, &p), s.fillRunning(ctx, &p)); err != nil {
		return err
	}
	plan, err := s.Health.Backups.Plan(ctx)
	if err != nil {
		return err
	}
	f := s.empty(c, map[string]string{"at": hours.Minute(plan.Hour*60 + plan.Minute).String()})
	if refused != nil {
		f = refused
	}
	p.Error = f.General()
	p.Hour = f.input(field{Name: "at", Max: 5, Complete: "off", Required: true, Label: p.T("health.plan"), Hint: p.T("health.plan_hint", "zone", p.Zone.String())})
	p.State = s.Health.State(ctx)
	p.Facts, p.Nodes, p.Alerts = p.facts(), p.nodes(), p.alerts()
	if s.Certificates != nil {
		p.Facts = append(p.Facts, certificateFacts(p.Words, s.Certificates())...)
	} else {
		p.Facts = append(p.Facts, factView{Label: p.T("site.https"), Value: p.T("health.no_tls")})
	}
	return s.render(c, f.status(), "agent/health", p)
}

func (s *Server) fillKept(ctx context.Context, p *healthPage) error {
	list, err := backup.List(s.Health.Backups.Dir)
	if err != nil {
		return err
	}
	for _, k := range list {
		p.Kept = append(p.Kept, keptView{Name: k.Name(), At: p.Full(k.At.UnixMilli()), Size: sizeText(uint64(max(k.Bytes, 0))), Before: !k.Daily})
	}
	masters, err := s.Health.Backups.Masters(ctx)
	if err != nil {
		return err
	}
	for _, m := range masters {
		p.Masters = append(p.Masters, m.Fingerprint)
	}
	elsewhere, err := s.Health.Backups.KeysElsewhere(ctx)
	p.Asked, p.AskKeys = !elsewhere, false // the page says it itself
	return err
}

// facts are the machine and the program in lines.
func (p *healthPage) facts() []factView {
	st := p.State
	number := func(n int64) string { return p.Number(int(n)) }
	return []factView{
		{p.T("health.disk"), p.T("health.of", "free", sizeText(st.Disk.Free), "total", sizeText(st.Disk.Total)), st.Disk.Low()},
		{p.T("health.memory"), p.T("health.memory_of", "own", sizeText(st.Memory.Process), "free", sizeText(st.Memory.Free), "total", sizeText(st.Memory.Total)), false},
		{p.T("health.database"), p.T("health.database."+st.Dialect, "size", sizeText(uint64(max(st.Database, 0)))), false},
		{p.T("health.jobs"), p.T("health.jobs_of", "waiting", number(st.Waiting), "given", number(st.Given)), st.Given > 0},
		{p.T("health.log"), p.T("health.behind", "n", number(st.Behind)), false},
		{p.T("health.version"), st.Version, false},
		{p.T("health.schema"), number(st.Schema), false},
	}
}

func (s *Server) runBackup(c echo.Context) error {
	switch err := s.Health.Backups.Ask(c.Request().Context()); {
	case errors.Is(err, backup.ErrUnderWay):
		return c.Redirect(http.StatusSeeOther, "/settings/health?running=1")
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/health?begun=1")
}

func (s *Server) savePlan(c echo.Context) error {
	f := s.sent(c)
	at, ok := hours.ParseMinute(c.FormValue("at"))
	var err error
	if ok && int(at) < 24*60 {
		err = s.Health.Backups.SetPlan(c.Request().Context(), backup.Plan{Hour: int(at) / 60, Minute: int(at) % 60})
	} else {
		err = fault.InvalidField("at", "range", "health.error.time", nil)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showHealth(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/health?saved=1")
}

// confirmKeys takes the administrator's word that the key ring, as it is now, lies elsewhere too.
func (s *Server) confirmKeys(c echo.Context) error {
	if c.FormValue("elsewhere") == "" {
		return c.Redirect(http.StatusSeeOther, "/settings/health#keys")
	}
	if err := s.Health.Backups.ConfirmKeys(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/health?saved=1")
}
