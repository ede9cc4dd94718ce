package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights/oldtexts"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const oldTextsPath = "/insights/import"

// oldTextsRoutes are how old chats, reviews and tickets come into the groups of complaints, for managers.
func (s *Server) oldTextsRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, oldTextsPath, manager, limitRead, s.oldTextsPage},
		{post, oldTextsPath, manager, limitOldTexts, s.uploadOldTexts},
		{get, oldTextsPath + "/:import", manager, limitRead, s.oldTextsImport},
		{post, oldTextsPath + "/:import/start", manager, limitWrite, s.startOldTexts},
		{post, oldTextsPath + "/:import/removal", manager, limitWrite, s.discardOldTexts},
		{post, oldTextsPath + "/:import/return", manager, limitWrite, s.takeBackOldTexts},
		{get, oldTextsPath + "/:import/rejected.csv", manager, limitRead, s.rejectedOldTexts},
	}
}

type oldTextsPage struct {
	deskPage
	Error        string
	File, Preset field
	FileMost     int
	FileLarge    string // said of one that has more bytes
	Imports      []importRow
}

func (s *Server) oldTextsPage(c echo.Context) error { return s.showOldTexts(c, s.empty(c, nil)) }

func (s *Server) showOldTexts(c echo.Context, f *form) error {
	desk, err := s.desk(c, "insights")
	if err != nil {
		return err
	}
	var presets []option
	for _, one := range oldtexts.Presets() {
		presets = append(presets, option{one.Name, desk.T("oldtexts.preset." + one.Name)})
	}
	p := oldTextsPage{
		deskPage: desk, Error: f.General(), FileMost: oldtexts.FileMax, FileLarge: desk.T("oldtexts.file.too_large", "max", oldtexts.FileMax>>20),
		File:   f.input(field{Name: "file", Type: "file", Label: desk.T("oldtexts.file"), Hint: desk.T("oldtexts.file_hint"), Required: true}),
		Preset: f.input(field{Name: "preset", Type: "select", Label: desk.T("oldtexts.from"), Options: presets}),
	}
	list, err := s.OldTexts.Imports(c.Request().Context())
	if err != nil {
		return err
	}
	for i := range list {
		one := &list[i]
		p.Imports = append(p.Imports, importRow{one.Name, oldTextPath(one.ID), p.T("import.state." + one.State), oldTextsCounts(p.Words, one), importClass(one.State)})
	}
	return s.render(c, f.status(), "agent/oldtexts", p)
}

func oldTextPath(one id.ID) string { return oldTextsPath + "/" + one.String() }

// oldTextsCounts says what became of a file's lines.
func oldTextsCounts(w *Words, f *oldtexts.File) string {
	if f.State == oldtexts.StateNew {
		return w.Full(f.CreatedAt)
	}
	n := func(n int64) string { return w.Number(int(n)) }
	return w.T("oldtexts.counts", "added", n(f.Added), "known", n(f.Known), "empty", n(f.Empty), "refused", n(f.Refused))
}

// uploadOldTexts takes a file; nothing of it is counted before its preview was looked at.
func (s *Server) uploadOldTexts(c echo.Context) error {
	f := s.sent(c)
	one, err := sentImport(c, oldtexts.FileMax, s.OldTexts.Upload)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, oldTextPath(one))
	}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showOldTexts(c, f)
}

type oldTextsView struct {
	deskPage
	Error      string
	Name       string
	Action     string
	New, Taken bool
	Table      importTable
	RowCount   string
	Day, Staff field
	Speakers   string // names of which nobody knows whether they speak for the shop
	Progress   progressView
}

func oldTextOf(c echo.Context) (id.ID, error) {
	one, err := id.Parse(c.Param("import"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "oldtexts.error.import")
	}
	return one, nil
}

func (s *Server) oldTextsImport(c echo.Context) error { return s.showOldTextsImport(c, nil) }

