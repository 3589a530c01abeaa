package sound

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// Silence around what a loudspeaker is tried with: one that has slept swallows the
// beginning, and what it still holds at the end is to be heard.
const (
	silenceBefore = 100 * time.Millisecond
	silenceAfter  = 250 * time.Millisecond
)

// TryLoudspeaker plays a sound beside all talks, also while one is deaf: interleaved
// stereo, at 48 kHz. It returns when that was heard. The error is why it was not, or by
// another loudspeaker than the chosen one ([ErrInstead]), and ctx's.
func (h *Hub) TryLoudspeaker(ctx context.Context, pcm []int16) error {
	const channels = 2
	h.mu.Lock()
	p := h.port(channels)
	p.trial = true
	h.mu.Unlock()
	defer func() { _ = p.Close() }() // it returns nil, always
	p.Warm()
	samples := func(d time.Duration) int { return int(d*voice.SampleRate/time.Second) * channels }
	frame := make([]float32, trialFrame*channels)
	for at := -samples(silenceBefore); at < len(pcm)+samples(silenceAfter); at += len(frame) {
		for i := range frame {
			frame[i] = 0
			if now := at + i; now >= 0 && now < len(pcm) {
				frame[i] = float32(pcm[now]) / 32768
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_ = p.Ready() // a port never breaks
		_ = p.WritePCM(frame)
	}
	return p.failed()
}
