package control

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/voiceapp-sdk/voiceapp"
)

// mirror is what a client knows of the server. read changes it; anyone may look.
type mirror struct {
	mu       sync.Mutex
	self     voiceapp.SessionID
	sessions map[voiceapp.SessionID]voiceapp.Presence
	channels map[voiceapp.ChannelID]voiceapp.Channel
	talking  map[voiceapp.SessionID]struct{}
	grant    voiceapp.Grant
	replaced chan struct{} // closed when grant is another
}

func (m *mirror) init() {
	m.sessions = make(map[voiceapp.SessionID]voiceapp.Presence)
	m.channels = make(map[voiceapp.ChannelID]voiceapp.Channel)
	m.talking = make(map[voiceapp.SessionID]struct{})
	m.replaced = make(chan struct{})
}

func (m *mirror) begin(self voiceapp.Presence) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.self = self.Session
	m.sessions[self.Session] = self
}

// end forgets the grant, whose keys are good for nothing any more. The rest stays
// as it was last.
func (m *mirror) end() { m.setGrant(voiceapp.Grant{}) }

func (m *mirror) setGrant(grant voiceapp.Grant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grant = grant
	close(m.replaced)
	m.replaced = make(chan struct{})
}

func (m *mirror) voiceGrant() (voiceapp.Grant, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.grant, m.replaced
}

func (m *mirror) setChannels(channels []voiceapp.Channel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ch := range channels {
		m.channels[ch.ID] = ch
	}
}

func (m *mirror) putAll(page []voiceapp.Presence) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range page {
		m.sessions[p.Session] = p
	}
}

// put takes a presence, and returns what it was; ok is false for one that was not
// known.
func (m *mirror) put(p voiceapp.Presence) (was voiceapp.Presence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.sessions[p.Session]
	m.sessions[p.Session] = p
	return was, ok
}

// replace is put for one that is known, and changes nothing for another.
func (m *mirror) replace(p voiceapp.Presence) (was voiceapp.Presence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if was, ok = m.sessions[p.Session]; ok {
		m.sessions[p.Session] = p
	}
	if p.Channel == 0 {
		delete(m.talking, p.Session)
	}
	return was, ok
}

// putChannel takes a channel, and returns what it was; ok is false for one that
// was not known.
func (m *mirror) putChannel(ch voiceapp.Channel) (was voiceapp.Channel, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.channels[ch.ID]
	m.channels[ch.ID] = ch
	return was, ok
}

// removeChannel forgets a channel and returns it as it was last.
func (m *mirror) removeChannel(id voiceapp.ChannelID) (was voiceapp.Channel, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.channels[id]
	delete(m.channels, id)
	return was, ok
}

// remove forgets a session and returns it as it was last.
func (m *mirror) remove(id voiceapp.SessionID) (was voiceapp.Presence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.sessions[id]
	delete(m.sessions, id)
	delete(m.talking, id)
	return was, ok
}

// Channels returns the channels that there are at present for oneself, parents
// before their children, siblings in the order in which to show them. The slice is
// the caller's.
func (c *Client) Channels() []voiceapp.Channel {
	c.mirror.mu.Lock()
	defer c.mirror.mu.Unlock()
	return treeOrder(maps.Values(c.mirror.channels))
}

// Sessions returns who is there at present, in the order of their numbers, oneself
// among them. The slice is the caller's.
func (c *Client) Sessions() []voiceapp.Presence {
	c.mirror.mu.Lock()
	defer c.mirror.mu.Unlock()
	return slices.SortedFunc(maps.Values(c.mirror.sessions), func(a, b voiceapp.Presence) int {
		return cmp.Compare(a.Session, b.Session)
	})
}

// Self returns oneself; the zero Presence before login.
func (c *Client) Self() voiceapp.Presence {
	c.mirror.mu.Lock()
	defer c.mirror.mu.Unlock()
	return c.mirror.sessions[c.mirror.self]
}
