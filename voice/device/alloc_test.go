//go:build !race

package device

import "testing"

func TestCallbackAllocatesNothing(t *testing.T) {
	for _, rate := range deviceRates {
		capture, playback := testStream(2), testStream(2)
		captured, err := capture.capturing(rate)
		if err != nil {
			t.Fatal(err)
		}
		played, err := playback.playing(rate)
		if err != nil {
			t.Fatal(err)
		}
		device, program := make([]float32, rate/100*2), make([]float32, 960)
		if n := testing.AllocsPerRun(100, func() {
			captured(device)
			capture.ring.skip(960)
			playback.ring.put(program)
			played(device)
		}); n != 0 {
			t.Errorf("%d Hz: %v allocations for each period", rate, n)
		}
	}
}
