package voicetest

import (
	"container/heap"
	"time"
)

// maxInFlight is how many datagrams may be on their way to one receiver; what
// comes beyond is dropped, as by a full socket buffer.
const maxInFlight = 16384

// schedule holds values until they are due. Those that are due at the same time
// come out in the order in which they went in. It is not safe for concurrent use.
type schedule[T any] struct {
	heap  dues[T]
	added uint64
}

type due[T any] struct {
	at    time.Time
	order uint64
	value T
}

// add reports whether there was room.
func (s *schedule[T]) add(at time.Time, value T) bool {
	if len(s.heap) >= maxInFlight {
		return false
	}
	s.added++
	heap.Push(&s.heap, due[T]{at, s.added, value})
	return true
}

// next takes out a value that is due, or says how long it is until one is: 0 when
// there is none.
func (s *schedule[T]) next(now time.Time) (value T, ok bool, wait time.Duration) {
	switch {
	case len(s.heap) == 0:
		return value, false, 0
	case now.Before(s.heap[0].at):
		return value, false, s.heap[0].at.Sub(now)
	}
	return heap.Pop(&s.heap).(due[T]).value, true, 0
}

// dues is a heap, the next first.
type dues[T any] []due[T]

func (d dues[T]) Len() int      { return len(d) }
func (d dues[T]) Swap(i, k int) { d[i], d[k] = d[k], d[i] }
func (d *dues[T]) Push(x any)   { *d = append(*d, x.(due[T])) }
func (d dues[T]) Less(i, k int) bool {
	return d[i].at.Before(d[k].at) || d[i].at.Equal(d[k].at) && d[i].order < d[k].order
}

func (d *dues[T]) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	(*d)[last] = due[T]{}
	*d = (*d)[:last]
	return x
}
