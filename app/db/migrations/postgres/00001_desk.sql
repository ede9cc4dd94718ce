-- +goose Up
-- The twin of the SQLite file of the same name. Data keys lie in a schema of their own, so that a dump can leave them out.
CREATE SCHEMA IF NOT EXISTS huiyin_keys;
CREATE SEQUENCE ticket_number START 1001;
-- Times are Unix milliseconds UTC. Which columns are sealed stands in tickets/seal/doc.go.

-- Ours: app/db
CREATE TABLE nodes (node BIGINT PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL);
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL, fence BIGINT NOT NULL);

-- tickets/seal
CREATE TABLE master_keys (version BIGINT PRIMARY KEY, fingerprint BYTEA NOT NULL, created_at BIGINT NOT NULL, retired_at BIGINT);
CREATE TABLE huiyin_keys.data_keys (
  id BIGINT PRIMARY KEY, purpose TEXT NOT NULL, contact_id BIGINT, master BIGINT NOT NULL,
  wrapped BYTEA NOT NULL, created_at BIGINT NOT NULL);
CREATE UNIQUE INDEX data_keys_purpose ON huiyin_keys.data_keys (purpose) WHERE purpose <> 'contact';
CREATE INDEX data_keys_contact ON huiyin_keys.data_keys (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX data_keys_master ON huiyin_keys.data_keys (master, id);

-- tickets
CREATE TABLE settings (name TEXT PRIMARY KEY, value BYTEA NOT NULL, updated_at BIGINT NOT NULL);

CREATE TABLE contacts (
  id BIGINT PRIMARY KEY, key_id BIGINT NOT NULL, name BYTEA, locale TEXT NOT NULL, vip BOOLEAN NOT NULL DEFAULT FALSE,
  blocked BOOLEAN NOT NULL DEFAULT FALSE, merged_into BIGINT, last_seen_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE contact_identities (
  id BIGINT PRIMARY KEY, contact_id BIGINT NOT NULL, kind TEXT NOT NULL, hash BYTEA NOT NULL, value BYTEA NOT NULL,
  last4 BYTEA, verified BOOLEAN NOT NULL, created_at BIGINT NOT NULL);
CREATE UNIQUE INDEX contact_identities_verified ON contact_identities (kind, hash) WHERE verified;
CREATE UNIQUE INDEX contact_identities_contact ON contact_identities (contact_id, kind, hash);
CREATE INDEX contact_identities_hash ON contact_identities (hash);
CREATE INDEX contact_identities_last4 ON contact_identities (last4) WHERE last4 IS NOT NULL;
CREATE TABLE contact_tokens (hash BYTEA NOT NULL, contact_id BIGINT NOT NULL, PRIMARY KEY (hash, contact_id));
CREATE INDEX contact_tokens_contact ON contact_tokens (contact_id);
CREATE TABLE contact_consents (
  contact_id BIGINT NOT NULL, notice TEXT NOT NULL, version TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (contact_id, notice, version));

CREATE TABLE agents (
  id BIGINT PRIMARY KEY, name BYTEA NOT NULL, email BYTEA NOT NULL, email_hash BYTEA NOT NULL, role TEXT NOT NULL,
  password TEXT NOT NULL, locale TEXT NOT NULL DEFAULT '', theme TEXT NOT NULL DEFAULT '', availability TEXT NOT NULL DEFAULT 'online',
  disabled_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX agents_email ON agents (email_hash);
CREATE TABLE teams (id BIGINT PRIMARY KEY, name BYTEA NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE team_agents (team_id BIGINT NOT NULL, agent_id BIGINT NOT NULL, PRIMARY KEY (team_id, agent_id));
CREATE INDEX team_agents_agent ON team_agents (agent_id);

CREATE TABLE inboxes (
  id BIGINT PRIMARY KEY, channel TEXT NOT NULL, name BYTEA NOT NULL, public_key TEXT NOT NULL, secret BYTEA NOT NULL,
  settings BYTEA NOT NULL, disabled_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX inboxes_key ON inboxes (public_key);

CREATE TABLE tickets (
  id BIGINT PRIMARY KEY, number BIGINT NOT NULL, inbox_id BIGINT NOT NULL, channel TEXT NOT NULL,
  contact_id BIGINT NOT NULL, key_id BIGINT NOT NULL, status TEXT NOT NULL, priority TEXT NOT NULL,
  assignee_id BIGINT, team_id BIGINT, subject BYTEA,
  order_no BYTEA, order_hash BYTEA, order_last BYTEA, order_verified BOOLEAN NOT NULL DEFAULT FALSE,
  page_url BYTEA, page_title BYTEA, preview BYTEA,
  last_pos BIGINT NOT NULL, last_seq BIGINT NOT NULL, last_contact_pos BIGINT NOT NULL, last_reply_pos BIGINT NOT NULL,
  contact_read BIGINT NOT NULL, agent_read BIGINT NOT NULL,
  waiting_since BIGINT, snoozed_until BIGINT, merged_into BIGINT, previous_id BIGINT,
  first_replied_at BIGINT, solved_at BIGINT, closed_at BIGINT,
  last_message_at BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX tickets_number ON tickets (number);
CREATE UNIQUE INDEX tickets_open_chat ON tickets (inbox_id, contact_id) WHERE channel = 'chat' AND status IN ('new','open','pending');
CREATE INDEX tickets_contact ON tickets (contact_id, id);
CREATE INDEX tickets_unassigned ON tickets (waiting_since, id) WHERE assignee_id IS NULL AND status IN ('new','open','pending');
CREATE INDEX tickets_assigned ON tickets (assignee_id, last_message_at, id) WHERE assignee_id IS NOT NULL AND status IN ('new','open','pending');
CREATE INDEX tickets_active ON tickets (last_message_at, id) WHERE assignee_id IS NOT NULL AND status IN ('new','open','pending');
CREATE INDEX tickets_all ON tickets (last_message_at, id);
CREATE INDEX tickets_order ON tickets (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX tickets_order_last ON tickets (order_last) WHERE order_last IS NOT NULL;
CREATE INDEX tickets_snoozed ON tickets (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- kept counters of the lists: several shards a counter, so that writers on PostgreSQL do not queue behind one row
CREATE TABLE ticket_counts (
  assignee_id BIGINT NOT NULL, status TEXT NOT NULL, shard BIGINT NOT NULL, n BIGINT NOT NULL,
  PRIMARY KEY (assignee_id, status, shard));

CREATE TABLE tags (id BIGINT PRIMARY KEY, name BYTEA NOT NULL, name_hash BYTEA NOT NULL, created_at BIGINT NOT NULL);
CREATE UNIQUE INDEX tags_name ON tags (name_hash);
CREATE TABLE ticket_tags (ticket_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (ticket_id, tag_id));
CREATE INDEX ticket_tags_tag ON ticket_tags (tag_id, ticket_id);

CREATE TABLE messages (
  id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, pos BIGINT NOT NULL, seq BIGINT, kind TEXT NOT NULL,
  author_kind TEXT NOT NULL, author_id BIGINT NOT NULL, dedupe BYTEA, client_id BYTEA, body BYTEA,
  state TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL, changed_at BIGINT);
CREATE UNIQUE INDEX messages_pos ON messages (ticket_id, pos);
CREATE UNIQUE INDEX messages_seq ON messages (ticket_id, seq) WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX messages_dedupe ON messages (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX messages_changed ON messages (ticket_id, changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE attachments (
  id BIGINT PRIMARY KEY, contact_id BIGINT, ticket_id BIGINT, message_id BIGINT, key_id BIGINT NOT NULL,
  name BYTEA NOT NULL, type TEXT NOT NULL, size BIGINT NOT NULL, file TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX attachments_message ON attachments (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_contact ON attachments (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE drafts (
  agent_id BIGINT NOT NULL, ticket_id BIGINT NOT NULL, kind TEXT NOT NULL, id BIGINT NOT NULL, body BYTEA NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (agent_id, ticket_id, kind));

-- The desk's log: a ticket's timeline and the outbox at once. n is its order, given by the database.
CREATE TABLE events (
  n BIGSERIAL PRIMARY KEY, ticket_id BIGINT, pos BIGINT, type TEXT NOT NULL, subject_id BIGINT,
  actor_kind TEXT NOT NULL, actor_id BIGINT NOT NULL, data TEXT NOT NULL DEFAULT '', at BIGINT NOT NULL);
CREATE UNIQUE INDEX events_ticket ON events (ticket_id, pos) WHERE ticket_id IS NOT NULL;
CREATE TABLE event_readers (name TEXT PRIMARY KEY, cursor BIGINT NOT NULL, updated_at BIGINT NOT NULL);

-- chat
CREATE TABLE chat_sessions (
  id BIGINT PRIMARY KEY, token_hash BYTEA NOT NULL, contact_id BIGINT NOT NULL, inbox_id BIGINT NOT NULL,
  signed BOOLEAN NOT NULL, context BYTEA, expires_at BIGINT NOT NULL, revoked_at BIGINT, seen_at BIGINT NOT NULL, created_at BIGINT NOT NULL);
CREATE UNIQUE INDEX chat_sessions_token ON chat_sessions (token_hash);
CREATE INDEX chat_sessions_contact ON chat_sessions (contact_id);
CREATE INDEX chat_sessions_expiry ON chat_sessions (expires_at);

-- app/auth
CREATE TABLE web_sessions (token_hash BYTEA PRIMARY KEY, id BIGINT NOT NULL, agent_id BIGINT, data BYTEA NOT NULL, expires_at BIGINT NOT NULL);
CREATE INDEX web_sessions_agent ON web_sessions (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);
CREATE TABLE api_tokens (
  id BIGINT PRIMARY KEY, agent_id BIGINT NOT NULL, name BYTEA NOT NULL, token_hash BYTEA NOT NULL,
  created_at BIGINT NOT NULL, last_used_at BIGINT, revoked_at BIGINT);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (token_hash);
CREATE TABLE sign_in_failures (key_hash BYTEA PRIMARY KEY, failures BIGINT NOT NULL, blocked_until BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX sign_in_failures_age ON sign_in_failures (updated_at);

-- +goose Down
SELECT 1;
