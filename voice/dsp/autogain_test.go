package dsp_test

import (
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// activeLevel is the RMS of the frames that are speech, in dBFS.
func activeLevel(pcm []float32, speech []bool) float64 {
	var sum, n float64
	for i, frame := range slices.Collect(slices.Chunk(pcm, activityFrame)) {
		if speech[i] {
			sum += power(frame)
			n++
		}
	}
	return toDB(sum / n)
}

// level returns pcm so that what is speech in it has so many dBFS.
func level(pcm []float32, speech []bool, dB float64) []float32 {
	return scale(slices.Clone(pcm), math.Pow(10, (dB-activeLevel(pcm, speech))/20))
}

// gated runs a gain as a capture chain does, and returns its gain after each frame.
func gated(g *dsp.AutoGain, pcm []float32) (gains []float64) {
	var activity dsp.Activity
	for frame := range slices.Chunk(pcm, activityFrame) {
		g.Process(frame, 1, activity.Add(frame))
		gains = append(gains, g.Gain())
	}
	return gains
}

func TestAutoGainReachesItsTarget(t *testing.T) {
	clean := speech(t)
	marks := spoken(clean)
	for _, in := range []float64{-40, -30, -20, -12, -6} {
		pcm := sum(level(clean, marks, in), noise(len(clean), in-40, 1))
		gated(&dsp.AutoGain{}, pcm)
		for from := 3; from < 10; from++ { // each second of the rest that has speech
			frames := marks[from*50 : from*50+50]
			if got := activeLevel(pcm[from*48000:(from+1)*48000], frames); slices.Contains(frames, true) {
				t.Logf("%v dBFS, second %d: %.1f", in, from, got)
			}
		}
		if got := activeLevel(pcm[3*48000:], marks[3*50:]); math.Abs(got+20) > 3 {
			t.Errorf("speech of %v dBFS comes out at %.1f dBFS", in, got)
		}
	}
}

func TestAutoGainStandsStillInPauses(t *testing.T) {
	clean := conversation(t)
	pcm := sum(level(clean, spoken(clean), -35), noise(len(clean), -65, 1))
	gains := gated(&dsp.AutoGain{}, pcm)
	if gains[4*50] != 0 {
		t.Errorf("before anybody speaks the gain is %.1f dB", gains[4*50])
	}
	for _, gain := range gains[15*50+20 : 20*50] {
		if gain != gains[15*50+20] {
			t.Fatalf("in a pause the gain goes from %.2f to %.2f dB", gains[15*50+20], gain)
		}
	}
	after := gains[25*50 : 30*50] // the same person again
	if slices.Max(after)-slices.Min(after) > 4 {
		t.Errorf("while one goes on to speak the gain is between %.1f and %.1f dB", slices.Min(after), slices.Max(after))
	}
}

func TestAutoGainLimits(t *testing.T) {
	clean := speech(t)
	for _, test := range []struct {
		gain     dsp.AutoGain
		in, most float64
	}{
		{dsp.AutoGain{}, -70, 30},
		{dsp.AutoGain{MaxGain: 6}, -40, 6},
		{dsp.AutoGain{MaxGain: 6}, 0, -6},
		{dsp.AutoGain{MaxGain: -1}, -40, 0},
		{dsp.AutoGain{Target: -30}, -40, 10},
	} {
		pcm := level(clean, spoken(clean), test.in)
		for frame := range slices.Chunk(pcm, activityFrame) {
			test.gain.Process(frame, 1, true)
		}
		if math.Abs(test.gain.Gain()-test.most) > 3 {
			t.Errorf("speech of %v dBFS gets %.1f dB, want %v", test.in, test.gain.Gain(), test.most)
		}
	}
}

func TestAutoGainFollowsWhoGoesAway(t *testing.T) {
	clean := speech(t)
	marks := spoken(clean)
	pcm := append(level(clean, marks, -12), level(clean, marks, -38)...)
	gated(&dsp.AutoGain{}, pcm)
	if got := activeLevel(pcm[17*48000:], marks[7*50:]); math.Abs(got+20) > 3 {
		t.Errorf("7 s after he went away he is at %.1f dBFS", got)
	}
}

func TestAutoGainMakesNoSteps(t *testing.T) {
	pcm := tone(48000, 1, 96000, 200, 0.01)
	var g dsp.AutoGain
	for frame := range slices.Chunk(pcm, activityFrame) {
		g.Process(frame, 1, true)
	}
	if most := 2 * math.Pi * 200 / 48000 * loudest(pcm) * 1.01; steepest(pcm) > most {
		t.Errorf("a step of %v, a tone has at most %v", steepest(pcm), most)
	}
}

func TestAutoGainBadInput(t *testing.T) {
	var g dsp.AutoGain
	g.Process(nil, 1, true)
	g.Process([]float32{float32(math.NaN()), float32(math.Inf(1))}, 1, true)
	g.Process(make([]float32, 960), 2, true)
	if g.Gain() != 0 {
		t.Errorf("gain %v", g.Gain())
	}
}

func BenchmarkAutoGain(b *testing.B) {
	var g dsp.AutoGain
	pcm, frame := tone(48000, 1, 960, 200, 0.3), make([]float32, 960)
	for b.Loop() {
		copy(frame, pcm)
		g.Process(frame, 1, true)
	}
	b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
