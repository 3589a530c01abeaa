package dsp_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func ExampleResampler() {
	second := make([]float32, 44100)
	r, err := dsp.NewResampler(44100, 48000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out []float32
	for len(second) > 0 {
		n := min(441, len(second)) // as a device would give it
		out = r.AppendTo(out, second[:n])
		second = second[n:]
	}
	out = r.Flush(out)
	fmt.Println(len(out))
	// Output: 48000
}

func newResampler(t testing.TB, in, out, channels int) *dsp.Resampler {
	t.Helper()
	r, err := dsp.NewResampler(in, out, channels)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fit finds the sine of known frequency that fits best, and returns its
// amplitude and how far it stands above the rest, in dB.
func fit(pcm []float32, rate int, hz float64) (amplitude, snr float64) {
	var ss, cc, sc, xs, xc, xx float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		x := float64(v)
		ss, cc, sc = ss+s*s, cc+c*c, sc+s*c
		xs, xc, xx = xs+x*s, xc+x*c, xx+x*x
	}
	det := ss*cc - sc*sc
	a, b := (xs*cc-xc*sc)/det, (xc*ss-xs*sc)/det
	signal := a*xs + b*xc
	return math.Hypot(a, b), 10 * math.Log10(signal/math.Max(xx-signal, signal*1e-15))
}

func power(pcm []float32) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(pcm))
}

// middle leaves out what the edges of the stream touch.
func middle(pcm []float32) []float32 { return pcm[len(pcm)/4 : len(pcm)*3/4] }

var ratePairs = []struct{ in, out int }{
	{44100, 48000},
	{48000, 44100},
	{8000, 48000},
	{48000, 8000},
	{16000, 48000},
	{48000, 16000},
	{96000, 48000},
	{192000, 44100},
	{384000, 8000},
	{8000, 384000},
	{11025, 48000},
	{22050, 48000},
	{44100, 8000},
	{44100, 16000},
	{44101, 48000},
	{47999, 44100},
	{48000, 47963},
	{383999, 11025},
	{8001, 383998},
}

func TestResamplerTones(t *testing.T) {
	for _, rates := range ratePairs {
		nyquist := float64(min(rates.in, rates.out)) / 2
		r := newResampler(t, rates.in, rates.out, 1)
		worst := math.Inf(1)
		for _, share := range []float64{0.01, 0.11, 0.37, 0.63, 0.85, 0.92} {
			hz := share * nyquist
			out := r.Flush(r.AppendTo(nil, tone(rates.in, 1, rates.in/4, hz, 0.9)))
			amplitude, snr := fit(middle(out), rates.out, hz)
			worst = min(worst, snr)
			if gain := 20 * math.Log10(amplitude/0.9); math.Abs(gain) > 0.001 {
				t.Errorf("%d to %d: a tone of %.0f Hz is changed by %.4f dB", rates.in, rates.out, hz, gain)
			}
		}
		t.Logf("%6d to %6d: %.1f dB, delay %v", rates.in, rates.out, worst, r.Delay())
		if worst < 100 {
			t.Errorf("%d to %d: signal to noise ratio %.1f dB, want at least 100", rates.in, rates.out, worst)
		}
	}
}

func TestResamplerStopsWhatWouldAlias(t *testing.T) {
	for _, rates := range ratePairs {
		if rates.in*100 < rates.out*105 {
			continue
		}
		for _, share := range []float64{1.001, 1.02, 1.2} {
			hz := share * float64(rates.out) / 2
			if hz > float64(rates.in)/2 {
				continue
			}
			r := newResampler(t, rates.in, rates.out, 1)
			out := r.AppendTo(nil, tone(rates.in, 1, rates.in/4, hz, 1))
			if left := 10 * math.Log10(power(middle(out))); left > -110 {
				t.Errorf("%d to %d: %.0f Hz comes through at %.1f dB", rates.in, rates.out, hz, left)
			}
		}
	}
}

func TestResamplerKeepsTime(t *testing.T) {
	for _, rates := range ratePairs {
		r := newResampler(t, rates.in, rates.out, 1)
		const hz = 400
		in := tone(rates.in, 1, rates.in/2, hz, 1)
		out := middle(r.Flush(r.AppendTo(nil, in)))
		want := middle(tone(rates.out, 1, len(out)*2, hz, 1))
		for i, v := range out {
			if math.Abs(float64(v-want[i])) > 1e-4 {
				t.Errorf("%d to %d: sample %d is %g, want %g", rates.in, rates.out, i, v, want[i])
				break
			}
		}
	}
}

