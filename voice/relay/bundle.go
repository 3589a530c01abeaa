package relay

import (
	"cmp"
	"slices"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// deliver gives the frames of this turn to those who hear them, or lets them wait.
func (l *loop) deliver() {
	for rest := l.frames; len(rest) > 0; {
		rest = l.pick(rest, l.next(rest))
		if l.group[0].whisper == nil {
			l.say()
		} else {
			l.fanOut(l.group)
		}
	}
	clear(l.frames)
	clear(l.group)
	if len(l.crowd) > 0 {
		clear(l.crowd[:cap(l.crowd)])
		l.crowd = l.crowd[:0]
	}
	l.frames = l.frames[:0]
}

// next returns a frame of those that are sent first: who has few listeners does not wait
// for who has many.
func (l *loop) next(frames []voiced) voiced {
	first, fewest := frames[0], -1
	for i := range frames[1:] {
		f := &frames[i+1]
		if f.together(&first) {
			continue
		}
		if fewest < 0 {
			fewest = l.audience(&first)
		}
		if n := l.audience(f); n < fewest {
			first, fewest = *f, n
		}
	}
	return first
}

// audience is about how many hear a frame.
func (l *loop) audience(f *voiced) (n int) {
	if f.whisper == nil {
		return len(*f.channel.listeners.Load())
	}
	n = len(f.whisper.sessions)
	for _, c := range f.whisper.channels {
		n += len(*c.listeners.Load())
	}
	return n
}

// together reports whether two frames are heard by the same listeners.
func (f *voiced) together(o *voiced) bool {
	return f.channel == o.channel && f.whisper == o.whisper && f.denied == o.denied
}

// pick moves the frames that go where one goes into l.group, in order, and returns the
// others, in order.
func (l *loop) pick(frames []voiced, one voiced) (others []voiced) {
	l.group, others = l.group[:0], frames[:0]
	for _, f := range frames {
		if f.together(&one) {
			l.group = append(l.group, f)
		} else {
			others = append(others, f)
		}
	}
	return others
}

// listeners returns who hears a frame; the slice is not to be modified.
func (l *loop) listeners(f voiced) []*session {
	if f.whisper == nil {
		return *f.channel.listeners.Load()
	}
	return l.gather(f.whisper, f.denied)
}

// gather returns who is in a target but for some of its channels, each once, valid until
// the next call.
func (l *loop) gather(t *target, denied uint32) []*session {
	l.crowd = l.crowd[:0]
	for _, id := range t.sessions {
		if s := l.relay.sessions.get(id); s != nil && !s.route.Load().Deaf {
			l.crowd = append(l.crowd, s)
		}
	}
	for i, c := range t.channels {
		if denied&(1<<i) == 0 {
			l.crowd = append(l.crowd, *c.listeners.Load()...)
		}
	}
	slices.SortFunc(l.crowd, func(a, b *session) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(l.crowd)
}

// fanOut sends frames that go to the same listeners to these, nobody's own frames to
// himself.
func (l *loop) fanOut(group []voiced) {
	for i := range group {
		l.waits = append(l.waits, max(l.now-group[i].came, 0)) // less: another loop began its turn later
	}
	for i := range l.shared {
		l.shared[i].list = l.shared[i].list[:0]
	}
	listeners := l.listeners(group[0])
	if len(listeners) >= splitFrom {
		l.shareOut(group, listeners)
		return
	}
	for _, listener := range listeners {
		l.give(group, &l.shared, listener)
	}
}

// packings are a group for who said nothing of it, by how many copies he gets. An empty one
// is packed when it is asked for.
type packings [packet.MaxCopies + 1]bundles

// give sends a listener a group but for his own frames.
func (l *loop) give(group []voiced, packed *packings, listener *session) {
	copies := listener.copies.Load()
	bundles := &packed[copies]
	if spoke(group, listener) {
		bundles = &l.own
		bundles.pack(group, listener, copies)
	} else if len(bundles.list) == 0 {
		bundles.pack(group, nil, copies)
	}
	l.send(listener, bundles.list)
}

func (l *loop) send(to *session, list []bundle) {
	way := to.path.Load()
	if to.tunnelDown(l.now) {
		way = &inTunnel
	}
	for _, b := range list {
		switch {
		case way == nil:
			l.counts.add(dropNoAddr, b.count)
		case l.post(to, *way, b.frames):
			l.counts.add(forwarded, b.count)
			l.counts.add(copied, b.copies)
		}
	}
}

func spoke(group []voiced, s *session) bool {
	for i := range group {
		if group[i].speaker == s {
			return true
		}
	}
	return false
}

// bundle is the frames of one datagram.
type bundle struct {
	frames []byte
	count  int // of frames
	copies int // of frames that went before
}

// bundles are the frames of a group in as few datagrams as hold them. They are
// valid until the next pack.
type bundles struct {
	list  []bundle
	open  bundle // the end of space
	space []byte
}

// pack takes the frames of group in order, but those of one speaker, each with the
// copies that follow it where there are to be so many of each.
func (b *bundles) pack(group []voiced, without *session, copies int32) {
	b.list, b.space, b.open = b.list[:0], b.space[:0], bundle{}
	for i := range group {
		if group[i].speaker == without {
			continue
		}
		if len(group[i].frame) > 0 {
			b.add(group[i].frame).count++
		}
		for _, copied := range group[i].follow[copies] {
			if copied != nil {
				b.add(copied).copies++
			}
		}
	}
	if len(b.open.frames) > 0 {
		b.list = append(b.list, b.open)
	}
}

// add puts a frame into the open datagram, or where it does not fit into another.
func (b *bundles) add(frame []byte) *bundle {
	if len(b.open.frames) > 0 && len(b.open.frames)+len(frame) > packet.SafeFrames {
		b.list = append(b.list, b.open)
		b.open = bundle{}
	}
	b.space = append(b.space, frame...)
	b.open.frames = b.space[len(b.space)-len(b.open.frames)-len(frame):]
	return &b.open
}
