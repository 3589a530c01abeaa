//go:build linux

// Package latencytest measures, for tests, how long sound takes through the virtual
// devices of package devicetest.
package latencytest

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

const (
	chirpPeriod  = 10 * time.Millisecond
	chirpLength  = device.SampleRate / 100
	chirpSpacing = 600 * time.Millisecond
)

// Devices are the ids of the virtual devices, by name.
func Devices(t testing.TB) map[string]string {
	t.Helper()
	all, err := device.List()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, d := range all {
		ids[d.Name] = d.ID
	}
	return ids
}

// chirp is a tone that rises from 500 Hz to 3 kHz in 10 ms.
func chirp() []float32 {
	pcm := make([]float32, chirpLength)
	for i := range pcm {
		x := float64(i) / float64(len(pcm))
		phase := 2 * math.Pi * 0.01 * (500*x + 1250*x*x)
		pcm[i] = float32(0.5 * math.Sin(phase) * math.Sin(math.Pi*x))
	}
	return pcm
}

// Delays plays chirps into vmic and returns how much later each is heard at another
// virtual loudspeaker, in order of size. Chirps that are not heard are missing.
func Delays(t testing.TB, loudspeaker string, count int) (delays []time.Duration) {
	t.Helper()
	devices := Devices(t)
	source, err := device.OpenPlayback(device.Config{ID: devices["vmic"], Period: chirpPeriod})
	if err != nil {
		t.Fatal(err)
	}
	near, far := record(t, devices["Monitor of vmic"]), record(t, devices["Monitor of "+loudspeaker])
	silence := make([]float32, chirpLength)
	write := func(pcm []float32) {
		if err := source.WritePCM(pcm); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 { // until all know how much the devices take at once
		write(silence)
	}
	for range count {
		write(chirp())
		for range chirpSpacing / chirpPeriod {
			write(silence)
		}
	}
	_ = source.Close() // it returns nil, always
	said, heard := near.stop(), far.stop()
	for _, at := range said {
		for _, then := range heard {
			if d := then - at; d > 0 && d < chirpSpacing/2 {
				delays = append(delays, d)
				break
			}
		}
	}
	slices.Sort(delays)
	return delays
}

// recorder keeps what a microphone hears, and when.
type recorder struct {
	microphone *device.Capture
	running    sync.WaitGroup
	pcm        []float32
	origin     time.Duration // of the first sample; the earliest that any block says
}

var chirpOrigin = time.Now()

func record(t testing.TB, id string) *recorder {
	t.Helper()
	microphone, err := device.OpenCapture(device.Config{ID: id, Period: chirpPeriod})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{microphone: microphone, origin: math.MaxInt64}
	r.running.Go(func() {
		pcm := make([]float32, chirpLength)
		for {
			n, err := microphone.ReadPCM(pcm)
			if err != nil {
				return
			}
			r.pcm = append(r.pcm, pcm[:n]...)
			if len(r.pcm) > device.SampleRate { // it has settled
				r.origin = min(r.origin, time.Since(chirpOrigin)-at(len(r.pcm)))
			}
		}
	})
	return r
}

func at(sample int) time.Duration { return time.Duration(sample) * time.Second / device.SampleRate }

// stop returns when the chirps were heard.
func (r *recorder) stop() (heard []time.Duration) {
	_ = r.microphone.Close() // it returns nil, always
	r.running.Wait()
	pattern := chirp()
	score := make([]float64, max(0, len(r.pcm)-len(pattern)))
	loudest := 0.0
	for i := range score {
		if r.pcm[i+len(pattern)/2] == 0 {
			continue
		}
		for n, x := range pattern {
			score[i] += float64(x) * float64(r.pcm[i+n])
		}
		loudest = max(loudest, score[i])
	}
	for i := 0; i < len(score); i++ {
		if score[i] < loudest/2 || loudest == 0 {
			continue
		}
		best := i
		for n := i; n < min(i+len(pattern), len(score)); n++ {
			if score[n] > score[best] {
				best = n
			}
		}
		heard = append(heard, r.origin+at(best))
		i = best + int(chirpSpacing/2*device.SampleRate/time.Second)
	}
	return heard
}
