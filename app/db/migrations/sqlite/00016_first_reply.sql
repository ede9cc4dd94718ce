-- +goose Up
-- Until when the first reply is due, and when it was said that it is overdue. Owned by tickets.
ALTER TABLE tickets ADD COLUMN first_reply_due_at INTEGER;
ALTER TABLE tickets ADD COLUMN overdue_at INTEGER;
CREATE INDEX tickets_reply_due ON tickets (first_reply_due_at)
 WHERE first_reply_due_at IS NOT NULL AND first_replied_at IS NULL AND overdue_at IS NULL AND status IN ('new','open','pending');

-- +goose Down
DROP INDEX tickets_reply_due;
ALTER TABLE tickets DROP COLUMN overdue_at;
ALTER TABLE tickets DROP COLUMN first_reply_due_at;
