-- +goose Up
-- app/certs: account, certificates and challenges of ACME, by their names in autocert.
CREATE TABLE acme_cache (name TEXT PRIMARY KEY, value BLOB NOT NULL, updated_at INTEGER NOT NULL);
