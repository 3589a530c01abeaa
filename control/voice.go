package control

import (
	"cmp"
	"reflect"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// grantVoice has the relay make keys for a new session.
func (r *roster) grantVoice(s *session) error {
	if r.voice == nil {
		return nil
	}
	grant, err := r.voice.AddSession(s.id)
	if err != nil {
		return err
	}
	s.grant = &grant
	if err := r.openTunnel(s); err != nil {
		r.voice.RemoveSession(s.id)
		return err
	}
	return nil
}

// routeOf says where a session's voice goes while it is in a channel, or in none
// for the zero one.
func (r *roster) routeOf(s *session, ch voiceapp.Channel) voiceapp.Route {
	route := voiceapp.Route{Deaf: s.deaf || s.selfDeaf, Listen: r.listensOf(s)}
	if ch.ID == 0 {
		return route
	}
	route.Channel = ch.ID
	route.Bitrate = cmp.Or(ch.Bitrate, voiceapp.DefaultBitrate)
	route.Loudest = ch.Loudest
	route.MaxWait = time.Duration(ch.MaxWait) * time.Millisecond
	route.Muted = s.muted || s.selfMuted || !ch.Permissions(s.role).Speak.Allowed
	route.Priority = s.priority
	route.Whisper = r.whispersOf(s)
	return route
}

// routeVoice has the relay send a session's voice elsewhere, and tells the client
// when its limits are others now.
func (r *roster) routeVoice(s *session, route voiceapp.Route) error {
	if r.voice == nil || reflect.DeepEqual(s.route, route) {
		return nil
	}
	if err := r.voice.SetRoute(s.id, route); err != nil {
		return err
	}
	s.route = route
	if s.grant.Bitrate != route.Bitrate {
		s.grant.Bitrate = route.Bitrate
		s.conn.send(outgoing{Method: eventGranted, Params: grantedEvent{wireGrant(*s.grant)}})
	}
	return nil
}
