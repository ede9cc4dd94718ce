package improve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// EntryKind says what an entry of a task's history tells.
type EntryKind string

// The kinds of entries.
const (
	EntryCreated EntryKind = "created"
	EntryChanged EntryKind = "changed" // data: what was changed
	EntryState   EntryKind = "state"   // data: from, to
	EntryComment EntryKind = "comment" // data: mentions
	EntryFile    EntryKind = "file"    // data: file, or removed
	EntryTrial   EntryKind = "trial"   // data: what: planned, started, ended
	EntryVerdict EntryKind = "verdict" // data: from, to
)

// Entry is one thing that happened to a task. Body is what somebody wrote, or said of a change of state.
type Entry struct {
	ID   id.ID
	Kind EntryKind
	By   id.ID // zero: the desk itself
	Data map[string]any
	Body string
	At   int64
}

const entriesTable = "improve_entries"

// note writes an entry.
func (s *Service) note(tx *gorm.DB, t *Task, by tickets.Actor, e Entry) (id.ID, error) {
	e.ID = s.IDs.Next()
	data := ""
	if len(e.Data) > 0 {
		text, err := json.Marshal(e.Data)
		if err != nil {
			return 0, err
		}
		data = string(text)
	}
	var body any
	if e.Body != "" {
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), entriesTable, "body", e.ID, e.Body)
		if err != nil {
			return 0, err
		}
		body = sealed
	}
	return e.ID, tx.Exec(`INSERT INTO improve_entries (id, task_id, kind, agent_id, data, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		int64(e.ID), int64(t.ID), string(e.Kind), orNull(by.ID), data, body, tickets.Millis(s.Now())).Error
}

// tell lets the log know of a change; the agents are those who are to be told, and may write at the task from now on.
func (s *Service) tell(tx *gorm.DB, t *Task, by tickets.Actor, change string, agents ...id.ID) error {
	told := []string{}
	for _, one := range agents {
		if one == 0 {
			continue
		}
		if err := tx.Exec(`INSERT INTO improve_people (task_id, agent_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, int64(t.ID), int64(one)).Error; err != nil {
			return err
		}
		if text := one.String(); one != by.ID && !slices.Contains(told, text) {
			told = append(told, text)
		}
	}
	data := map[string]any{"number": t.Number, "change": change, "state": string(t.State)}
	if len(told) > 0 {
		data["tell"] = told
	}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.Tickets.TaskUpdatedTx(tx, by, t.ID, string(text))
}

// History gives what happened to a task, the oldest first, at most so much of the newest.
func (s *Service) History(ctx context.Context, task id.ID, limit int) ([]Entry, error) {
	tx := s.Store.Read(ctx)
	rows, err := tx.Raw(`SELECT id, kind, COALESCE(agent_id, 0), data, body, at FROM improve_entries WHERE task_id = ? ORDER BY id DESC LIMIT ?`, int64(task), limit).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Entry
	var bodies [][]byte
	for rows.Next() {
		var e Entry
		var data string
		var body []byte
		if err := rows.Scan((*int64)(&e.ID), (*string)(&e.Kind), (*int64)(&e.By), &data, &body, &e.At); err != nil {
			return nil, err
		}
		if data != "" {
			if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
				return nil, err
			}
		}
		list, bodies = append(list, e), append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if len(bodies[i]) == 0 {
			continue
		}
		if list[i].Body, err = s.Sealer.OpenText(tx, entriesTable, "body", list[i].ID, bodies[i]); err != nil {
			return nil, err
		}
	}
	slices.Reverse(list)
	return list, nil
}

// MayWrite tells whether somebody may write at a task: who leads, its owner, and who was mentioned.
func (s *Service) MayWrite(ctx context.Context, by tickets.Actor, task id.ID) (bool, error) {
	if mayLead(by) == nil {
		return true, nil
	}
	n := 0
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM improve_people WHERE task_id = ? AND agent_id = ?`, int64(task), int64(by.ID)).Row().Scan(&n)
	return n > 0 && by.Kind == tickets.ActorAgent, err
}

// Comment says something at a task and tells its owner and those who are mentioned in it, as @Name. Errors: Denied, NotFound,
// Invalid with fields.
func (s *Service) Comment(ctx context.Context, by tickets.Actor, task id.ID, body string) (id.ID, error) {
	may, err := s.MayWrite(ctx, by, task)
	if err != nil {
		return 0, err
	}
	if !may {
		return 0, fault.New(fault.Denied, "improve.error.mentioned")
	}
	switch body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")); {
	case body == "":
		return 0, fault.InvalidField("body", "required", "improve.error.comment", nil)
	case !fits(body, TextMax):
		return 0, fault.InvalidField("body", "too_long", "improve.error.long", map[string]any{"max": TextMax})
	}
	mentioned, err := s.mentions(ctx, body)
	if err != nil {
		return 0, err
	}
	var entry id.ID
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil {
			return err
		}
		e := Entry{Kind: EntryComment, Body: body}
		if len(mentioned) > 0 {
			e.Data = map[string]any{"mentions": mentioned}
		}
		if entry, err = s.note(tx, t, by, e); err != nil {
			return err
		}
		return s.tell(tx, t, by, "comment", append([]id.ID{t.Owner}, mentioned...)...)
	})
	return entry, err
}

// mentions gives the agents whose names stand in a text behind an @; of two names the longer one is meant.
func (s *Service) mentions(ctx context.Context, body string) ([]id.ID, error) {
	body = strings.ToLower(strings.ReplaceAll(body, "＠", "@"))
	if !strings.Contains(body, "@") {
		return nil, nil
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(agents, func(a, b tickets.Agent) int { return len(b.Name) - len(a.Name) })
	var out []id.ID
	for i := range agents {
		a, name := &agents[i], "@"+strings.ToLower(agents[i].Name)
		if a.DisabledAt == nil && a.Name != "" && strings.Contains(body, name) {
			out, body = append(out, a.ID), strings.ReplaceAll(body, name, "")
		}
	}
	return out, nil
}
