-- +goose Up
-- Ours: app/hooks. Addresses that are told what happens.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY, url BLOB NOT NULL, secret BLOB NOT NULL, events TEXT NOT NULL, state TEXT NOT NULL, agent_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);

-- what each was told or is to be told; n is the event's place in the log
CREATE TABLE webhook_deliveries (
  id INTEGER PRIMARY KEY, hook_id INTEGER NOT NULL, n INTEGER NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, status INTEGER NOT NULL,
  reason TEXT NOT NULL, queued_at INTEGER NOT NULL, next_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (hook_id, n, event);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (hook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (hook_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- +goose Down
SELECT 1;
