package relay

import (
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// splitFrom is from how many listeners on a fan-out is split. To wake somebody takes
	// about as long as to send to a hundred: on two processors 256 listeners gain nothing,
	// 512 have theirs in three quarters of the time.
	splitFrom = 384

	// splitPiece is how many listeners whoever has time takes at once: what is waited for at
	// the end is less than one's worth, some 0.1 ms.
	splitPiece = 32
)

// split is a fan-out to many that processors share which have nothing else to do: each
// takes the next few listeners until none is left. It belongs to the loop whose frames they
// are. That loop takes part, and goes on when all who do have ended.
type split struct {
	now       time.Duration
	group     []voiced
	listeners []*session
	packed    *packings    // of the group, complete
	next      atomic.Int64 // listener
	busy      sync.WaitGroup
}

// shareOut sends a group to many listeners, with the help of who is idle.
func (l *loop) shareOut(group []voiced, listeners []*session) {
	l.flush() // what was sealed before goes before
	s := &l.split
	s.now, s.group, s.listeners, s.packed = l.now, group, listeners, &l.shared
	for copies := range l.shared {
		l.shared[copies].pack(group, nil, int32(copies))
	}
	s.next.Store(0)
	defer s.end()
	s.invite(l.relay.help, len(listeners)/splitPiece)
	s.work(l)
}

// invite has at most so many idle helpers take part. Those who are busy are not waited for.
func (s *split) invite(help chan<- *split, most int) {
	for range most {
		s.busy.Add(1)
		select {
		case help <- s:
		default:
			s.busy.Done()
			return
		}
	}
}

// end waits for the others, as the frames are in the loop's memory. It keeps nobody.
func (s *split) end() {
	s.next.Store(int64(len(s.listeners))) // after a fault there may be some left
	s.busy.Wait()
	s.group, s.listeners, s.packed = nil, nil, nil
}

// work sends to listeners, by one loop of those that share, until none is left.
func (s *split) work(by *loop) {
	for {
		end := int(s.next.Add(splitPiece))
		for _, listener := range s.listeners[min(end-splitPiece, len(s.listeners)):min(end, len(s.listeners))] {
			by.give(s.group, s.packed, listener)
		}
		if end >= len(s.listeners) {
			return
		}
	}
}

// startHelpers has helpers wait for splits, one for each processor but the one that
// splits. The caller holds r.mu.
func (r *Relay) startHelpers() {
	r.dismissed = make(chan struct{})
	for len(r.helpers) < runtime.GOMAXPROCS(0)-1 {
		r.helpers = append(r.helpers, &borrower{loop: newLoop(r, nil)})
	}
	for _, b := range r.helpers {
		r.helping.Go(func() { b.help(r.help, r.dismissed) })
	}
}

// stopHelpers returns when there are none. The caller holds r.mu.
func (r *Relay) stopHelpers() {
	close(r.dismissed)
	r.helping.Wait()
}

// help takes part in splits until it is dismissed.
func (b *borrower) help(splits <-chan *split, dismissed <-chan struct{}) {
	for {
		select {
		case s := <-splits:
			b.takePart(s)
		case <-dismissed:
			return
		}
	}
}

func (b *borrower) takePart(s *split) {
	defer s.busy.Done()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loop.begin(s.now)
	defer b.loop.end()
	if b.loop.socket == nil {
		return // it was closed meanwhile
	}
	s.work(b.loop)
	b.loop.flush()
}

// spread has the helpers send by the sockets that are served, by each about as many. The
// caller holds r.mu.
func (r *Relay) spread() {
	users := map[*net.UDPConn]int{}
	for l := range r.loops {
		users[l.socket.conn] = 0
	}
	var idle []*borrower
	for _, b := range r.helpers {
		conn := b.conn()
		if n, served := users[conn]; served && n*len(users) < len(r.helpers) {
			users[conn]++
		} else {
			b.abandon(conn)
			idle = append(idle, b)
		}
	}
	for _, b := range idle {
		var least *net.UDPConn
		for conn, n := range users {
			if least == nil || n < users[least] {
				least = conn
			}
		}
		if least != nil && b.adopt(least) == nil {
			users[least]++
		}
	}
}
