package pgsession

import (
	"context"
	"time"
)

// Pause waits for d between two looks at a server. It returns the error of ctx where that ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
