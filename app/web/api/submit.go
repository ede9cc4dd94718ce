package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"huiyin/app/feedback"
	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

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
