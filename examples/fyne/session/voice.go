package session

import (
	"errors"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// startVoice begins to hear, and to be heard.
func (s *Session) startVoice() {
	s.mu.Lock()
	how := s.how
	s.mu.Unlock()
	joined, err := voice.Join(s.ctx, s.client, voice.Config{
		Codec: s.cfg.Codec, Source: s.cfg.Sound, Sink: s.cfg.Sound, Effect: s.cfg.Sound,
		FrameDuration: how.Frame, Delay: how.Delay, MinDelay: how.MinDelay, MaxDelay: how.MaxDelay, Normalize: how.Normalize,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.voice, s.voiceErr = joined, err
	if err != nil {
		return
	}
	for person, h := range s.heard {
		s.hear(person, h)
	}
	if s.whispers.Session != 0 {
		_ = joined.SetTarget(whisperSlot) // the slot is one that can be
	}
}

func (s *Session) stopVoice() {
	s.mu.Lock()
	was := s.voice
	s.voice = nil
	s.mu.Unlock()
	if was != nil {
		_ = was.Close() // it returns nil, always
	}
}

// SetVoice changes how one is heard and hears. Voice begins anew where it has to: that
// takes a moment.
func (s *Session) SetVoice(how Voice) {
	s.mu.Lock()
	was := s.how
	s.how = how
	present := s.voice
	s.mu.Unlock()
	normalize := was.Normalize != how.Normalize
	was.Normalize = how.Normalize // what is left needs another voice
	switch {
	case was != how:
		s.stopVoice()
		s.startVoice()
	case present != nil && normalize:
		_ = present.SetNormalize(how.Normalize) // a session that hears has no error
	}
}

// SetHearing says how one hears somebody who is here.
func (s *Session) SetHearing(person voiceapp.SessionID, h Hearing) {
	s.mu.Lock()
	s.heard[person] = h
	s.hear(person, h)
	s.mu.Unlock()
	s.change()
}

// Hearing returns what SetHearing said.
func (s *Session) Hearing(person voiceapp.SessionID) Hearing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.heard[person]; ok {
		return h
	}
	return Hearing{Volume: 1}
}

// hear, under mu, tells the voice. A volume that can't be stays as it was.
func (s *Session) hear(person voiceapp.SessionID, h Hearing) {
	if s.voice != nil {
		_ = errors.Join(s.voice.SetVolume(person, h.Volume), s.voice.SetMuted(person, h.Muted))
	}
}

// watch looks who speaks, and how the connection fares.
func (s *Session) watch() {
	defer s.done.Done()
	const often, seldom = 200 * time.Millisecond, time.Second
	tick := time.NewTicker(often)
	defer tick.Stop()
	var measured time.Time
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-tick.C:
			stats, ok := s.voiceStats()
			if s.lookWhoSpeaks(stats) {
				s.change()
			}
			if ok && now.Sub(measured) >= seldom {
				measured = now
				s.measure(now, stats)
				s.change()
			}
		}
	}
}

func (s *Session) voiceStats() (voice.Stats, bool) {
	s.mu.Lock()
	v := s.voice
	s.mu.Unlock()
	if v == nil {
		return voice.Stats{}, false
	}
	return v.Stats(), true
}

// lookWhoSpeaks reports whether others do than before. Those who are heard are known by
// their sound, those in other channels by what the server says. While the connection is
// lost nobody is heard, and neither is oneself.
func (s *Session) lookWhoSpeaks(stats voice.Stats) (changed bool) {
	now := make(map[voiceapp.SessionID]bool)
	for _, id := range s.Client().Talking() {
		now[id] = true
	}
	for _, one := range stats.Received.Speakers {
		if one.Speaking {
			now[one.Speaker] = true
		}
	}
	if stats.Sent.Talking {
		now[s.Client().Self().Session] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		clear(now)
	}
	changed = len(now) != len(s.talking)
	for id := range now {
		changed = changed || !s.talking[id]
	}
	s.talking = now
	return changed
}
