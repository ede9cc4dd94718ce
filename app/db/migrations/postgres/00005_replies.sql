-- +goose Up
-- Quick replies: scope and owner say whose they are (everyone 0, team its id, person the agent's id). Owned by tickets.
CREATE TABLE macro_groups (
  id BIGINT PRIMARY KEY, scope TEXT NOT NULL, owner_id BIGINT NOT NULL, parent_id BIGINT NOT NULL, name BYTEA NOT NULL, name_hash BYTEA NOT NULL,
  place BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX macro_groups_name ON macro_groups (scope, owner_id, parent_id, name_hash);
CREATE TABLE macros (
  id BIGINT PRIMARY KEY, scope TEXT NOT NULL, owner_id BIGINT NOT NULL, group_id BIGINT NOT NULL, title BYTEA NOT NULL, title_hash BYTEA NOT NULL,
  shortcut BYTEA, shortcut_hash BYTEA, body BYTEA NOT NULL, place BIGINT NOT NULL, uses BIGINT NOT NULL DEFAULT 0, used_at BIGINT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX macros_title ON macros (scope, owner_id, group_id, title_hash);
CREATE UNIQUE INDEX macros_shortcut ON macros (scope, owner_id, shortcut_hash) WHERE shortcut_hash IS NOT NULL;

-- +goose Down
DROP TABLE macros;
DROP TABLE macro_groups;
