package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/files"
)

// fileRules are what a person is told of the files that are taken, before she picks one.
type fileRules struct {
	MaxBytes int64  `json:"max_bytes"`
	Accept   string `json:"accept"` // for the browser's file dialog
	Says     string `json:"says"`
}

func (s *Server) fileRules(c echo.Context, w *Words) (fileRules, error) {
	l, err := s.Files.Limits(c.Request().Context())
	if err != nil {
		return fileRules{}, err
	}
	r := fileRules{MaxBytes: int64(l.MaxMB) << 20, Accept: l.Accept()}
	if len(l.Kinds) == len(files.Kinds) {
		r.Says = w.T("files.allowed_all", "max", l.MaxMB)
		return r, nil
	}
	names := w.T("files.kind." + l.Kinds[0])
	for _, k := range l.Kinds[1:] {
		names = w.T("files.kinds_and", "some", names, "more", w.T("files.kind."+k))
	}
	r.Says = w.T("files.allowed", "kinds", names, "max", l.MaxMB)
	return r, nil
}

type filesPage struct {
	settingsFrame
	Error      string
	MaxMB      field
	Kinds      []fileKindView
	KindsWrong string
}

type fileKindView struct {
	*Words
	Name  string
	Taken bool
}

func (s *Server) filesPage(c echo.Context) error {
	l, err := s.Files.Limits(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showFiles(c, s.empty(c, map[string]string{"max_mb": strconv.Itoa(l.MaxMB)}), l.Kinds)
}

func (s *Server) showFiles(c echo.Context, f *form, taken []string) error {
	frame, err := s.settings(c, "files")
	if err != nil {
		return err
	}
	p := filesPage{
		settingsFrame: frame, Error: f.General(), KindsWrong: f.wrong("kinds"),
		MaxMB: f.input(field{Name: "max_mb", Type: "number", Label: frame.T("files.max_mb"), Hint: frame.T("files.max_mb_hint", "max", files.MaxMB), Required: true}),
	}
	for _, k := range files.Kinds {
		p.Kinds = append(p.Kinds, fileKindView{frame.Words, k, slices.Contains(taken, k)})
	}
	return s.render(c, f.status(), "agent/files", p)
}

func (s *Server) saveFiles(c echo.Context) error {
	f := s.sent(c)
	sent, err := c.FormParams()
	if err != nil {
		return errBadForm
	}
	n, err := strconv.Atoi(c.FormValue("max_mb"))
	if err != nil {
		n = 0 // which SetLimits refuses in words
	}
	if err := s.Files.SetLimits(c.Request().Context(), files.Limits{MaxMB: n, Kinds: sent["kinds"]}); err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showFiles(c, f, sent["kinds"])
	}
	return c.Redirect(http.StatusSeeOther, "/settings/files?saved=1")
}
