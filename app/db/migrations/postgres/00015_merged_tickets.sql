-- +goose Up
-- A ticket shows what was merged into it. Owned by tickets.
CREATE INDEX tickets_merged ON tickets (merged_into, id) WHERE merged_into IS NOT NULL;

-- +goose Down
DROP INDEX tickets_merged;
