package relay

import "sync/atomic"

// turn lets others wait for the end of a loop's turn without a lock on the
// loop's side. One goroutine begins and ends turns, at most one other waits.
type turn struct {
	count  atomic.Uint64 // odd during a turn
	wanted atomic.Bool
	ended  chan struct{} // holds one
}

func newTurn() turn { return turn{ended: make(chan struct{}, 1)} }

func (t *turn) begin() { t.count.Add(1) }

func (t *turn) end() {
	t.count.Add(1)
	if t.wanted.Swap(false) {
		select {
		case t.ended <- struct{}{}:
		default:
		}
	}
}

// wait returns when the turn that is under way, if any, has ended. What the
// caller stored before is seen by every later turn.
func (t *turn) wait() {
	at := t.count.Load()
	if at%2 == 0 {
		return
	}
	for t.count.Load() == at {
		t.wanted.Store(true)
		if t.count.Load() == at {
			<-t.ended // may be left over from a turn before: look again
		}
	}
}
