-- +goose Up
-- Who takes part in a ticket beside its contact. Owned by tickets.
CREATE TABLE ticket_participants (
  ticket_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, created_at INTEGER NOT NULL, actor_kind TEXT NOT NULL, actor_id INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, contact_id)) WITHOUT ROWID;
CREATE INDEX ticket_participants_contact ON ticket_participants (contact_id);

-- A message may be of somebody else than the ticket's contact (guest_id), held back for a while, or moved to another ticket.
ALTER TABLE messages ADD COLUMN guest_id INTEGER;
ALTER TABLE messages ADD COLUMN held_until INTEGER;
ALTER TABLE messages ADD COLUMN copied_from INTEGER;
ALTER TABLE messages ADD COLUMN moved_to INTEGER;
CREATE INDEX messages_guest ON messages (guest_id, id) WHERE guest_id IS NOT NULL;
CREATE INDEX messages_held ON messages (held_until) WHERE state = 'held';

-- +goose Down
DROP INDEX messages_held;
DROP INDEX messages_guest;
ALTER TABLE messages DROP COLUMN moved_to;
ALTER TABLE messages DROP COLUMN copied_from;
ALTER TABLE messages DROP COLUMN held_until;
ALTER TABLE messages DROP COLUMN guest_id;
DROP TABLE ticket_participants;
