// Package sound is the microphone and the loudspeaker of a client that may be in
// several talks at once. Everybody in all of them is heard; the microphone belongs to
// one talk at a time.
//
//	hub := sound.New(sound.Config{})
//	defer hub.Close()
//	port := hub.Port() // one for each talk
//	defer port.Close()
//	hub.SpeakTo(port)
//	session, err := voice.Join(ctx, client, voice.Config{Codec: codec, Source: port, Sink: port})
//
// A [Hub] opens devices when a talk first asks for them, and others when its
// configuration says so, while talks go on. Where there is no device a talk goes on
// without: nothing is said, or nothing heard, and [Hub.Status] says why. For a chosen
// device that is not there the system's default is used until it is.
package sound
