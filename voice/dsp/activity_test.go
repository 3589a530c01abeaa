package dsp_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

const activityFrame = 960

// spoken tells which frames of clean speech are speech: those within 25 dB of the
// loudest.
func spoken(clean []float32) []bool {
	var powers []float64
	for frame := range slices.Chunk(clean, activityFrame) {
		powers = append(powers, power(frame))
	}
	most := slices.Max(powers)
	frames := make([]bool, len(powers))
	for i, p := range powers {
		frames[i] = toDB(p) > toDB(most)-25
	}
	return frames
}

func opened(a *dsp.Activity, pcm []float32) []bool {
	var frames []bool
	for frame := range slices.Chunk(pcm, activityFrame) {
		frames = append(frames, a.Add(frame))
	}
	return frames
}

// kept says which share of the speech is let through, and which of the frames that
// are nothing but noise, after the hang-over.
func kept(clean []float32, open []bool) (ofSpeech, ofNoise float64) {
	var said, keptSaid, silent, keptSilent, since float64
	speech := spoken(clean)
	for i, frame := range slices.Collect(slices.Chunk(clean, activityFrame)) {
		since++
		if loudest(frame) > 0 {
			since = 0
		}
		switch {
		case speech[i]:
			said++
			if open[i] {
				keptSaid++
			}
		case since > 17:
			silent++
			if open[i] {
				keptSilent++
			}
		}
	}
	return keptSaid / said, keptSilent / silent
}

// conversation is five seconds of silence, ten of speech, all of it again, and
// silence.
func conversation(t testing.TB) []float32 {
	one := append(make([]float32, 5*48000), scale(speech(t), 0.5)...)
	return append(append(one, one...), make([]float32, 5*48000)...)
}

func TestActivityInNoise(t *testing.T) {
	clean := conversation(t)
	for name, kind := range map[string]func(int, float64, uint64) []float32{"white": noise, "a fan": fan} {
		for _, dB := range []float64{-90, -50, -40, -30} {
			for seed := range uint64(3) {
				mixed := sum(clean, kind(len(clean), dB, seed))
				said, silent := kept(clean, opened(&dsp.Activity{}, mixed))
				t.Logf("%s, %v dBFS: %.3f of the speech, %.3f of the noise", name, dB, said, silent)
				if said < 0.98 || silent > 0.05 {
					t.Errorf("%s, %v dBFS: it keeps %.3f of the speech and %.3f of the noise", name, dB, said, silent)
				}
			}
		}
	}
}

func TestActivityFindsTheNoise(t *testing.T) {
	clean := conversation(t)
	for _, dB := range []float64{-60, -40, -30} {
		var a dsp.Activity
		if a.NoiseFloor() != -dsp.Silent || a.Level() != -dsp.Silent {
			t.Errorf("before anything came: %v and %v dBFS", a.NoiseFloor(), a.Level())
		}
		opened(&a, sum(clean, noise(len(clean), dB, 1)))
		if in := dB - 2.1; math.Abs(a.NoiseFloor()-in) > 1 { // 9.8 of 24 kHz, and what the filters' slopes add
			t.Errorf("white noise of %v dBFS: %.1f dBFS, want %.1f", dB, a.NoiseFloor(), in)
		}
	}
}

func TestActivityLearnsNewNoise(t *testing.T) {
	pcm := append(noise(4*48000, -60, 1), noise(6*48000, -30, 2)...)
	open := opened(&dsp.Activity{}, pcm)
	if !open[4*50] {
		t.Error("noise that begins is not heard")
	}
	if slices.Contains(open[4*50+120:], true) {
		t.Error("2.4 s later it is still taken for speech")
	}
}

func TestActivityHangOver(t *testing.T) {
	pcm := append(noise(2*48000, -80, 1), sum(tone(48000, 1, 24000, 500, 0.2), noise(24000, -80, 2))...)
	pcm = append(pcm, noise(2*48000, -80, 3)...)
	const begin, end = 100, 125 // in frames
	for hangOver, frames := range map[time.Duration]int{
		0: 15, -1: 0, 100 * time.Millisecond: 5, time.Second: 50,
	} {
		open := opened(&dsp.Activity{HangOver: hangOver}, pcm)
		first := slices.Index(open, true)
		length := slices.Index(append(slices.Clone(open[begin:]), false), false)
		if first != begin || length < end-begin+frames || length > end-begin+frames+3 {
			t.Errorf("hang-over %v: open from frame %d for %d; the tone is from %d to %d", hangOver, first, length, begin, end)
		}
	}
}

