package insights

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// ActionKind is what somebody did.
type ActionKind string

// The kinds of action.
const (
	DidRename ActionKind = "rename"
	DidMerge  ActionKind = "merge"
	DidSplit  ActionKind = "split"
	DidMove   ActionKind = "move"
	DidMute   ActionKind = "mute"
	DidUnmute ActionKind = "unmute"
	DidPin    ActionKind = "pin"
	DidUnpin  ActionKind = "unpin"
	DidRefuse ActionKind = "refuse_twin"
)

// Action is something that somebody did to the groups by hand.
type Action struct {
	ID       id.ID
	Kind     ActionKind
	GroupID  id.ID   // the group in the middle: that which others went into, that which was split, where voices went (0: nowhere)
	AgentID  *id.ID  // nil: the desk itself
	Others   []id.ID // groups that were merged into it, or the one that was split off
	Fines    []id.ID // fine groups that moved
	Voices   []id.ID // that were moved
	Title    string  // given
	Was      string  // the title before
	At       time.Time
	UndoneAt *time.Time
	UndoneBy *id.ID

	data actionData
}

// actionData is what an action remembers: ids, and the state before.
type actionData struct {
	Groups []groupBefore `json:"groups,omitempty"`
	Fines  []fineBefore  `json:"fines,omitempty"`
	Voices []voiceBefore `json:"voices,omitempty"`
	Pinned bool          `json:"pinned,omitempty"` // the group in the middle was, before
	Fine   id.ID         `json:"fine,omitzero"`    // in which moved voices lie
	Twin   id.ID         `json:"twin,omitzero"`
}

type groupBefore struct {
	ID    id.ID      `json:"id"`
	State GroupState `json:"state"`
}

type fineBefore struct {
	ID     id.ID `json:"id"`
	Parent id.ID `json:"parent"`
	ByHand bool  `json:"by_hand"`
}

type voiceBefore struct {
	ID    id.ID   `json:"id"`
	Fine  id.ID   `json:"fine,omitzero"`
	Score float64 `json:"score"`
	Fixed bool    `json:"fixed"`
}

// actionText is what is sealed of an action.
type actionText struct {
	Title string `json:"title"`
	Was   string `json:"was,omitzero"`
}

const actionsTable = "insight_actions"

// did notes an action in the transaction of the change.
func (s *Service) did(tx *gorm.DB, by id.ID, kind ActionKind, group id.ID, data *actionData, text *actionText) (id.ID, error) {
	action := s.IDs.Next()
	plain, err := json.Marshal(data)
	if err != nil {
		return 0, err
	}
	var sealed []byte
	if text != nil {
		words, err := json.Marshal(text)
		if err != nil {
			return 0, err
		}
		if sealed, err = s.Sealer.Seal(tx, s.Sealer.DeskKey(), actionsTable, "text", action, words); err != nil {
			return 0, err
		}
	}
	return action, tx.Exec(`INSERT INTO insight_actions (id, kind, group_id, agent_id, data, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		int64(action), string(kind), int64(group), idOrNull(by), string(plain), sealed, s.Now().UnixMilli()).Error
}

// actionsMost is how many actions are given at once.
const actionsMost = 200

// Actions gives what people did to a group, the newest first; group 0: to all, before 0: from the newest on.
func (s *Service) Actions(ctx context.Context, group, before id.ID, limit int) ([]Action, error) {
	where, args := ` WHERE TRUE`, []any(nil)
	if group != 0 {
		where, args = ` WHERE a.group_id = ?`, append(args, int64(group))
	}
	if before != 0 {
		where, args = where+` AND a.id < ?`, append(args, int64(before))
	}
	if limit <= 0 || limit > actionsMost {
		limit = actionsMost
	}
	return s.actions(s.Store.Read(ctx), where+` ORDER BY a.id DESC LIMIT ?`, append(args, limit)...)
}

func (s *Service) actions(tx *gorm.DB, where string, args ...any) ([]Action, error) {
	rows, err := tx.Raw(`SELECT a.id, a.kind, a.group_id, a.agent_id, a.data, a.text, a.at, a.undone_at, a.undone_by FROM insight_actions a`+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Action
	var data []string
	var texts [][]byte
	for rows.Next() {
		var a Action
		var at int64
		var plain string
		var sealed []byte
		if err := rows.Scan((*int64)(&a.ID), (*string)(&a.Kind), (*int64)(&a.GroupID), &a.AgentID, &plain, &sealed, &at, scanTime{&a.UndoneAt}, &a.UndoneBy); err != nil {
			return nil, err
		}
		a.At = time.UnixMilli(at)
		list, data, texts = append(list, a), append(data, plain), append(texts, sealed)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.openAction(tx, &list[i], data[i], texts[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) openAction(tx *gorm.DB, a *Action, data string, sealed []byte) error {
	if err := json.Unmarshal([]byte(data), &a.data); err != nil {
		return err
	}
	for _, g := range a.data.Groups {
		a.Others = append(a.Others, g.ID)
	}
	for _, f := range a.data.Fines {
		a.Fines = append(a.Fines, f.ID)
	}
	for _, v := range a.data.Voices {
		a.Voices = append(a.Voices, v.ID)
	}
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.Sealer.Open(tx, actionsTable, "text", a.ID, sealed)
	if err != nil {
		return err
	}
	var text actionText
	if err := json.Unmarshal(plain, &text); err != nil {
		return err
	}
	a.Title, a.Was = text.Title, text.Was
	return nil
}
