package improve

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Create makes a task, proposed. Errors: Denied, Invalid with fields.
func (s *Service) Create(ctx context.Context, by tickets.Actor, d Draft) (*Task, error) {
	if err := mayLead(by); err != nil {
		return nil, err
	}
	if err := s.check(ctx, &d); err != nil {
		return nil, err
	}
	task := s.IDs.Next()
	var err error
	for range 5 { // somebody else may take the same number
		if err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.createTx(tx, by, task, d) }); !errors.Is(err, gorm.ErrDuplicatedKey) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return s.Task(ctx, task)
}

func (s *Service) createTx(tx *gorm.DB, by tickets.Actor, task id.ID, d Draft) error {
	var number, place int64
	if err := tx.Raw(`SELECT COALESCE(MAX(number), 0) + 1 FROM improve_tasks`).Row().Scan(&number); err != nil {
		return err
	}
	if err := tx.Raw(`SELECT COALESCE(MIN(place), 0) - 1 FROM improve_tasks WHERE state = ?`, string(Proposed)).Row().Scan(&place); err != nil {
		return err
	}
	texts, err := s.sealed(tx, task, d)
	if err != nil {
		return err
	}
	now := tickets.Millis(s.Now())
	err = tx.Exec(`INSERT INTO improve_tasks (id, title, what, why, links, owner_id, due_day, target, how, change_day, number, state, place, effect, version, agent_id,
 state_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 1, ?, ?, ?, ?)`,
		append(append([]any{int64(task)}, texts...), orNull(d.Owner), d.Due, d.Target, string(d.How), d.ChangeDay, number, string(Proposed), place, int64(by.ID), now, now, now)...).Error
	if err != nil {
		return err
	}
	if err := s.writeGroups(tx, task, d.Groups); err != nil {
		return err
	}
	t := &Task{ID: task, Number: number, Owner: d.Owner, State: Proposed}
	if _, err := s.note(tx, t, by, Entry{Kind: EntryCreated}); err != nil {
		return err
	}
	return s.tell(tx, t, by, "created", d.Owner)
}

// sealed are the texts of a task: title, what, why, links.
func (s *Service) sealed(tx *gorm.DB, task id.ID, d Draft) (out []any, err error) {
	for _, one := range []struct{ column, text string }{{"title", d.Title}, {"what", d.What}, {"why", d.Why}, {"links", strings.Join(d.Links, "\n")}} {
		if one.text == "" {
			out = append(out, nil)
			continue
		}
		value, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), tasksTable, one.column, task, one.text)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

func orNull(one id.ID) any {
	if one == 0 {
		return nil
	}
	return int64(one)
}

func (s *Service) writeGroups(tx *gorm.DB, task id.ID, groups []id.ID) error {
	if err := tx.Exec(`DELETE FROM improve_groups WHERE task_id = ?`, int64(task)).Error; err != nil {
		return err
	}
	for _, group := range groups {
		if err := tx.Exec(`INSERT INTO improve_groups (task_id, group_id) VALUES (?, ?)`, int64(task), int64(group)).Error; err != nil {
			return err
		}
	}
	return insights.KeepNamesTx(tx, groups)
}

// Change makes a task say what the draft says. version is that of the task which the draft was made upon. Errors: Denied,
// NotFound, Invalid with fields, Conflict (somebody has changed it since; Args: who).
func (s *Service) Change(ctx context.Context, by tickets.Actor, task id.ID, version int, d Draft) (*Task, error) {
	if err := mayLead(by); err != nil {
		return nil, err
	}
	if err := s.check(ctx, &d); err != nil {
		return nil, err
	}
	other := false // something else is compared
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil {
			return err
		}
		data := changes(t, d)
		if other = compares(t, d, data); len(data) == 0 {
			return nil
		}
		_, groups := data["groups"]
		if err := s.mayChange(tx, t, d, groups); err != nil {
			return err
		}
		texts, err := s.sealed(tx, task, d)
		if err != nil {
			return err
		}
		err = s.update(tx, t, version, `title = ?, what = ?, why = ?, links = ?, owner_id = ?, due_day = ?, target = ?, how = ?, change_day = ?`,
			append(texts, orNull(d.Owner), d.Due, d.Target, string(d.How), d.ChangeDay)...)
		if err != nil {
			return err
		}
		if groups {
			if err := s.writeGroups(tx, task, d.Groups); err != nil {
				return err
			}
		}
		was := t.Owner
		t.Owner = d.Owner
		if _, err := s.note(tx, t, by, Entry{Kind: EntryChanged, Data: data}); err != nil {
			return err
		}
		if was == d.Owner {
			return s.tell(tx, t, by, "changed")
		}
		return s.tell(tx, t, by, "changed", d.Owner)
	})
	if err != nil {
		return nil, err
	}
	if other {
		if _, err := s.Measure(ctx, task); err != nil {
			return nil, err
		}
	}
	return s.Task(ctx, task)
}

