// Package session is one's place on one server, as a screen shows it: the connection,
// which comes back by itself, the channels and the people, the chat, and the voice.
//
//	s, err := session.Open(ctx, session.Config{Addr: "voice.example", Client: who, Codec: codec, Sound: port})
//	...
//	defer s.Close()
//	for range s.Changed() {
//		draw(s.View())
//	}
//
// What a screen needs is in [Session.View], a snapshot; what is to be heard or told as a
// notification comes by Config.Happened. Everything else a person may do is asked of
// [Session.Client].
//
// # Goroutines
//
// Open starts two, and Close ends and awaits them: follow takes the server's events,
// and watch looks several times a second who speaks.
package session
