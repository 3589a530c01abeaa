//go:build !race

package plugin

import (
	"testing"
	"time"
)

// A frame through two sandboxed plugins allocates nothing in this process.
func TestAllocProcessPCM(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	w.addMute()
	w.enableMute(sandboxed)
	pcm := tone(960)
	w.ProcessPCM(pcm, 1, true)
	if n := testing.AllocsPerRun(200, func() { w.ProcessPCM(pcm, 1, true) }); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
	for _, info := range w.Plugins() {
		if info.Calls < 200 {
			t.Errorf("%+v", info)
		}
	}
}
