-- +goose Up
-- Ours: app/auth. What a token may do, words of the program parted by blanks; empty: all that its agent may.
ALTER TABLE api_tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT '';

-- Ours: app/idempotency. The answers to writes that named an Idempotency-Key, kept for a day. Status 0: the write is at work.
CREATE TABLE idempotency_keys (
  token_id BIGINT NOT NULL, hash BYTEA NOT NULL, id BIGINT NOT NULL, request BYTEA NOT NULL, status BIGINT NOT NULL,
  answer BYTEA, contact_id BIGINT, created_at BIGINT NOT NULL, PRIMARY KEY (token_id, hash));
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_contact ON idempotency_keys (contact_id) WHERE contact_id IS NOT NULL;

-- tickets: the lists of the API, newest first.
CREATE INDEX tickets_by_status ON tickets (status, id) WHERE status IN ('new','open','pending','spam');
CREATE INDEX tickets_by_inbox ON tickets (inbox_id, id);
CREATE INDEX tickets_by_assignee ON tickets (assignee_id, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tickets_by_team ON tickets (team_id, id) WHERE team_id IS NOT NULL;

-- +goose Down
DROP INDEX tickets_by_team;
DROP INDEX tickets_by_assignee;
DROP INDEX tickets_by_inbox;
DROP INDEX tickets_by_status;
DROP TABLE idempotency_keys;
ALTER TABLE api_tokens DROP COLUMN scopes;
