package admin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// program is behind a webhook, with no network between: how it answers, and when it
// was asked.
type program struct {
	mu     sync.Mutex
	status int           // 0: not at all
	slow   time.Duration // before it answers
	asked  []time.Time
	bodies []string
	ids    []string
}

func (p *program) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.asked, p.bodies, p.ids = append(p.asked, time.Now()), append(p.bodies, string(body)), append(p.ids, r.Header.Get("Webhook-Id"))
	status, slow := p.status, p.slow
	p.mu.Unlock()
	if !rest(r.Context(), slow) {
		return nil, r.Context().Err()
	}
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Body: http.NoBody}, nil
}

func (p *program) answer(status int, slow time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.slow = status, slow
}

// take gives when it was asked since the last call, and forgets it.
func (p *program) take() (asked []time.Time, bodies, ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, bodies, ids = p.asked, p.bodies, p.ids
	p.asked, p.bodies, p.ids = nil, nil, nil
	return asked, bodies, ids
}

// audits is a Live that keeps what it is to keep, and nothing else.
type audits struct {
	Live
	mu      sync.Mutex
	entries []voiceapp.AuditEntry
}

func (a *audits) Audited(ctx context.Context, by voiceapp.Actor, _ voiceapp.Role, action, reason string, do func(context.Context, voiceapp.Actor, *voiceapp.AuditEntry) error) error {
	e := voiceapp.AuditEntry{Action: action, Reason: reason}
	err := do(ctx, by, &e)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries = append(a.entries, e)
	return err
}

func (a *audits) Watch(ctx context.Context, _ voiceapp.Actor, _ func([]byte)) error {
	<-ctx.Done()
	return ctx.Err()
}

func (a *audits) all() []voiceapp.AuditEntry {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.entries)
}

// hookRig is a store, hooks that run, and one webhook with its program.
type hookRig struct {
	t       *testing.T
	store   *store.Store
	live    *audits
	program *program
	hook    voiceapp.Webhook
	hooks   *Hooks
	halt    func()
}

func newHookRig(t *testing.T, events ...string) *hookRig {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r := &hookRig{t: t, store: db, live: new(audits), program: &program{status: http.StatusOK}}
	if r.hook, _, err = db.NewWebhook(t.Context(), voiceapp.Webhook{URL: "https://hooks.example/", Events: events, Enabled: true}); err != nil {
		t.Fatal(err)
	}
	r.run()
	t.Cleanup(func() {
		r.halt()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// run starts hooks as a program that is started does.
func (r *hookRig) run() {
	r.t.Helper()
	hooks, err := NewHooks(HooksConfig{Webhooks: r.store, Deliveries: r.store, Live: r.live, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		r.t.Fatal(err)
	}
	hooks.client.Transport = r.program
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- hooks.Run(ctx) }()
	r.hooks = hooks
	r.halt = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			r.t.Errorf("Run = %v", err)
		}
	})
	synctest.Wait()
}

func (r *hookRig) tell(event string) {
	r.hooks.Tell(event, []byte(`{"n":1}`))
	synctest.Wait()
}

func (r *hookRig) newest() voiceapp.Delivery {
	r.t.Helper()
	all, err := r.store.Deliveries(r.t.Context(), r.hook.ID, 0, 1)
	if err != nil || len(all) != 1 {
		r.t.Fatalf("the deliveries are %+v, %v", all, err)
	}
	return all[0]
}

func (r *hookRig) webhook() voiceapp.Webhook {
	r.t.Helper()
	hook, err := r.store.Webhook(r.t.Context(), r.hook.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return hook
}

// A program that takes nothing is asked less and less often for a day, with the same
// words and the same id; then its webhook is switched off, and the audit log says so.
func TestWebhookIsTriedForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "*")
		r.program.answer(0, 0)
		begun := time.Now()
		r.tell("user.joined")
		time.Sleep(10 * 24 * time.Hour)
		asked, bodies, ids := r.program.take()
		if len(asked) != len(hookDelays)+1 || !asked[0].Equal(begun) {
			t.Fatalf("asked %d times, %v", len(asked), asked)
		}
		for i, want := range hookDelays {
			if got := asked[i+1].Sub(asked[i]); got < want || got > want+want/10+mostPause {
				t.Errorf("after attempt %d the next came after %v, want about %v", i+1, got, want)
			}
		}
		if len(slices.Compact(bodies)) != 1 || len(slices.Compact(ids)) != 1 || !strings.HasPrefix(bodies[0], `{"type":"user.joined","timestamp":"2000-01-01T00:00:00Z","data":{"n":1}}`) {
			t.Errorf("it was told %q as %q", bodies, ids)
		}
		if d := r.newest(); d.Done.IsZero() || !d.Next.IsZero() || d.Error != "connection refused" || d.Attempts != len(asked) {
			t.Errorf("the delivery is %+v", d)
		}
		if hook := r.webhook(); hook.Enabled || !hook.Failing.Equal(begun) {
			t.Errorf("the webhook is %+v", hook)
		}
		if log := r.live.all(); len(log) != 1 || log[0].Action != "webhook.fail" || log[0].Target != "webhook:1" || !strings.Contains(log[0].Reason, "connection refused") {
			t.Errorf("the audit log is %+v", log)
		}
		r.tell("user.joined")
		time.Sleep(time.Hour)
		if asked, _, _ := r.program.take(); len(asked) != 0 {
			t.Errorf("when it is off it was asked %d times", len(asked))
		}
	})
}

