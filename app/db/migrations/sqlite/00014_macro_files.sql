-- +goose Up
-- Files of quick replies, the desk's own: sealed with its key, copied for each ticket that uses them. file is a random name in the store. Owned by tickets.
CREATE TABLE macro_files (
  id INTEGER PRIMARY KEY, macro_id INTEGER NOT NULL, name BLOB NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX macro_files_macro ON macro_files (macro_id, id);
CREATE UNIQUE INDEX macro_files_file ON macro_files (file);

-- +goose Down
DROP TABLE macro_files;
