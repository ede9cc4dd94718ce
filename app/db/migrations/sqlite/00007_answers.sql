-- +goose Up
-- Ours: tickets. How soon an inbox answers is read from its newest first replies.
CREATE INDEX tickets_first_reply ON tickets (inbox_id, first_replied_at) WHERE first_replied_at IS NOT NULL;

-- addresses of a ticket's page /t/TOKEN
CREATE TABLE ticket_links (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, token_hash BLOB NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER);
CREATE UNIQUE INDEX ticket_links_token ON ticket_links (token_hash);
CREATE INDEX ticket_links_ticket ON ticket_links (ticket_id, id);

-- one rating a ticket (CSAT)
CREATE TABLE ratings (
  ticket_id INTEGER PRIMARY KEY, id INTEGER NOT NULL, agent_id INTEGER, score INTEGER NOT NULL, comment BLOB, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);

-- "text me when there is an answer": a number that the contact has given for it
CREATE TABLE text_wishes (
  ticket_id INTEGER PRIMARY KEY, id INTEGER NOT NULL, phone BLOB NOT NULL, phone_hash BLOB NOT NULL, consent_at INTEGER NOT NULL);

-- the newest answer that its contact has perhaps not taken; one row a ticket
CREATE TABLE undelivered (
  ticket_id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, pos INTEGER NOT NULL, since INTEGER NOT NULL, told_at INTEGER);
CREATE INDEX undelivered_due ON undelivered (since) WHERE told_at IS NULL;

-- Ours: app/sms. One text message a silence.
CREATE TABLE sms_sends (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, pos INTEGER NOT NULL, phone_hash BLOB NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX sms_sends_silence ON sms_sends (ticket_id, pos);
CREATE INDEX sms_sends_phone ON sms_sends (phone_hash, created_at);
CREATE INDEX sms_sends_day ON sms_sends (created_at);

-- +goose Down
SELECT 1;
