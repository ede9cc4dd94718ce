-- +goose Up
-- Ours: mailin. A mailbox of an inbox: how to come to it, how far it was read, and how that goes.
CREATE TABLE mail_accounts (
  inbox_id BIGINT PRIMARY KEY, settings BYTEA NOT NULL, active BOOLEAN NOT NULL, epoch BIGINT NOT NULL DEFAULT 0,
  last_uid BIGINT NOT NULL DEFAULT 0, polled_at BIGINT, failing_since BIGINT, step TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', server BYTEA, left_there BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);

-- Every mail that came, as it came, before anything is made of it. The row stays when the mail itself is deleted.
CREATE TABLE mail_incoming (
  id BIGINT PRIMARY KEY, inbox_id BIGINT NOT NULL, epoch BIGINT NOT NULL, uid BIGINT NOT NULL, key_id BIGINT NOT NULL,
  raw BYTEA, size BIGINT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL DEFAULT 0, entries BIGINT NOT NULL DEFAULT 0,
  put_away BOOLEAN NOT NULL DEFAULT FALSE, contact_id BIGINT, ticket_id BIGINT, message_id BIGINT,
  came_at BIGINT NOT NULL, created_at BIGINT NOT NULL, done_at BIGINT, next_at BIGINT);
CREATE UNIQUE INDEX mail_incoming_uid ON mail_incoming (inbox_id, epoch, uid);
CREATE INDEX mail_incoming_new ON mail_incoming (id) WHERE state = 'new';
CREATE INDEX mail_incoming_there ON mail_incoming (inbox_id, epoch, uid) WHERE NOT put_away;
CREATE INDEX mail_incoming_message ON mail_incoming (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mail_incoming_ticket ON mail_incoming (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX mail_incoming_contact ON mail_incoming (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX mail_incoming_kept ON mail_incoming (created_at) WHERE key_id <> 0;
CREATE INDEX mail_incoming_failed ON mail_incoming (inbox_id, id) WHERE state = 'failed';

-- Pieces of a mail that is too large for its row.
CREATE TABLE mail_pieces (incoming_id BIGINT NOT NULL, n BIGINT NOT NULL, piece BYTEA NOT NULL, PRIMARY KEY (incoming_id, n));

-- What was seen once in an inbox is not taken again, whatever became of it.
CREATE TABLE mail_seen (inbox_id BIGINT NOT NULL, hash BYTEA NOT NULL, incoming_id BIGINT NOT NULL, PRIMARY KEY (inbox_id, hash));

-- Message-IDs of a ticket's mails; message_id 0: one that a mail of the ticket answers and that has not come yet.
CREATE TABLE mail_ids (
  hash BYTEA NOT NULL, ticket_id BIGINT NOT NULL, message_id BIGINT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (hash, ticket_id));
CREATE INDEX mail_ids_ticket ON mail_ids (ticket_id);
CREATE INDEX mail_ids_message ON mail_ids (message_id) WHERE message_id <> 0;

-- What a message was as a mail: its head, and its whole text and HTML.
CREATE TABLE mail_messages (
  message_id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, inbox_id BIGINT NOT NULL, incoming_id BIGINT, reason TEXT NOT NULL,
  auto TEXT NOT NULL DEFAULT '', head BYTEA NOT NULL, content BYTEA, created_at BIGINT NOT NULL);
CREATE INDEX mail_messages_ticket ON mail_messages (ticket_id, message_id);

-- +goose Down
SELECT 1;
