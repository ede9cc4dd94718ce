-- +goose Up
-- Ours: app/privacy. How many orders of nobody a run of the retention rules has emptied.
ALTER TABLE retention_runs ADD COLUMN orders INTEGER NOT NULL DEFAULT 0;

-- Ours: app/orders. Orders whose buyer the desk does not know, for that rule.
CREATE INDEX orders_nobody ON orders (ordered_at, id) WHERE contact_id IS NULL AND order_no IS NOT NULL;

-- +goose Down
SELECT 1;
