package voice_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// loudspeaker is a tape that takes 20 ms at a time of a clock of its own.
type loudspeaker struct {
	tape
	period time.Duration
	due    time.Time
}

func (l *loudspeaker) Ready() error {
	if l.due.IsZero() {
		l.due = time.Now()
	}
	time.Sleep(time.Until(l.due))
	l.due = l.due.Add(l.period)
	return nil
}

// A loudspeaker whose clock is wrong is followed: it gets no more and no less than it
// asks for, and what is said is heard, stretched where it has to be.
func TestClockedSink(t *testing.T) {
	for _, ppm := range []time.Duration{-500, 0, 500} {
		synctest.Test(t, func(t *testing.T) {
			const seconds = 120
			w := newWorld(t)
			sink := &loudspeaker{period: 20*ms + 20*ms*ppm/1_000_000}
			listener, err := voice.Join(t.Context(), newSignaling(w.admit(2, 0)), voice.Config{Codec: &numbers{}, Sink: sink, Conn: w.conn()})
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			speaker := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: &counting{last: 50 * seconds}, Conn: w.conn()})
			<-speaker.Finished()
			time.Sleep(time.Second)
			stats := listener.Stats()
			took := time.Since(begun)
			for _, s := range []*voice.Session{speaker, listener} {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			w.close()
			frames := len(sink.heard) / frame
			if want := int(took / sink.period); frames < want-2 || frames > want+2 {
				t.Errorf("%d ppm: %d frames in %v, of %v each", ppm, frames, took, sink.period)
			}
			if got := stats.Received; got.FramesPlayed < 50*seconds-5 || got.ConcealedSamples > 2000 || stats.Skipped != 0 {
				t.Errorf("%d ppm: %+v", ppm, got.Stats)
			}
			if added := int64(stats.Received.InsertedSamplesForDeceleration) - int64(stats.Received.RemovedSamplesForAcceleration); ppm == 0 && added != 0 {
				t.Errorf("a right clock: %d samples were stretched", added)
			}
		})
	}
}
