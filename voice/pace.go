package voice

import (
	"context"
	"time"
)

// alarm waits without allocating. The zero value is ready; it is used by one
// goroutine.
type alarm struct{ timer *time.Timer }

// sleep waits for d and reports whether ctx has not ended by then.
func (a *alarm) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	if a.timer == nil {
		a.timer = time.NewTimer(d)
	} else {
		a.timer.Reset(d)
	}
	select {
	case <-a.timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		a.timer.Stop()
		return false
	}
}
