package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// inFlight is how many requests of Steady may wait for an answer at once.
const inFlight = 64

// API is an admin API and who asks it. URL and Token are needed. Its methods may be
// called from any goroutine. Their errors are ctx's, [voiceapp.Unavailable] when there
// is no answer, and [voiceapp.Conflict] when it is another than success.
type API struct {
	URL    string       // such as "http://127.0.0.1:7789"
	Token  string       // of a bearer
	Client *http.Client // nil: http.DefaultClient
}

// Steady asks for the paths in turn, so many times a second in all, and returns how
// long the answers took. The first error ends it.
func (a *API) Steady(ctx context.Context, rate int, duration time.Duration, paths ...string) ([]time.Duration, error) {
	if rate < 1 || duration <= 0 || len(paths) == 0 {
		return nil, voiceapp.NewError(voiceapp.Invalid, "load: there has to be a rate, a time and a path")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		times   []time.Duration
		asking  sync.WaitGroup
		slots   = make(chan struct{}, inFlight)
		each    = time.Second / time.Duration(rate)
		started = time.Now()
	)
	for i := 0; time.Duration(i)*each < duration; i++ {
		due, path := started.Add(time.Duration(i)*each), paths[i%len(paths)]
		if !wait(ctx, due, slots) {
			break
		}
		asking.Go(func() {
			defer func() { <-slots }()
			if err := a.Get(ctx, path); err != nil {
				cancel(err)
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, time.Since(due))
		})
	}
	asking.Wait()
	return times, context.Cause(ctx)
}

// Quantile returns the duration that the share q of times does not exceed, and 0 when
// there are none. It sorts them.
func Quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	rank := int(math.Ceil(q * float64(len(times))))
	return times[min(max(rank, 1), len(times))-1]
}

// wait waits until it is time, and for a slot.
func wait(ctx context.Context, due time.Time, slots chan<- struct{}) bool {
	select {
	case <-time.After(time.Until(due)):
	case <-ctx.Done():
		return false
	}
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Get asks for a path and reads the whole answer.
func (a *API) Get(ctx context.Context, path string) error {
	return a.do(ctx, http.MethodGet, path, nil)
}

// Kick ends somebody's session, and waits for closed, which says that his client has
// noticed. It returns how long the answer took, from which on the session's voice is
// silent, and how long it took until closed.
func (a *API) Kick(ctx context.Context, session voiceapp.SessionID, closed <-chan struct{}) (answered, ended time.Duration, err error) {
	body, err := json.Marshal(map[string]any{"session": session, "reason": "load"})
	if err != nil {
		return 0, 0, err
	}
	var noticing sync.WaitGroup
	waiting, giveUp := context.WithCancel(ctx)
	defer giveUp()
	begun := time.Now()
	noticing.Go(func() {
		select {
		case <-closed:
		case <-waiting.Done():
		}
		ended = time.Since(begun)
	})
	if err = a.do(ctx, http.MethodPost, "/api/kick", body); err != nil {
		giveUp()
	}
	answered = time.Since(begun)
	noticing.Wait()
	return answered, ended, errors.Join(err, ctx.Err())
}

func (a *API) do(ctx context.Context, method, path string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, method, a.URL+path, bytes.NewReader(body))
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "load: the URL is none", err)
	}
	request.Header.Set("Authorization", "Bearer "+a.Token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(request)
	if err != nil {
		return errors.Join(ctx.Err(), voiceapp.WrapError(voiceapp.Unavailable, "load: no answer", err))
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "load: the answer was cut off", err)
	}
	if answer.StatusCode/100 != 2 {
		return voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("load: %s %s was answered with %s", method, path, answer.Status))
	}
	return nil
}
