package dsp_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func ExampleLimiter() {
	var limiter dsp.Limiter // mono, 1 dB below full scale
	shout := make([]float32, 48000)
	for i := range shout {
		shout[i] = float32(20 * math.Sin(float64(i)/20))
	}
	for block := range slices.Chunk(shout, 480) {
		limiter.Process(block)
	}
	loudest := slices.Max(shout)
	fmt.Printf("%.1f dB, %v later\n", 20*math.Log10(float64(loudest)), dsp.LimiterDelay)
	// Output: -1.1 dB, 1.333333ms later
}

// delay is that of a limiter, in frames.
var delay = int(math.Round(dsp.LimiterDelay.Seconds() * 48000))

// analogue returns the true peak, found at eight times the rate by a better
// filter than the limiter's.
func analogue(t testing.TB, pcm []float32) float64 {
	r := newResampler(t, 48000, 384000, 1)
	return 20 * math.Log10(loudest(r.Flush(r.AppendTo(nil, pcm))))
}

// crowd is twenty people who shout, each at full scale.
func crowd(t testing.TB) []float32 {
	one := speech(t)
	all := make([]float32, len(one))
	for k := range 20 {
		for i := range all {
			all[i] += one[(i+k*23456)%len(one)]
		}
	}
	return all
}

func limit(l *dsp.Limiter, pcm []float32) []float32 {
	out := slices.Clone(pcm)
	for i, rest := 0, out; len(rest) > 0; i++ {
		n := min([]int{960, 480, 2, 128, 130}[i%5], len(rest))
		l.Process(rest[:n])
		rest = rest[n:]
	}
	return out
}

// metered returns the true peak as ITU-R BS.1770-4, annex 2, has it be measured.
func metered(pcm []float32) float64 {
	taps := [2][12]float64{{
		0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
		0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
	}, {
		-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
		0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
	}}
	most := 0.0
	for n := 11; n < len(pcm); n++ {
		for _, phase := range taps {
			var ahead, back float64
			for k, tap := range phase {
				ahead += tap * float64(pcm[n-k])
				back += tap * float64(pcm[n-11+k])
			}
			most = max(most, math.Abs(ahead), math.Abs(back))
		}
	}
	return 20 * math.Log10(most)
}

func TestLimiterTruePeak(t *testing.T) {
	between := make([]float32, 48000)
	for i := range between { // the true peak of this tone is 3 dB above its samples
		between[i] = float32(4 * math.Sin(math.Pi/4+math.Pi/2*float64(i)))
	}
	pulse := make([]float32, 48000)
	pulse[24000] = 20
	for name, pcm := range map[string][]float32{
		"twenty people shout":  crowd(t),
		"one shouts a little":  scale(speech(t), 1.1),
		"between the samples":  between,
		"a single pulse":       pulse,
		"full-scale hissing":   noise(96000, 6, 1),
		"a tone of 60 Hz":      tone(48000, 1, 96000, 60, 3),
		"a tone of 7 kHz":      tone(48000, 1, 96000, 7000, 3),
		"far beyond any sound": tone(48000, 1, 48000, 3000, 900),
	} {
		out := limit(&dsp.Limiter{}, pcm)
		got := metered(out)
		t.Logf("%s: %.1f dBTP become %.3f, analogue %.3f", name, metered(pcm), got, analogue(t, out))
		if got > -0.9 {
			t.Errorf("%s: a true peak of %.3f dBTP", name, got)
		}
		if got < -1.5 {
			t.Errorf("%s: turned down to %.2f dBTP, which is more than needed", name, got)
		}
		if was, is := steepest(pcm), steepest(out); is > was {
			t.Errorf("%s: a step of %.3f; the signal's are at most %.3f", name, is, was)
		}
	}
}

// A voice has little above 8 kHz: for it the standard's measure is exact.
func TestLimiterKeepsTheAnalogueSignalOfAVoiceBelow(t *testing.T) {
	if got := analogue(t, limit(&dsp.Limiter{}, crowd(t))); got > -0.9 {
		t.Errorf("twenty people shout: the analogue signal peaks at %.3f dB", got)
	}
}

