package admin

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	// hookRetry is after what time something is tried again that the directory or the
	// server refused.
	hookRetry = time.Minute

	// hookBatch is the most events in one write, so that others get their turn.
	hookBatch = 128

	// hookFarewell is how long something takes to be kept, also at the end of Run.
	hookFarewell = 5 * time.Second
)

// hookRun is one Run. It belongs to its goroutine.
type hookRun struct {
	h       *Hooks
	ctx     context.Context // of all that was started
	all     []voiceapp.Webhook
	stale   bool // all is not known
	workers map[voiceapp.WebhookID]*hookWorker
	follow  context.CancelFunc // nil: nobody wants to know
	running sync.WaitGroup
}

// Run tells webhooks what happens until ctx ends, and returns ctx's error when all has
// come to rest. What has happened by then is kept. It may run once at a time.
func (h *Hooks) Run(ctx context.Context) error {
	work, stop := context.WithCancel(ctx)
	run := &hookRun{h: h, ctx: work, workers: make(map[voiceapp.WebhookID]*hookWorker)}
	defer h.client.CloseIdleConnections()
	defer run.running.Wait()
	defer stop()
	run.reload()
	again := time.NewTicker(hookRetry)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			run.last()
			return ctx.Err()
		case <-h.changed:
			run.reload()
		case <-again.C:
			if run.stale {
				run.reload()
			}
		case event := <-h.events:
			run.keep(event)
		}
	}
}

// last keeps what has happened before the end.
func (r *hookRun) last() {
	for begun := time.Now(); len(r.h.events) > 0 && time.Since(begun) < hookFarewell; {
		r.keep(<-r.h.events)
	}
}

// reload reads the webhooks, and has as many workers as there are that are on.
func (r *hookRun) reload() {
	all, err := r.h.config.Webhooks.Webhooks(r.ctx)
	if r.stale = err != nil; r.stale {
		r.h.warn(r.ctx, "the webhooks can't be read", err)
		return
	}
	r.all = all
	on := make(map[voiceapp.WebhookID]bool)
	for _, hook := range all {
		if !hook.Enabled {
			continue
		}
		on[hook.ID] = true
		if r.workers[hook.ID] == nil {
			r.start(hook.ID)
		}
	}
	for id, w := range r.workers {
		if !on[id] {
			w.stop()
			delete(r.workers, id)
		}
	}
	r.followWhile(len(on) > 0)
}

func (r *hookRun) start(id voiceapp.WebhookID) {
	ctx, stop := context.WithCancel(r.ctx)
	w := &hookWorker{h: r.h, id: id, stop: stop, wake: make(chan struct{}, 1)}
	r.workers[id] = w
	r.running.Go(func() { w.run(ctx) })
}

// followWhile follows the server while somebody wants to know.
func (r *hookRun) followWhile(wanted bool) {
	switch {
	case r.h.config.Live == nil:
	case wanted && r.follow == nil:
		var ctx context.Context
		ctx, r.follow = context.WithCancel(r.ctx)
		r.running.Go(func() { r.h.follow(ctx) })
	case !wanted && r.follow != nil:
		r.follow()
		r.follow = nil
	}
}

// keep keeps an event, and those that have come since, for the webhooks that want them,
// also when all else is to end.
func (r *hookRun) keep(event hookEvent) {
	if r.stale {
		r.reload()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), hookFarewell)
	defer cancel()
	var deliveries []voiceapp.Delivery
	now, events := time.Now().UTC(), 0
	for more := true; more; {
		events++
		for _, hook := range r.all {
			if hook.Wants(event.name) {
				deliveries = append(deliveries, voiceapp.Delivery{Webhook: hook.ID, Event: event.name, Body: event.body, Next: now})
			}
		}
		event, more = r.another(events)
	}
	if len(deliveries) == 0 {
		return
	}
	if _, err := r.h.config.Deliveries.AddDeliveries(ctx, deliveries); err != nil {
		r.h.dropped.Add(uint64(events))
		r.h.warn(ctx, "events for webhooks can't be kept", err, slog.Int("events", events))
		return
	}
	for _, d := range deliveries {
		if w := r.workers[d.Webhook]; w != nil {
			w.wakeUp()
		}
	}
}

// another gives the next event that waits, unless there are enough for one write.
func (r *hookRun) another(events int) (event hookEvent, more bool) {
	if events >= hookBatch {
		return event, false
	}
	select {
	case event = <-r.h.events:
		return event, true
	default:
		return event, false
	}
}

// follow tells what happens on the server, from its beginning on and as often as the
// server ends it.
func (h *Hooks) follow(ctx context.Context) {
	for {
		ready := false // what there was is no event
		err := h.config.Live.Watch(ctx, voiceapp.Actor{Operator: true}, func(line []byte) {
			var said struct {
				Method string          `json:"method"`
				Params json.RawMessage `json:"params"`
			}
			switch err := json.Unmarshal(line, &said); {
			case err != nil:
			case ready:
				h.Tell(said.Method, said.Params)
			case said.Method == "watch.ready":
				ready = true
			}
		})
		if ctx.Err() != nil {
			return
		}
		if !errors.Is(err, voiceapp.Unavailable) { // it stops
			h.warn(ctx, "webhooks miss what happens until the server is followed again", err)
		}
		rest(ctx, time.Second)
	}
}

// rest waits, and reports whether ctx has not ended by then.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
