package similarity_test

import (
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
)

func TestPrepare(t *testing.T) {
	for name, test := range map[string]struct {
		rate     int
		in, want []float32
	}{
		"the same rate":      {16000, []float32{1, 2, 3}, []float32{1, 2, 3}},
		"three times":        {48000, []float32{1, 2, 3, 4, 5, 6, 7}, []float32{2, 5}},
		"one and a half":     {24000, []float32{1, 2, 3, 4, 5, 6}, []float32{1.5, 2.5, 4.5, 5.5}},
		"half":               {8000, []float32{1, 3, 5}, []float32{1, 2, 3, 4, 5, 5}},
		"nothing":            {48000, nil, nil},
		"less than a sample": {48000, []float32{1, 2}, nil},
	} {
		if got := similarity.Prepare(test.in, test.rate); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Rates that do not divide keep the length and the pitch.
func TestPrepareOddRates(t *testing.T) {
	for _, rate := range []int{8000, 11025, 22050, 44100, 96000} {
		in := make([]float32, 2*rate)
		for i := range in {
			in[i] = float32(math.Sin(2 * math.Pi * 200 * float64(i) / float64(rate)))
		}
		want := make([]float32, 2*similarity.Rate)
		for i := range want {
			want[i] = float32(math.Sin(2 * math.Pi * 200 * float64(i) / similarity.Rate))
		}
		got := similarity.Prepare(in, rate)
		if len(got) != len(want) {
			t.Errorf("%d Hz: %d samples, want %d", rate, len(got), len(want))
		}
		near(t, "similarity", compare(t, want, got).Similarity, 1, 0.002)
	}
}
