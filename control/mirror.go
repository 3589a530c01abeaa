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
	channels []voiceapp.Channel // replaced whole, never changed
	grant    voiceapp.Grant
	replaced chan struct{} // closed when grant is another
}

func (m *mirror) init() {
	m.sessions = make(map[voiceapp.SessionID]voiceapp.Presence)
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

func (m *mirror) setChannels(all []voiceapp.Channel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.channels = all
}

func (m *mirror) addSessions(page []presence) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range page {
		m.sessions[p.Session] = p.presence()
	}
}

// move changes a session's channel and role, and returns it as it was and as it
// is. ok is false for one that is not known.
func (m *mirror) move(to move) (was, is voiceapp.Presence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.sessions[to.Session]
	if ok {
		is = was
		is.Channel, is.Role = to.Channel, to.Role
		m.sessions[to.Session] = is
	}
	return was, is, ok
}

// remove forgets a session and returns it as it was last.
func (m *mirror) remove(id voiceapp.SessionID) (was voiceapp.Presence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok = m.sessions[id]
	delete(m.sessions, id)
	return was, ok
}

// Channels returns the channels as they were at login or at the last JoinPath that
// did not find one, parents before their children. The slice is the caller's.
func (c *Client) Channels() []voiceapp.Channel {
	c.mirror.mu.Lock()
	defer c.mirror.mu.Unlock()
	return slices.Clone(c.mirror.channels)
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
