package relay

import "sync/atomic"

// ringSize is how many frames one loop may be ahead of another: what comes to a busy
// loop in some 20 ms.
const ringSize = 256

// ring is frames on their way from one loop to another. Each side is one goroutine.
type ring struct {
	from  *loop
	slots [ringSize]slot
	_     [64]byte // each count has a cache line of its own
	put   atomic.Uint32
	_     [60]byte
	taken atomic.Uint32
	_     [60]byte
}

// slot is a frame, and the memory that it and its copies are in.
type slot struct {
	voiced
	space []byte // used again
}

// push adds a copy of a frame and reports whether there was room.
func (r *ring) push(f *voiced) bool {
	put := r.put.Load()
	if put-r.taken.Load() == ringSize {
		return false
	}
	s := &r.slots[put%ringSize]
	s.voiced = *f
	s.space = append(s.space[:0], f.frame...)
	s.space = s.follow.move(s.space)
	s.frame = s.space[:len(f.frame)]
	r.put.Store(put + 1)
	return true
}

// first returns the oldest frame, which stays valid until drop, or nil.
func (r *ring) first() *voiced {
	taken := r.taken.Load()
	if taken == r.put.Load() {
		return nil
	}
	return &r.slots[taken%ringSize].voiced
}

// drop takes the oldest frame out.
func (r *ring) drop() {
	taken := r.taken.Load()
	r.slots[taken%ringSize].voiced = voiced{} // nor are its sessions kept from ending
	r.taken.Store(taken + 1)
}

func (r *ring) empty() bool { return r.put.Load() == r.taken.Load() }
