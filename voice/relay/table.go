package relay

import (
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp"
)

// table finds sessions by their number: a tree with one level for each byte of
// it, read without a lock. A change touches four pointers, however many sessions
// there are. One goroutine at a time may change it. The zero value is empty.
type table struct {
	root level[level[level[level[session]]]]
}

type level[T any] [256]atomic.Pointer[T]

// get returns the session, or nil.
func (t *table) get(id voiceapp.SessionID) *session {
	second := t.root[byte(id>>24)].Load()
	if second == nil {
		return nil
	}
	third := second[byte(id>>16)].Load()
	if third == nil {
		return nil
	}
	fourth := third[byte(id>>8)].Load()
	if fourth == nil {
		return nil
	}
	return fourth[byte(id)].Load()
}

// all yields every session that is there all the while.
func (t *table) all(yield func(*session) bool) {
	for second := range t.root.all {
		for third := range second.all {
			for fourth := range third.all {
				for s := range fourth.all {
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

func (t *table) put(s *session) {
	id := s.id
	t.root.grow(byte(id >> 24)).grow(byte(id >> 16)).grow(byte(id >> 8))[byte(id)].Store(s)
}

// remove takes out a session that is in the table, and the levels that it
// leaves empty.
func (t *table) remove(id voiceapp.SessionID) {
	second := t.root[byte(id>>24)].Load()
	third := second[byte(id>>16)].Load()
	fourth := third[byte(id>>8)].Load()
	if fourth[byte(id)].Store(nil); !fourth.empty() {
		return
	}
	if third[byte(id>>8)].Store(nil); !third.empty() {
		return
	}
	if second[byte(id>>16)].Store(nil); !second.empty() {
		return
	}
	t.root[byte(id>>24)].Store(nil)
}

// grow returns what is at i, and makes it where there is nothing.
func (l *level[T]) grow(i byte) *T {
	next := l[i].Load()
	if next == nil {
		next = new(T)
		l[i].Store(next)
	}
	return next
}

// all yields what is there.
func (l *level[T]) all(yield func(*T) bool) {
	for i := range l {
		if there := l[i].Load(); there != nil && !yield(there) {
			return
		}
	}
}

func (l *level[T]) empty() bool {
	for i := range l {
		if l[i].Load() != nil {
			return false
		}
	}
	return true
}
