-- +goose Up
-- Times are Unix milliseconds UTC. Which columns are sealed stands in tickets/seal/doc.go.

-- Ours: app/db
CREATE TABLE nodes (node INTEGER PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL);
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL, fence INTEGER NOT NULL);

-- tickets/seal
CREATE TABLE master_keys (version INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, created_at INTEGER NOT NULL, retired_at INTEGER);
CREATE TABLE data_keys (
  id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, contact_id INTEGER, master INTEGER NOT NULL,
  wrapped BLOB NOT NULL, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX data_keys_purpose ON data_keys (purpose) WHERE purpose <> 'contact';
CREATE INDEX data_keys_contact ON data_keys (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX data_keys_master ON data_keys (master, id);

-- tickets
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO counters (name, n) VALUES ('ticket', 1000);

CREATE TABLE contacts (
  id INTEGER PRIMARY KEY, key_id INTEGER NOT NULL, name BLOB, locale TEXT NOT NULL, vip BOOLEAN NOT NULL DEFAULT 0,
  blocked BOOLEAN NOT NULL DEFAULT 0, merged_into INTEGER, last_seen_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE contact_identities (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, kind TEXT NOT NULL, hash BLOB NOT NULL, value BLOB NOT NULL,
  last4 BLOB, verified BOOLEAN NOT NULL, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX contact_identities_verified ON contact_identities (kind, hash) WHERE verified;
CREATE UNIQUE INDEX contact_identities_contact ON contact_identities (contact_id, kind, hash);
CREATE INDEX contact_identities_hash ON contact_identities (hash);
CREATE INDEX contact_identities_last4 ON contact_identities (last4) WHERE last4 IS NOT NULL;
CREATE TABLE contact_tokens (hash BLOB NOT NULL, contact_id INTEGER NOT NULL, PRIMARY KEY (hash, contact_id)) WITHOUT ROWID;
CREATE INDEX contact_tokens_contact ON contact_tokens (contact_id);
CREATE TABLE contact_consents (
  contact_id INTEGER NOT NULL, notice TEXT NOT NULL, version TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (contact_id, notice, version));

CREATE TABLE agents (
  id INTEGER PRIMARY KEY, name BLOB NOT NULL, email BLOB NOT NULL, email_hash BLOB NOT NULL, role TEXT NOT NULL,
  password TEXT NOT NULL, locale TEXT NOT NULL DEFAULT '', theme TEXT NOT NULL DEFAULT '', availability TEXT NOT NULL DEFAULT 'online',
  disabled_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX agents_email ON agents (email_hash);
CREATE TABLE teams (id INTEGER PRIMARY KEY, name BLOB NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE team_agents (team_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, PRIMARY KEY (team_id, agent_id));
CREATE INDEX team_agents_agent ON team_agents (agent_id);

CREATE TABLE inboxes (
  id INTEGER PRIMARY KEY, channel TEXT NOT NULL, name BLOB NOT NULL, public_key TEXT NOT NULL, secret BLOB NOT NULL,
  settings BLOB NOT NULL, disabled_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX inboxes_key ON inboxes (public_key);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, inbox_id INTEGER NOT NULL, channel TEXT NOT NULL,
  contact_id INTEGER NOT NULL, key_id INTEGER NOT NULL, status TEXT NOT NULL, priority TEXT NOT NULL,
  assignee_id INTEGER, team_id INTEGER, subject BLOB,
  order_no BLOB, order_hash BLOB, order_last BLOB, order_verified BOOLEAN NOT NULL DEFAULT 0,
  page_url BLOB, page_title BLOB, preview BLOB,
  last_pos INTEGER NOT NULL, last_seq INTEGER NOT NULL, last_contact_pos INTEGER NOT NULL, last_reply_pos INTEGER NOT NULL,
  contact_read INTEGER NOT NULL, agent_read INTEGER NOT NULL,
  waiting_since INTEGER, snoozed_until INTEGER, merged_into INTEGER, previous_id INTEGER,
  first_replied_at INTEGER, solved_at INTEGER, closed_at INTEGER,
  last_message_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
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
  assignee_id INTEGER NOT NULL, status TEXT NOT NULL, shard INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (assignee_id, status, shard));

CREATE TABLE tags (id INTEGER PRIMARY KEY, name BLOB NOT NULL, name_hash BLOB NOT NULL, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX tags_name ON tags (name_hash);
CREATE TABLE ticket_tags (ticket_id INTEGER NOT NULL, tag_id INTEGER NOT NULL, PRIMARY KEY (ticket_id, tag_id));
CREATE INDEX ticket_tags_tag ON ticket_tags (tag_id, ticket_id);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, pos INTEGER NOT NULL, seq INTEGER, kind TEXT NOT NULL,
  author_kind TEXT NOT NULL, author_id INTEGER NOT NULL, dedupe BLOB, client_id BLOB, body BLOB,
  state TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, changed_at INTEGER);
CREATE UNIQUE INDEX messages_pos ON messages (ticket_id, pos);
CREATE UNIQUE INDEX messages_seq ON messages (ticket_id, seq) WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX messages_dedupe ON messages (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX messages_changed ON messages (ticket_id, changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE attachments (
  id INTEGER PRIMARY KEY, contact_id INTEGER, ticket_id INTEGER, message_id INTEGER, key_id INTEGER NOT NULL,
  name BLOB NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX attachments_message ON attachments (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_contact ON attachments (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE drafts (
  agent_id INTEGER NOT NULL, ticket_id INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, ticket_id, kind));

-- The desk's log: a ticket's timeline and the outbox at once. n is its order, given by the database.
CREATE TABLE events (
  n INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER, pos INTEGER, type TEXT NOT NULL, subject_id INTEGER,
  actor_kind TEXT NOT NULL, actor_id INTEGER NOT NULL, data TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL);
CREATE UNIQUE INDEX events_ticket ON events (ticket_id, pos) WHERE ticket_id IS NOT NULL;
CREATE TABLE event_readers (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL, updated_at INTEGER NOT NULL);

-- chat
CREATE TABLE chat_sessions (
  id INTEGER PRIMARY KEY, token_hash BLOB NOT NULL, contact_id INTEGER NOT NULL, inbox_id INTEGER NOT NULL,
  signed BOOLEAN NOT NULL, context BLOB, expires_at INTEGER NOT NULL, revoked_at INTEGER, seen_at INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX chat_sessions_token ON chat_sessions (token_hash);
CREATE INDEX chat_sessions_contact ON chat_sessions (contact_id);
CREATE INDEX chat_sessions_expiry ON chat_sessions (expires_at);

-- app/auth
CREATE TABLE web_sessions (token_hash BLOB PRIMARY KEY, id INTEGER NOT NULL, agent_id INTEGER, data BLOB NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX web_sessions_agent ON web_sessions (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);
CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY, agent_id INTEGER NOT NULL, name BLOB NOT NULL, token_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (token_hash);
CREATE TABLE sign_in_failures (key_hash BLOB PRIMARY KEY, failures INTEGER NOT NULL, blocked_until INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX sign_in_failures_age ON sign_in_failures (updated_at);

-- +goose Down
SELECT 1;
