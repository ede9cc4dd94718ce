-- +goose Up
-- A team that was deleted keeps its row: tickets of before still name it.
ALTER TABLE teams ADD COLUMN deleted_at INTEGER;

-- The secret before the last rotation holds until its end.
ALTER TABLE inboxes ADD COLUMN old_secret BLOB;
ALTER TABLE inboxes ADD COLUMN old_secret_until INTEGER;

-- app/auth: links that work once. An invitation has a role and an address, a link for a new password has an agent.
CREATE TABLE agent_links (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, token_hash BLOB NOT NULL, agent_id INTEGER, role TEXT NOT NULL DEFAULT '',
  email BLOB, email_hash BLOB, name BLOB, made_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER);
-- The tokens of an agent are listed and ended together.
CREATE INDEX api_tokens_agent ON api_tokens (agent_id);
CREATE UNIQUE INDEX agent_links_token ON agent_links (token_hash);
CREATE INDEX agent_links_agent ON agent_links (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX agent_links_email ON agent_links (email_hash) WHERE email_hash IS NOT NULL;
CREATE INDEX agent_links_maker ON agent_links (made_by);
CREATE INDEX agent_links_expiry ON agent_links (expires_at);

-- +goose Down
SELECT 1;
