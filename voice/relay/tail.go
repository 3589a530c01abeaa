package relay

import (
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// tail is the end of a talk spurt, whose last frames have no later ones with which their
// copies could go: these go alone, to listeners who lose datagrams.
type tail struct {
	speaker *session
	channel *channel
	last    packet.Audio  // of the spurt, and then the frames that would have come after it
	samples int           // of a frame
	left    int           // frames' times in which there is something to be copied
	due     time.Duration // the next of them
}

// trail takes note that a spurt has ended, where somebody loses datagrams. A loop that
// does not wake up by itself leaves it.
func (l *loop) trail(f *voiced, a *packet.Audio) {
	if !hasPatience || l == l.relay.tunnel.loop || !loses(*f.channel.listeners.Load()) {
		return
	}
	f.speaker.mu.Lock()
	samples := f.speaker.memory.before(a)
	f.speaker.mu.Unlock()
	if samples <= 0 || samples > tooOld {
		return
	}
	t := tail{speaker: f.speaker, channel: f.channel, last: *a, samples: samples, due: l.now}
	t.last.Payload = nil // it is the datagram's
	t.left = slices.Max(packet.CopiesAfter(packet.MaxCopies, samples))
	t.pass()
	l.tails = append(l.tails, t)
}

func loses(listeners []*session) bool {
	return slices.ContainsFunc(listeners, func(s *session) bool { return s.copies.Load() > 0 })
}

// pass goes on to the next frame's time.
func (t *tail) pass() {
	t.last.Sequence++
	t.last.MediaTime += uint32(t.samples)
	t.due += samplesTime(uint32(t.samples))
}

// finish sends what is due of the ends of spurts.
func (l *loop) finish() {
	for i := range l.tails {
		for t := &l.tails[i]; t.left > 0 && t.due <= l.now; t.left-- {
			l.copyAlone(t)
			t.pass()
		}
	}
	l.tails = slices.DeleteFunc(l.tails, func(t tail) bool { return t.left == 0 })
}

// copyAlone sends the copies that would have followed a frame. What has been said since
// has taken their place.
func (l *loop) copyAlone(t *tail) {
	f := voiced{speaker: t.speaker, channel: t.channel}
	if !f.from(t.channel) {
		return
	}
	t.speaker.mu.Lock()
	f.follow, l.past = t.speaker.memory.follow(t.channel, &t.last, t.samples, l.past)
	t.speaker.mu.Unlock()
	l.group = append(l.group[:0], f)
	for _, listener := range *t.channel.listeners.Load() {
		if number := listener.copies.Load(); number > 0 && listener != t.speaker {
			l.own.pack(l.group, nil, number)
			l.send(listener, l.own.list)
		}
	}
	clear(l.group)
}
