package tickets

import (
	"context"
	"time"
)

const (
	pauseLeast = 2 * time.Millisecond
	pauseMost  = 100 * time.Millisecond
)

// Pause lets others write between two steps of much writing, the longer the longer the step before it took.
func Pause(ctx context.Context, took time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(max(took/8, pauseLeast), pauseMost)):
		return nil
	}
}