func (s *Server) showOldTextsImport(c echo.Context, refused *form) error {
	one, err := oldTextOf(c)
	if err != nil {
		return err
	}
	p, err := s.OldTexts.Preview(c.Request().Context(), one)
	if err != nil {
		return err
	}
	w := s.words(c)
	progress, err := s.oldTextsProgress(c, w, &p.File)
	if err != nil {
		return err
	}
	if c.QueryParam("part") == "progress" {
		return s.renderPart(c, "agent/oldtexts_import", "import-progress", progress)
	}
	desk, err := s.desk(c, "insights")
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		f = s.empty(c, nil)
	}
	v := oldTextsView{
		deskPage: desk, Name: p.Name, Action: oldTextPath(one), New: p.State == oldtexts.StateNew, Progress: progress, RowCount: w.Number(p.Plan.Rows), Error: f.General(),
		Taken: p.State == oldtexts.StateWaiting || p.State == oldtexts.StateDone || p.State == oldtexts.StateFailed || p.State == oldtexts.StateRunning,
		Day:   f.input(field{Name: "day", Type: "date", Class: "short", Label: w.T("oldtexts.day"), Hint: w.T("oldtexts.day_hint")}),
		Staff: f.input(field{Name: "staff", Type: "textarea", Rows: 2, Label: w.T("oldtexts.staff"), Hint: w.T("oldtexts.staff_hint")}),
	}
	v.Speakers = strings.Join(p.Speakers, w.Between())
	if v.Error == "" {
		v.Error = f.wrong("columns")
	}
	v.Table = importedTable(c, w, p.Header, p.Rows, p.Plan.Columns, oldtexts.Fields(), "oldtexts.column.", refused != nil)
	return s.render(c, f.status(), "agent/oldtexts_import", v)
}

// oldTextsProgress says how far an import is, and what it did not take.
func (s *Server) oldTextsProgress(c echo.Context, w *Words, f *oldtexts.File) (progressView, error) {
	i := imported{
		State: f.State, Path: oldTextPath(f.ID), What: oldTextsCounts(w, f), Moving: f.Moving(), Place: f.Place, Lines: f.Lines, Refused: f.Refused,
		RejectsAtMost: func(most int) ([]rejected, error) { return s.rejectsOfOldTexts(c, w, f.ID, most) },
	}
	if f.Reason != "" {
		i.Reason = w.T("oldtexts.file." + f.Reason)
	}
	return w.progress(i)
}

func (s *Server) rejectsOfOldTexts(c echo.Context, w *Words, one id.ID, most int) ([]rejected, error) {
	list, err := s.OldTexts.Rejects(c.Request().Context(), one, most)
	return rejectedLines(w, list, "oldtexts.column.", "oldtexts.reject."), err
}

func (s *Server) startOldTexts(c echo.Context) error {
	one, err := oldTextOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	columns, twice, err := chosenColumns(c, oldtexts.Fields())
	if err != nil {
		return err
	}
	choice := oldtexts.Choice{Columns: columns, Staff: c.FormValue("staff")}
	switch day, bad := time.ParseInLocation(time.DateOnly, c.FormValue("day"), f.words.Zone); {
	case twice:
		err = fault.InvalidField("columns", "twice", "oldtexts.error.column_twice", nil)
	case bad == nil:
		choice.Day = &day
	case c.FormValue("day") != "":
		err = fault.InvalidField("day", "invalid", "oldtexts.error.day_wrong", nil)
	}
	if err == nil {
		err = s.OldTexts.Start(c.Request().Context(), one, choice)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showOldTextsImport(c, f)
	}
	return c.Redirect(http.StatusSeeOther, oldTextPath(one))
}

func (s *Server) discardOldTexts(c echo.Context) error {
	one, err := oldTextOf(c)
	if err == nil {
		err = s.OldTexts.Discard(c.Request().Context(), one)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, oldTextsPath)
}

func (s *Server) takeBackOldTexts(c echo.Context) error {
	one, err := oldTextOf(c)
	if err == nil {
		err = s.OldTexts.TakeBack(c.Request().Context(), one)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, oldTextPath(one))
}

// rejectedOldTexts gives the lines that were not taken as a file, with what to do about each.
func (s *Server) rejectedOldTexts(c echo.Context) error {
	one, err := oldTextOf(c)
	if err != nil {
		return err
	}
	if _, err := s.OldTexts.Import(c.Request().Context(), one); err != nil {
		return err
	}
	w := s.words(c)
	list, err := s.rejectsOfOldTexts(c, w, one, rejectsMost)
	if err != nil {
		return err
	}
	return rejectedFile(c, w, list)
}
