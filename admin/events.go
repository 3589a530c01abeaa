package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voiceapp-sdk/voiceapp"
)

const eventsPath = "/api/events"

const (
	maxStreams        = 200
	maxStreamsPerUser = 20
	statsTime         = 2 * time.Second
	eventTimeout      = 10 * time.Second // for a browser to take what is written
)

// streams are the event streams that are open.
type streams struct {
	open context.Context // until the server is shut down
	shut context.CancelFunc

	mu     sync.Mutex
	all    int
	byUser map[voiceapp.UserID]int
}

// enter takes a place; the error is [voiceapp.Limited].
func (s *streams) enter(user voiceapp.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= maxStreams || s.byUser[user] >= maxStreamsPerUser {
		return &voiceapp.Error{Code: voiceapp.Limited, Message: "too many event streams are open", RetryAfter: 10 * time.Second}
	}
	if s.byUser == nil {
		s.byUser = make(map[voiceapp.UserID]int)
	}
	s.all++
	s.byUser[user]++
	return nil
}

// count returns how many are open.
func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

func (s *streams) leave(user voiceapp.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.byUser[user]--; s.byUser[user] == 0 {
		delete(s.byUser, user)
	}
}

// eventsInput takes what a browser sends when it comes back.
type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"100" doc:"Sent by browsers that come back; the stream begins anew in any case"`
}

// registerEvents adds the stream of events.
func (s *Server) registerEvents() {
	op := operation{
		id: "get-events", method: http.MethodGet, path: eventsPath, tag: "server", scope: "events:read", role: voiceapp.RoleModerator,
		summary: "What happens, as it happens (server-sent events)",
		detail:  `A stream begins with "reset": what was known before does not count. "channel.updated", "user.joined" and "voice.activity" then say what there is, and "watch.ready" that this was all. From there on each event is what has changed. Their names and data are those of the control protocol's events (see /docs/control). "stats" has what GET /api/stats has, every two seconds. The stream ends when its login does; "closed" then says why.`,
	}
	s.ops = append(s.ops, op)
	described := s.describe(op)
	described.Responses["200"] = &huma.Response{
		Description: "OK",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	huma.Register(s.api, described, func(ctx context.Context, _ *eventsInput) (*huma.StreamResponse, error) {
		who, _ := ctx.Value(identityKey{}).(*identity)
		if err := s.streams.enter(who.actor.User); err != nil {
			return nil, s.refusal(op, err)
		}
		return &huma.StreamResponse{Body: func(out huma.Context) {
			defer s.streams.leave(who.actor.User)
			r, w := humago.Unwrap(out)
			s.stream(who, r, w)
		}}, nil
	})
}

// stream writes events until somebody has enough.
func (s *Server) stream(who *identity, r *http.Request, w http.ResponseWriter) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(s.streams.open, func() { cancel(voiceapp.NewError(voiceapp.Unavailable, "the server is stopping")) })()
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for nginx
	if out.event("reset", []byte("{}")) != nil {
		return
	}
	ticking := make(chan struct{})
	go func() {
		defer close(ticking)
		s.tick(ctx, cancel, who, r, out)
	}()
	err := s.config.Live.Watch(ctx, who.actor, func(line []byte) {
		if out.notification(line) != nil {
			cancel(nil)
		}
	})
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(err)
	<-ticking
	if !errors.Is(err, context.Canceled) {
		out.farewell(problemOf(err))
	}
}

// tick sends the figures every so often, and ends the stream when its login does.
func (s *Server) tick(ctx context.Context, cancel context.CancelCauseFunc, who *identity, r *http.Request, out *eventWriter) {
	ticker := time.NewTicker(statsTime)
	defer ticker.Stop()
	secret := strings.TrimPrefix(r.Header.Get("Authorization"), bearerPrefix)
	for {
		if text, err := json.Marshal(s.stats()); err == nil && out.event("stats", text) != nil {
			cancel(nil)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.again(ctx, who, secret); err != nil {
			cancel(err)
			return
		}
	}
}

// eventWriter writes events to a browser, from more than one goroutine.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController

	mu     sync.Mutex
	last   int
	failed error
}

// farewell says why there is no more, to whoever still listens.
func (e *eventWriter) farewell(why *Problem) {
	if text, err := json.Marshal(why); err == nil {
		_ = e.event("closed", text)
	}
}

// notification writes a line of the control protocol as an event.
func (e *eventWriter) notification(line []byte) error {
	var said struct {
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return err
	}
	return e.event(said.Method, said.Params)
}

// event writes one event. After an error nothing more is written.
func (e *eventWriter) event(name string, data []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed != nil {
		return e.failed
	}
	e.last++
	var text bytes.Buffer
	fmt.Fprintf(&text, "id: %d\nevent: %s\ndata: %s\n\n", e.last, name, data)
	if e.failed = e.control.SetWriteDeadline(time.Now().Add(eventTimeout)); errors.Is(e.failed, http.ErrNotSupported) {
		e.failed = nil
	}
	if e.failed == nil {
		_, e.failed = e.w.Write(text.Bytes())
	}
	if e.failed == nil {
		e.failed = e.control.Flush()
	}
	return e.failed
}
