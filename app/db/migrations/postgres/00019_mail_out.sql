-- +goose Up
-- Ours: mailin. What leaves as mail: a row for each message that does, with how far it has come. The letter itself (its
-- Message-ID, subject, whether it quotes) is sealed; its text is the message's.
CREATE TABLE mail_letters (
  message_id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, inbox_id BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '', attempts BIGINT NOT NULL DEFAULT 0, queued_at BIGINT NOT NULL, next_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL, begun_at BIGINT, unsure BOOLEAN NOT NULL DEFAULT FALSE, letter BYTEA NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX mail_letters_due ON mail_letters (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX mail_letters_begun ON mail_letters (inbox_id, begun_at) WHERE begun_at IS NOT NULL;
CREATE INDEX mail_letters_ticket ON mail_letters (ticket_id, message_id);

-- To whom each goes, and what came of it.
CREATE TABLE mail_recipients (
  id BIGINT PRIMARY KEY, message_id BIGINT NOT NULL, ticket_id BIGINT NOT NULL, address BYTEA NOT NULL, address_hash BYTEA NOT NULL,
  role TEXT NOT NULL, state TEXT NOT NULL, code BIGINT NOT NULL DEFAULT 0, enhanced TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', detail BYTEA, incoming_id BIGINT, sent_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX mail_recipients_message ON mail_recipients (message_id, id);
CREATE INDEX mail_recipients_ticket ON mail_recipients (ticket_id);
CREATE INDEX mail_recipients_address ON mail_recipients (address_hash, created_at);

-- Addresses that mails came back from.
CREATE TABLE mail_addresses (
  address_hash BYTEA PRIMARY KEY, bounced_at BIGINT, soft BIGINT NOT NULL DEFAULT 0, until_at BIGINT, updated_at BIGINT NOT NULL);

-- +goose Down
DROP TABLE mail_addresses;
DROP TABLE mail_recipients;
DROP TABLE mail_letters;
