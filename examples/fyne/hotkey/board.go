package hotkey

import "sync"

// board is the bindings and which of them are down. Its lock is held while On is called, so
// that presses and releases are told in the order in which they happen.
type board struct {
	mu    sync.Mutex
	bound []bound // guarded by mu
}

type bound struct {
	Binding
	down    bool
	pressed string // what to press, for people
}

// replace releases what is down and has other bindings.
func (b *board) replace(bindings []Binding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.bound {
		b.bound[i].set(false)
	}
	b.bound = nil
	for _, binding := range bindings {
		b.bound = append(b.bound, bound{Binding: binding, pressed: binding.Key.String()})
	}
}

// set tells of a binding that is down or up, if that is news.
func (b *board) set(name string, down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.find(name); one != nil {
		one.set(down)
	}
}

func (b *bound) set(down bool) {
	if b.down != down {
		b.down = down
		b.On(down)
	}
}

// find needs mu.
func (b *board) find(name string) *bound {
	for i := range b.bound {
		if b.bound[i].Name == name {
			return &b.bound[i]
		}
	}
	return nil
}

// anyDown reports whether something is down.
func (b *board) anyDown() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.bound {
		if one.down {
			return true
		}
	}
	return false
}

func (b *board) setTrigger(name, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.find(name); one != nil {
		one.pressed = text
	}
}

func (b *board) trigger(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.find(name); one != nil {
		return one.pressed
	}
	return ""
}
