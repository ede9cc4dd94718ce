package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"huiyin/app/feedback"
	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// formOut is a form as the API gives it.
type formOut struct {
	ID         string               `json:"id"`
	Key        string               `json:"key"`
	Name       string               `json:"name"`
	Occasion   feedback.Occasion    `json:"occasion"`
	State      string               `json:"state"`
	Version    int                  `json:"version"`
	Inbox      string               `json:"inbox"`
	URL        string               `json:"url"`
	QuietDays  int                  `json:"quiet_days"`
	Thresholds map[string]int       `json:"thresholds"`
	Definition *feedback.Definition `json:"definition"`
	CreatedAt  string               `json:"created_at"`
	UpdatedAt  string               `json:"updated_at"`
}

func (a *API) formOf(f *feedback.Form) formOut {
	out := formOut{
		ID: f.ID.String(), Key: f.Key, Name: f.Name, Occasion: f.Occasion, State: f.State, Version: f.Version, Inbox: f.InboxID.String(),
		URL: a.BaseURL.JoinPath("f", f.Key).String(), QuietDays: f.Settings.QuietDays, Thresholds: f.Settings.Thresholds, Definition: f.Definition,
		CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(f.UpdatedAt),
	}
	if out.Thresholds == nil {
		out.Thresholds = map[string]int{}
	}
	return out
}

// forms gives all forms, the oldest first.
func (a *API) forms(c *Call) error {
	if err := c.known("limit", "cursor"); err != nil {
		return err
	}
	limit, err := c.limit()
	if err != nil {
		return err
	}
	after, err := c.after()
	if err != nil {
		return err
	}
	list, err := a.Feedback.Forms(c.Request().Context())
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(f feedback.Form) bool { return f.ID <= after })
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = cursorAfter(list[limit-1].ID)
	}
	out := make([]formOut, len(list))
	for i := range list {
		out[i] = a.formOf(&list[i])
	}
	return sendPage(c, out, next)
}

// newForm is what POST /forms takes.
type newForm struct {
	Name       string              `json:"name"`
	Occasion   feedback.Occasion   `json:"occasion"`
	Inbox      string              `json:"inbox"`
	QuietDays  *int                `json:"quiet_days"`
	Thresholds map[string]int      `json:"thresholds"`
	Definition feedback.Definition `json:"definition"`
}

// createForm makes a form and publishes it.
func (a *API) createForm(c *Call) error {
	if !slices.Contains([]tickets.Role{tickets.RoleManager, tickets.RoleAdmin}, c.Token.Agent.Role) {
		return fault.New(fault.Denied, "web.error.denied")
	}
	var in newForm
	if err := c.Read(&in); err != nil {
		return err
	}
	n := feedback.NewForm{Name: in.Name, Occasion: in.Occasion, Definition: in.Definition, Settings: feedback.Settings{QuietDays: feedback.DefaultQuietDays, Thresholds: in.Thresholds}}
	if in.QuietDays != nil {
		n.Settings.QuietDays = *in.QuietDays
	}
	if in.Inbox != "" {
		box, err := a.inboxOf(c.Request().Context(), in.Inbox)
		if err != nil {
			return err
		}
		n.InboxID = box.ID
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		f, err := a.Feedback.CreatePublishedTx(tx, c.by(), n)
		if err != nil {
			return done{}, inDefinition(err)
		}
		return done{http.StatusCreated, a.formOf(f), nil}, nil
	})
}

// inDefinition names the places of a definition as they stand in the body.
func inDefinition(err error) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		if !slices.Contains([]string{"name", "occasion", "inbox", "quiet_days"}, f.Name) && (len(f.Name) < 11 || f.Name[:11] != "thresholds.") {
			f.Name = "definition." + f.Name
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}

