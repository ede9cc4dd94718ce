package tickets

import (
	"encoding/json"
	"errors"

	"huiyin/tickets/id"
)

// copiedData is what the event of a copy says: readers tell it from what a contact has just written.
const copiedData = `{"copied":true}`

// Copied tells whether an event is of a message that was moved here from another ticket.
func (e *Event) Copied() bool { return e.Type == EventMessageCreated && e.Data == copiedData }

// say puts the copy into the target, with what a contact's message does there.
func (v *move) say() error {
	m, e := v.message, v.to
	v.copy = &Message{
		ID: v.s.ids.Next(), Kind: m.Kind, AuthorKind: m.AuthorKind, AuthorID: m.AuthorID, ClientID: m.ClientID, Body: m.Body, Files: m.Files,
		Masked: m.Masked, CopiedFrom: &m.ID,
	}
	if m.AuthorKind == ActorContact && v.author.ID != e.t.ContactID {
		v.copy.GuestID = &v.author.ID
	}
	if e.fresh && !v.split {
		v.copy.Kind = KindContact
	}
	waited := e.t.WaitingSince != nil
	put := e.take
	switch {
	case m.AuthorKind != ActorContact:
		put = e.sayAgain
	case v.copy.Kind == KindNote:
		put = e.say
	}
	if err := put(v.copy, copiedData); err != nil {
		return err
	}
	if comes, err := e.guestComes(v.copy); err != nil {
		return err
	} else if comes {
		if err := v.c.insertParticipant(e.t.ID, v.author.ID, v.actor, e.at); err != nil {
			return err
		}
	}
	if v.copy.CreatedAt = m.CreatedAt; !waited && e.t.WaitingSince != nil {
		e.t.WaitingSince = &m.CreatedAt
	}
	e.event(EventMessageMoved, v.copy.ID, movedData("out_of", v.from.t.ID, ""))
	return nil
}

// sayAgain is what a copied message of the desk does to its ticket: an agent's reply answers what stands before it, but
// nobody takes the ticket up by it.
func (e *edit) sayAgain(m *Message, data string) error {
	if err := e.say(m, data); err != nil {
		return err
	}
	t := e.t
	t.LastReplyPos = m.Pos
	if !m.answers() {
		return nil
	}
	t.WaitingSince, t.AgentRead = nil, t.LastSeq
	if t.FirstRepliedAt == nil {
		t.FirstRepliedAt = new(e.at)
	}
	e.move(follow(t.Status, byReply))
	return nil
}

func (m *Message) answers() bool { return m.Kind == KindReply && m.AuthorKind == ActorAgent }

func (v *move) insert() error {
	stored, err := v.s.insertMessage(v.c, v.to.t.KeyID, v.copy)
	if err == nil && !stored {
		err = errors.New("a copy of a message has a dedupe key")
	}
	return err
}

// files gives the message's files to the copy: themselves where they lie under the right key, else what was copied before.
func (v *move) files() error {
	c, m := v.c, v.message
	if len(m.Attachments) == 0 {
		return nil
	}
	ids, err := v.plan.filesFor(v.to.t.ContactID, m)
	if err != nil {
		return err
	}
	v.renamed = map[id.ID]id.ID{}
	for i, now := range ids {
		v.renamed[m.Attachments[i].ID] = now
	}
	in, args := list(ids)
	n, err := c.exec(`UPDATE attachments SET ticket_id = ?, message_id = ? WHERE state <> 'gone' AND id IN `+in, append([]any{int64(v.to.t.ID), int64(v.copy.ID)}, args...)...)
	if err != nil {
		return err
	}
	if int(n) != len(ids) {
		return errMoved
	}
	if _, err := c.exec(`UPDATE attachments SET state = 'gone', message_id = NULL WHERE message_id = ?`, int64(m.ID)); err != nil {
		return err
	}
	return v.s.withFiles(c, v.copy)
}

