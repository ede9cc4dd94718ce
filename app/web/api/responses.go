package api

import (
	"slices"
	"strconv"

	"huiyin/app/feedback"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// responseOut is a response as the API gives it.
type responseOut struct {
	ID            string              `json:"id"`
	Form          string              `json:"form"`
	Version       int                 `json:"version"`
	Revision      int                 `json:"revision"`
	Contact       string              `json:"contact"`
	Ticket        *string             `json:"ticket"`
	About         *string             `json:"about"`
	Agent         *string             `json:"agent"`
	Source        feedback.Source     `json:"source"`
	Locale        string              `json:"locale"`
	Order         *string             `json:"order"`
	OrderVerified bool                `json:"order_verified"`
	Page          *string             `json:"page"`
	Rating        *int                `json:"rating"`
	NPS           *int                `json:"nps"`
	Answers       map[string][]string `json:"answers"`
	CreatedAt     string              `json:"created_at"`
	UpdatedAt     string              `json:"updated_at"`
}

// responses gives responses, the newest first.
func (a *API) responses(c *Call) error {
	if err := c.known("form", "from", "to", "contact", "source", "rating_min", "rating_max", "nps_min", "nps_max", "limit", "cursor"); err != nil {
		return err
	}
	f, err := a.responseFilter(c)
	if err != nil {
		return err
	}
	limit := f.Limit
	if f.Limit = limit + 1; f.Limit > feedback.ResponsesMax {
		f.Limit, limit = feedback.ResponsesMax, feedback.ResponsesMax-1
	}
	keys := map[id.ID]string{}
	forms, err := a.Feedback.Forms(c.Request().Context())
	if err != nil {
		return err
	}
	for i := range forms {
		keys[forms[i].ID] = forms[i].Key
		if key := c.QueryParam("form"); key != "" && forms[i].Key == key {
			f.Form = forms[i].ID
		}
	}
	if c.QueryParam("form") != "" && f.Form == 0 {
		return fault.InvalidField("form", "unknown", "feedback.error.unknown_form", nil)
	}
	list, err := a.Feedback.Responses(c.Request().Context(), f)
	if err != nil {
		return err
	}
	list, next := cutPage(list, limit, func(r *feedback.Response) id.ID { return r.ID })
	out := make([]responseOut, len(list))
	for i := range list {
		out[i] = responseOf(&list[i], keys)
	}
	return sendPage(c, out, next)
}

func responseOf(r *feedback.Response, keys map[id.ID]string) responseOut {
	out := responseOut{
		ID: r.ID.String(), Form: keys[r.FormID], Version: r.Version, Revision: r.Revision, Contact: r.ContactID.String(), Ticket: idText(r.TicketID), About: idText(r.AboutID),
		Agent: idText(r.AgentID), Source: r.Source, Locale: r.Locale, Order: orNull(r.Order), OrderVerified: r.OrderVerified, Page: orNull(r.Page), Rating: r.Rating, NPS: r.NPS,
		Answers: r.Answers, CreatedAt: stamp(r.CreatedAt), UpdatedAt: stamp(r.UpdatedAt),
	}
	if out.Answers == nil {
		out.Answers = map[string][]string{}
	}
	return out
}

func (a *API) responseFilter(c *Call) (f feedback.Filter, err error) {
	if f.Limit, err = c.limit(); err != nil {
		return f, err
	}
	if f.After, err = c.after(); err != nil {
		return f, err
	}
	if f.Contact, err = c.idQuery("contact"); err != nil {
		return f, err
	}
	if f.Source = feedback.Source(c.QueryParam("source")); f.Source != "" && !slices.Contains(feedback.Sources(), f.Source) {
		return f, fault.InvalidField("source", "invalid", "api.error.value", nil)
	}
	for name, to := range map[string]*int64{"from": &f.From, "to": &f.To} {
		if *to, err = c.timeQuery(name); err != nil {
			return f, err
		}
	}
	for name, to := range map[string]**int{"rating_min": &f.MinRating, "rating_max": &f.MaxRating, "nps_min": &f.MinNPS, "nps_max": &f.MaxNPS} {
		text := c.QueryParam(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 10 {
			return f, fault.InvalidField(name, "invalid", "api.error.value", nil)
		}
		*to = &n
	}
	return f, nil
}
