//go:build !race

package device

import "testing"

func TestPeriodAllocatesNothing(t *testing.T) {
	for _, rate := range deviceRates {
		capture, playback := testLine(t, KindCapture, rate, 2), testLine(t, KindPlayback, rate, 2)
		device, program := make([]float32, rate/100*2), make([]float32, 960)
		if n := testing.AllocsPerRun(100, func() {
			capture.ring.captured(device)
			capture.fetch(program)
			playback.write(program)
			playback.ring.played(device)
		}); n != 0 {
			t.Errorf("%d Hz: %v allocations for each period", rate, n)
		}
	}
}
