package control

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// roster is who is here and where. All of it belongs to the goroutine of loop;
// the others ask it by do.
type roster struct {
	voice  Voice // nil: text only
	limits Limits
	log    *slog.Logger

	events chan event
	quit   chan struct{}       // closed by stop
	ended  chan struct{}       // closed when the loop has
	busy   histogram.Histogram // with each thing

	tree    *tree
	version uint64 // rises with each change
	batch   batch

	activity activity

	observers map[*observer]struct{}

	sessions map[voiceapp.SessionID]*session
	order    []voiceapp.SessionID                       // of sessions, ascending
	names    map[string]map[voiceapp.SessionID]*session // by folded name; never an empty one
	reserved map[string]struct{}                        // folded names that are being looked up for a guest or an account
	members  map[voiceapp.ChannelID][]*session          // in the order of joining

	vacated map[voiceapp.ChannelID]struct{} // temporary channels that everyone has left
	vacancy chan struct{}                   // holds a token when there may be one more

	parked    map[voiceapp.SessionID]parked // those that have ended a moment ago
	sanctions sanctions

	lastSession voiceapp.SessionID
	lastMessage voiceapp.MessageID
}

// event is something for the loop to do. It may not wait.
type event struct {
	act  func(*roster) error
	done chan<- error
}

func newRoster(voice Voice, limits Limits, log *slog.Logger) *roster {
	return &roster{
		voice:       voice,
		limits:      limits,
		log:         log,
		events:      make(chan event),
		quit:        make(chan struct{}),
		ended:       make(chan struct{}),
		tree:        newTree(nil),
		batch:       newBatch(),
		activity:    newActivity(voice),
		observers:   make(map[*observer]struct{}),
		sessions:    make(map[voiceapp.SessionID]*session),
		names:       make(map[string]map[voiceapp.SessionID]*session),
		reserved:    make(map[string]struct{}),
		members:     make(map[voiceapp.ChannelID][]*session),
		vacated:     make(map[voiceapp.ChannelID]struct{}),
		vacancy:     make(chan struct{}, 1),
		parked:      make(map[voiceapp.SessionID]parked),
		sanctions:   newSanctions(),
		lastSession: voiceapp.SessionID(rand.Uint32()),
	}
}

// loop does one thing after the other until stop.
func (r *roster) loop() {
	defer close(r.ended)
	for {
		select {
		case e := <-r.events:
			e.done <- r.run(e.act)
		case <-r.batch.timer.C:
			r.report(r.run(func(r *roster) error { r.flush(); return nil }))
		case <-r.activity.wake:
			r.report(r.run(func(r *roster) error { r.woken(); return nil }))
		case <-r.activity.timer.C:
			r.report(r.run(func(r *roster) error { r.lookWhoTalks(); return nil }))
		case <-r.quit:
			r.batch.timer.Stop()
			r.activity.timer.Stop()
			return
		}
	}
}

// stop ends the loop.
func (r *roster) stop() {
	close(r.quit)
	<-r.ended
}

// report logs a fault that has nobody's request to end.
func (r *roster) report(err error) {
	if fault, ok := err.(*panicError); ok { //nolint:errorlint // run returns it bare
		r.log.Error("the loop has panicked; it goes on", "fault", faultText(fault.fault), "stack", string(fault.stack))
	}
}

// do has the loop act and waits for it. A panic of act goes on in the caller, so
// that it ends the caller's connection and not the loop. After stop the error is
// [voiceapp.Unavailable].
func (r *roster) do(act func(*roster) error) error {
	done := make(chan error, 1)
	select {
	case r.events <- event{act, done}:
	case <-r.ended:
		return errStopping()
	}
	err := <-done
	if fault, ok := err.(*panicError); ok { //nolint:errorlint // run returns it bare
		panic(fault)
	}
	return err
}

func (r *roster) run(act func(*roster) error) (err error) {
	begun := time.Now()
	defer func() {
		r.busy.Observe(time.Since(begun))
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

func errStopping() error {
	return voiceapp.NewError(voiceapp.Unavailable, "the server is stopping").With(voiceapp.Stopping)
}

// inOrder returns who is here, by rising numbers.
func (r *roster) inOrder() []*session {
	all := make([]*session, len(r.order))
	for i, id := range r.order {
		all[i] = r.sessions[id]
	}
	return all
}

func compareSessions(a, b voiceapp.SessionID) int { return cmp.Compare(a, b) }
