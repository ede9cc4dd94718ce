-- +goose Up
-- app/improve/telling: those who complained are told what was improved, and everybody reads it on a page.

-- One round of telling. state: gathering (whom), telling, stopped, done. texts are sealed JSON by language. Who complained from since
-- up to before is told. people were found, told were told, missed were not when their turn came.
CREATE TABLE tellings (
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, state TEXT NOT NULL, texts BLOB NOT NULL, since INTEGER NOT NULL, before INTEGER NOT NULL,
  people INTEGER NOT NULL, told INTEGER NOT NULL, missed INTEGER NOT NULL, created_at INTEGER NOT NULL, worked_at INTEGER NOT NULL, ended_at INTEGER);
CREATE INDEX tellings_task ON tellings (task_id, id);
CREATE INDEX tellings_open ON tellings (worked_at) WHERE ended_at IS NULL;

-- Whom. state: waiting, told, missed (for a reason). way: chat, mail. answer: empty, fixed, still. A task tells nobody twice.
CREATE TABLE telling_people (
  id INTEGER PRIMARY KEY, telling_id INTEGER NOT NULL, task_id INTEGER NOT NULL, contact_id INTEGER, ticket_id INTEGER, state TEXT NOT NULL, reason TEXT NOT NULL, way TEXT NOT NULL,
  token_hash BLOB, told_at INTEGER, answer TEXT NOT NULL, answered_at INTEGER);
CREATE UNIQUE INDEX telling_people_contact ON telling_people (task_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX telling_people_of ON telling_people (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX telling_people_state ON telling_people (telling_id, state, id);
CREATE INDEX telling_people_answer ON telling_people (task_id, answer) WHERE answer <> '';
CREATE UNIQUE INDEX telling_people_token ON telling_people (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX telling_people_mailed ON telling_people (told_at) WHERE way = 'mail' AND told_at IS NOT NULL;

-- What the public page says of a task: texts are sealed JSON by language, since is a date of the shop, fall the measured fall in per
-- cent, where it is to be said.
CREATE TABLE improved_stories (
  task_id INTEGER PRIMARY KEY, texts BLOB NOT NULL, since TEXT NOT NULL, fall INTEGER, published_at INTEGER, agent_id INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX improved_stories_published ON improved_stories (published_at) WHERE published_at IS NOT NULL;

-- +goose Down
SELECT 1;
