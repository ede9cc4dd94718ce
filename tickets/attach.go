package tickets

import (
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// attachFromContact gives a contact's uploads to her message. A file that is not hers, or belongs to a message
// already, is refused like one that does not exist.
func (c conn) attachFromContact(m *Message, files, owners []id.ID) error {
	if len(files) == 0 {
		return nil
	}
	in, args := list(owners)
	return c.attach(m, files, ` AND contact_id IN `+in, args)
}

// attachFromAgent gives files that were uploaded for the ticket to an agent's message.
func (c conn) attachFromAgent(m *Message, files []id.ID) error {
	return c.attach(m, files, ` AND contact_id IS NULL AND ticket_id = ?`, []any{int64(m.TicketID)})
}

func (c conn) attach(m *Message, files []id.ID, whose string, more []any) error {
	if len(files) == 0 {
		return nil
	}
	files = slices.Compact(slices.Sorted(slices.Values(files)))
	in, args := list(files)
	n, err := c.exec(`UPDATE attachments SET ticket_id = ?, message_id = ? WHERE message_id IS NULL AND id IN `+in+whose,
		slices.Concat([]any{int64(m.TicketID), int64(m.ID)}, args, more)...)
	if err == nil && int(n) != len(files) {
		err = fault.InvalidField("attachments", "unknown", "error.message.attachment_unknown", nil)
	}
	return err
}
