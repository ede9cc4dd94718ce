package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/orders"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// orderRoutes are the doors of the settings of orders, and the one at which other programs leave them.
func (s *Server) orderRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/settings/orders", admin, limitRead, s.ordersPage},
		{post, "/settings/orders/imports", admin, limitOrders, s.uploadOrders},
		{get, "/settings/orders/imports/:import", admin, limitRead, s.importOrders},
		{post, "/settings/orders/imports/:import/start", admin, limitWrite, s.startImport},
		{post, "/settings/orders/imports/:import/removal", admin, limitWrite, s.discardImport},
		{get, "/settings/orders/imports/:import/rejected.csv", admin, limitRead, s.rejectedLines},
		{post, "/settings/orders/sources", admin, limitWrite, s.addSource},
		{get, "/settings/orders/sources/:source", admin, limitRead, s.sourcePage},
		{post, "/settings/orders/sources/:source", admin, limitWrite, s.saveSource},
		{post, "/settings/orders/sources/:source/secret", admin, limitWrite, s.rotateSource},
		{post, "/settings/orders/sources/:source/state", admin, limitWrite, s.switchSource},
		{post, "/settings/orders/sources/:source/removal", admin, limitWrite, s.removeSource},
		{post, "/hooks/orders/:key", public, limitAPI, s.takeOrder},
	}
}

type ordersPage struct {
	settingsFrame
	Error         string
	File, Preset  field
	FileMost      int
	FileLarge     string // said of one that has more bytes
	SourceName    field
	Imports       []importRow
	Sources       []orderSourceRow
	APIDocs       string
	ErrorOfSource string
}

type orderSourceRow struct{ Name, Href, What, Class, State string }

func (s *Server) ordersPage(c echo.Context) error {
	return s.showOrders(c, s.empty(c, nil), s.empty(c, nil))
}

func (s *Server) showOrders(c echo.Context, file, source *form) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "orders")
	if err != nil {
		return err
	}
	var presets []option
	for _, one := range orders.Presets() {
		presets = append(presets, option{one.Name, frame.T("orders.preset." + one.Name)})
	}
	p := ordersPage{
		settingsFrame: frame, Error: file.General(), ErrorOfSource: source.General(),
		FileMost: orders.FileMax, FileLarge: frame.T("orders.file.too_large", "max", orders.FileMax>>20),
		File:       file.input(field{Name: "file", Type: "file", Label: frame.T("orders.import.file"), Hint: frame.T("orders.import.file_hint"), Required: true}),
		Preset:     file.input(field{Name: "preset", Type: "select", Label: frame.T("orders.import.preset"), Options: presets}),
		SourceName: source.input(field{Name: "name", Label: frame.T("orders.source.name"), Hint: frame.T("orders.source.name_hint"), Complete: "off", Max: 100, Required: true}),
	}
	imports, err := s.Orders.Imports(ctx)
	if err != nil {
		return err
	}
	for i := range imports {
		f := &imports[i]
		p.Imports = append(p.Imports, importRow{f.Name, importPath(f.ID), p.T("import.state." + f.State), p.counts(f), importClass(f.State)})
	}
	sources, err := s.Orders.Sources(ctx)
	if err != nil {
		return err
	}
	for i := range sources {
		p.Sources = append(p.Sources, p.sourceRow(&sources[i]))
	}
	status := file.status()
	if status == http.StatusOK {
		status = source.status()
	}
	return s.render(c, status, "agent/orders", p)
}

func importPath(one id.ID) string { return "/settings/orders/imports/" + one.String() }

// counts says what became of a file's orders.
func (w *Words) counts(f *orders.File) string {
	if f.State == orders.ImportNew {
		return w.Full(f.CreatedAt)
	}
	n := func(n int64) string { return w.Number(int(n)) }
	return w.T("orders.import.counts", "added", n(f.Added), "changed", n(f.Changed), "same", n(f.Same+f.Older), "refused", n(f.Refused))
}

