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

// clockSlack is how far the clock of a [ClockedSink] and the computer's may come
// apart, before what is heard is taken for earlier or later: jitter buffers then
// stretch it.
const clockSlack = 10 * time.Millisecond

// playOut hands the sink one frame after the other, against an absolute
// schedule or when a [ClockedSink] is ready for it, until ctx ends or the sink breaks.
func (s *Session) playOut(ctx context.Context) {
	defer s.workers.Done()
	var (
		wait  alarm
		frame = min(s.cfg.FrameDuration, maxTick)
		pcm   = make([]float32, int(toSamples(frame))*s.cfg.Channels)
	)
	clock, clocked := s.cfg.Sink.(ClockedSink)
	resting, rests := s.cfg.Sink.(RestingSink)
	for due := time.Duration(0); ; due += frame {
		if rests && s.receiver.idle() && ctx.Err() == nil {
			resting.Rest(s.rouse)
		}
		if clocked {
			if err := clock.Ready(); err != nil {
				s.fail(err)
				return
			}
			now := s.now()
			due = max(now-clockSlack, min(due, now+clockSlack))
		}
		if behind := s.now() - due; behind > maxBehind {
			behind = behind.Truncate(frame)
			s.skipped.Add(int64(behind))
			due += behind
		}
		if clocked && ctx.Err() != nil || !clocked && !wait.sleep(ctx, due-s.now()) {
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
