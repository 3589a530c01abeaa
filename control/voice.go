package control

import "github.com/voiceapp-sdk/voiceapp"

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
	return nil
}

// routeVoice has the relay send a session's voice elsewhere, and tells the client
// when its limits are others now.
func (r *roster) routeVoice(s *session, route voiceapp.Route) error {
	if r.voice == nil {
		return nil
	}
	if err := r.voice.SetRoute(s.id, route); err != nil {
		return err
	}
	if s.grant.Bitrate != route.Bitrate {
		s.grant.Bitrate = route.Bitrate
		s.conn.send(outgoing{Method: eventGranted, Params: grantedEvent{wireGrant(*s.grant)}})
	}
	return nil
}
