package web

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// sampleOf gives the variables, values to try a text with, and the text filled with them.
func (s *Server) sampleOf(c echo.Context, text string) (variables []variableView, sample, preview string) {
	w, shop := s.words(c), s.shopOf(c.Request().Context())
	values := map[string]string{
		"contact.name": w.T("replies.sample.name"), "agent.name": of(c).agent.Name, "ticket.number": "1042",
		"ticket.subject": w.T("replies.sample.subject"), "order": "20260001", "shop.name": shop.Name,
		"inbox.name": w.T("replies.sample.inbox"), "hotline": "400-800-8888",
	}
	for _, name := range tickets.MacroVariables {
		variables = append(variables, variableView{Name: name, Code: "{{" + name + "}}", Label: w.T("replies.variable." + name), Sample: values[name]})
	}
	data, err := json.Marshal(values)
	if err != nil {
		data = []byte("{}") // a map of texts always marshals
	}
	return variables, string(data), tickets.FillMacro(text, values)
}
