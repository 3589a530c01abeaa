package relay

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// tunnelHold is how long the tunnel is the way down after a probe that came by it.
const tunnelHold = 6 * time.Second

// SetTunnel gives a session a way down beside UDP: send gets sealed datagrams,
// each valid during the call, from any goroutine. It must not wait and must not
// call the relay. The relay uses it while probes come by Tunnel, until 6 s after
// the latest. nil takes it away. The error is [voiceapp.NotFound].
func (r *Relay) SetTunnel(id voiceapp.SessionID, send func(datagram []byte)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions.get(id)
	if s == nil {
		return voiceapp.NewError(voiceapp.NotFound, "relay: there is no such session")
	}
	if send == nil {
		s.tunnel.Store(nil)
	} else {
		s.tunnel.Store(&send)
	}
	r.settle()
	return nil
}

// Tunnel takes a sealed datagram that a session has sent by another way than UDP,
// and forwards what is in it as if it had come by UDP. A datagram of another
// session is dropped. data is altered during the call.
func (r *Relay) Tunnel(id voiceapp.SessionID, data []byte) {
	if r.isClosed() {
		return
	}
	t := &r.tunnel
	t.mu.Lock()
	defer t.mu.Unlock()
	t.loop.counts.count(tunnelReceived)
	if header, err := packet.ParseHeader(data); err == nil && header.Session != id {
		t.loop.counts.count(dropSession)
		return
	}
	r.tunneled[0] = datagram{data: data}
	t.loop.handle(r.tunneled[:])
	r.tunneled[0] = datagram{}
}

// tunneled reports whether a datagram came by the tunnel: it has no address then.
func (d *datagram) tunneled() bool { return !d.addr.IsValid() }

// inTunnel is the path of what goes by the tunnel.
var inTunnel path

// tunnelDown reports whether the tunnel is the way down at present.
func (s *session) tunnelDown(now time.Duration) bool {
	return int64(now) < s.hold.Load() && s.tunnel.Load() != nil
}

// way is how to answer what came by a path.
func (s *session) way(now time.Duration, from path) path {
	if s.tunnelDown(now) {
		return inTunnel
	}
	return from
}

// postTunnel seals frames for a session and hands them to its tunnel. It reports
// whether there is one.
func (l *loop) postTunnel(s *session, frames []byte) bool {
	send := s.tunnel.Load()
	if send == nil {
		l.counts.count(dropSend)
		return false
	}
	data, err := s.down.Seal(l.sealed[:0], frames)
	if err != nil {
		l.counts.count(dropSeal)
		return false
	}
	(*send)(data)
	l.counts.count(tunnelSent)
	return true
}