// newResponse is what POST /forms/{key}/responses takes.
type newResponse struct {
	SourceID  string                    `json:"source_id"`
	Form      string                    `json:"form"`
	Inbox     string                    `json:"inbox"` // its public key, where nothing is signed
	Order     string                    `json:"order"`
	Exp       int64                     `json:"exp"`
	Signature string                    `json:"signature"`
	Contact   *contactIn                `json:"contact"`
	Answers   map[string]jsontext.Value `json:"answers"`
	Page      string                    `json:"page"`
	Locale    string                    `json:"locale"`
}

// answersOf reads the values: a number or text for one answer, a list for several.
func answersOf(in map[string]jsontext.Value) (feedback.Answers, error) {
	out := feedback.Answers{}
	for question, raw := range in {
		var one string
		var list []string
		var number float64
		switch {
		case len(raw) > 0 && raw[0] == 'n':
		case unmarshal(raw, &one) == nil:
			out[question] = []string{one}
		case unmarshal(raw, &number) == nil:
			out[question] = []string{strconv.FormatFloat(number, 'f', -1, 64)}
		case unmarshal(raw, &list) == nil:
			out[question] = list
		default:
			return nil, fault.InvalidField(feedback.Field(question[:min(len(question), 40)]), "invalid", "api.error.type", nil)
		}
	}
	return out, nil
}

// submit takes a response. Whoever calls without a token shows the signature of an order, or the public key of the form's inbox.
func (a *API) submit(c *Call) error {
	var in newResponse
	if err := c.Read(&in); err != nil {
		return err
	}
	answers, err := answersOf(in.Answers)
	if err != nil {
		return err
	}
	key := c.Param("key")
	if in.Form != "" && in.Form != key {
		return fault.InvalidField("form", "invalid", "feedback.error.unknown_form", nil)
	}
	f, box, err := a.Feedback.Open(c.Request().Context(), key)
	if err != nil {
		return err
	}
	if err := a.allows(c, box); err != nil {
		return err
	}
	s := feedback.Submission{
		Key: f.Key, Answers: answers, Link: feedback.Link{Order: in.Order, Signature: in.Signature}, SourceID: in.SourceID, Scope: "public", Source: feedback.SourceAPI,
		Page: in.Page, Locale: in.Locale,
	}
	if in.Exp != 0 {
		s.Link.Exp = strconv.FormatInt(in.Exp, 10)
	}
	if s.Locale == "" {
		s.Locale = c.Locale
	}
	if err := a.whoSends(c, &in, box, &s); err != nil {
		return err
	}
	p, err := a.Feedback.Prepare(c.Request().Context(), s)
	if err != nil {
		return err
	}
	if c.Request().Header.Get("Idempotency-Key") == "" {
		got, err := a.Feedback.SubmitPrepared(c.Request().Context(), p)
		if err != nil {
			return err
		}
		out, status := a.receiptOf(got)
		return c.Send(status, out)
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		got, err := a.Feedback.SubmitTx(tx, p)
		if err != nil {
			return done{}, err
		}
		out, status := a.receiptOf(got)
		who, err := a.Tickets.ContactTx(tx, got.Response.ContactID)
		return done{status, out, who}, err
	})
}

// allows lets the inbox's sites read the answer. Errors: Denied for a page of another site.
func (a *API) allows(c *Call, box *tickets.Inbox) error {
	origin := c.Request().Header.Get("Origin")
	if origin == "" || origin == a.BaseURL.Scheme+"://"+a.BaseURL.Host {
		return nil
	}
	c.Response().Header().Add("Vary", "Origin")
	if !slices.Contains(box.Settings.AllowedOrigins, origin) {
		return fault.New(fault.Denied, "api.error.origin")
	}
	c.Response().Header().Set("Access-Control-Allow-Origin", origin)
	return nil
}

// mayAnswer tells a browser whether a page of another site may answer the form.
func (a *API) mayAnswer(c *Call) error {
	_, box, err := a.Feedback.Open(c.Request().Context(), c.Param("key"))
	if err != nil {
		return err
	}
	if err := a.allows(c, box); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, Authorization")
	h.Set("Access-Control-Max-Age", "3600")
	return c.NoContent(http.StatusNoContent)
}

