package voice_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// The playout delay of a session stays within the limits that it is given, whatever the
// network does, and what would be heard later is late.
func TestDelayStaysWithinItsLimits(t *testing.T) {
	const frames = 3000
	quiet, unsteady := voicetest.Impairment{Seed: 1, Delay: 20 * ms}, voicetest.Impairment{Seed: 1, Delay: 20 * ms, Jitter: 60 * ms}
	for name, c := range map[string]struct {
		network     voicetest.Impairment
		least, most time.Duration // as configured
		from, until time.Duration // what comes of it
	}{
		"two frames":                     {quiet, 0, 0, 40 * ms, 40 * ms},
		"none":                           {quiet, -1, 0, 0, 20 * ms},
		"a least one":                    {quiet, 200 * ms, 0, 200 * ms, 200 * ms},
		"a longest one":                  {unsteady, 0, 90 * ms, 41 * ms, 90 * ms},
		"one that is shorter than usual": {unsteady, 0, 30 * ms, 30 * ms, 30 * ms},
		"one alone":                      {unsteady, 120 * ms, 120 * ms, 120 * ms, 120 * ms},
		"no longest one":                 {unsteady, 0, 0, 121 * ms, 500 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close()
				conn := w.conn()
				w.network.Impair(w.addr, conn.AddrPort(), c.network)
				listener, err := voice.Join(t.Context(), newSignaling(w.admit(1, 0)), voice.Config{
					Codec: &numbers{}, Sink: &tape{}, Conn: conn, MinDelay: c.least, MaxDelay: c.most,
				})
				if err != nil {
					t.Fatal(err)
				}
				defer listener.Close()
				time.Sleep(100 * ms)
				speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: &counting{last: frames}, Conn: w.conn()})
				defer speaker.Close()
				time.Sleep(30 * time.Second) // what the first frames were like is forgotten
				before := listener.Stats().Received
				<-speaker.Finished()
				got := listener.Stats().Received
				emitted := float64(got.JitterBufferEmittedCount - before.JitterBufferEmittedCount)
				mean := time.Duration((got.JitterBufferTargetDelay - before.JitterBufferTargetDelay) / emitted * float64(time.Second)).Round(ms / 10)
				if !(emitted > 0) || mean < c.from || mean > c.until {
					t.Errorf("the delay is %v on average, want %v to %v", mean, c.from, c.until)
				}
				// Jumps of the network's delay may surprise a buffer without a limit; one with
				// a limit is late again and again.
				if late := got.FramesLate; c.most == 0 && late > frames/100 || c.most > 0 && late < frames/10 {
					t.Errorf("%d of %d frames were late", got.FramesLate, frames)
				}
			})
		})
	}
}
