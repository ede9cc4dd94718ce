-- +goose Up
-- Files of quick replies, the desk's own: sealed with its key, copied for each ticket that uses them. file is a random name in the store. Owned by tickets.
CREATE TABLE macro_files (
  id BIGINT PRIMARY KEY, macro_id BIGINT NOT NULL, name BYTEA NOT NULL, type TEXT NOT NULL, size BIGINT NOT NULL, file TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX macro_files_macro ON macro_files (macro_id, id);
CREATE UNIQUE INDEX macro_files_file ON macro_files (file);

-- +goose Down
DROP TABLE macro_files;
