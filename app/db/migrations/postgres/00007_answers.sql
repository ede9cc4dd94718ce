-- +goose Up
-- Ours: tickets. How soon an inbox answers is read from its newest first replies.
CREATE INDEX tickets_first_reply ON tickets (inbox_id, first_replied_at) WHERE first_replied_at IS NOT NULL;

-- addresses of a ticket's page /t/TOKEN
CREATE TABLE ticket_links (
  id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, token_hash BYTEA NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT);
CREATE UNIQUE INDEX ticket_links_token ON ticket_links (token_hash);
CREATE INDEX ticket_links_ticket ON ticket_links (ticket_id, id);

-- one rating a ticket (CSAT)
CREATE TABLE ratings (
  ticket_id BIGINT PRIMARY KEY, id BIGINT NOT NULL, agent_id BIGINT, score BIGINT NOT NULL, comment BYTEA, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);

-- "text me when there is an answer": a number that the contact has given for it
CREATE TABLE text_wishes (
  ticket_id BIGINT PRIMARY KEY, id BIGINT NOT NULL, phone BYTEA NOT NULL, phone_hash BYTEA NOT NULL, consent_at BIGINT NOT NULL);

-- the newest answer that its contact has perhaps not taken; one row a ticket
CREATE TABLE undelivered (
  ticket_id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, pos BIGINT NOT NULL, since BIGINT NOT NULL, told_at BIGINT);
CREATE INDEX undelivered_due ON undelivered (since) WHERE told_at IS NULL;

-- Ours: app/sms. One text message a silence.
CREATE TABLE sms_sends (
  id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, pos BIGINT NOT NULL, phone_hash BYTEA NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX sms_sends_silence ON sms_sends (ticket_id, pos);
CREATE INDEX sms_sends_phone ON sms_sends (phone_hash, created_at);
CREATE INDEX sms_sends_day ON sms_sends (created_at);

-- +goose Down
SELECT 1;
