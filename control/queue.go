package control

import (
	"slices"
	"sync"
	"time"
)

// queue holds the lines that wait for a slow network: bounded in bytes, never
// waited for. Its zero value with a limit and a wake channel of capacity 1 is
// ready.
type queue struct {
	limit  int           // bytes
	wake   chan struct{} // holds a token when there is something to do
	beside lane          // voice, which goes when no line waits

	mu     sync.Mutex
	less   sync.Cond // than before waits; its L is set by who waits for it
	lines  [][]byte
	bytes  int
	closed bool
}

// push adds a line, which is shared from then on and not to be modified. It is
// false when there is no room: the reader is too slow. A closed queue takes a line
// and forgets it.
func (q *queue) push(line []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return true
	}
	if q.bytes+len(line) > q.limit {
		return false
	}
	q.lines = append(q.lines, line)
	q.bytes += len(line)
	q.signal()
	return true
}

// close lets what is queued go out, with a last line if there is one, and takes
// no more. It is idempotent; only the first call's line counts.
func (q *queue) close(last []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if last != nil {
		q.lines = append(q.lines, last)
	}
	q.closed = true
	q.less.Broadcast()
	q.signal()
}

// abort forgets everything.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines, q.bytes, q.closed = nil, 0, true
	q.less.Broadcast()
	q.signal()
}

// until waits until no more than so many bytes wait, or the queue is closed.
func (q *queue) until(bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.less.L = &q.mu
	for q.bytes > bytes && !q.closed {
		q.less.Wait()
	}
}

// take waits for lines and appends all of them to b, whose contents it replaces, and
// then a few of those beside. more is false when these were the last.
func (q *queue) take(b []byte) (lines []byte, more bool) {
	for {
		<-q.wake
		q.mu.Lock()
		b = slices.Grow(b[:0], q.bytes)
		for _, line := range q.lines {
			b = append(b, line...)
		}
		clear(q.lines)
		q.lines, q.bytes = q.lines[:0], 0
		q.less.Broadcast()
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return b, false
		}
		var left bool
		if b, left = q.beside.take(b, time.Now()); left {
			q.signal()
		}
		if len(b) > 0 {
			return b, true
		}
	}
}

// size is how many bytes wait.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// isClosed reports whether close or abort was called.
func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
