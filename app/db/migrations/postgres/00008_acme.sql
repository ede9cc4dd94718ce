-- +goose Up
-- app/certs: account, certificates and challenges of ACME, by their names in autocert.
CREATE TABLE acme_cache (name TEXT PRIMARY KEY, value BYTEA NOT NULL, updated_at BIGINT NOT NULL);
