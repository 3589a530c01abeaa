package relay

import (
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Peer is a relay elsewhere that serves some of the same channels, for other sessions:
// their numbers are nowhere the same. A [Relay] is one itself; between machines it is
// what carries frames to the other's Forward.
type Peer interface {
	// Forward takes what was said to a channel: audio frames as the relay sends them
	// to listeners, one after the other, each with its frame header and its speaker's
	// number, at most packet.MaxFrames bytes. frames is valid during the call. It is
	// called from any loop, and from several at once; it must not wait.
	Forward(channel voiceapp.ChannelID, frames []byte)
}

// SetPeer gives the relay a peer, which gets all that sessions here say to channels,
// whether it has listeners there or not, and nothing that is whispered. nil takes it
// away. When it returns the one before is called no more.
func (r *Relay) SetPeer(p Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p == nil {
		r.peer.Store(nil)
	} else {
		r.peer.Store(&p)
	}
	r.settle()
}

// Forward delivers what a peer's sessions have said to the channel's listeners here.
// It is never passed on to a peer, so frames can't go round in circles. frames that
// claim to be of a session here are malformed; they and those after are dropped.
func (r *Relay) Forward(channel voiceapp.ChannelID, frames []byte) {
	if r.isClosed() {
		return
	}
	r.peers.mu.Lock()
	defer r.peers.mu.Unlock()
	begun := time.Since(r.start)
	r.peers.loop.takeFromPeer(begun, channel, frames)
	r.peers.loop.measure(begun)
}

// takeFromPeer is a turn with what a peer's sessions have said.
func (l *loop) takeFromPeer(now time.Duration, channel voiceapp.ChannelID, frames []byte) {
	l.begin(now)
	defer l.end()
	c := l.relay.channels.get(channel)
	for len(frames) > 0 {
		kind, body, rest, err := packet.Next(frames)
		if err != nil || !l.mayBePeers(kind, body) {
			l.counts.count(dropMalformed)
			break
		}
		l.counts.count(fromPeer)
		l.group = append(l.group, voiced{speaker: &l.relay.elsewhere, channel: c, came: now, frame: frames[:len(frames)-len(rest)]})
		frames = rest
	}
	if c != nil && len(l.group) > 0 {
		l.gatherIn(c, c.step(now, l.relay.maxWait))
		l.flush()
	}
	l.sweep()
	clear(l.group)
}

// mayBePeers reports whether a frame is what a peer may forward.
func (l *loop) mayBePeers(kind packet.Kind, body []byte) bool {
	if kind != packet.KindAudio {
		return false
	}
	audio, err := packet.ParseAudio(body)
	return err == nil && audio.Flags&packet.FlagWhisper == 0 && l.relay.sessions.get(voiceapp.SessionID(audio.Speaker)) == nil
}

// carry sends what was said to a channel to its listeners here, and what was said here
// to the peer.
func (l *loop) carry(group []voiced) {
	if p := l.relay.peer.Load(); p != nil {
		l.own.pack(group, &l.relay.elsewhere, 0)
		for _, b := range l.own.list {
			(*p).Forward(group[0].channel.id, b.frames)
			l.counts.add(toPeer, b.count)
		}
	}
	l.fanOut(group)
}

// channels finds channels by their number. Its mutex is held for a look alone, so that a
// loop may take it while SetRoute waits for that loop.
type channels struct {
	mu   sync.RWMutex
	byID map[voiceapp.ChannelID]*channel
}

// get returns the channel, or nil when nobody here uses it.
func (m *channels) get(id voiceapp.ChannelID) *channel {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID[id]
}

func (m *channels) put(c *channel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byID[c.id] = c
}

func (m *channels) remove(id voiceapp.ChannelID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byID, id)
}
