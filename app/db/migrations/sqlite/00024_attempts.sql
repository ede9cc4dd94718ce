-- +goose Up
-- Ours: app/attempts. Each try of a shopper to order; arm and trial are words of a trial that she was in.
CREATE TABLE order_attempts (
  id INTEGER PRIMARY KEY, dedupe BLOB NOT NULL, origin TEXT NOT NULL, outcome TEXT NOT NULL, step TEXT NOT NULL, reason TEXT NOT NULL, device TEXT NOT NULL,
  trial TEXT NOT NULL, arm TEXT NOT NULL, contact_id INTEGER, session_hash BLOB, order_hash BLOB, order_no BLOB, detail BLOB, page_url BLOB,
  at INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX order_attempts_dedupe ON order_attempts (dedupe);
CREATE INDEX order_attempts_at ON order_attempts (origin, at, outcome);
CREATE INDEX order_attempts_missed ON order_attempts (origin, at, id) WHERE outcome <> 'ok';
CREATE INDEX order_attempts_contact ON order_attempts (contact_id, at) WHERE contact_id IS NOT NULL;
CREATE INDEX order_attempts_order ON order_attempts (order_hash, at) WHERE order_hash IS NOT NULL;

-- how many there were in each quarter of an hour (its beginning, UTC)
CREATE TABLE attempt_rolls (
  origin TEXT NOT NULL, quarter INTEGER NOT NULL, outcome TEXT NOT NULL, step TEXT NOT NULL, reason TEXT NOT NULL, device TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (origin, quarter, outcome, step, reason, device)) WITHOUT ROWID;

-- the same by quarter of an hour alone, and by day (its beginning, UTC): what a page over weeks reads
CREATE TABLE attempt_quarters (
  origin TEXT NOT NULL, quarter INTEGER NOT NULL, outcome TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (origin, quarter, outcome)) WITHOUT ROWID;
CREATE TABLE attempt_days (
  origin TEXT NOT NULL, day INTEGER NOT NULL, outcome TEXT NOT NULL, step TEXT NOT NULL, reason TEXT NOT NULL, device TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (origin, day, outcome, step, reason, device)) WITHOUT ROWID;

-- the words that were taken as steps on a day (its beginning, UTC); more of them are one word
CREATE TABLE attempt_steps (
  origin TEXT NOT NULL, day INTEGER NOT NULL, step TEXT NOT NULL,
  PRIMARY KEY (origin, day, step)) WITHOUT ROWID;

-- falls of the success rate that were told; what was expected is kept as the counts that it was taken from
CREATE TABLE attempt_alarms (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, began_at INTEGER NOT NULL, raised_at INTEGER NOT NULL, over_at INTEGER,
  ok INTEGER NOT NULL, missed INTEGER NOT NULL, usual_ok INTEGER NOT NULL, usual_missed INTEGER NOT NULL, usual TEXT NOT NULL, step TEXT NOT NULL, reason TEXT NOT NULL);
CREATE UNIQUE INDEX attempt_alarms_open ON attempt_alarms (origin) WHERE over_at IS NULL;
CREATE INDEX attempt_alarms_began ON attempt_alarms (began_at);

-- Owned by tickets: what was begun in some minutes, which stands beside an alarm.
CREATE INDEX tickets_begun ON tickets (created_at, id);

-- +goose Down
SELECT 1;