func TestResamplerChunksDoNotMatter(t *testing.T) {
	for _, rates := range ratePairs {
		for channels := 1; channels <= 2; channels++ {
			in := tone(rates.in, channels, rates.in/10, 700, 0.7)
			r := newResampler(t, rates.in, rates.out, channels)
			whole := r.Flush(r.AppendTo(nil, in))
			var parts []float32
			for n, rest := 1, in; len(rest) > 0; n = (n*5 + 1) % 1237 {
				k := min(n+1, len(rest))
				parts = r.AppendTo(parts, rest[:k])
				rest = rest[k:]
			}
			if parts = r.Flush(parts); !slices.Equal(whole, parts) {
				t.Errorf("%d to %d, %d channels: %d samples in one go, other %d in parts",
					rates.in, rates.out, channels, len(whole), len(parts))
			}
		}
	}
}

func TestResamplerStereoIsTwiceMono(t *testing.T) {
	for _, rates := range ratePairs {
		left, right := tone(rates.in, 1, rates.in/20, 500, 1), tone(rates.in, 1, rates.in/20, 900, 0.3)
		var in, out []float32
		for i := range left {
			in = append(in, left[i], right[i])
		}
		mono := newResampler(t, rates.in, rates.out, 1)
		left, right = mono.Flush(mono.AppendTo(nil, left)), mono.Flush(mono.AppendTo(nil, right))
		stereo := newResampler(t, rates.in, rates.out, 2)
		out = stereo.Flush(stereo.AppendTo(nil, in))
		if len(out) != 2*len(left) {
			t.Fatalf("%d to %d: %d samples of stereo, %d of mono", rates.in, rates.out, len(out), len(left))
		}
		for i := range left {
			if math.Abs(float64(out[2*i]-left[i])) > 1e-5 || math.Abs(float64(out[2*i+1]-right[i])) > 1e-5 {
				t.Fatalf("%d to %d: frame %d differs from mono", rates.in, rates.out, i)
			}
		}
	}
}

func TestResamplerLength(t *testing.T) {
	for _, rates := range ratePairs {
		r := newResampler(t, rates.in, rates.out, 2)
		for _, frames := range []int{0, 1, 2, 100, 4097} {
			out := r.Flush(r.AppendTo(nil, make([]float32, 2*frames+1))) // half a frame too much
			if want := (frames*rates.out + rates.in - 1) / rates.in; rates.in != rates.out && len(out) != 2*want {
				t.Errorf("%d to %d: %d frames became %d, want %d", rates.in, rates.out, frames, len(out)/2, want)
			}
		}
	}
}

func TestResamplerFlushForgetsHalfAFrame(t *testing.T) {
	in := tone(44100, 2, 1000, 700, 0.7)
	r := newResampler(t, 44100, 48000, 2)
	want := r.Flush(r.AppendTo(nil, in))
	if got := r.Flush(r.AppendTo(nil, append(in, 1))); !slices.Equal(got, want) {
		t.Error("half a frame at the end changed what came out")
	}
	if got := r.Flush(r.AppendTo(nil, in)); !slices.Equal(got, want) {
		t.Error("after Flush it is not as new")
	}
}

func TestResamplerDelay(t *testing.T) {
	for _, rates := range ratePairs {
		r := newResampler(t, rates.in, rates.out, 1)
		var in int
		for out := []float32(nil); len(out) == 0; in++ {
			out = r.AppendTo(nil, []float32{0})
		}
		got := time.Duration(in-1) * time.Second / time.Duration(rates.in)
		if got != r.Delay() {
			t.Errorf("%d to %d: the first frame came after %v, Delay says %v", rates.in, rates.out, got, r.Delay())
		}
	}
}

func TestResamplerEqualRates(t *testing.T) {
	in := tone(48000, 2, 100, 1000, 1)
	r := newResampler(t, 48000, 48000, 2)
	if out := r.Flush(r.AppendTo(nil, in)); !slices.Equal(in, out) || r.Delay() != 0 {
		t.Errorf("equal rates changed the samples, or delay them by %v", r.Delay())
	}
}

func TestResamplerRefuses(t *testing.T) {
	for _, test := range []struct{ in, out, channels int }{
		{7999, 48000, 1}, {48000, 0, 1}, {48000, 384001, 1}, {-1, 48000, 1}, {48000, 44100, 0}, {48000, 44100, 3},
	} {
		if _, err := dsp.NewResampler(test.in, test.out, test.channels); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: error %v", test, err)
		}
	}
}

func BenchmarkResampler(b *testing.B) {
	for _, test := range []struct{ in, out, channels int }{
		{44100, 48000, 1}, {48000, 44100, 1}, {48000, 44100, 2}, {16000, 48000, 1}, {44101, 48000, 1},
	} {
		b.Run(fmt.Sprintf("%d-%d-%dch", test.in, test.out, test.channels), func(b *testing.B) {
			r := newResampler(b, test.in, test.out, test.channels)
			in := tone(test.in, test.channels, test.in/50, 1000, 1)
			var out []float32
			for b.Loop() {
				out = r.AppendTo(out[:0], in)
			}
			b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
		})
	}
}

func BenchmarkNewResampler(b *testing.B) {
	for b.Loop() {
		newResampler(b, 44100, 48000, 1)
	}
}
