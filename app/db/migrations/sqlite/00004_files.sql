-- +goose Up
-- Files of messages. file and thumb are random names in the store; a file that no message has (yet) goes after a day.
ALTER TABLE attachments ADD COLUMN agent_id INTEGER;
ALTER TABLE attachments ADD COLUMN thumb TEXT NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachments ADD COLUMN height INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX attachments_file ON attachments (file);
CREATE INDEX attachments_thumb ON attachments (thumb) WHERE thumb <> '';
CREATE INDEX attachments_unsent ON attachments (created_at) WHERE message_id IS NULL;
CREATE INDEX attachments_waiting ON attachments (id) WHERE state = 'waiting';
ALTER TABLE messages ADD COLUMN files INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