func TestActivityThreshold(t *testing.T) {
	a := dsp.Activity{Threshold: -30, HangOver: -1}
	for _, step := range []struct {
		dB   float64
		want bool
	}{{-34, false}, {-31, false}, {-29, true}, {-32, true}, {-34, false}, {-32, false}} {
		frame := tone(48000, 1, activityFrame*10, 600, math.Sqrt2*math.Pow(10, step.dB/20))
		for block := range slices.Chunk(frame, activityFrame) {
			a.Add(block)
		}
		if a.Open() != step.want {
			t.Errorf("%v dBFS: open is %v, at a level of %.1f", step.dB, a.Open(), a.Level())
		}
	}
}

// How much comes at a time changes nothing, and stereo is its mean.
func TestActivityBlocks(t *testing.T) {
	pcm := sum(conversation(t), noise(35*48000, -40, 1))[:15*48000]
	var whole, parts dsp.Activity
	both := dsp.Activity{Channels: 2}
	for frame := range slices.Chunk(pcm, activityFrame) {
		open := whole.Add(frame)
		parts.Add(frame[:100])
		parts.Add(frame[100:700])
		parts.Add(frame[700:])
		if stereo := both.Add(dsp.Remix(nil, frame, 1, 2)); stereo != open || parts.Open() != whole.Open() {
			t.Fatal("blocks or channels make a difference")
		}
	}
	if whole.Level() != parts.Level() || whole.Level() != both.Level() {
		t.Error("the levels differ")
	}
}

func TestActivityForgetsWhatIsNoNumber(t *testing.T) {
	var a dsp.Activity
	a.Add([]float32{float32(math.NaN()), float32(math.Inf(1))})
	clean := conversation(t)
	if said, silent := kept(clean, opened(&a, sum(clean, noise(len(clean), -50, 1)))); said < 0.98 || silent > 0.05 {
		t.Errorf("it is broken for good: %.3f of the speech, %.3f of the noise", said, silent)
	}
}

func TestCalibration(t *testing.T) {
	voice, silence := scale(speech(t), 0.3), noise(3*48000, -50, 1)
	var c dsp.Calibration
	if c.Result().Clear {
		t.Error("clear before anything was heard")
	}
	c.Silence(silence)
	if c.Result().Clear {
		t.Error("clear before speech was heard")
	}
	c.Speech(sum(voice, noise(len(voice), -50, 2)))
	r := c.Result()
	t.Logf("%+v", r)
	if !r.Clear || r.Noise < -56 || r.Noise > -51 || r.Speech < -40 || r.Threshold <= r.Noise || r.Threshold >= r.Speech {
		t.Errorf("%+v", r)
	}
	clean := scale(conversation(t), 0.6)
	a := dsp.Activity{Threshold: r.Threshold}
	if said, silent := kept(clean, opened(&a, sum(clean, noise(len(clean), -50, 3)))); said < 0.98 || silent > 0.01 {
		t.Errorf("with that threshold %.3f of the speech and %.3f of the noise come through", said, silent)
	}
	noisy := dsp.Calibration{Channels: 2}
	noisy.Silence(silence)
	noisy.Speech(silence)
	if r := noisy.Result(); r.Clear {
		t.Errorf("nobody spoke: %+v", r)
	}
}

func ExampleActivity() {
	var activity dsp.Activity
	hiss := make([]float32, 480)
	for i := range hiss {
		hiss[i] = 0.001 * float32(i*7919%13-6)
	}
	for range 100 {
		activity.Add(hiss)
	}
	hum := make([]float32, 480)
	for i := range hum {
		hum[i] = hiss[i] + float32(0.1*math.Sin(float64(i)/20))
	}
	fmt.Println(activity.Open(), activity.Add(hum))
	// Output: false true
}

func BenchmarkActivity(b *testing.B) {
	var a dsp.Activity
	pcm := noise(activityFrame, -30, 1)
	for b.Loop() {
		a.Add(pcm)
	}
	b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
