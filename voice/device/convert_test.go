package device

import (
	"fmt"
	"math"
	"testing"
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

func testStream(channels int) *stream {
	cfg, _ := Config{Channels: channels}.withDefaults()
	return &stream{cfg: cfg, ring: newRing(2 * SampleRate), wake: make(chan struct{}, 1)}
}

// A tone that a device of any rate gives is as clean at 48 kHz, whatever the lengths of
// its periods.
func TestCaptureConverts(t *testing.T) {
	for _, rate := range deviceRates {
		s := testStream(1)
		called, err := s.capturing(rate)
		if err != nil {
			t.Fatal(err)
		}
		for at, n := 0, 1; at < rate/2; at, n = at+n, n%(rate/50)+7 {
			pcm := make([]float32, n)
			sine(pcm, at, rate, 997, 0.5)
			called(pcm)
		}
		heard := make([]float32, s.ring.held())
		s.ring.take(heard)
		if len(heard) < SampleRate*48/100 {
			t.Errorf("%d Hz: %d samples of half a second", rate, len(heard))
		}
		if snr := signalToNoise(heard[len(heard)/4:len(heard)*3/4], SampleRate, 997); snr < 100 {
			t.Errorf("%d Hz: signal to noise %.1f dB, want 100", rate, snr)
		}
	}
}

// What is played on a device of any rate is as clean there, each period is filled, and
// the ring is emptied as fast as time goes by.
func TestPlaybackConverts(t *testing.T) {
	for _, rate := range deviceRates {
		s := testStream(2)
		called, err := s.playing(rate)
		if err != nil {
			t.Fatal(err)
		}
		pcm := make([]float32, SampleRate)
		sine(pcm, 0, SampleRate, 997, 0.5)
		for _, v := range pcm[:SampleRate*6/10] {
			s.ring.put([]float32{v, v})
		}
		put := s.ring.held()
		var heard []float32
		for n := 1; len(heard) < rate/2; n = n%(rate/50) + 7 {
			period := make([]float32, 2*n)
			called(period)
			for i := range n {
				if period[2*i] != period[2*i+1] {
					t.Fatalf("%d Hz: left is %g, right %g", rate, period[2*i], period[2*i+1])
				}
				heard = append(heard, period[2*i])
			}
		}
		took := s.cfg.duration(put - s.ring.held()).Seconds()
		if want := float64(len(heard)) / float64(rate); took < want-0.001 || took > want+0.02 {
			t.Errorf("%d Hz: it took %.4f s from the ring for %.4f", rate, took, want)
		}
		if snr := signalToNoise(heard[len(heard)/4:len(heard)*3/4], rate, 997); snr < 100 {
			t.Errorf("%d Hz: signal to noise %.1f dB, want 100", rate, snr)
		}
		if s.misses.Load() != 0 {
			t.Errorf("%d Hz: dry %d times", rate, s.misses.Load())
		}
	}
}

// A device that was given up and calls late gets silence, and gives nothing.
func TestLateCallback(t *testing.T) {
	s := testStream(1)
	old, err := s.playing(44100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.playing(48000); err != nil {
		t.Fatal(err)
	}
	s.ring.put(make([]float32, 4800))
	pcm := []float32{1, 1, 1}
	if old(pcm); s.ring.held() != 4800 || pcm[0] != 0 || s.beats.Load() != 0 {
		t.Errorf("%d samples are held, %v was played, %d beats", s.ring.held(), pcm, s.beats.Load())
	}
}

func BenchmarkPlaybackConverts(b *testing.B) {
	for _, rate := range []int{48000, 44100, 16000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			s := testStream(2)
			called, err := s.playing(rate)
			if err != nil {
				b.Fatal(err)
			}
			in, out := make([]float32, 960), make([]float32, rate/100*2) // 10 ms of stereo
			for b.Loop() {
				s.ring.put(in)
				called(out)
			}
		})
	}
}
