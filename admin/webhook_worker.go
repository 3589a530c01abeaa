package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// hookDelays are between one attempt to tell something and the next: a day in all,
// so that the last one that fails has the webhook switched off.
var hookDelays = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 9 * time.Hour,
}

// The pause between a failure and the next attempt of another delivery grows from the
// first to the second, so that a program that is down is not asked for each event.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// hookWorker sends the deliveries of one webhook, one after the other.
type hookWorker struct {
	h    *Hooks
	id   voiceapp.WebhookID
	stop context.CancelFunc
	wake chan struct{} // one token: there is something new
}

func (w *hookWorker) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run is the worker's goroutine.
func (w *hookWorker) run(ctx context.Context) {
	var pause time.Duration
	for ctx.Err() == nil {
		next, found, err := w.h.config.Deliveries.NextDelivery(ctx, w.id)
		switch {
		case err != nil:
			w.h.warn(ctx, "the deliveries of a webhook can't be read", err, slog.Int64("webhook", int64(w.id)))
			rest(ctx, hookRetry)
		case !found:
			w.sleep(ctx, hookRetry)
		case time.Until(next.Next) > 0:
			w.sleep(ctx, time.Until(next.Next))
		default:
			pause = w.deliver(ctx, next, pause)
			if pause > 0 {
				rest(ctx, pause)
			}
		}
	}
}

// sleep waits until there is something new, or for so long.
func (w *hookWorker) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-w.wake:
	case <-timer.C:
	}
}

// deliver makes one attempt, and gives the pause after it, which was another before.
func (w *hookWorker) deliver(ctx context.Context, d voiceapp.Delivery, pause time.Duration) time.Duration {
	hook, err := w.h.config.Webhooks.Webhook(ctx, w.id)
	if err != nil {
		w.h.warn(ctx, "a webhook can't be read", err, slog.Int64("webhook", int64(w.id)))
		return hookRetry
	}
	d = w.h.attempt(ctx, hook, d)
	if ctx.Err() != nil {
		return 0 // what came of it is not known: it is told again after the restart
	}
	d.Next, d.Done = nextAttempt(d, time.Now().UTC())
	now, err := w.h.settle(ctx, hook, d)
	switch {
	case errors.Is(err, voiceapp.NotFound):
		return 0 // it was removed meanwhile
	case err != nil:
		w.h.warn(ctx, "what became of a delivery can't be kept, so that it is told again", err, slog.Int64("webhook", int64(w.id)))
		return hookRetry
	case !now.Enabled:
		w.h.Changed()
	}
	if d.Error == "" {
		return 0
	}
	return min(max(2*pause, firstPause), mostPause)
}

// nextAttempt gives when to try a delivery again, or, as done, that it is over.
func nextAttempt(d voiceapp.Delivery, now time.Time) (next, done time.Time) {
	if d.Error == "" || d.Attempts > len(hookDelays) {
		return time.Time{}, now
	}
	delay := hookDelays[d.Attempts-1]
	return now.Add(delay + rand.N(delay/10+1)), time.Time{}
}

// settle keeps what became of a delivery, and says so when that has switched the
// webhook off.
func (h *Hooks) settle(ctx context.Context, hook voiceapp.Webhook, d voiceapp.Delivery) (now voiceapp.Webhook, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookFarewell)
	defer cancel()
	now, err = h.config.Deliveries.SettleDelivery(ctx, d)
	if err == nil && hook.Enabled && !now.Enabled && !now.Failing.IsZero() && time.Since(now.Failing) >= voiceapp.WebhookGrace {
		h.sayOff(ctx, now, d)
	}
	return now, err
}

// sayOff has the log and the audit log say that a webhook was switched off.
func (h *Hooks) sayOff(ctx context.Context, hook voiceapp.Webhook, d voiceapp.Delivery) {
	since := hook.Failing.Format(time.RFC3339)
	h.log.Warn("a webhook was switched off: it takes nothing", slog.Int64("webhook", int64(hook.ID)), slog.String("since", since), slog.String("last", d.Error))
	if h.config.Live == nil {
		return
	}
	reason := "nothing was taken since " + since + ": " + d.Error
	err := h.config.Live.Audited(ctx, voiceapp.Actor{Operator: true}, voiceapp.RoleOwner, "webhook.fail", reason, func(_ context.Context, _ voiceapp.Actor, e *voiceapp.AuditEntry) error {
		e.Target = fmt.Sprintf("webhook:%d", hook.ID)
		return nil
	})
	if err != nil {
		h.log.Warn("the audit log does not say that a webhook was switched off", slog.Any("error", err))
	}
}
