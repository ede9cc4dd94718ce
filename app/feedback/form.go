package feedback

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Occasion is when a form is asked for.
type Occasion string

// The occasions.
const (
	AfterOrder    Occasion = "after_order"
	AfterDelivery Occasion = "after_delivery"
	AfterChat     Occasion = "after_chat"
	AfterSolving  Occasion = "after_solving"
	OnPage        Occasion = "on_page"
	ByLink        Occasion = "link"
	ByEmail       Occasion = "email"
)

// Occasions are all of them, in the order of the builder.
func Occasions() []Occasion {
	return []Occasion{AfterOrder, AfterDelivery, AfterChat, AfterSolving, OnPage, ByLink, ByEmail}
}

// The states of a form.
const (
	StateActive   = "active"
	StateArchived = "archived" // its address says that it is over; responses and counts stay
)

// Form is one form with its published version.
type Form struct {
	ID         id.ID
	Key        string // public
	InboxID    id.ID  // whose secret signs, and where its tickets go
	Occasion   Occasion
	State      string
	Version    int // published; 0: none yet, the form has no page
	Name       string
	Settings   Settings
	Definition *Definition // of Version; nil: none
	Draft      *Definition // what is being built; nil: nothing that is not published
	CreatedAt  int64
	UpdatedAt  int64
}

// Settings hold for every version, at once.
type Settings struct {
	// Thresholds says by question under which score a ticket opens. A score question that is not named has DefaultThreshold; 0: never.
	Thresholds map[string]int `json:"thresholds,omitempty"`
	// QuietDays is how long nobody is asked again after she was asked by any form.
	QuietDays int `json:"quiet_days"`
	// Inboxes are those whose solved tickets the form is asked about; none: all.
	Inboxes []id.ID `json:"inboxes,omitempty"`
	// Card is the line on the card with the QR code that lies in parcels; empty: the desk's own words.
	Card Texts `json:"card,omitempty"`
}

// Limits of the settings.
const (
	QuietDaysMax     = 365
	CardMax          = 120 // characters of its line
	DefaultQuietDays = 14
)

// DefaultThreshold is the score under which a ticket opens, unless the settings say otherwise.
func DefaultThreshold(k Kind) int {
	switch k {
	case KindRating:
		return 3 // 1 and 2
	case KindNPS:
		return 7 // detractors
	}
	return 0
}

// Threshold is the score of a question under which a ticket opens; 0: never.
func (s *Settings) Threshold(q *Question) int {
	if n, set := s.Thresholds[q.ID]; set {
		return n
	}
	return DefaultThreshold(q.Kind)
}

// NewForm is what Create needs.
type NewForm struct {
	Name       string
	Occasion   Occasion
	InboxID    id.ID // zero: one of its own is made
	Settings   Settings
	Definition Definition // the draft; it is published by Publish
}

const (
	nameMax       = 100
	formKeyBytes  = 9
	definitionMax = 200 << 10 // bytes of JSON
	selectForm    = `SELECT f.id, f.public_key, f.inbox_id, f.occasion, f.state, f.version, f.name, f.settings, f.draft, f.created_at, f.updated_at, v.id, v.definition
 FROM forms f LEFT JOIN form_versions v ON v.form_id = f.id AND v.n = f.version`
)

