package packet

// WindowSize is how far, in packets, a datagram may lag behind the newest one
// and still be told from a replay. A server that sends 1,000 datagrams a second
// to a listener fills it in eight seconds.
const WindowSize = (windowBlocks - 1) * 64

const windowBlocks = 128 // a power of two; one block is always being recycled

// Window remembers which counters were seen (RFC 6479). The zero value has seen
// none. It is not safe for concurrent use.
type Window struct {
	highest  uint64
	accepted uint64
	blocks   [windowBlocks]uint64
}

// Accept records counter and reports whether it is fresh: not seen before and
// not older than the window; and whether it is the newest so far.
func (w *Window) Accept(counter uint64) (fresh, newest bool) {
	if counter < w.highest && w.highest-counter > WindowSize {
		return false, false
	}
	newest = counter > w.highest || w.accepted == 0
	if counter > w.highest {
		w.advance(counter)
	}
	block, bit := &w.blocks[counter/64%windowBlocks], uint64(1)<<(counter%64)
	if *block&bit != 0 {
		return false, false
	}
	*block |= bit
	w.accepted++
	return true, newest
}

// advance moves the window's upper end to counter and clears the blocks that
// come into use.
func (w *Window) advance(counter uint64) {
	from, to := w.highest/64, counter/64
	for i := range min(to-from, windowBlocks) {
		w.blocks[(from+1+i)%windowBlocks] = 0
	}
	w.highest = counter
}

// Highest returns the highest counter accepted.
func (w *Window) Highest() uint64 { return w.highest }

// Accepted returns how many counters were accepted.
func (w *Window) Accepted() uint64 { return w.accepted }
