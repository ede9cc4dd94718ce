-- +goose Up
-- Ours: app/orders. The shop's orders; updated_at is the shop's own time of the state that is kept, ordered_at when it was placed
-- or else first heard of. Without a contact the data key is nobody's.
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, key_id INTEGER NOT NULL, contact_id INTEGER, order_no BLOB, order_hash BLOB, order_last BLOB,
  status TEXT NOT NULL, platform TEXT NOT NULL, currency TEXT NOT NULL, total INTEGER,
  placed_at INTEGER, paid_at INTEGER, shipped_at INTEGER, delivered_at INTEGER, finished_at INTEGER,
  detail BLOB, digest BLOB, updated_at INTEGER NOT NULL, ordered_at INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL);
CREATE UNIQUE INDEX orders_number ON orders (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX orders_last ON orders (order_last) WHERE order_last IS NOT NULL;
CREATE INDEX orders_contact ON orders (contact_id, ordered_at, id) WHERE contact_id IS NOT NULL;
-- "per 1,000 orders" counts paid ones
CREATE INDEX orders_paid ON orders (paid_at) WHERE paid_at IS NOT NULL;

CREATE TABLE order_lines (
  order_id INTEGER NOT NULL, n INTEGER NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER,
  PRIMARY KEY (order_id, n)) WITHOUT ROWID;
CREATE TABLE order_refunds (
  order_id INTEGER NOT NULL, n INTEGER NOT NULL, amount INTEGER, state TEXT NOT NULL, at INTEGER,
  PRIMARY KEY (order_id, n)) WITHOUT ROWID;

-- what a SKU is called, as last heard
CREATE TABLE products (
  id INTEGER PRIMARY KEY, sku TEXT NOT NULL, name BLOB NOT NULL, name_hash BLOB NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX products_sku ON products (sku);

-- programs of the shop that send orders in their own words
CREATE TABLE order_sources (
  id INTEGER PRIMARY KEY, public_key TEXT NOT NULL, name BLOB NOT NULL, secret BLOB NOT NULL, mapping BLOB NOT NULL, active BOOLEAN NOT NULL,
  taken INTEGER NOT NULL, refused INTEGER NOT NULL, last_at INTEGER, last_path BLOB, last_code TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX order_sources_key ON order_sources (public_key);

-- files of orders; place is how many of the file's orders are done
CREATE TABLE order_imports (
  id INTEGER PRIMARY KEY, agent_id INTEGER NOT NULL, file TEXT NOT NULL, name BLOB, plan TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  orders INTEGER NOT NULL, place INTEGER NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL, same INTEGER NOT NULL, older INTEGER NOT NULL, refused INTEGER NOT NULL,
  created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER);
CREATE TABLE order_import_faults (
  import_id INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (import_id, n)) WITHOUT ROWID;

-- +goose Down
SELECT 1;
