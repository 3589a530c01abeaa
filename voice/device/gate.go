package device

import (
	"sync"
	"time"
)

// gate counts calls to the sound system that have not returned. A system that hangs keeps
// each of them, with a thread and a socket: as long as it does, no other is made.
type gate struct {
	mu      sync.Mutex
	inside  int
	returns time.Time // when the latest call came back, or the first went in
}

// system is for calls that connect to the system.
var system gate

// pass makes a call.
func (g *gate) pass(call func()) {
	g.mu.Lock()
	if g.inside++; g.inside == 1 {
		g.returns = time.Now()
	}
	g.mu.Unlock()
	call()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.returns = time.Now()
}

// stuck reports whether there are calls that do not come back.
func (g *gate) stuck() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside > 0 && time.Since(g.returns) >= openTime
}
