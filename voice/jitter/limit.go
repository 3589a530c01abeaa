package jitter

const (
	noLimit  = 1 << 40             // samples: a longest delay that is never reached
	longPath = 2000 * samplesPerMs // for so long nothing comes within the longest delay: the path is another
)

// beyond reports whether a frame comes too late to be heard within the longest delay. A
// path of which nothing else has come for a while is measured anew.
func (b *Buffer) beyond(f slot) bool {
	a := b.adapt
	if a == nil || !a.floor.known || f.samples == 0 {
		return false
	}
	switch {
	case f.arrival-a.base-a.most < f.media+f.samples:
		a.allBeyond = false
	case !a.allBeyond:
		a.allBeyond, a.beyondSince = true, f.arrival
		return true
	case f.arrival-a.beyondSince < longPath:
		return true
	default:
		b.measureAnew()
		b.await()
	}
	return false
}

// room is by how much playout may get later.
func (b *Buffer) room(t int64) int64 {
	if !b.adapt.floor.known {
		return noLimit
	}
	return b.adapt.most - b.behind(t)
}

// keepUp leaves out what would be heard later than may be, first of all what was made up
// while waiting.
func (b *Buffer) keepUp(t int64) {
	if n := -b.room(t); n > 0 {
		b.cursor += n
		b.adapt.debt.owed -= min(n, b.adapt.debt.owed)
	}
}
