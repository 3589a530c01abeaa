package dsp_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

func ExampleLevel() {
	silence := make([]float32, 960)
	square := make([]float32, 960)
	for i := range square {
		square[i] = float32(1 - 2*(i%2))
	}
	fmt.Println(dsp.Level(silence), dsp.Level(square))
	// Output: 127 0
}

// tone returns n frames of a sine, the same in each channel.
func tone(rate, channels, n int, hz, amplitude float64) []float32 {
	pcm := make([]float32, 0, n*channels)
	for i := range n {
		v := float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		for range channels {
			pcm = append(pcm, v)
		}
	}
	return pcm
}

func TestLevel(t *testing.T) {
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	for name, test := range map[string]struct {
		pcm  []float32
		want uint8
	}{
		"no samples":          {nil, 127},
		"silence":             {make([]float32, 480), 127},
		"full-scale sine":     {tone(48000, 1, 960, 1000, 1), 3},
		"stereo":              {tone(48000, 2, 960, 1000, 1), 3},
		"half":                {tone(48000, 1, 960, 1000, 0.5), 9},
		"a thousandth":        {tone(48000, 1, 960, 1000, 0.001), 63},
		"over full scale":     {tone(48000, 1, 960, 1000, 30), 0},
		"quieter than can be": {[]float32{1e-30, 1e-30}, 127},
		"not a number":        {[]float32{0.5, nan}, 127},
		"infinite":            {[]float32{0.5, inf}, 0},
	} {
		if got := dsp.Level(test.pcm); got != test.want {
			t.Errorf("%s: level %d, want %d", name, got, test.want)
		}
	}
	if dsp.Silent != packet.SilentLevel {
		t.Errorf("silence is %d here and %d in a datagram", dsp.Silent, packet.SilentLevel)
	}
}

func TestMeter(t *testing.T) {
	const frame = 20 * time.Millisecond
	var m dsp.Meter
	expect := func(when string, level, peak float64) {
		t.Helper()
		if math.Abs(m.Level()-level) > 0.05 || math.Abs(m.Peak()-peak) > 0.05 {
			t.Errorf("%s: level %.2f and peak %.2f, want %.2f and %.2f", when, m.Level(), m.Peak(), level, peak)
		}
	}
	run := func(d time.Duration, pcm []float32) {
		for ; d > 0; d -= frame {
			m.Add(pcm, frame)
		}
	}
	expect("the zero value", -127, -127)
	loud := tone(48000, 1, 960, 1000, 1)
	m.Add(loud, frame)
	expect("it rises at once", -3.01, 0)
	run(time.Second, nil)
	expect("a second of silence", -27.01, 0)
	run(time.Second, nil)
	expect("the peak is let go after a second and a half", -51.01, -12)
	m.Add(tone(48000, 1, 960, 1000, 0.1), frame)
	expect("something quieter", -23.01, -12.48)
	run(10*time.Second, nil)
	expect("it does not fall below silence", -127, -127)
	run(time.Second, loud)
	expect("a steady tone stays", -3.01, 0)
}

func BenchmarkLevel(b *testing.B) {
	pcm := tone(48000, 1, 960, 1000, 0.5)
	b.SetBytes(int64(len(pcm) * 4))
	for b.Loop() {
		dsp.Level(pcm)
	}
}
