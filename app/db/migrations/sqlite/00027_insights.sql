-- +goose Up
-- app/insights: what shoppers complain of, in groups.

-- One clause of what somebody said. subject_id is what is counted: a ticket, a response, a line of an import. day is the shop's
-- midnight before at. fine_id and group_id 0: it belongs to none; score -1: nobody has looked where it belongs. body is NULL once it was forgotten; the row
-- stays for the count. dedupe: who said what on which day, so that a text that comes a thousand times counts once.
CREATE TABLE insight_voices (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, subject_id INTEGER NOT NULL, message_id INTEGER, contact_id INTEGER, channel TEXT NOT NULL,
  language TEXT NOT NULL, team_id INTEGER NOT NULL, order_hash BLOB, dedupe BLOB, aspect TEXT NOT NULL, complaint BOOLEAN NOT NULL, body BLOB,
  fine_id INTEGER NOT NULL, group_id INTEGER NOT NULL, score REAL NOT NULL, fixed BOOLEAN NOT NULL, at INTEGER NOT NULL, day INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX insight_voices_group ON insight_voices (group_id, at, id) WHERE complaint;
CREATE INDEX insight_voices_fine ON insight_voices (fine_id, at, id) WHERE complaint;
CREATE INDEX insight_voices_subject ON insight_voices (subject_id);
CREATE INDEX insight_voices_message ON insight_voices (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX insight_voices_contact ON insight_voices (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX insight_voices_order ON insight_voices (order_hash) WHERE order_hash IS NOT NULL;
CREATE UNIQUE INDEX insight_voices_dedupe ON insight_voices (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX insight_voices_waiting ON insight_voices (id) WHERE score < 0;
CREATE INDEX insight_voices_at ON insight_voices (at, id);

-- The goods that a clause is about: those of its order, or those that an import names.
CREATE TABLE insight_voice_products (
  sku TEXT NOT NULL, voice_id INTEGER NOT NULL, PRIMARY KEY (sku, voice_id)) WITHOUT ROWID;
CREATE INDEX insight_voice_products_voice ON insight_voice_products (voice_id);

-- Groups and the fine groups in them (level group, fine; parent_id of a fine one). An id is never given twice. engine is the number
-- that the model knows it by, name the machine's name, title a person's. state: open, muted, merged (into merged_into), gone.
-- by_hand: its parent was chosen by a person. dirty: the rows of its clauses do not all carry its group yet.
-- nights: so many in a row the machine would have given it another name; -1: it keeps its name, a task is about it.
CREATE TABLE insight_groups (
  id INTEGER PRIMARY KEY, level TEXT NOT NULL, parent_id INTEGER, engine INTEGER, name BLOB, title BLOB, terms BLOB, state TEXT NOT NULL,
  pinned BOOLEAN NOT NULL, by_hand BOOLEAN NOT NULL, merged_into INTEGER, split_from INTEGER, language TEXT NOT NULL, aspect TEXT NOT NULL,
  size INTEGER NOT NULL, first_at INTEGER, last_at INTEGER, twin_id INTEGER, twin_score REAL, twin_refused BOOLEAN NOT NULL, dirty BOOLEAN NOT NULL,
  nights INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX insight_groups_engine ON insight_groups (level, engine) WHERE engine IS NOT NULL;
CREATE INDEX insight_groups_parent ON insight_groups (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX insight_groups_state ON insight_groups (level, state);
CREATE INDEX insight_groups_dirty ON insight_groups (id) WHERE dirty;

-- The clauses nearest to the middle of a group.
CREATE TABLE insight_samples (
  group_id INTEGER NOT NULL, n INTEGER NOT NULL, voice_id INTEGER NOT NULL, PRIMARY KEY (group_id, n)) WITHOUT ROWID;
CREATE INDEX insight_samples_voice ON insight_samples (voice_id);

-- Subjects per day of the shop: kind all (whoever complained, ref 0), none (ungrouped, ref 0), group, fine, aspect (ref: its place in
-- aspects). A subject counts once in each, on the day of the first of its clauses there.
CREATE TABLE insight_rolls (
  kind TEXT NOT NULL, ref INTEGER NOT NULL, day INTEGER NOT NULL, channel TEXT NOT NULL, language TEXT NOT NULL, team_id INTEGER NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (kind, ref, day, channel, language, team_id)) WITHOUT ROWID;
CREATE INDEX insight_rolls_day ON insight_rolls (kind, day, ref, channel, language, team_id, n);

-- The same without channel, language and team, for long periods: whoever writes one writes both (addRolls).
CREATE TABLE insight_days (
  kind TEXT NOT NULL, day INTEGER NOT NULL, ref INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, day, ref)) WITHOUT ROWID;
CREATE INDEX insight_days_ref ON insight_days (kind, ref, day, n);
-- The same by weeks from Monday on, counted since 1970 (weekOf); and by channel, language and team, each in a kind of its own
-- (group/channel/chat, group/channel/chat/language/zh, …).
CREATE TABLE insight_weeks (
  kind TEXT NOT NULL, week INTEGER NOT NULL, ref INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, week, ref)) WITHOUT ROWID;

CREATE TABLE insight_aspects (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE UNIQUE INDEX insight_aspects_name ON insight_aspects (name);

-- What was given back for the orders of a group's complaints, by the day of the complaint.
CREATE TABLE insight_costs (
  group_id INTEGER NOT NULL, day INTEGER NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL, orders INTEGER NOT NULL,
  PRIMARY KEY (group_id, day, currency)) WITHOUT ROWID;
CREATE INDEX insight_costs_day ON insight_costs (day, group_id, currency, amount, orders);

-- What people did to the groups; data holds ids and the state before, text a title.
CREATE TABLE insight_actions (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, group_id INTEGER NOT NULL, agent_id INTEGER, data TEXT NOT NULL, text BLOB, at INTEGER NOT NULL,
  undone_at INTEGER, undone_by INTEGER);
CREATE INDEX insight_actions_group ON insight_actions (group_id, id);

-- Groups that stood out on a day: kind rise or new, with why. told_at: when people were told.
CREATE TABLE insight_findings (
  group_id INTEGER NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, days INTEGER NOT NULL, observed INTEGER NOT NULL, expected REAL NOT NULL,
  chance REAL NOT NULL, told_at INTEGER, PRIMARY KEY (group_id, day)) WITHOUT ROWID;
CREATE INDEX insight_findings_day ON insight_findings (day);

-- Days that a picture marks: kind release, campaign; both days count (the shop's midnight).
CREATE TABLE insight_marks (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, from_day INTEGER NOT NULL, to_day INTEGER NOT NULL, title BLOB NOT NULL, agent_id INTEGER,
  created_at INTEGER NOT NULL);
CREATE INDEX insight_marks_day ON insight_marks (to_day, from_day);

-- Passes over all texts: kind cold, nightly, weekly; state running, done, failed. model is the name of the sealed file.
CREATE TABLE insight_runs (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, texts INTEGER NOT NULL, of_texts INTEGER NOT NULL, moved INTEGER NOT NULL,
  plain BOOLEAN NOT NULL, memory INTEGER NOT NULL, model TEXT NOT NULL, digest TEXT NOT NULL, began_at INTEGER NOT NULL, ended_at INTEGER);
CREATE INDEX insight_runs_state ON insight_runs (state, id);

-- Files of old chats, reviews and tickets; place is how many of their lines are done. key_id is the key of nobody that their texts are
-- sealed with, from the start of the import until it is taken back.
CREATE TABLE insight_imports (
  id INTEGER PRIMARY KEY, agent_id INTEGER NOT NULL, key_id INTEGER, file TEXT NOT NULL, name BLOB, plan TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  lines INTEGER NOT NULL, place INTEGER NOT NULL, added INTEGER NOT NULL, known INTEGER NOT NULL, empty INTEGER NOT NULL, refused INTEGER NOT NULL,
  created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER);
CREATE INDEX insight_imports_open ON insight_imports (started_at) WHERE ended_at IS NULL;
CREATE TABLE insight_import_faults (
  import_id INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (import_id, n)) WITHOUT ROWID;
-- The lines that were taken, and the chats that they are of, so that a file that comes twice counts once.
CREATE TABLE insight_import_lines (hash BLOB PRIMARY KEY, import_id INTEGER NOT NULL, subject_id INTEGER NOT NULL);
CREATE INDEX insight_import_lines_import ON insight_import_lines (import_id, subject_id);
CREATE INDEX insight_import_lines_subject ON insight_import_lines (subject_id);

-- Ours: app/orders. Paid orders per quarter of an hour (its beginning, UTC).
CREATE TABLE order_paid_rolls (quarter INTEGER PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO order_paid_rolls (quarter, n) SELECT paid_at - paid_at % 900000, COUNT(*) FROM orders WHERE paid_at IS NOT NULL GROUP BY 1;

-- +goose Down
SELECT 1;
