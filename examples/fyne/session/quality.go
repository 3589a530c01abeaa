package session

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// traceLength is how many seconds of quality are kept.
const traceLength = 60

// Quality is how the connection fares, over the latest second.
type Quality struct {
	Known     bool // the voice has a way
	RoundTrip time.Duration
	Lost      float64       // of what others say: the share that never came, 0 to 1
	Concealed float64       // of what is heard: the share that was made up
	Delay     time.Duration // from arrival to playout
	Jitter    time.Duration
	TCP       bool // UDP does not get through, one way at least
}

// trace is the figures of the latest minute, and those that the next are told from.
type trace struct {
	before voice.ReceiverStats
	points []Quality // the oldest first
}

// measure takes the figures of another second.
func (s *Session) measure(_ time.Time, stats voice.Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, was := stats.Received, s.trace.before
	s.trace.before = now
	q := Quality{
		Known: stats.Path == voice.PathUp, RoundTrip: stats.RoundTrip,
		TCP:       stats.Up == voice.WayTCP || stats.Down == voice.WayTCP,
		Lost:      share(now.FramesLost, was.FramesLost, now.FramesReceived+now.FramesLost, was.FramesReceived+was.FramesLost),
		Concealed: share(now.ConcealedSamples, was.ConcealedSamples, now.TotalSamplesReceived, was.TotalSamplesReceived),
		Jitter:    time.Duration(now.Jitter) * time.Second / voice.SampleRate,
		Delay:     s.quality.Delay,
	}
	if played := now.JitterBufferEmittedCount - was.JitterBufferEmittedCount; now.JitterBufferEmittedCount > was.JitterBufferEmittedCount {
		q.Delay = time.Duration((now.JitterBufferDelay - was.JitterBufferDelay) / float64(played) * float64(time.Second))
	}
	s.quality = q
	s.trace.points = append(s.trace.points, q)
	if over := len(s.trace.points) - traceLength; over > 0 {
		s.trace.points = append(s.trace.points[:0], s.trace.points[over:]...)
	}
}

// share returns by what share of a whole a part has grown; 0 where counting began anew.
func share(part, partWas, whole, wholeWas uint64) float64 {
	if whole <= wholeWas || part < partWas {
		return 0
	}
	return min(1, float64(part-partWas)/float64(whole-wholeWas))
}
