-- +goose Up
-- app/improve/telling: those who complained are told what was improved, and everybody reads it on a page.

-- One round of telling. state: gathering (whom), telling, stopped, done. texts are sealed JSON by language. Who complained from since
-- up to before is told. people were found, told were told, missed were not when their turn came.
CREATE TABLE tellings (
  id BIGINT PRIMARY KEY, task_id BIGINT NOT NULL, agent_id BIGINT NOT NULL, state TEXT NOT NULL, texts BYTEA NOT NULL, since BIGINT NOT NULL, before BIGINT NOT NULL,
  people BIGINT NOT NULL, told BIGINT NOT NULL, missed BIGINT NOT NULL, created_at BIGINT NOT NULL, worked_at BIGINT NOT NULL, ended_at BIGINT);
CREATE INDEX tellings_task ON tellings (task_id, id);
CREATE INDEX tellings_open ON tellings (worked_at) WHERE ended_at IS NULL;

-- Whom. state: waiting, told, missed (for a reason). way: chat, mail. answer: empty, fixed, still. A task tells nobody twice.
CREATE TABLE telling_people (
  id BIGINT PRIMARY KEY, telling_id BIGINT NOT NULL, task_id BIGINT NOT NULL, contact_id BIGINT, ticket_id BIGINT, state TEXT NOT NULL, reason TEXT NOT NULL, way TEXT NOT NULL,
  token_hash BYTEA, told_at BIGINT, answer TEXT NOT NULL, answered_at BIGINT);
CREATE UNIQUE INDEX telling_people_contact ON telling_people (task_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX telling_people_of ON telling_people (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX telling_people_state ON telling_people (telling_id, state, id);
CREATE INDEX telling_people_answer ON telling_people (task_id, answer) WHERE answer <> '';
CREATE UNIQUE INDEX telling_people_token ON telling_people (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX telling_people_mailed ON telling_people (told_at) WHERE way = 'mail' AND told_at IS NOT NULL;

-- What the public page says of a task: texts are sealed JSON by language, since is a date of the shop, fall the measured fall in per
-- cent, where it is to be said.
CREATE TABLE improved_stories (
  task_id BIGINT PRIMARY KEY, texts BYTEA NOT NULL, since TEXT NOT NULL, fall BIGINT, published_at BIGINT, agent_id BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX improved_stories_published ON improved_stories (published_at) WHERE published_at IS NOT NULL;

-- +goose Down
SELECT 1;
