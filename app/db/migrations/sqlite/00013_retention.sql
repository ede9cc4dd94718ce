-- +goose Up
-- Ours: tickets. While kept_at is set nobody erases the contact, neither a rule nor a person (legal hold).
ALTER TABLE contacts ADD COLUMN kept_at INTEGER;
CREATE INDEX contacts_seen ON contacts (last_seen_at, id) WHERE merged_into IS NULL AND kept_at IS NULL AND key_id <> 0;
CREATE INDEX contacts_kept ON contacts (id) WHERE kept_at IS NOT NULL;
-- emptied_at: a retention rule has taken the ticket's texts, its contact is still there.
ALTER TABLE tickets ADD COLUMN emptied_at INTEGER;
CREATE INDEX tickets_finished ON tickets (updated_at, id) WHERE status IN ('solved','closed','spam') AND emptied_at IS NULL AND key_id <> 0;
-- Which sorts of number were hidden in the text: 1 payment card, 2 identity card.
ALTER TABLE messages ADD COLUMN masked INTEGER NOT NULL DEFAULT 0;

-- One row each time that a consent was given; a withdrawn one stays, as the proof of both.
CREATE TABLE consents_new (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, purpose TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL,
  given_at INTEGER NOT NULL, withdrawn_at INTEGER);
INSERT INTO consents_new (id, contact_id, purpose, version, source, given_at)
  SELECT rowid, contact_id, notice, version, 'chat', at FROM contact_consents;
DROP TABLE contact_consents;
ALTER TABLE consents_new RENAME TO contact_consents;
CREATE UNIQUE INDEX contact_consents_living ON contact_consents (contact_id, purpose, version) WHERE withdrawn_at IS NULL;
CREATE INDEX contact_consents_contact ON contact_consents (contact_id, id);

-- Ours: app/privacy. The desk's privacy notice, every version of it for good. asks: who accepted an older one is asked again.
CREATE TABLE notices (
  version INTEGER PRIMARY KEY, zh TEXT NOT NULL, en TEXT NOT NULL, asks BOOLEAN NOT NULL, agent_id INTEGER NOT NULL, created_at INTEGER NOT NULL);

-- What the runs of the retention rules did, in numbers.
CREATE TABLE retention_runs (
  id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER, contacts INTEGER NOT NULL DEFAULT 0, tickets INTEGER NOT NULL DEFAULT 0,
  visitors INTEGER NOT NULL DEFAULT 0, trails INTEGER NOT NULL DEFAULT 0, accesses INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX retention_runs_open ON retention_runs ((1)) WHERE ended_at IS NULL;

CREATE INDEX access_log_contact ON access_log (contact_id, id);
CREATE INDEX access_log_agent ON access_log (agent_id, id);

-- chat: what the shop's pages said, of sessions that nobody has used for long.
CREATE INDEX chat_sessions_trail ON chat_sessions (seen_at) WHERE context IS NOT NULL;

-- +goose Down
SELECT 1;
