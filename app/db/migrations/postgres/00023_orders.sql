-- +goose Up
-- Ours: app/orders. The shop's orders; updated_at is the shop's own time of the state that is kept, ordered_at when it was placed
-- or else first heard of. Without a contact the data key is nobody's.
CREATE TABLE orders (
  id BIGINT PRIMARY KEY, key_id BIGINT NOT NULL, contact_id BIGINT, order_no BYTEA, order_hash BYTEA, order_last BYTEA,
  status TEXT NOT NULL, platform TEXT NOT NULL, currency TEXT NOT NULL, total BIGINT,
  placed_at BIGINT, paid_at BIGINT, shipped_at BIGINT, delivered_at BIGINT, finished_at BIGINT,
  detail BYTEA, digest BYTEA, updated_at BIGINT NOT NULL, ordered_at BIGINT NOT NULL, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL);
CREATE UNIQUE INDEX orders_number ON orders (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX orders_last ON orders (order_last) WHERE order_last IS NOT NULL;
CREATE INDEX orders_contact ON orders (contact_id, ordered_at, id) WHERE contact_id IS NOT NULL;
-- "per 1,000 orders" counts paid ones
CREATE INDEX orders_paid ON orders (paid_at) WHERE paid_at IS NOT NULL;

CREATE TABLE order_lines (
  order_id BIGINT NOT NULL, n BIGINT NOT NULL, sku TEXT NOT NULL, quantity BIGINT NOT NULL, price BIGINT,
  PRIMARY KEY (order_id, n));
CREATE TABLE order_refunds (
  order_id BIGINT NOT NULL, n BIGINT NOT NULL, amount BIGINT, state TEXT NOT NULL, at BIGINT,
  PRIMARY KEY (order_id, n));

-- what a SKU is called, as last heard
CREATE TABLE products (
  id BIGINT PRIMARY KEY, sku TEXT NOT NULL, name BYTEA NOT NULL, name_hash BYTEA NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX products_sku ON products (sku);

-- programs of the shop that send orders in their own words
CREATE TABLE order_sources (
  id BIGINT PRIMARY KEY, public_key TEXT NOT NULL, name BYTEA NOT NULL, secret BYTEA NOT NULL, mapping BYTEA NOT NULL, active BOOLEAN NOT NULL,
  taken BIGINT NOT NULL, refused BIGINT NOT NULL, last_at BIGINT, last_path BYTEA, last_code TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX order_sources_key ON order_sources (public_key);

-- files of orders; place is how many of the file's orders are done
CREATE TABLE order_imports (
  id BIGINT PRIMARY KEY, agent_id BIGINT NOT NULL, file TEXT NOT NULL, name BYTEA, plan TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  orders BIGINT NOT NULL, place BIGINT NOT NULL, added BIGINT NOT NULL, changed BIGINT NOT NULL, same BIGINT NOT NULL, older BIGINT NOT NULL, refused BIGINT NOT NULL,
  created_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT);
CREATE TABLE order_import_faults (
  import_id BIGINT NOT NULL, n BIGINT NOT NULL, line BIGINT NOT NULL, col BIGINT NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (import_id, n));

-- +goose Down
SELECT 1;
