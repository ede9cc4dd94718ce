-- +goose Up
-- Quick replies: scope and owner say whose they are (everyone 0, team its id, person the agent's id). Owned by tickets.
CREATE TABLE macro_groups (
  id INTEGER PRIMARY KEY, scope TEXT NOT NULL, owner_id INTEGER NOT NULL, parent_id INTEGER NOT NULL, name BLOB NOT NULL, name_hash BLOB NOT NULL,
  place INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX macro_groups_name ON macro_groups (scope, owner_id, parent_id, name_hash);
CREATE TABLE macros (
  id INTEGER PRIMARY KEY, scope TEXT NOT NULL, owner_id INTEGER NOT NULL, group_id INTEGER NOT NULL, title BLOB NOT NULL, title_hash BLOB NOT NULL,
  shortcut BLOB, shortcut_hash BLOB, body BLOB NOT NULL, place INTEGER NOT NULL, uses INTEGER NOT NULL DEFAULT 0, used_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX macros_title ON macros (scope, owner_id, group_id, title_hash);
CREATE UNIQUE INDEX macros_shortcut ON macros (scope, owner_id, shortcut_hash) WHERE shortcut_hash IS NOT NULL;

-- +goose Down
DROP TABLE macros;
DROP TABLE macro_groups;
