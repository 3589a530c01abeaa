//go:build cgo && linux

package device

import (
	"io"
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// A tone that is played into a device of whatever rate, and heard from it, is as clean
// as our resampler is: the system's are not asked.
func TestToneThroughDevicesOfOtherRates(t *testing.T) {
	p := devicetest.StartPulse(t)
	for _, rate := range []int{44100, 16000, 48000, 96000} {
		name := "r" + strconv.Itoa(rate)
		p.Load(name, rate)
		best := math.Inf(-1)
		for range 5 { // a busy machine may have neither the devices nor this program in time
			if best = max(best, toneThrough(t, name, rate)); best >= 100 {
				break
			}
		}
		t.Logf("%d Hz: %.1f dB", rate, best)
		if best < 100 {
			t.Errorf("%d Hz: signal to noise %.1f dB, want 100", rate, best)
		}
	}
}

// toneThrough plays a tone into a device and returns the signal to noise ratio of the
// best half second of what is heard of it.
func toneThrough(t *testing.T, name string, rate int) float64 {
	t.Helper()
	loudspeaker, err := OpenPlayback(Config{ID: find(t, KindPlayback, name), Period: 20 * time.Millisecond, Periods: 4})
	if err != nil {
		t.Fatal(err)
	}
	microphone, err := OpenCapture(Config{ID: find(t, KindCapture, "Monitor of "+name), Period: 20 * time.Millisecond, Periods: 4})
	if err != nil {
		t.Fatal(err)
	}
	var heard []float32
	var running sync.WaitGroup
	running.Go(func() { heard = listen(microphone) })
	said := make([]float32, 4*SampleRate)
	sine(said, 0, SampleRate, 3011, 0.5)
	play(t, loudspeaker, 1, said, len(said))
	for _, s := range []interface{ Stats() Stats }{loudspeaker, microphone} {
		if got := s.Stats(); got.Rate != rate {
			t.Errorf("a device of %d Hz was opened at %d", rate, got.Rate)
		}
	}
	for _, s := range []io.Closer{loudspeaker, microphone} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	running.Wait()
	best := math.Inf(-1)
	for ; len(heard) >= SampleRate/2; heard = heard[SampleRate/10:] {
		part := heard[:SampleRate/2]
		if snr := signalToNoise(part, SampleRate, 3011); !math.IsNaN(snr) {
			best = max(best, snr)
		}
	}
	return best
}
