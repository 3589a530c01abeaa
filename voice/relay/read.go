package relay

import "github.com/voiceapp-sdk/voiceapp/voice/packet"

// read handles the frames of one datagram up to the first malformed one. A probe
// is answered once, however many of them there are, so that no answer is larger
// than what it answers.
func (l *loop) read(s *session, d *datagram, frames []byte) error {
	answered := false
	for len(frames) > 0 {
		kind, body, rest, err := packet.Next(frames)
		if err != nil {
			return err
		}
		frame := frames[:len(frames)-len(rest)]
		frames = rest
		switch kind {
		case packet.KindAudio:
			err = l.hear(s, d, frame, body)
		case packet.KindProbe:
			err = l.answerProbe(s, d, body, &answered)
		case packet.KindProbeAnswer:
			err = l.probeAnswered(s, body)
		case packet.KindReport:
			err = l.keepReport(s, body)
		default:
			l.counts.count(skipped)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hear keeps an audio frame for deliver, if it may pass.
func (l *loop) hear(s *session, d *datagram, frame, body []byte) error {
	audio, err := packet.ParseAudio(body)
	if err != nil {
		return err
	}
	to := s.route.Load()
	verdict, whisper, is := s.allows(l.now, to, &audio, d.tunneled())
	said := voiced{speaker: s, came: l.now - d.waited, frame: frame, whisper: whisper}
	if verdict == taken {
		verdict = l.askForFloor(&said, to, &audio)
	}
	l.counts.count(verdict)
	switch verdict {
	case taken:
	case dropRepeated:
		return nil
	default:
		s.dropped.Add(1)
		return nil
	}
	s.taken.Add(1)
	packet.StampSpeaker(body, s.id)
	flags := to.flags | audio.Flags&packet.FlagEnd
	if whisper != nil {
		flags |= packet.FlagWhisper
	}
	packet.StampFlags(body, flags, packet.FlagPriority)
	if whisper == nil {
		l.relay.talk.heard(l.now, s, audio.Flags, is)
		said.channel = to.channel
		said.follow, l.past = s.recall(to.channel, &audio, frame, l.past)
		if is == newest && audio.Flags&packet.FlagEnd != 0 {
			l.trail(&said, &audio)
		}
	}
	l.frames = append(l.frames, said)
	return nil
}

// askForFloor reports whether a frame may pass where only the loudest are heard, in its
// speaker's channel or in those that he whispers to. The last one of who loses the floor
// of his channel ends his spurt.
func (l *loop) askForFloor(f *voiced, to *route, a *packet.Audio) counter {
	switch {
	case to.Priority:
	case f.whisper != nil:
		for i, c := range f.whisper.channels {
			if l.askIn(c, f.speaker, a) == floorDenied {
				f.denied |= 1 << i
			}
		}
		if n := len(f.whisper.channels); n > 0 && len(f.whisper.sessions) == 0 && f.denied == 1<<n-1 {
			return dropQuiet
		}
	default:
		switch l.askIn(to.channel, f.speaker, a) {
		case floorDenied:
			return dropQuiet
		case floorLost:
			a.Flags |= packet.FlagEnd
		case floorGiven:
		}
	}
	return taken
}

// askIn asks for the floor of a channel.
func (l *loop) askIn(c *channel, s *session, a *packet.Audio) floorVerdict {
	most := c.heardAtOnce(l.relay.loudest)
	if most <= 0 {
		return floorGiven
	}
	return c.floor.ask(l.now, s, a, most)
}

// answerProbe sends the answer the way that the probe came. To one that came by
// UDP while the tunnel is the way down it is sent by both: so the client learns of
// each direction by itself whether UDP gets through.
func (l *loop) answerProbe(s *session, d *datagram, body []byte, answered *bool) error {
	probe, err := packet.ParseProbe(packet.KindProbeAnswer, body)
	if err != nil || *answered {
		return err
	}
	*answered = true
	if d.tunneled() {
		s.hold.Store(int64(l.now + tunnelHold))
	} else if s.tunnelDown(l.now) {
		l.post(s, inTunnel, probe.AppendTo(l.answer[:0]))
	}
	if l.post(s, d.path, probe.AppendTo(l.answer[:0])) {
		l.counts.count(answers)
	}
	return nil
}

func (l *loop) probeAnswered(s *session, body []byte) error {
	probe, err := packet.ParseProbe(packet.KindProbeAnswer, body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes.answered(l.now, probe.Sent)
	return nil
}

func (l *loop) keepReport(s *session, body []byte) error {
	report, err := packet.ParseReport(body)
	if err != nil {
		return err
	}
	s.keepReport(l.now, report)
	l.counts.count(reports)
	return nil
}
