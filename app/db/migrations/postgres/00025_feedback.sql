-- +goose Up
-- app/feedback: forms, what shoppers answered, whom the desk asked, short addresses.

CREATE TABLE forms (
  id BIGINT PRIMARY KEY, public_key TEXT NOT NULL, inbox_id BIGINT NOT NULL, occasion TEXT NOT NULL, state TEXT NOT NULL,
  version BIGINT NOT NULL, name BYTEA NOT NULL, settings BYTEA NOT NULL, draft BYTEA, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX forms_key ON forms (public_key);
CREATE INDEX forms_inbox ON forms (inbox_id);

-- A published version never changes; a response keeps the one that it was given to.
CREATE TABLE form_versions (
  id BIGINT PRIMARY KEY, form_id BIGINT NOT NULL, n BIGINT NOT NULL, definition BYTEA NOT NULL, agent_id BIGINT, created_at BIGINT NOT NULL);
CREATE UNIQUE INDEX form_versions_n ON form_versions (form_id, n);

-- rating and nps are those of the first question of each kind. agent_id is whom the answer is about, about_id the ticket.
CREATE TABLE form_responses (
  id BIGINT PRIMARY KEY, form_id BIGINT NOT NULL, n BIGINT NOT NULL, revision BIGINT NOT NULL, contact_id BIGINT NOT NULL,
  ticket_id BIGINT, ask_id BIGINT, about_id BIGINT, agent_id BIGINT, channel TEXT NOT NULL, locale TEXT NOT NULL,
  order_no BYTEA, order_hash BYTEA, order_verified BOOLEAN NOT NULL, source_hash BYTEA, page BYTEA, rating BIGINT, nps BIGINT, answers BYTEA,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, editable_until BIGINT NOT NULL);
CREATE UNIQUE INDEX form_responses_source ON form_responses (form_id, source_hash) WHERE source_hash IS NOT NULL;
CREATE UNIQUE INDEX form_responses_order ON form_responses (form_id, order_hash) WHERE order_verified AND order_hash IS NOT NULL;
CREATE INDEX form_responses_hash ON form_responses (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX form_responses_form ON form_responses (form_id, created_at, id);
CREATE INDEX form_responses_age ON form_responses (created_at, id);
CREATE INDEX form_responses_contact ON form_responses (contact_id);
CREATE INDEX form_responses_ticket ON form_responses (ticket_id) WHERE ticket_id IS NOT NULL;

-- What a response said before it was changed.
CREATE TABLE form_revisions (
  id BIGINT PRIMARY KEY, response_id BIGINT NOT NULL, revision BIGINT NOT NULL, n BIGINT NOT NULL, rating BIGINT, nps BIGINT,
  locale TEXT NOT NULL, answers BYTEA, at BIGINT NOT NULL);
CREATE UNIQUE INDEX form_revisions_n ON form_revisions (response_id, revision);

-- Whom the desk has asked, and what came of it.
CREATE TABLE form_asks (
  id BIGINT PRIMARY KEY, form_id BIGINT NOT NULL, contact_id BIGINT NOT NULL, ticket_id BIGINT, agent_id BIGINT, channel TEXT NOT NULL,
  order_no BYTEA, order_hash BYTEA, state TEXT NOT NULL, reason TEXT NOT NULL, attempts BIGINT NOT NULL, next_at BIGINT NOT NULL,
  at BIGINT NOT NULL, opened_at BIGINT, response_id BIGINT);
CREATE UNIQUE INDEX form_asks_ticket ON form_asks (form_id, ticket_id) WHERE ticket_id IS NOT NULL;
CREATE UNIQUE INDEX form_asks_order ON form_asks (form_id, order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX form_asks_contact ON form_asks (contact_id, at);
CREATE INDEX form_asks_due ON form_asks (next_at) WHERE state = 'waiting';

-- Who wants to be asked no more, and by which asking she said so.
CREATE TABLE form_refusals (contact_id BIGINT PRIMARY KEY, ask_id BIGINT NOT NULL, at BIGINT NOT NULL);

-- Counts per quarter of an hour. question '' counts the form itself: asked, opened, answered, ticket; else value is a score, an
-- option, or "given" for what is no choice. agent_id 0: nobody.
CREATE TABLE form_rolls (
  form_id BIGINT NOT NULL, at BIGINT NOT NULL, channel TEXT NOT NULL, agent_id BIGINT NOT NULL, question TEXT NOT NULL, value TEXT NOT NULL,
  n BIGINT NOT NULL, PRIMARY KEY (form_id, at, channel, agent_id, question, value));
-- The same of the goods of the orders that were answered about: scores only, and value '' for every answer.
CREATE TABLE form_product_rolls (
  form_id BIGINT NOT NULL, at BIGINT NOT NULL, sku TEXT NOT NULL, question TEXT NOT NULL, value TEXT NOT NULL,
  n BIGINT NOT NULL, PRIMARY KEY (form_id, at, sku, question, value));

-- Short addresses for text messages. order_hash is that of the order that the target names.
CREATE TABLE short_links (
  id BIGINT PRIMARY KEY, code_hash BYTEA NOT NULL, target BYTEA NOT NULL, order_hash BYTEA, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);
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
