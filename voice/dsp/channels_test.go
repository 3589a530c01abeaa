package dsp_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func ExampleRemix() {
	stereo := []float32{1, 0, 0.5, 0.5}
	mono := dsp.Remix(nil, stereo, 2, 1)
	fmt.Println(mono, dsp.Remix(nil, mono, 1, 2))
	// Output: [0.5 0.5] [0.5 0.5 0.5 0.5]
}

func TestRemix(t *testing.T) {
	for _, test := range []struct {
		from, to  int
		pcm, want []float32
	}{
		{1, 1, []float32{1, 2}, []float32{1, 2}},
		{2, 2, []float32{1, 2}, []float32{1, 2}},
		{1, 2, []float32{1, 2}, []float32{1, 1, 2, 2}},
		{1, 3, []float32{1}, []float32{1, 1, 1}},
		{2, 1, []float32{1, 0, -1, 1}, []float32{0.5, 0}},
		{4, 1, []float32{4, 0, 0, 4}, []float32{2}},
		{4, 2, []float32{1, -1, 1, 1}, []float32{1, 0}},
		{6, 2, []float32{3, 0, 6, 0, 0, 0}, []float32{2, 1}},
		{6, 2, []float32{1, 1, 1, 1, 1, 1}, []float32{1, 1}},
		{2, 3, []float32{1, 2, 3, 4}, []float32{1, 2, 0, 3, 4, 0}},
		{4, 3, []float32{1, 2, 3, 4}, []float32{1, 2, 3}},
		{2, 1, nil, nil},
	} {
		got := dsp.Remix([]float32{9}, test.pcm, test.from, test.to)
		if !slices.Equal(got, append([]float32{9}, test.want...)) {
			t.Errorf("%v, %d to %d channels: %v, want %v", test.pcm, test.from, test.to, got[1:], test.want)
		}
	}
}

func TestRemixMonoByWayOfStereo(t *testing.T) {
	pcm := []float32{0.25, -0.5, 1, 0.5, -0.25, 0.125}
	direct := dsp.Remix(nil, pcm, 6, 1)
	stereo := dsp.Remix(nil, pcm, 6, 2)
	if got := dsp.Remix(nil, stereo, 2, 1); got[0] != direct[0] {
		t.Errorf("%v by way of stereo, %v at once", got, direct)
	}
}
