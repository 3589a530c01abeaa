package voice

// Effect changes what is said: a voice changer, a soundboard, a gate. Plugins are
// one: *plugin.Host. It is used by the goroutine that sends, which waits for it.
type Effect interface {
	// ProcessPCM changes the interleaved samples of a frame in place, and is not to
	// keep them. It is called for each frame's time, in silence too: then speaking is
	// false and the samples are 0, so that an effect never hears what its user does
	// not say. What is returned takes speaking's place: true is heard, whatever the
	// source had to say, and false is not.
	ProcessPCM(pcm []float32, channels int, speaking bool) bool
}

// stepPCM asks the source for one frame of PCM and sends what is to be heard.
func (s *Sender) stepPCM() error {
	n, err := s.cfg.Source.ReadPCM(s.pcm)
	clear(s.pcm[n:])
	speaking, last := n > 0, n < len(s.pcm) || err != nil
	if s.cfg.Effect != nil && (n > 0 || err == nil) {
		speaking, last = s.cfg.Effect.ProcessPCM(s.pcm, s.cfg.Channels, speaking), err != nil
		s.limiter.Add(s.pcm, s.cfg.Channels)
		s.limiter.Mix(s.pcm)
	}
	if speaking {
		s.encode(last)
	} else {
		s.endSpurt()
	}
	return err
}