// A webhook that is switched on again is told what happens from then on.
func TestWebhookIsSwitchedOnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "*")
		for _, enabled := range []bool{false, true} {
			r.hook.Enabled = enabled
			if _, err := r.store.UpdateWebhook(t.Context(), r.hook); err != nil {
				t.Fatal(err)
			}
			r.hooks.Changed()
			synctest.Wait()
			r.tell("user.joined")
			if asked, _, _ := r.program.take(); len(asked) > 0 != enabled {
				t.Errorf("on: %v, and asked %d times", enabled, len(asked))
			}
		}
	})
}

// A program that comes back takes what has waited, each once and in order, and its
// webhook counts as failing no more.
func TestWebhookComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "user.*")
		r.program.answer(http.StatusServiceUnavailable, 0)
		for _, event := range []string{"user.joined", "chat.sent", "user.updated", "user.left"} {
			r.tell(event)
		}
		time.Sleep(3 * time.Second)
		if hook := r.webhook(); hook.Failing.IsZero() {
			t.Errorf("while it fails the webhook is %+v", hook)
		}
		r.program.take()
		r.program.answer(http.StatusNoContent, 0)
		time.Sleep(10 * time.Minute)
		_, bodies, ids := r.program.take()
		slices.Sort(ids)
		if len(bodies) != 3 || len(slices.Compact(ids)) != 3 {
			t.Errorf("when it is back it was told %q", bodies)
		}
		if hook := r.webhook(); !hook.Failing.IsZero() || !hook.Enabled {
			t.Errorf("the webhook is %+v", hook)
		}
	})
}

// One that is down is not asked for each event: the pauses grow.
func TestWebhookThatIsDownIsSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "*")
		r.program.answer(0, 0)
		for range 600 {
			r.tell("talk.changed")
			time.Sleep(time.Second)
		}
		if asked, _, _ := r.program.take(); len(asked) < 10 || len(asked) > 20 {
			t.Errorf("in ten minutes of events it was asked %d times", len(asked))
		}
	})
}

// An answer that does not come costs ten seconds, and nothing is told twice for it at
// the same time.
func TestWebhookHasTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "*")
		r.program.answer(http.StatusOK, time.Hour)
		r.tell("user.joined")
		time.Sleep(hookTimeout - time.Millisecond)
		if d := r.newest(); d.Attempts != 0 {
			t.Errorf("before the time is over: %+v", d)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if d := r.newest(); d.Attempts != 1 || d.Error != "there was no answer within 10s" {
			t.Errorf("after it: %+v", d)
		}
	})
}

// What was to be told, and what was being told, is told after a restart.
func TestWebhooksSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t, "*")
		r.program.answer(http.StatusOK, 5*time.Second)
		r.tell("user.joined")
		r.hooks.Tell("user.left", []byte("{}"))
		r.halt()
		if _, bodies, _ := r.program.take(); len(bodies) != 1 {
			t.Errorf("before the restart it was told %q", bodies)
		}
		r.program.answer(http.StatusOK, 0)
		r.run()
		_, bodies, _ := r.program.take()
		if len(bodies) != 2 || !strings.Contains(bodies[0], "user.joined") || !strings.Contains(bodies[1], "user.left") {
			t.Errorf("after it it was told %q", bodies)
		}
	})
}

// Nobody waits for the database: what can't be kept is dropped, and counted.
func TestTellDoesNotWait(t *testing.T) {
	hooks, err := NewHooks(HooksConfig{Webhooks: new(store.Store), Deliveries: new(store.Store), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range hookQueue + 5 {
		hooks.Tell("user.joined", []byte("{}"))
	}
	for range hookQueue { // what follows is dropped for itself
		<-hooks.events
	}
	hooks.Tell("user.joined", []byte(`"`+strings.Repeat("x", voiceapp.MaxDeliveryBody)+`"`))
	hooks.Tell("user.joined", []byte("no JSON"))
	hooks.Tell("joined", []byte("{}"))
	if dropped := hooks.dropped.Load(); dropped != 8 {
		t.Errorf("%d were dropped, want 8", dropped)
	}
	figures := make(map[string]float64)
	hooks.Metrics(func(m voiceapp.Metric) { figures[m.Name] += m.Value })
	if figures["voiceapp_webhook_dropped_total"] != 8 || len(figures) != 2 {
		t.Errorf("the figures are %v", figures)
	}
}

func TestHooksNeed(t *testing.T) {
	for _, config := range []HooksConfig{
		{}, {Webhooks: new(store.Store)}, {Deliveries: new(store.Store)}, {Webhooks: new(store.Store), Deliveries: new(store.Store), Allow: []string{"http://a/"}},
	} {
		if _, err := NewHooks(config); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", config, err)
		}
	}
}
