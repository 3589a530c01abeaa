package control

import (
	"math/rand/v2"
	"runtime/debug"

	"github.com/voiceapp-sdk/voiceapp"
)

// roster is who is here and where. All of it belongs to the goroutine of loop;
// the others ask it by do.
type roster struct {
	voice  Voice // nil: text only
	limits Limits

	events chan event
	ended  chan struct{}

	sessions map[voiceapp.SessionID]*session
	order    []voiceapp.SessionID                       // of sessions, ascending
	names    map[string]map[voiceapp.SessionID]*session // by folded name; never an empty one
	reserved map[string]struct{}                        // folded names that are being looked up for a guest or an account
	members  map[voiceapp.ChannelID][]*session          // in the order of joining

	lastSession voiceapp.SessionID
	lastMessage voiceapp.MessageID
}

// event is something for the loop to do. It may not wait.
type event struct {
	act  func(*roster) error
	done chan<- error
}

func newRoster(voice Voice, limits Limits) *roster {
	return &roster{
		voice:       voice,
		limits:      limits,
		events:      make(chan event),
		ended:       make(chan struct{}),
		sessions:    make(map[voiceapp.SessionID]*session),
		names:       make(map[string]map[voiceapp.SessionID]*session),
		reserved:    make(map[string]struct{}),
		members:     make(map[voiceapp.ChannelID][]*session),
		lastSession: voiceapp.SessionID(rand.Uint32()),
	}
}

// loop does one thing after the other until stop.
func (r *roster) loop() {
	defer close(r.ended)
	for e := range r.events {
		e.done <- r.run(e.act)
	}
}

// stop ends the loop. Nobody may ask it for anything from then on.
func (r *roster) stop() {
	close(r.events)
	<-r.ended
}

// do has the loop act and waits for it. A panic of act goes on in the caller, so
// that it ends the caller's connection and not the loop.
func (r *roster) do(act func(*roster) error) error {
	done := make(chan error, 1)
	r.events <- event{act, done}
	err := <-done
	if fault, ok := err.(*panicError); ok { //nolint:errorlint // run returns it bare
		panic(fault)
	}
	return err
}

func (r *roster) run(act func(*roster) error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &panicError{fault, debug.Stack()}
		}
	}()
	return act(r)
}

// panicError carries a panic from the loop to the one who asked.
type panicError struct {
	fault any
	stack []byte
}

func (*panicError) Error() string { return "control: a panic in the loop" }
