package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Forms gives all forms, archived ones too, the oldest first.
func (s *Service) Forms(ctx context.Context) ([]Form, error) {
	return s.readForms(s.Store.Read(ctx), ` ORDER BY f.id`)
}

// Form gives one. Errors: NotFound.
func (s *Service) Form(ctx context.Context, form id.ID) (*Form, error) {
	return s.oneForm(s.Store.Read(ctx), ` WHERE f.id = ?`, int64(form))
}

// FormByKey gives a form by its public key, at most a second old; the caller changes nothing in it. Errors: NotFound.
func (s *Service) FormByKey(ctx context.Context, key string) (*Form, error) {
	if f := s.forms.get(key); f != nil {
		return f, nil
	}
	f, err := s.oneForm(s.Store.Read(ctx), ` WHERE f.public_key = ?`, key)
	if err != nil {
		return nil, err
	}
	s.forms.put(f)
	return f, nil
}

// Open gives a form that can be answered now, and its inbox, both at most a second old. Errors: NotFound ("feedback.error.unknown_form"; also
// one that was never published), Conflict ("feedback.error.over": archived, or its inbox is switched off).
func (s *Service) Open(ctx context.Context, key string) (*Form, *tickets.Inbox, error) {
	f, err := s.FormByKey(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	box, err := s.Tickets.Inbox(ctx, f.InboxID)
	switch {
	case err != nil:
		return nil, nil, err
	case f.Version == 0:
		return nil, nil, fault.New(fault.NotFound, "feedback.error.unknown_form")
	case f.State != StateActive || box.DisabledAt != nil:
		return f, box, fault.New(fault.Conflict, "feedback.error.over")
	}
	return f, box, nil
}

// Definition gives a published version. Errors: NotFound.
func (s *Service) Definition(ctx context.Context, form id.ID, n int) (*Definition, error) {
	return s.definition(s.Store.Read(ctx), form, n)
}

func (s *Service) definition(tx *gorm.DB, form id.ID, n int) (*Definition, error) {
	var version id.ID
	var sealed []byte
	err := tx.Raw(`SELECT id, definition FROM form_versions WHERE form_id = ? AND n = ?`, int64(form), n).Row().Scan((*int64)(&version), &sealed)
	if err == sql.ErrNoRows { //nolint:errorlint // Row gives it bare
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_form")
	}
	if err != nil {
		return nil, err
	}
	return s.openDefinition(tx, "form_versions", "definition", version, sealed)
}

// Version is a published version of a form.
type Version struct {
	N         int
	AgentID   *id.ID
	CreatedAt int64
}

// Versions gives the published versions of a form, the newest first.
func (s *Service) Versions(ctx context.Context, form id.ID) (out []Version, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT n, agent_id, created_at FROM form_versions WHERE form_id = ? ORDER BY n DESC`, int64(form)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v Version
		if err := rows.Scan(&v.N, &v.AgentID, &v.CreatedAt); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func (s *Service) openDefinition(tx *gorm.DB, table, column string, row id.ID, sealed []byte) (*Definition, error) {
	text, err := s.Sealer.Open(tx, table, column, row, sealed)
	if err != nil {
		return nil, err
	}
	d := &Definition{}
	return d, json.Unmarshal(text, d)
}

func (s *Service) oneForm(tx *gorm.DB, where string, args ...any) (*Form, error) {
	list, err := s.readForms(tx, where, args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_form")
	}
	return &list[0], nil
}

// sealedForm is a row before it is opened.
type sealedForm struct {
	name, settings, draft, definition []byte
	version                           sql.NullInt64
}

func (s *Service) readForms(tx *gorm.DB, where string, args ...any) ([]Form, error) {
	rows, err := tx.Raw(selectForm+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Form
	var sealed []sealedForm
	for rows.Next() {
		var f Form
		var r sealedForm
		if err := rows.Scan((*int64)(&f.ID), &f.Key, (*int64)(&f.InboxID), (*string)(&f.Occasion), &f.State, &f.Version, &r.name, &r.settings, &r.draft,
			&f.CreatedAt, &f.UpdatedAt, &r.version, &r.definition); err != nil {
			return nil, err
		}
		out, sealed = append(out, f), append(sealed, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openForm(tx, &out[i], &sealed[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) openForm(tx *gorm.DB, f *Form, r *sealedForm) (err error) {
	if f.Name, err = s.Sealer.OpenText(tx, "forms", "name", f.ID, r.name); err != nil {
		return err
	}
	text, err := s.Sealer.Open(tx, "forms", "settings", f.ID, r.settings)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &f.Settings); err != nil {
		return err
	}
	if len(r.draft) > 0 {
		if f.Draft, err = s.openDefinition(tx, "forms", "draft", f.ID, r.draft); err != nil {
			return err
		}
	}
	if r.version.Valid {
		f.Definition, err = s.openDefinition(tx, "form_versions", "definition", id.ID(r.version.Int64), r.definition)
	}
	return err
}

// formFor is how long a form is kept in memory: the longest time that a change takes to hold everywhere.
const formFor = time.Second

// formCache keeps the forms read last. What is no form is never kept, so it cannot be filled from outside.
type formCache struct {
	now  func() time.Time
	mu   sync.Mutex
	keys map[string]cachedForm
}

type cachedForm struct {
	form *Form
	at   time.Time
}

func newFormCache(now func() time.Time) *formCache {
	return &formCache{now: now, keys: map[string]cachedForm{}}
}

func (c *formCache) get(key string) *Form {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.keys[key]
	if age := c.now().Sub(e.at); !ok || age < 0 || age >= formFor {
		return nil
	}
	return e.form
}

func (c *formCache) put(f *Form) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys[f.Key] = cachedForm{f, c.now()}
}

func (c *formCache) drop(f *Form) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.keys, f.Key)
}
