-- +goose Up
-- app/notify: what agents and operators are told.

-- What the operator has to look at; one row from when it begins until it is over.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, args BLOB, began_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, over_at INTEGER);
CREATE UNIQUE INDEX alerts_standing ON alerts (kind) WHERE over_at IS NULL;
CREATE INDEX alerts_over ON alerts (over_at) WHERE over_at IS NOT NULL;

-- An agent's bell. n is the place in the log of the newest event that the row stands for.
CREATE TABLE notifications (
  id INTEGER PRIMARY KEY, agent_id INTEGER NOT NULL, kind TEXT NOT NULL, subject_id INTEGER NOT NULL, ticket_id INTEGER,
  n INTEGER NOT NULL, at INTEGER NOT NULL, read_at INTEGER);
CREATE UNIQUE INDEX notifications_unread ON notifications (agent_id, kind, subject_id) WHERE read_at IS NULL;
CREATE INDEX notifications_agent ON notifications (agent_id, at, id);
CREATE INDEX notifications_subject ON notifications (subject_id, agent_id);
CREATE INDEX notifications_age ON notifications (at);

-- Contacts who wait for an answer, and when the desk looks at them next.
CREATE TABLE notice_waits (ticket_id INTEGER PRIMARY KEY, since INTEGER NOT NULL, next_at INTEGER NOT NULL, told INTEGER NOT NULL);
CREATE INDEX notice_waits_next ON notice_waits (next_at);

-- Group robots and webhooks.
CREATE TABLE notice_targets (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name BLOB NOT NULL, url BLOB NOT NULL, secret BLOB, kinds TEXT NOT NULL, locale TEXT NOT NULL,
  quiet_from INTEGER NOT NULL, quiet_to INTEGER NOT NULL, disabled_at INTEGER, failing_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);

-- What leaves the house: to an agent by mail, or to a target.
CREATE TABLE notice_sends (
  id INTEGER PRIMARY KEY, agent_id INTEGER, target_id INTEGER, kind TEXT NOT NULL, subject_id INTEGER NOT NULL, ticket_id INTEGER,
  state TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL, done_at INTEGER);
CREATE UNIQUE INDEX notice_sends_agent ON notice_sends (agent_id, kind, subject_id) WHERE agent_id IS NOT NULL AND state = 'queued';
CREATE UNIQUE INDEX notice_sends_target ON notice_sends (target_id, kind, subject_id) WHERE target_id IS NOT NULL AND state = 'queued';
CREATE INDEX notice_sends_due ON notice_sends (due_at) WHERE state = 'queued';
CREATE INDEX notice_sends_age ON notice_sends (created_at);

-- +goose Down
SELECT 1;
