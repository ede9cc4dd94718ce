package certs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"gorm.io/gorm"

	"huiyin/tickets/seal"
)

// Store is the desk's database.
type Store struct {
	Write func(ctx context.Context, fn func(tx *gorm.DB) error) error
	Read  func(ctx context.Context) *gorm.DB
}

// cache keeps what autocert must not lose in the table acme_cache, sealed with the desk's key: private keys are among
// it. All nodes read the same rows, so any of them can answer the CA.
type cache struct {
	store Store
	seal  *seal.Sealer
	now   func() time.Time
}

var _ autocert.Cache = (*cache)(nil)

// cacheRow stands for the row id, which this table does not have, in a sealed value's place.
const cacheRow = 1

func cacheColumn(name string) string { return "value/" + name }

// Get gives a value. Errors: autocert.ErrCacheMiss.
func (c *cache) Get(ctx context.Context, name string) ([]byte, error) {
	tx := c.store.Read(ctx)
	var sealed []byte
	err := tx.Raw("SELECT value FROM acme_cache WHERE name = ?", name).Row().Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, autocert.ErrCacheMiss
	}
	if err != nil {
		return nil, fmt.Errorf("read acme_cache: %w", err)
	}
	return c.seal.Open(tx, "acme_cache", cacheColumn(name), cacheRow, sealed)
}

// Put sets a value.
func (c *cache) Put(ctx context.Context, name string, value []byte) error {
	return c.store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := c.seal.Seal(tx, c.seal.DeskKey(), "acme_cache", cacheColumn(name), cacheRow, value)
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO acme_cache (name, value, updated_at) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
			name, sealed, c.now().UnixMilli()).Error
	})
}

// Delete removes a value.
func (c *cache) Delete(ctx context.Context, name string) error {
	return c.store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM acme_cache WHERE name = ?", name).Error
	})
}
