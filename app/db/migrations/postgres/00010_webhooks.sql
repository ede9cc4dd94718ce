-- +goose Up
-- Ours: app/hooks. Addresses that are told what happens.
CREATE TABLE webhooks (
  id BIGINT PRIMARY KEY, url BYTEA NOT NULL, secret BYTEA NOT NULL, events TEXT NOT NULL, state TEXT NOT NULL, agent_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);

-- what each was told or is to be told; n is the event's place in the log
CREATE TABLE webhook_deliveries (
  id BIGINT PRIMARY KEY, hook_id BIGINT NOT NULL, n BIGINT NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, status BIGINT NOT NULL,
  reason TEXT NOT NULL, queued_at BIGINT NOT NULL, next_at BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (hook_id, n, event);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (hook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (hook_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- +goose Down
SELECT 1;