func TestLimiterBelowTheCeilingIsExact(t *testing.T) {
	for _, channels := range []int{1, 2} {
		pcm := tone(48000, channels, 48000, 997, 0.5)
		out := limit(&dsp.Limiter{Channels: channels}, pcm)
		if !slices.Equal(out[delay*channels:], pcm[:len(pcm)-delay*channels]) {
			t.Errorf("%d channels: a tone of -6 dBFS is changed", channels)
		}
	}
}

func TestLimiterComesBack(t *testing.T) {
	pcm := tone(48000, 1, 5*48000, 997, 0.5)
	for i := range pcm[:9600] {
		pcm[i] *= 20
	}
	out := limit(&dsp.Limiter{}, pcm)
	at := slices.IndexFunc(out[9600+delay:], func(x float32) bool { return x > 0.49 })
	if ms := at / 48; ms < 300 || ms > 1200 {
		t.Errorf("full gain comes back after %d ms", ms)
	}
	if half := len(out) / 2; !slices.Equal(out[half+delay:], pcm[half:len(pcm)-delay]) {
		t.Error("it does not become exact again")
	}
}

// While it limits a steady tone its gain stands still: no distortion.
func TestLimiterDistortion(t *testing.T) {
	for _, hz := range []float64{60, 200, 997} {
		out := limit(&dsp.Limiter{}, tone(48000, 1, 96000, hz, 2))
		if _, snr := fit(out[48000:], 48000, hz); snr < 60 {
			t.Errorf("%.0f Hz: distortion and noise are %.1f dB below the tone", hz, snr)
		}
	}
}

func TestLimiterLinksChannels(t *testing.T) {
	pcm := tone(48000, 2, 48000, 500, 1)
	for i := 0; i < len(pcm); i += 2 {
		pcm[i] *= 8 // left shouts
	}
	out := limit(&dsp.Limiter{Channels: 2}, pcm)
	for i := 200; i < len(out); i += 2 {
		if math.Abs(float64(out[i]/8-out[i+1])) > 1e-6 {
			t.Fatalf("frame %d: %v and %v are no longer of the same place", i/2, out[i], out[i+1])
		}
	}
}

func TestLimiterConfig(t *testing.T) {
	pcm := tone(48000, 1, 48000, 500, 4)
	for headroom, want := range map[float64]float64{0: -1, 6: -6, -1: 0} {
		l := dsp.Limiter{Headroom: headroom}
		if l.Gain() != 1 {
			t.Errorf("gain %v before anything came", l.Gain())
		}
		if got := 20 * math.Log10(loudest(limit(&l, pcm))); math.Abs(got-want) > 0.1 {
			t.Errorf("headroom %v: the peak is %.2f dB", headroom, got)
		}
		if got := 20 * math.Log10(4*l.Gain()); math.Abs(got-want) > 0.1 {
			t.Errorf("headroom %v: the gain is %v", headroom, l.Gain())
		}
	}
}

func TestLimiterWildSamples(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	pcm := append([]float32{nan, inf, -inf, 1e30, nan}, make([]float32, 48000)...)
	pcm = append(pcm, slices.Repeat([]float32{0.5}, 48000*5)...)
	out := limit(&dsp.Limiter{}, pcm)
	for i, x := range out {
		if !(x >= -1 && x <= 1) {
			t.Fatalf("sample %d is %v", i, x)
		}
	}
	if out[len(out)-1] != 0.5 {
		t.Errorf("after seconds it is still at %v", out[len(out)-1])
	}
}

func BenchmarkLimiter(b *testing.B) {
	for name, amplitude := range map[string]float64{"quiet": 0.3, "open": 0.8, "limiting": 4} {
		for channels := 1; channels <= 2; channels++ {
			b.Run(fmt.Sprintf("%s/%dch", name, channels), func(b *testing.B) {
				l := dsp.Limiter{Channels: channels}
				pcm, block := tone(48000, channels, 960, 1000, amplitude), make([]float32, 960*channels)
				for b.Loop() {
					copy(block, pcm)
					l.Process(block)
				}
				b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
			})
		}
	}
}
