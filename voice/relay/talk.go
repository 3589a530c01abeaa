package relay

import (
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// talkTimeout is how long after the latest frame somebody talks who did not say
// that the spurt is over: six frames of the longest kind.
const talkTimeout = 360 * time.Millisecond

// talk is who talks to a channel. A frame takes the lock only when it begins or
// ends a talk spurt.
type talk struct {
	wake chan struct{} // holds a token when there are changes

	mu      sync.Mutex
	talkers map[*session]struct{}
	changed map[*session]struct{} // whose state is not the one that was told last
}

func newTalk() talk {
	return talk{
		wake:    make(chan struct{}, 1),
		talkers: map[*session]struct{}{},
		changed: map[*session]struct{}{},
	}
}

// heard takes note of a frame for the channel that was passed on. One that comes behind
// newer ones says nothing of now; a copy that does not is all that is heard of its frame.
func (t *talk) heard(now time.Duration, s *session, flags packet.Flags, is novelty) {
	if is != newest {
		return
	}
	s.spoke.Store(int64(now))
	if talks := flags&packet.FlagEnd == 0; s.talking.Load() != talks {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.set(s, talks)
	}
}

// set says whether somebody talks. The caller holds the lock.
func (t *talk) set(s *session, talks bool) {
	if s.talking.Swap(talks) == talks {
		return
	}
	if talks {
		t.talkers[s] = struct{}{}
	} else {
		delete(t.talkers, s)
	}
	if _, back := t.changed[s]; back {
		delete(t.changed, s)
		return
	}
	t.changed[s] = struct{}{}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// hush says of a session that its route keeps from being heard.
func (t *talk) hush(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(s, false)
}

// forget drops a session that is gone: nobody is told.
func (t *talk) forget(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.talkers, s)
	delete(t.changed, s)
}

// count returns how many talk.
func (t *talk) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.talkers)
}

// TalkChanged returns a channel that holds a token when somebody has begun or
// ceased to talk. It is for one reader, who then calls TalkChanges.
func (r *Relay) TalkChanged() <-chan struct{} { return r.talk.wake }

// TalkChanges appends to the two slices who has begun to talk and who has ceased
// to since the last call: each session once at most, and not those that were
// removed. Only what is said to a channel counts, no whisper. While somebody talks
// it is to be called a few times a second: one who just falls silent, 360 ms after
// his last frame, gives no token.
func (r *Relay) TalkChanges(talking, silent []voiceapp.SessionID) (begun, ceased []voiceapp.SessionID) {
	t, since := &r.talk, time.Since(r.start)-talkTimeout
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.talkers {
		if time.Duration(s.spoke.Load()) < since {
			t.set(s, false)
		}
	}
	for s := range t.changed {
		if s.talking.Load() {
			talking = append(talking, s.id)
		} else {
			silent = append(silent, s.id)
		}
	}
	clear(t.changed)
	return talking, silent
}
