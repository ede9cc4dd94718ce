package web

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/sheet"
	"huiyin/tickets/fault"
)

// exportFeedback gives the counts of the view as a table for a spreadsheet, CSV or XLSX.
func (s *Server) exportFeedback(c echo.Context) error {
	view, forms, err := s.feedbackOf(c)
	if err != nil {
		return err
	}
	if view.form == nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	p := feedbackPage{deskPage: deskPage{Page: s.page(c)}, feedbackView: view}
	if err := s.fillFeedback(c, &p, forms); err != nil {
		return err
	}
	return sendTable(c, "feedback-"+view.From.Format("20060102"), p.T("report.title"), p.table())
}

// sendTable gives rows, the first of which is the head, as a file for a spreadsheet.
func sendTable(c echo.Context, name, title string, rows [][]string) error {
	var b bytes.Buffer
	var err error
	kind, ending := "text/csv; charset=utf-8", ".csv"
	if c.QueryParam("as") == "xlsx" {
		kind, ending = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
		err = sheet.WriteXLSX(&b, title, rows)
	} else {
		err = sheet.WriteCSV(&b, kept(rows))
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="`+name+ending+`"`)
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, kind, b.Bytes())
}

// kept are rows whose long numbers, of goods say, a spreadsheet does not spoil.
func kept(rows [][]string) [][]string {
	for _, row := range rows {
		for i, cell := range row {
			row[i] = sheet.Kept(cell)
		}
	}
	return rows
}

// table is the report as rows.
func (p *feedbackPage) table() [][]string {
	rows := [][]string{{p.T("report.column.table"), p.T("report.column.name"), p.T("report.column.n"), p.T("report.column.value")}}
	add := func(table, name, n, value string) {
		rows = append(rows, []string{table, name, strings.ReplaceAll(n, ",", ""), strings.TrimPrefix(value, "+")}) // numbers as spreadsheets read them
	}
	for _, one := range append([]sourceRow{{p.T("report.all"), p.Reach}}, p.Sources...) {
		add(p.T("report.asked"), one.Name, one.Asked, "")
		add(p.T("report.opened"), one.Name, one.Opened, "")
		add(p.T("report.answered"), one.Name, one.Answered, one.Rate)
		add(p.T("report.tickets"), one.Name, one.Tickets, "")
	}
	for _, q := range p.Questions {
		add(q.Label, q.Kind, strconv.Itoa(q.All), q.Value)
		for _, bar := range q.Bars {
			add(q.Label, bar.Name, bar.N, strconv.Itoa(bar.Share)+"%")
		}
	}
	for _, group := range []struct {
		key  string
		rows []scoreRow
	}{{"report.days", p.Days}, {"report.agents", p.Agents}, {"report.products", p.Products}} {
		for _, one := range group.rows {
			add(p.T(group.key), one.Name, one.N, one.Value)
		}
	}
	return rows
}
