package plugin

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkAudio is what a gain of 960 samples costs through the whole host, frame
// after frame.
func BenchmarkAudio(b *testing.B) {
	for _, m := range []mode{inProcess, sandboxed} {
		b.Run(m.String(), func(b *testing.B) {
			w := newWorld(b, m, Config{}, "gain")
			pcm := tone(960)
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				begun := time.Now()
				w.ProcessPCM(pcm, 1, true)
				times = append(times, time.Since(begun))
				time.Sleep(time.Millisecond)
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "p50-us")
			b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "p99-us")
			b.ReportMetric(float64(w.Plugins()[0].Missed), "missed")
		})
	}
}
