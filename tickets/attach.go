package tickets

import (
	"cmp"
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// attachFromContact gives a contact's uploads to her message. A file that is not hers, or belongs to a message
// already, is refused like one that does not exist.
func (s *Service) attachFromContact(c conn, m *Message, files, owners []id.ID) error {
	in, args := list(owners)
	return s.attach(c, m, files, ` AND contact_id IN `+in, args)
}

// attachFromAgent gives files that were uploaded for the ticket to an agent's message.
func (s *Service) attachFromAgent(c conn, m *Message, files []id.ID) error {
	return s.attach(c, m, files, ` AND contact_id IS NULL AND ticket_id = ?`, []any{int64(m.TicketID)})
}

func (s *Service) attach(c conn, m *Message, files []id.ID, whose string, more []any) error {
	files = unique(files)
	if len(files) == 0 {
		return nil
	}
	in, args := list(files)
	n, err := c.exec(`UPDATE attachments SET ticket_id = ?, message_id = ? WHERE message_id IS NULL AND state <> 'gone' AND id IN `+in+whose,
		slices.Concat([]any{int64(m.TicketID), int64(m.ID)}, args, more)...)
	if err == nil && int(n) != len(files) {
		err = fault.InvalidField("attachments", "unknown", "error.message.attachment_unknown", nil)
	}
	if err != nil {
		return err
	}
	return s.withFiles(c, m)
}

// unique sorts ids and drops what stands twice.
func unique[T cmp.Ordered](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }
