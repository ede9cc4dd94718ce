-- +goose Up
-- app/feedback: forms, what shoppers answered, whom the desk asked, short addresses.

CREATE TABLE forms (
  id INTEGER PRIMARY KEY, public_key TEXT NOT NULL, inbox_id INTEGER NOT NULL, occasion TEXT NOT NULL, state TEXT NOT NULL,
  version INTEGER NOT NULL, name BLOB NOT NULL, settings BLOB NOT NULL, draft BLOB, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX forms_key ON forms (public_key);
CREATE INDEX forms_inbox ON forms (inbox_id);

-- A published version never changes; a response keeps the one that it was given to.
CREATE TABLE form_versions (
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL, n INTEGER NOT NULL, definition BLOB NOT NULL, agent_id INTEGER, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX form_versions_n ON form_versions (form_id, n);

-- rating and nps are those of the first question of each kind. agent_id is whom the answer is about, about_id the ticket.
CREATE TABLE form_responses (
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL, n INTEGER NOT NULL, revision INTEGER NOT NULL, contact_id INTEGER NOT NULL,
  ticket_id INTEGER, ask_id INTEGER, about_id INTEGER, agent_id INTEGER, channel TEXT NOT NULL, locale TEXT NOT NULL,
  order_no BLOB, order_hash BLOB, order_verified BOOLEAN NOT NULL, source_hash BLOB, page BLOB, rating INTEGER, nps INTEGER, answers BLOB,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, editable_until INTEGER NOT NULL);
CREATE UNIQUE INDEX form_responses_source ON form_responses (form_id, source_hash) WHERE source_hash IS NOT NULL;
CREATE UNIQUE INDEX form_responses_order ON form_responses (form_id, order_hash) WHERE order_verified AND order_hash IS NOT NULL;
CREATE INDEX form_responses_hash ON form_responses (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX form_responses_form ON form_responses (form_id, created_at, id);
CREATE INDEX form_responses_age ON form_responses (created_at, id);
CREATE INDEX form_responses_contact ON form_responses (contact_id);
CREATE INDEX form_responses_ticket ON form_responses (ticket_id) WHERE ticket_id IS NOT NULL;

-- What a response said before it was changed.
CREATE TABLE form_revisions (
  id INTEGER PRIMARY KEY, response_id INTEGER NOT NULL, revision INTEGER NOT NULL, n INTEGER NOT NULL, rating INTEGER, nps INTEGER,
  locale TEXT NOT NULL, answers BLOB, at INTEGER NOT NULL);
CREATE UNIQUE INDEX form_revisions_n ON form_revisions (response_id, revision);

-- Whom the desk has asked, and what came of it.
CREATE TABLE form_asks (
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, ticket_id INTEGER, agent_id INTEGER, channel TEXT NOT NULL,
  order_no BLOB, order_hash BLOB, state TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL,
  at INTEGER NOT NULL, opened_at INTEGER, response_id INTEGER);
CREATE UNIQUE INDEX form_asks_ticket ON form_asks (form_id, ticket_id) WHERE ticket_id IS NOT NULL;
CREATE UNIQUE INDEX form_asks_order ON form_asks (form_id, order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX form_asks_contact ON form_asks (contact_id, at);
CREATE INDEX form_asks_due ON form_asks (next_at) WHERE state = 'waiting';

-- Who wants to be asked no more, and by which asking she said so.
CREATE TABLE form_refusals (contact_id INTEGER PRIMARY KEY, ask_id INTEGER NOT NULL, at INTEGER NOT NULL);

-- Counts per quarter of an hour. question '' counts the form itself: asked, opened, answered, ticket; else value is a score, an
-- option, or "given" for what is no choice. agent_id 0: nobody.
CREATE TABLE form_rolls (
  form_id INTEGER NOT NULL, at INTEGER NOT NULL, channel TEXT NOT NULL, agent_id INTEGER NOT NULL, question TEXT NOT NULL, value TEXT NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (form_id, at, channel, agent_id, question, value)) WITHOUT ROWID;
-- The same of the goods of the orders that were answered about: scores only, and value '' for every answer.
CREATE TABLE form_product_rolls (
  form_id INTEGER NOT NULL, at INTEGER NOT NULL, sku TEXT NOT NULL, question TEXT NOT NULL, value TEXT NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (form_id, at, sku, question, value)) WITHOUT ROWID;

-- Short addresses for text messages. order_hash is that of the order that the target names.
CREATE TABLE short_links (
  id INTEGER PRIMARY KEY, code_hash BLOB NOT NULL, target BLOB NOT NULL, order_hash BLOB, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE UNIQUE INDEX short_links_code ON short_links (code_hash);
CREATE INDEX short_links_order ON short_links (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX short_links_age ON short_links (expires_at);

-- +goose Down
DROP TABLE short_links;
DROP TABLE form_product_rolls;
DROP TABLE form_rolls;
DROP TABLE form_refusals;
DROP TABLE form_asks;
DROP TABLE form_revisions;
DROP TABLE form_responses;
DROP TABLE form_versions;
DROP TABLE forms;
