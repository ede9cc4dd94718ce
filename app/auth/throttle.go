package auth

import (
	"context"
	"net/netip"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// How many failures are free, and how long the pauses after them are: each further failure doubles the pause. An
// e-mail's pause stays short, because anybody can cause it for somebody else.
const (
	freePerEmail   = 5
	freePerAddress = 30
	freeSetups     = 10
	freeForgotten  = 3 // mails to one address
	freeForgetting = 20
	firstPause     = 15 * time.Second
	longestPause   = 5 * time.Minute
	forgetAfter    = time.Hour // without a failure
)

// failure is a row of sign_in_failures: how often somebody or some place has failed lately.
type failure struct {
	KeyHash      []byte `gorm:"primaryKey"`
	Failures     int
	BlockedUntil int64
	UpdatedAt    int64 `gorm:"autoUpdateTime:false"`
}

func (failure) TableName() string { return "sign_in_failures" }

// throttleKey is what failures are counted by.
type throttleKey struct {
	kind, value string
	free        int
}

// emailKey counts by the form that agents are found by: else every way to write an address would have guesses of its own.
func emailKey(email string) throttleKey {
	if normal, ok := tickets.NormalEmail(email); ok {
		email = normal
	}
	return throttleKey{"sign_in.email", email, freePerEmail}
}

func addressKey(address string) throttleKey {
	return throttleKey{"sign_in.address", address, freePerAddress}
}

func setupKey(address string) throttleKey { return throttleKey{"setup.address", address, freeSetups} }

func forgotKey(email string) throttleKey {
	key := emailKey(email)
	return throttleKey{"forgot.email", key.value, freeForgotten}
}

func forgotAddressKey(address string) throttleKey {
	return throttleKey{"forgot.address", address, freeForgetting}
}

// AddressKey is the form of a client's address that limits are counted by: an IPv6 host owns its whole /64.
func AddressKey(addr netip.Addr) string {
	addr = addr.Unmap()
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}

// begin counts an attempt as a failure before its secret is looked at, so that guesses made at the same time count
// too; forgive takes it back. While one of the keys pauses, the error is TooMany.
func (s *Service) begin(ctx context.Context, keys ...throttleKey) ([][]byte, error) {
	hashes := make([][]byte, len(keys))
	for i, key := range keys {
		hashes[i] = s.seal.Hash(key.kind, key.value)
	}
	now := s.now()
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		rows := make([]failure, len(keys))
		var wait time.Duration
		for i, hash := range hashes {
			rows[i] = failure{KeyHash: hash, UpdatedAt: now.UnixMilli()}
			if err := lockFailure(tx, &rows[i]); err != nil {
				return err
			}
			// One that lies ahead is from before the clock was set back: its pause would last until that day.
			if age := now.Sub(time.UnixMilli(rows[i].UpdatedAt)); age > forgetAfter || age < -longestPause {
				rows[i].Failures, rows[i].BlockedUntil = 0, 0
			}
			wait = max(wait, time.UnixMilli(rows[i].BlockedUntil).Sub(now))
		}
		if wait > 0 {
			return &fault.Error{Kind: fault.TooMany, Key: "auth.error.too_many", RetryAfter: wait}
		}
		for i, row := range rows {
			row.Failures++
			row.UpdatedAt = now.UnixMilli()
			row.BlockedUntil = now.Add(pause(row.Failures - keys[i].free)).UnixMilli()
			if err := tx.Save(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return hashes, err
}

// lockFailure reads the row of a key, or makes it as given, and holds it until the transaction ends: attempts on one key
// wait for each other, also on PostgreSQL.
func lockFailure(tx *gorm.DB, row *failure) error {
	key := []string{"key_hash"}
	return tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: key[0]}}, DoUpdates: clause.AssignmentColumns(key), // to what it is
	}, clause.Returning{}).Create(row).Error
}

// pause is how long to wait after a number of failures beyond the free ones.
func pause(beyond int) time.Duration {
	if beyond < 0 {
		return 0
	}
	return min(firstPause<<min(beyond, 10), longestPause)
}

// forgive ends an attempt that succeeded: the first key begins anew, the others lose what this attempt counted.
func (s *Service) forgive(ctx context.Context, hashes [][]byte) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("key_hash = ?", hashes[0]).Delete(&failure{}).Error; err != nil {
			return err
		}
		return tx.Model(&failure{}).Where("key_hash IN ? AND failures > 0", hashes[1:]).
			UpdateColumns(map[string]any{"failures": gorm.Expr("failures - 1"), "blocked_until": 0}).Error
	})
}
