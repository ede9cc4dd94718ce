-- +goose Up
-- Ours: app/privacy. How many mails as they came a run of the retention rules has deleted.
ALTER TABLE retention_runs ADD COLUMN mails BIGINT NOT NULL DEFAULT 0;

-- mailin: what was not stored to its end, for the sweep.
CREATE INDEX mail_incoming_coming ON mail_incoming (created_at) WHERE state = 'coming';

-- +goose Down
SELECT 1;