// whoSends says how far the sender is believed.
func (a *API) whoSends(c *Call, in *newResponse, box *tickets.Inbox, s *feedback.Submission) error {
	if c.Token != nil {
		s.Trusted, s.Scope = true, "token "+c.Token.ID.String()
		if in.Contact != nil {
			ref := in.Contact.ref()
			s.Contact = func(tx idempotency.Tx) (*tickets.Contact, error) {
				p, _, err := a.Tickets.ContactForTx(tx, ref)
				return p, err
			}
		}
		return nil
	}
	if in.Signature == "" && in.Inbox != box.Key {
		return fault.New(fault.Unauthenticated, "api.error.form_key")
	}
	if in.Contact != nil {
		if in.Contact.ID != 0 || in.Contact.ExternalID != "" {
			return fault.InvalidField("contact", "invalid", "api.error.claim", nil)
		}
		s.Name = in.Contact.Name
		for kind, value := range map[tickets.IdentityKind]string{tickets.IdentityEmail: in.Contact.Email, tickets.IdentityPhone: in.Contact.Phone} {
			if value != "" {
				s.Claims = append(s.Claims, tickets.NewIdentity{Kind: kind, Value: value})
			}
		}
	}
	return nil
}

// receiptOut tells what became of a response.
type receiptOut struct {
	ID            string  `json:"id"`
	Revision      int     `json:"revision"`
	Ticket        *int64  `json:"ticket"` // its number
	EditURL       *string `json:"edit_url"`
	EditableUntil string  `json:"editable_until"`
	Masked        bool    `json:"masked"`
}

func (a *API) receiptOf(got *feedback.Receipt) (receiptOut, int) {
	r := got.Response
	out := receiptOut{ID: r.ID.String(), Revision: r.Revision, EditableUntil: stamp(r.EditableUntil), Masked: got.Masked}
	if got.Edit != "" {
		u := a.BaseURL.JoinPath("f", got.FormKey)
		u.RawQuery = url.Values{"edit": {got.Edit}}.Encode()
		text := u.String()
		out.EditURL = &text
	}
	if got.Ticket != nil {
		out.Ticket = &got.Ticket.Number
	}
	if got.Duplicate || got.Replaced {
		return out, http.StatusOK
	}
	return out, http.StatusCreated
}

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
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = cursorAfter(list[limit-1].ID)
	}
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

// timeQuery reads a time of the query as Unix milliseconds; zero where it is absent. Errors: Invalid.
func (c *Call) timeQuery(name string) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		return 0, fault.InvalidField(name, "invalid", "api.error.time", nil)
	}
	return at.UnixMilli(), nil
}

// newLink is what POST /links takes.
type newLink struct {
	Target    string  `json:"target"`
	ExpiresAt *string `json:"expires_at"`
}

type linkOut struct {
	URL       string `json:"url"`
	Code      string `json:"code"`
	Target    string `json:"target"`
	ExpiresAt string `json:"expires_at"`
}

// shorten makes a short address for a text message.
func (a *API) shorten(c *Call) error {
	var in newLink
	if err := c.Read(&in); err != nil {
		return err
	}
	var expires int64
	if in.ExpiresAt != nil {
		at, err := time.Parse(time.RFC3339, *in.ExpiresAt)
		if err != nil {
			return fault.InvalidField("expires_at", "invalid", "api.error.time", nil)
		}
		expires = at.UnixMilli()
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		l, err := a.Feedback.ShortenTx(tx, in.Target, expires)
		if err != nil {
			return done{}, err
		}
		return done{http.StatusCreated, linkOut{l.URL, l.Code, l.Target, stamp(l.ExpiresAt)}, nil}, nil
	})
}