func newKey() string {
	b := make([]byte, formKeyBytes)
	_, _ = rand.Read(b) // crypto/rand never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// Create adds a form whose draft is the definition. Errors: Invalid (name, occasion, inbox, quiet_days, thresholds.ID, and the places
// of Definition.Check), NotFound (inbox).
func (s *Service) Create(ctx context.Context, n NewForm) (f *Form, err error) {
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		f, err = s.createTx(tx, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// CreatePublishedTx is Create and Publish inside a transaction of the caller.
func (s *Service) CreatePublishedTx(tx *gorm.DB, by tickets.Actor, n NewForm) (*Form, error) {
	f, err := s.createTx(tx, n)
	if err != nil {
		return nil, err
	}
	return s.changeTx(tx, f.ID, func(f *Form) error { return s.publishTx(tx, by, f) })
}

func (s *Service) createTx(tx *gorm.DB, n NewForm) (*Form, error) {
	f := &Form{
		ID: s.IDs.Next(), Key: newKey(), InboxID: n.InboxID, Occasion: n.Occasion, State: StateActive, Name: n.Name, Settings: n.Settings,
		Draft: &n.Definition, CreatedAt: s.millis(),
	}
	f.UpdatedAt = f.CreatedAt
	if err := joined(f.check(), f.Draft.Check()); err != nil {
		return nil, err
	}
	if err := s.giveInbox(tx, f); err != nil {
		return nil, err
	}
	name, settings, draft, err := s.sealForm(tx, f)
	if err != nil {
		return nil, err
	}
	return f, tx.Exec(`INSERT INTO forms (id, public_key, inbox_id, occasion, state, version, name, settings, draft, created_at, updated_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
		int64(f.ID), f.Key, int64(f.InboxID), string(f.Occasion), f.State, name, settings, draft, f.CreatedAt, f.UpdatedAt).Error
}

// giveInbox makes an inbox for a form that names none. Errors: NotFound, Invalid (inbox: of another channel).
func (s *Service) giveInbox(tx *gorm.DB, f *Form) error {
	if f.InboxID == 0 {
		box, err := s.Tickets.CreateInboxTx(tx, tickets.NewInbox{Channel: tickets.ChannelForm, Name: f.Name})
		if err == nil {
			f.InboxID = box.ID
		}
		return err
	}
	box, err := s.Tickets.Within(tx).Inbox(tx.Statement.Context, f.InboxID)
	if err == nil && box.Channel != tickets.ChannelForm {
		err = fault.InvalidField("inbox", "channel", "feedback.error.inbox", nil)
	}
	return err
}

// joined makes one refusal of several.
func joined(errs ...error) error {
	var out *fault.Error
	for _, err := range errs {
		e := fault.As(err)
		switch {
		case err == nil:
		case e == nil:
			return err
		case out == nil:
			one := *e
			out = &one
		default:
			out.Fields = append(slices.Clone(out.Fields), e.Fields...)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// check brings the form's own fields into form. Errors: Invalid.
func (f *Form) check() error {
	w := &wrongs{}
	switch f.Name = strings.Join(strings.Fields(f.Name), " "); {
	case !tickets.Visible(f.Name):
		w.add("name", "required", nil)
	case !utf8.ValidString(f.Name) || utf8.RuneCountInString(f.Name) > nameMax:
		w.add("name", "too_long", map[string]any{"max": nameMax})
	}
	if !known(Occasions(), f.Occasion) {
		w.add("occasion", "occasion", nil)
	}
	if f.Settings.QuietDays < 0 || f.Settings.QuietDays > QuietDaysMax {
		w.add("quiet_days", "quiet_days", map[string]any{"max": QuietDaysMax})
	}
	w.text("card", f.Settings.Card, CardMax, false)
	for question, n := range f.Settings.Thresholds {
		if n < 0 || n > 11 || !idForm.MatchString(question) {
			w.add("thresholds."+cut(question, idMax), "threshold", nil)
		}
	}
	return w.err()
}

func (s *Service) sealForm(tx *gorm.DB, f *Form) (name, settings, draft []byte, err error) {
	if name, err = s.Sealer.SealText(tx, s.Sealer.DeskKey(), "forms", "name", f.ID, f.Name); err != nil {
		return nil, nil, nil, err
	}
	text, err := json.Marshal(f.Settings)
	if err != nil {
		return nil, nil, nil, err
	}
	if settings, err = s.Sealer.Seal(tx, s.Sealer.DeskKey(), "forms", "settings", f.ID, text); err != nil {
		return nil, nil, nil, err
	}
	if f.Draft != nil {
		if text, err = json.Marshal(f.Draft); err != nil {
			return nil, nil, nil, err
		}
		if len(text) > definitionMax {
			return nil, nil, nil, fault.InvalidField("steps", "too_long", "feedback.error.definition", nil)
		}
		draft, err = s.Sealer.Seal(tx, s.Sealer.DeskKey(), "forms", "draft", f.ID, text)
	}
	return name, settings, draft, err
}

// Save changes a form's name, occasion and settings; they hold at once. Errors: Invalid, NotFound.
func (s *Service) Save(ctx context.Context, form id.ID, name string, occasion Occasion, set Settings) (*Form, error) {
	return s.change(ctx, form, func(_ *gorm.DB, f *Form) error {
		f.Name, f.Occasion, f.Settings = name, occasion, set
		return f.check()
	})
}

// SaveDraft keeps what is being built; the published version stays as it is. A draft need not be whole: Publish checks it.
// Errors: NotFound, Invalid (far too large).
func (s *Service) SaveDraft(ctx context.Context, form id.ID, d Definition) (*Form, error) {
	return s.change(ctx, form, func(_ *gorm.DB, f *Form) error {
		f.Draft = &d
		return nil
	})
}

// DropDraft forgets what is being built. Errors: NotFound, Conflict (nothing was published yet).
func (s *Service) DropDraft(ctx context.Context, form id.ID) (*Form, error) {
	return s.change(ctx, form, func(_ *gorm.DB, f *Form) error {
		if f.Version == 0 {
			return fault.New(fault.Conflict, "feedback.error.unpublished")
		}
		f.Draft = nil
		return nil
	})
}

// Publish makes the draft the form's next version; the ones before stay for their responses. Errors: NotFound, Invalid (the places of
// Definition.Check), Conflict (there is no draft).
func (s *Service) Publish(ctx context.Context, by tickets.Actor, form id.ID) (*Form, error) {
	return s.change(ctx, form, func(tx *gorm.DB, f *Form) error { return s.publishTx(tx, by, f) })
}

func (s *Service) publishTx(tx *gorm.DB, by tickets.Actor, f *Form) error {
	if f.Draft == nil {
		return fault.New(fault.Conflict, "feedback.error.no_draft")
	}
	if err := f.Draft.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(f.Draft)
	if err != nil {
		return err
	}
	version := s.IDs.Next()
	sealed, err := s.Sealer.Seal(tx, s.Sealer.DeskKey(), "form_versions", "definition", version, text)
	if err != nil {
		return err
	}
	f.Version, f.Definition, f.Draft = f.Version+1, f.Draft, nil
	var agent *int64
	if by.Kind == tickets.ActorAgent {
		agent = (*int64)(&by.ID)
	}
	return tx.Exec(`INSERT INTO form_versions (id, form_id, n, definition, agent_id, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(version), int64(f.ID), f.Version, sealed, agent, s.millis()).Error
}

// Archive ends a form, or takes it up again. Errors: NotFound.
func (s *Service) Archive(ctx context.Context, form id.ID, archived bool) (*Form, error) {
	return s.change(ctx, form, func(_ *gorm.DB, f *Form) error {
		if f.State = StateActive; archived {
			f.State = StateArchived
		}
		return nil
	})
}

// change changes a form in one transaction; every process follows within a second.
func (s *Service) change(ctx context.Context, form id.ID, fn func(tx *gorm.DB, f *Form) error) (out *Form, err error) {
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		out, err = s.changeTx(tx, form, func(f *Form) error { return fn(tx, f) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s.forms.drop(out)
	return out, nil
}

func (s *Service) changeTx(tx *gorm.DB, form id.ID, fn func(f *Form) error) (*Form, error) {
	lock := ""
	if tx.Name() == "postgres" {
		lock = " FOR UPDATE OF f"
	}
	f, err := s.oneForm(tx, ` WHERE f.id = ?`+lock, int64(form))
	if err != nil {
		return nil, err
	}
	if err := fn(f); err != nil {
		return nil, err
	}
	f.UpdatedAt = s.millis()
	name, settings, draft, err := s.sealForm(tx, f)
	if err != nil {
		return nil, err
	}
	return f, tx.Exec(`UPDATE forms SET occasion = ?, state = ?, version = ?, name = ?, settings = ?, draft = ?, updated_at = ? WHERE id = ?`,
		string(f.Occasion), f.State, f.Version, name, settings, draft, f.UpdatedAt, int64(f.ID)).Error
}
