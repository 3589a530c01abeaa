package admin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/outbound"
)

// HooksConfig says whom [Hooks] tell, and of what. Webhooks and Deliveries are needed.
type HooksConfig struct {
	Webhooks   Webhooks
	Deliveries Deliveries

	// Live is the server whose events are told. nil: only what [Hooks.Tell] is given.
	Live Live

	// Allow lists the hosts that may be told by http, and at addresses that are not of
	// the Internet: names as in a URL, addresses, and ranges of them ("10.0.0.0/8").
	Allow []string

	Version   string       // of the program, for who is told
	TLSConfig *tls.Config  // nil: the system's certificates; it is copied
	Logger    *slog.Logger // nil: slog.Default()
}

// Hooks tell the programs behind webhooks what happens. It is made by [NewHooks] and
// works while [Hooks.Run] does; its other methods may be called from any goroutine.
//
// What is to be told is kept before it is sent, so that a restart loses nothing that
// was kept; a program may be told the same twice, and knows it by its Webhook-Id. It
// has ten seconds to answer with a status of 2xx. Otherwise it is told again after 5 s,
// and then less and less often for a day. A webhook whose program has taken nothing for
// that long is switched off, and the audit log says so.
//
// The goroutines are Run's, and end with it: one that keeps events, one that follows
// the server, and one for each webhook, which sends one delivery at a time.
type Hooks struct {
	config  HooksConfig
	log     *slog.Logger
	policy  outbound.Policy
	client  *http.Client
	events  chan hookEvent
	changed chan struct{} // one token: the webhooks are others than Run knows

	taken, failed, dropped atomic.Uint64
}

// hookQueue is how many events wait to be kept: some seconds of a busy server's, while
// the disk does not answer. Then the newest are dropped.
const hookQueue = 1024

// hookConns is the most connections to one host, at the same time: no webhook waits for
// another there.
const hookConns = 2 * voiceapp.MaxWebhooks

// hookEvent is what happened.
type hookEvent struct {
	name string
	body string
}

// NewHooks makes what tells webhooks. The error is [voiceapp.Invalid] when something
// that is needed is missing, or an entry of Allow can't be read.
func NewHooks(config HooksConfig) (*Hooks, error) {
	if config.Webhooks == nil || config.Deliveries == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "admin: hooks need Webhooks and Deliveries")
	}
	policy, err := outbound.Parse(config.Allow)
	if err != nil {
		return nil, err
	}
	h := &Hooks{
		config: config, log: config.Logger, policy: policy,
		client:  policy.Client(outbound.Limits{Timeout: hookTimeout, Conns: hookConns, IdleConns: 1, TLSConfig: config.TLSConfig}),
		events:  make(chan hookEvent, hookQueue),
		changed: make(chan struct{}, 1),
	}
	if h.log == nil {
		h.log = slog.Default()
	}
	return h, nil
}

// Check reports, as [voiceapp.Invalid], why a webhook can't be one: what
// [voiceapp.Webhook.Check] refuses, or a URL that may not be asked.
func (h *Hooks) Check(hook voiceapp.Webhook) error {
	if err := hook.Check(); err != nil {
		return err
	}
	at, err := url.Parse(hook.URL)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "the URL can't be read", err)
	}
	return h.policy.Check(at)
}

// Tell has the webhooks that want an event told of it. It does not wait: when events
// come faster than they can be kept, this one is dropped and counted. data is JSON.
func (h *Hooks) Tell(event string, data json.RawMessage) {
	body, err := hookBody(event, time.Now(), data)
	if err == nil {
		err = voiceapp.Delivery{Event: event, Body: body}.Check()
	}
	if err != nil {
		h.drop(event, "it can't be told")
		return
	}
	select {
	case h.events <- hookEvent{event, body}:
	default:
		h.drop(event, "too many wait")
	}
}

func (h *Hooks) drop(event, why string) {
	h.dropped.Add(1)
	h.log.Debug("an event was not told to webhooks", slog.String("event", event), slog.String("why", why))
}

// hookBody is what is sent for an event.
func hookBody(event string, at time.Time, data json.RawMessage) (string, error) {
	text, err := json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{event, at.UTC().Truncate(time.Millisecond), data})
	return string(text), err
}

// Changed says that webhooks were made, changed or removed.
func (h *Hooks) Changed() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// testEvent is what a webhook is told to try it.
const testEvent = "webhook.test"

// Test tells a webhook, on or off, that this is a test, once and now, and returns what
// became of it. NotFound when there is no such webhook.
func (h *Hooks) Test(ctx context.Context, id voiceapp.WebhookID) (voiceapp.Delivery, error) {
	body, err := hookBody(testEvent, time.Now(), json.RawMessage(`{}`))
	if err != nil {
		return voiceapp.Delivery{}, err
	}
	kept, err := h.config.Deliveries.AddDeliveries(ctx, []voiceapp.Delivery{{Webhook: id, Event: testEvent, Body: body}})
	if err != nil {
		return voiceapp.Delivery{}, err
	}
	if len(kept) == 0 {
		return voiceapp.Delivery{}, voiceapp.NewError(voiceapp.NotFound, "there is no such webhook")
	}
	hook, err := h.config.Webhooks.Webhook(ctx, id)
	if err != nil {
		return voiceapp.Delivery{}, err
	}
	d := h.attempt(ctx, hook, kept[0])
	d.Next, d.Done = time.Time{}, time.Now().UTC()
	_, err = h.settle(ctx, hook, d)
	return d, err
}

// Metrics gives the figures at the moment, for [Config].Sources.
func (h *Hooks) Metrics(yield func(voiceapp.Metric)) {
	for _, result := range []struct {
		name  string
		count uint64
	}{{"taken", h.taken.Load()}, {"failed", h.failed.Load()}} {
		yield(voiceapp.Metric{
			Name: "voiceapp_webhook_attempts_total", Help: "Attempts to tell a webhook of an event: taken or failed",
			Kind: voiceapp.Counter, Labels: []voiceapp.Label{{Name: "result", Value: result.name}}, Value: float64(result.count),
		})
	}
	yield(voiceapp.Metric{
		Name: "voiceapp_webhook_dropped_total", Help: "Events that were dropped before they were kept for a webhook",
		Kind: voiceapp.Counter, Value: float64(h.dropped.Load()),
	})
}

// warn logs what went wrong, but for the end of Run.
func (h *Hooks) warn(ctx context.Context, message string, err error, attrs ...any) {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		h.log.Warn(message, append(attrs, slog.Any("error", err))...)
	}
}