// compares tells that changes make another effect of what is known, or of what may be known now.
func compares(t *Task, d Draft, changes map[string]any) bool {
	for _, name := range []string{"groups", "target", "how", "change_day"} {
		if _, said := changes[name]; said {
			return t.Effect != nil || d.ChangeDay != ""
		}
	}
	return false
}

// mayChange refuses what would make a trial say something else than it was planned for: whoever may choose among groups while
// the arms are seen finds one that fell by chance.
func (s *Service) mayChange(tx *gorm.DB, t *Task, d Draft, groups bool) error {
	w := &wrong{}
	if t.State == Trying {
		if d.How != OnTrial {
			w.add("how", "running", "improve.error.running", nil)
		}
		if d.Target != t.Target {
			w.add("target", "running", "improve.error.running", nil)
		}
	}
	if groups && d.How == OnTrial {
		trial, err := s.trialOfTx(tx, t.ID)
		switch {
		case err != nil:
			return err
		case trial != nil && trial.State == Running:
			w.add("groups", "running", "improve.error.running", nil)
		case trial != nil && trial.State == Ended:
			w.add("groups", "ended", "improve.error.trial_groups", nil)
		}
	}
	return w.err()
}

// changes are what a draft changes, for the history: names of fields, with what was and is where that is no text.
func changes(t *Task, d Draft) map[string]any {
	out := map[string]any{}
	note := func(name string, differs bool, was, is any) {
		switch {
		case differs && was == nil:
			out[name] = true
		case differs:
			out[name] = []any{was, is}
		}
	}
	note("title", t.Title != d.Title, nil, nil)
	note("what", t.What != d.What, nil, nil)
	note("why", t.Why != d.Why, nil, nil)
	note("links", !slices.Equal(t.Links, d.Links), nil, nil)
	note("groups", !slices.Equal(slices.Sorted(slices.Values(t.Groups)), slices.Sorted(slices.Values(d.Groups))), nil, nil)
	note("owner", t.Owner != d.Owner, t.Owner.String(), d.Owner.String())
	note("due", t.Due != d.Due, t.Due, d.Due)
	note("target", t.Target != d.Target, t.Target, d.Target)
	note("how", t.How != d.How, string(t.How), string(d.How))
	note("change_day", t.ChangeDay != d.ChangeDay, t.ChangeDay, d.ChangeDay)
	return out
}

// update changes the row of a task if nobody has since version.
func (s *Service) update(tx *gorm.DB, t *Task, version int, set string, args ...any) error {
	done := tx.Exec(`UPDATE improve_tasks SET `+set+`, version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		append(args, tickets.Millis(s.Now()), int64(t.ID), version)...)
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return s.changedSince(tx, t)
	}
	t.Version = version + 1
	return nil
}

// changedSince says who was first.
func (s *Service) changedSince(tx *gorm.DB, t *Task) error {
	var who id.ID
	err := tx.Raw(`SELECT COALESCE(agent_id, 0) FROM improve_entries WHERE task_id = ? AND kind IN ('created', 'changed', 'state', 'trial') ORDER BY id DESC LIMIT 1`, int64(t.ID)).Row().Scan((*int64)(&who))
	if err != nil {
		return err
	}
	if who == 0 {
		return fault.New(fault.Conflict, "improve.error.changed")
	}
	a, err := s.Tickets.Agent(tx.Statement.Context, who)
	if err != nil {
		return err
	}
	return &fault.Error{Kind: fault.Conflict, Key: "improve.error.changed_by", Args: map[string]any{"name": a.Name}}
}
