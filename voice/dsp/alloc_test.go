//go:build !race

package dsp_test

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func TestNoAllocations(t *testing.T) {
	pcm := tone(44100, 2, 882, 1000, 1)
	r := newResampler(t, 44100, 48000, 2)
	var m dsp.Meter
	high, limiter := dsp.HighPass{Channels: 2}, dsp.Limiter{Channels: 2}
	activity, calibration := dsp.Activity{Channels: 2}, dsp.Calibration{Channels: 2}
	var gain dsp.AutoGain
	var echo dsp.EchoDelay
	out := make([]float32, 0, 2*len(pcm))
	if n := testing.AllocsPerRun(100, func() {
		out = r.AppendTo(out[:0], pcm)
		high.Process(out)
		calibration.Speech(out)
		echo.Add(pcm, out)
		echo.Delay()
		gain.Process(out, 2, activity.Add(out))
		limiter.Process(out)
		out = dsp.Remix(out[:0], pcm, 2, 1)
		dsp.Level(out)
		m.Add(out, 20*time.Millisecond)
	}); n != 0 {
		t.Errorf("%v allocations for each frame", n)
	}
}
