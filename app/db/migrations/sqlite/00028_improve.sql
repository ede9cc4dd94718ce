-- +goose Up
-- app/improve: what is done about complaints, and whether it helped.

-- state: proposed, in_work, trial, rolled_out, verified, no_effect, dropped. how: everybody (at once) or trial. target is the fall of the
-- complaint's rate that is hoped for, in per cent. due_day and change_day (when everybody got the change) are dates of the shop. place
-- orders a column. effect is what was found last, as JSON of numbers and words of the program.
CREATE TABLE improve_tasks (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, title BLOB NOT NULL, what BLOB, why BLOB, links BLOB, owner_id INTEGER, due_day TEXT NOT NULL,
  target INTEGER NOT NULL, state TEXT NOT NULL, how TEXT NOT NULL, change_day TEXT NOT NULL, place INTEGER NOT NULL, effect TEXT NOT NULL, effect_at INTEGER,
  version INTEGER NOT NULL, agent_id INTEGER NOT NULL, state_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX improve_tasks_number ON improve_tasks (number);
CREATE INDEX improve_tasks_state ON improve_tasks (state, place, id);
CREATE INDEX improve_tasks_owner ON improve_tasks (owner_id) WHERE owner_id IS NOT NULL;

-- The groups of complaints that a task is about.
CREATE TABLE improve_groups (task_id INTEGER NOT NULL, group_id INTEGER NOT NULL, PRIMARY KEY (task_id, group_id)) WITHOUT ROWID;
CREATE INDEX improve_groups_group ON improve_groups (group_id);

-- Who may write at a task without leading: its owner, and who was mentioned.
CREATE TABLE improve_people (task_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, PRIMARY KEY (task_id, agent_id)) WITHOUT ROWID;

-- What happened: kind created, changed, state, comment, file, trial, verdict. data holds ids and words of the program.
CREATE TABLE improve_entries (
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, kind TEXT NOT NULL, agent_id INTEGER, data TEXT NOT NULL, body BLOB, at INTEGER NOT NULL);
CREATE INDEX improve_entries_task ON improve_entries (task_id, id);

CREATE TABLE improve_files (
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL, name BLOB NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX improve_files_task ON improve_files (task_id, id);
CREATE UNIQUE INDEX improve_files_file ON improve_files (file);

-- Trials. mode: hash (the desk assigns) or flag (the shop does, and says so with orders). share and fall in per cent; need, weeks and
-- pace are what was planned at the start. state: planned, running, ended.
CREATE TABLE improve_trials (
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, public_key TEXT NOT NULL, mode TEXT NOT NULL, share INTEGER NOT NULL, fall INTEGER NOT NULL, state TEXT NOT NULL,
  need INTEGER NOT NULL, weeks INTEGER NOT NULL, pace REAL NOT NULL, harm_only BOOLEAN NOT NULL, started_at INTEGER, ended_at INTEGER, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX improve_trials_key ON improve_trials (public_key);
CREATE INDEX improve_trials_task ON improve_trials (task_id, id);
CREATE INDEX improve_trials_state ON improve_trials (state, id);

-- In which arm of a trial somebody was put, and when first. unit_hash is a keyed hash of the shop's id of her, or of her session;
-- contact_id where the desk knows her.
CREATE TABLE improve_exposures (
  trial_id INTEGER NOT NULL, unit_hash BLOB NOT NULL, contact_id INTEGER, treated BOOLEAN NOT NULL, first_at INTEGER NOT NULL,
  PRIMARY KEY (trial_id, unit_hash)) WITHOUT ROWID;
CREATE INDEX improve_exposures_arm ON improve_exposures (trial_id, treated);
CREATE INDEX improve_exposures_contact ON improve_exposures (contact_id, trial_id) WHERE contact_id IS NOT NULL;
CREATE INDEX improve_exposures_unit ON improve_exposures (unit_hash);

-- Ours: app/orders. The trial that an order was made in, and its arm, as the shop says.
ALTER TABLE orders ADD COLUMN trial TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN arm TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_trial ON orders (trial, arm, paid_at) WHERE trial <> '';

-- +goose Down
SELECT 1;
