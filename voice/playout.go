package voice

import (
	"context"
	"time"
)

// maxBehind is how far playout may fall behind and still catch up, so that a file
// keeps wall-clock time. What is beyond is never played.
const maxBehind = time.Second

// maxTick is the longest frame that a sink gets: what is due later in it has that
// much less time to arrive, whatever the length of the frames that are sent.
const maxTick = 20 * time.Millisecond

// playOut hands the sink one frame after the other, against an absolute
// schedule, until ctx ends or the sink breaks.
func (s *Session) playOut(ctx context.Context) {
	defer s.workers.Done()
	var (
		wait  alarm
		frame = min(s.cfg.FrameDuration, maxTick)
		pcm   = make([]float32, int(toSamples(frame))*s.cfg.Channels)
	)
	for due := time.Duration(0); ; due += frame {
		if behind := s.now() - due; behind > maxBehind {
			behind = behind.Truncate(frame)
			s.skipped.Add(int64(behind))
			due += behind
		}
		if !wait.sleep(ctx, due-s.now()) {
			return
		}
		s.receiver.Read(pcm, due)
		if s.cfg.Sink == nil {
			continue
		}
		if err := s.cfg.Sink.WritePCM(pcm); err != nil {
			s.fail(err)
			return
		}
	}
}
