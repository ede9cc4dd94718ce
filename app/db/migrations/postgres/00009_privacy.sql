-- +goose Up
-- Ours: tickets. Erasures that were decided; done_at says that nothing of the person is left to empty.
CREATE TABLE erasures (
  contact_id BIGINT PRIMARY KEY, actor_kind TEXT NOT NULL, actor_id BIGINT NOT NULL, reason TEXT NOT NULL, created_at BIGINT NOT NULL, done_at BIGINT);
CREATE INDEX erasures_open ON erasures (contact_id) WHERE done_at IS NULL;
CREATE INDEX drafts_ticket ON drafts (ticket_id);
CREATE INDEX attachments_ticket ON attachments (ticket_id) WHERE ticket_id IS NOT NULL;

-- Ours: app/privacy. Who looked at, took out or erased a person's data.
CREATE TABLE access_log (
  id BIGINT PRIMARY KEY, agent_id BIGINT NOT NULL, action TEXT NOT NULL, contact_id BIGINT NOT NULL, at BIGINT NOT NULL);

-- +goose Down
DROP TABLE access_log;
DROP TABLE erasures;
DROP INDEX drafts_ticket;
DROP INDEX attachments_ticket;
