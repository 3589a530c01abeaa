package control_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// everything calls each method that asks the server.
func everything(ctx context.Context, c *control.Client) map[string]error {
	errs := make(map[string]error)
	_, errs["info"] = c.Info(ctx)
	_, errs["ping"] = c.Ping(ctx)
	_, errs["claim"] = c.Claim(ctx, "x", "Eve", "12345678")
	_, errs["register"] = c.Register(ctx, "x"+c.Self().Name, "12345678")
	_, errs["path"] = c.JoinPath(ctx, "Lobby/Quiet")
	_, errs["chat"] = c.SendChat(ctx, "from inside")
	errs["join"] = c.Join(ctx, lobby)
	errs["leave"] = c.Leave(ctx)
	return errs
}

// Whoever ranges over the events may call the client from there.
func TestCallsFromTheEventLoop(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.guest("Anna")
	w.guest("Bo")
	for range anna.Events() {
		for what, err := range everything(t.Context(), anna) {
			if err != nil && (what != "claim" || !errors.Is(err, voiceapp.BadCredentials)) {
				t.Errorf("%s from inside the loop: %v", what, err)
			}
		}
		_ = anna.Close()
		break
	}
	seen := 0
	for range anna.Events() { // what was queued is still there, and then it ends
		seen++
	}
	if seen != 4 { // two joins and a leave, and what was said
		t.Errorf("%d events were left", seen)
	}
}

func TestCallsAfterTheEnd(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna, bo := w.guest("Anna"), w.guest("Bo")
	_ = anna.Close()
	_ = anna.Close()
	for what, err := range everything(t.Context(), anna) {
		if !errors.Is(err, control.ErrClientClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	_ = w.server.Close()
	<-bo.Done()
	for what, err := range everything(t.Context(), bo) {
		if !errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, control.ConnectionLost) {
			t.Errorf("%s after the server has gone: %v", what, err)
		}
	}
	if len(bo.Channels()) != 3 || bo.Self().Name != "Bo" {
		t.Error("the mirror is gone with the connection")
	}
}

// A context ends a call, and not the connection.
func TestCallGivesUp(t *testing.T) {
	slow := slowDirectory{newMemory(), make(chan struct{})}
	w := newWorld(t, &control.Server{Directory: slow})
	anna, bo := w.guest("Anna"), w.guest("Bo")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := anna.Join(ctx, staff); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	// A directory that takes its time holds nobody else up.
	if err := bo.Join(t.Context(), lobby); err != nil {
		t.Error(err)
	}
	close(slow.ready)
	if err := anna.Join(t.Context(), lobby); err != nil {
		t.Error(err)
	}
}

// slowDirectory takes its time over one channel.
type slowDirectory struct {
	*control.Memory
	ready chan struct{}
}

func (s slowDirectory) Access(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	if channel == staff {
		<-s.ready
	}
	return s.Memory.Access(ctx, user, channel)
}
