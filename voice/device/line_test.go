package device

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// signalToNoise is how far a tone of this frequency stands above all the rest, in dB.
func signalToNoise(pcm []float32, rate int, hz float64) float64 {
	var ss, cc, sc, xs, xc, xx float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		x := float64(v)
		ss, cc, sc = ss+s*s, cc+c*c, sc+s*c
		xs, xc, xx = xs+x*s, xc+x*c, xx+x*x
	}
	det := ss*cc - sc*sc
	signal := ((xs*cc-xc*sc)*xs + (xc*ss-xs*sc)*xc) / det
	return 10 * math.Log10(signal/math.Max(xx-signal, signal*1e-15))
}

func sine(pcm []float32, from, rate int, hz, amplitude float64) {
	for i := range pcm {
		pcm[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(from+i)/float64(rate)))
	}
}

var deviceRates = []int{8000, 11025, 16000, 22050, 44100, 48000, 88200, 96000, 192000}

func testLine(t testing.TB, kind Kind, rate, channels int) *line {
	t.Helper()
	l, err := newLine(kind, rate, channels, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// fetchAll is all that a microphone's line holds.
func fetchAll(l *line) (heard []float32) {
	for piece := make([]float32, 7*l.channels); l.fetch(piece); {
		heard = append(heard, piece...)
	}
	return heard
}

// A tone that a device of any rate gives is as clean at 48 kHz, whatever the lengths of
// its periods.
func TestCaptureConverts(t *testing.T) {
	for _, rate := range deviceRates {
		l := testLine(t, KindCapture, rate, 1)
		for at, n := 0, 1; at < rate/2; at, n = at+n, n%(rate/50)+7 {
			pcm := make([]float32, n)
			sine(pcm, at, rate, 997, 0.5)
			l.ring.captured(pcm)
		}
		heard := fetchAll(l)
		if len(heard) < SampleRate*48/100 {
			t.Errorf("%d Hz: %d samples of half a second", rate, len(heard))
		}
		if snr := signalToNoise(heard[len(heard)/4:len(heard)*3/4], SampleRate, 997); snr < 100 {
			t.Errorf("%d Hz: signal to noise %.1f dB, want 100", rate, snr)
		}
	}
}

// What is played on a device of any rate is as clean there, each period is filled, and
// lasts as long as it did.
func TestPlaybackConverts(t *testing.T) {
	for _, rate := range deviceRates {
		l := testLine(t, KindPlayback, rate, 2)
		pcm := make([]float32, SampleRate*6/10)
		sine(pcm, 0, SampleRate, 997, 0.5)
		for _, v := range pcm {
			l.write([]float32{v, v})
		}
		if lasts := l.duration(l.ring.held()); lasts < 580*time.Millisecond || lasts > 600*time.Millisecond {
			t.Errorf("%d Hz: 600 ms are %v there", rate, lasts)
		}
		var heard []float32
		for n := 1; len(heard) < rate/2; n = n%(rate/50) + 7 {
			period := make([]float32, 2*n)
			l.ring.played(period)
			for i := range n {
				if period[2*i] != period[2*i+1] {
					t.Fatalf("%d Hz: left is %g, right %g", rate, period[2*i], period[2*i+1])
				}
				heard = append(heard, period[2*i])
			}
		}
		if snr := signalToNoise(heard[len(heard)/4:len(heard)*3/4], rate, 997); snr < 100 {
			t.Errorf("%d Hz: signal to noise %.1f dB, want 100", rate, snr)
		}
		if n := l.ring.misses.Load(); n != 0 {
			t.Errorf("%d Hz: dry %d times", rate, n)
		}
	}
}

func BenchmarkPlaybackConverts(b *testing.B) {
	for _, rate := range []int{48000, 44100, 16000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			l := testLine(b, KindPlayback, rate, 2)
			in, out := make([]float32, 960), make([]float32, rate/100*2) // 10 ms of stereo
			for b.Loop() {
				l.write(in)
				l.ring.played(out)
			}
		})
	}
}