// leave empties the original and brings the source up to date.
func (v *move) leave() error {
	m, e := v.message, v.from
	m.State, m.Body, m.BodySealed, m.ChangedAt, m.MovedTo, m.Attachments = StateMoved, "", nil, new(e.at), new(v.to.t.ID), nil
	if _, err := v.c.exec(`UPDATE messages SET state = ?, body = NULL, changed_at = ?, moved_to = ? WHERE id = ?`,
		string(m.State), e.at, int64(v.to.t.ID), int64(m.ID)); err != nil {
		return err
	}
	if m.Seq != nil && *m.Seq == e.t.LastSeq {
		if err := e.previewBefore(*m.Seq); err != nil {
			return err
		}
	}
	e.kind, e.message = ChangeState, m
	if m.Kind != KindContact {
		e.event(EventMessageMoved, m.ID, movedData("into", v.to.t.ID, ""))
		return nil
	}
	var err error
	if e.t.LastContactPos, err = v.c.lastContactPos(e.t.ID); err != nil {
		return err
	}
	if e.t.LastContactPos == 0 && e.t.Status != StatusClosed {
		e.event(EventMessageMoved, m.ID, movedData("into", v.to.t.ID, e.t.Status))
		e.move(StatusClosed)
		return nil
	}
	e.event(EventMessageMoved, m.ID, movedData("into", v.to.t.ID, ""))
	return e.waitsForLess(m)
}

// waitsForLess looks since when the contact waits without a message that is gone from her ticket. Where nothing of hers
// is left to be answered, the ticket waits for her again.
func (e *edit) waitsForLess(m *Message) error {
	t := e.t
	if t.WaitingSince == nil || m.CreatedAt > *t.WaitingSince {
		return nil
	}
	answered, err := e.c.lastAnswer(t.ID)
	if err != nil {
		return err
	}
	if t.WaitingSince, err = e.c.firstOf(t.ID, answered); err != nil || t.WaitingSince != nil {
		return err
	}
	if t.Status == StatusOpen && answered > 0 {
		e.move(StatusPending)
	}
	return nil
}

// lastContactPos is the place of the newest message of a contact that was not moved away; zero for none.
func (c conn) lastContactPos(ticket id.ID) (pos int64, err error) {
	err = c.row(`SELECT COALESCE(MAX(m.pos), 0) FROM messages m WHERE m.ticket_id = ? AND m.kind = 'contact' AND m.moved_to IS NULL`, int64(ticket)).Scan(&pos)
	return pos, err
}

// lastAnswer is the place of the newest reply of an agent that the contact got; zero for none.
func (c conn) lastAnswer(ticket id.ID) (pos int64, err error) {
	err = c.row(`SELECT COALESCE(MAX(m.pos), 0) FROM messages m WHERE m.ticket_id = ? AND m.kind = 'reply' AND m.author_kind = 'agent' AND m.seq IS NOT NULL AND m.moved_to IS NULL`,
		int64(ticket)).Scan(&pos)
	return pos, err
}

// movedData is what the event of a move says: the other ticket, and the status of one that it closed.
func movedData(way string, other id.ID, closed Status) string {
	b := `{"` + way + `":"` + other.String() + `"`
	if closed != "" {
		b += `,"closed":"` + string(closed) + `"`
	}
	return b + `}`
}

// beforeMove gives the status of a ticket before the move of a message closed it; empty when that did not, or when its
// status was changed since.
func (c conn) beforeMove(ticket, message id.ID) (Status, error) {
	var pos int64
	var data string
	err := c.row(`SELECT e.pos, e.data FROM events e WHERE e.ticket_id = ? AND e.type = ? AND e.subject_id = ? ORDER BY e.pos DESC LIMIT 1`,
		int64(ticket), string(EventMessageMoved), int64(message)).Scan(&pos, &data)
	if err != nil {
		return "", noRows(err, nil)
	}
	var was struct {
		Closed Status `json:"closed"`
	}
	if err := json.Unmarshal([]byte(data), &was); err != nil || was.Closed == "" {
		return "", err
	}
	later, err := c.ids(`SELECT e.n FROM events e WHERE e.ticket_id = ? AND e.type IN (?, ?) AND e.pos > ? LIMIT 1`,
		int64(ticket), string(EventStatusChanged), string(EventTicketMerged), pos+1) // the row after it is its own
	if err != nil || len(later) > 0 {
		return "", err
	}
	return was.Closed, nil
}