// uploadOrders takes a file; nothing of it is an order before its preview was looked at.
func (s *Server) uploadOrders(c echo.Context) error {
	f := s.sent(c)
	one, err := sentImport(c, orders.FileMax, s.Orders.Upload)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, importPath(one))
	}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showOrders(c, f, s.empty(c, nil))
}

type importView struct {
	settingsFrame
	Error    string
	Name     string
	Action   string
	New      bool
	Table    importTable
	RowCount string
	Progress progressView
}

func (s *Server) importOf(c echo.Context) (id.ID, error) {
	one, err := id.Parse(c.Param("import"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "orders.error.import")
	}
	return one, nil
}

func (s *Server) importOrders(c echo.Context) error { return s.showImportOrders(c, nil) }

func (s *Server) showImportOrders(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	one, err := s.importOf(c)
	if err != nil {
		return err
	}
	p, err := s.Orders.Preview(ctx, one)
	if err != nil {
		return err
	}
	w := s.words(c)
	progress, err := s.progress(c, w, &p.File)
	if err != nil {
		return err
	}
	if c.QueryParam("part") == "progress" {
		return s.renderPart(c, "agent/orders_import", "import-progress", progress)
	}
	frame, err := s.settings(c, "orders")
	if err != nil {
		return err
	}
	v := importView{settingsFrame: frame, Name: p.Name, Action: importPath(one), New: p.State == orders.ImportNew, Progress: progress, RowCount: w.Number(p.Plan.Rows)}
	status := http.StatusOK
	if refused != nil {
		v.Error, status = refused.wrong("columns"), refused.status()
		if v.Error == "" {
			v.Error = refused.General()
		}
	}
	v.Table = importedTable(c, w, p.Header, p.Rows, p.Plan.Columns, orders.Fields(), "orders.column.", refused != nil)
	return s.render(c, status, "agent/orders_import", v)
}

// progress says how far an import is, and what it did not take.
func (s *Server) progress(c echo.Context, w *Words, f *orders.File) (progressView, error) {
	i := imported{
		State: f.State, Path: importPath(f.ID), What: w.counts(f), Moving: f.State == orders.ImportWaiting || f.State == orders.ImportRunning,
		Place: f.Place, Lines: f.Orders, Refused: f.Refused,
		RejectsAtMost: func(most int) ([]rejected, error) { return s.rejectedOrders(c, w, f.ID, most) },
	}
	if f.Reason != "" {
		i.Reason = w.T("orders.file." + f.Reason)
	}
	return w.progress(i)
}

func (s *Server) rejectedOrders(c echo.Context, w *Words, one id.ID, most int) ([]rejected, error) {
	list, err := s.Orders.Rejects(c.Request().Context(), one, most)
	return rejectedLines(w, list, "orders.column.", "orders.reject.why."), err
}

func (s *Server) startImport(c echo.Context) error {
	one, err := s.importOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	columns, twice, err := chosenColumns(c, orders.Fields())
	switch {
	case err != nil:
		return err
	case twice:
		err = fault.InvalidField("columns", "twice", "orders.error.column_twice", nil)
	default:
		err = s.Orders.Start(c.Request().Context(), one, columns)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showImportOrders(c, f)
	}
	return c.Redirect(http.StatusSeeOther, importPath(one))
}

func (s *Server) discardImport(c echo.Context) error {
	one, err := s.importOf(c)
	if err != nil {
		return err
	}
	if err := s.Orders.Discard(c.Request().Context(), one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/orders")
}

// rejectedLines gives the lines that were not taken as a file, with what to do about each.
func (s *Server) rejectedLines(c echo.Context) error {
	one, err := s.importOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Orders.ImportOf(c.Request().Context(), one); err != nil {
		return err
	}
	w := s.words(c)
	list, err := s.rejectedOrders(c, w, one, rejectsMost)
	if err != nil {
		return err
	}
	return rejectedFile(c, w, list)
}
