-- +goose Up
-- Ours: mailin. What leaves as mail: a row for each message that does, with how far it has come. The letter itself (its
-- Message-ID, subject, whether it quotes) is sealed; its text is the message's.
CREATE TABLE mail_letters (
  message_id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, inbox_id INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, queued_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL, begun_at INTEGER, unsure BOOLEAN NOT NULL DEFAULT 0, letter BLOB NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX mail_letters_due ON mail_letters (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX mail_letters_begun ON mail_letters (inbox_id, begun_at) WHERE begun_at IS NOT NULL;
CREATE INDEX mail_letters_ticket ON mail_letters (ticket_id, message_id);

-- To whom each goes, and what came of it.
CREATE TABLE mail_recipients (
  id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL, ticket_id INTEGER NOT NULL, address BLOB NOT NULL, address_hash BLOB NOT NULL,
  role TEXT NOT NULL, state TEXT NOT NULL, code INTEGER NOT NULL DEFAULT 0, enhanced TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', detail BLOB, incoming_id INTEGER, sent_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX mail_recipients_message ON mail_recipients (message_id, id);
CREATE INDEX mail_recipients_ticket ON mail_recipients (ticket_id);
CREATE INDEX mail_recipients_address ON mail_recipients (address_hash, created_at);

-- Addresses that mails came back from.
CREATE TABLE mail_addresses (
  address_hash BLOB PRIMARY KEY, bounced_at INTEGER, soft INTEGER NOT NULL DEFAULT 0, until_at INTEGER, updated_at INTEGER NOT NULL) WITHOUT ROWID;

-- +goose Down
DROP TABLE mail_addresses;
DROP TABLE mail_recipients;
DROP TABLE mail_letters;
