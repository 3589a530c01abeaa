//go:build linux && !race

package plugin

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// Twenty plugins, each in a child of its own, take less than 100 MB together.
func TestAllocTwentySandboxes(t *testing.T) {
	const plugins, most = 20, 100_000_000
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second})
	for n := range plugins {
		w.write(fmt.Sprintf("%d.wasm", n), newer(t, guestFile(t, "gain"), `"name": "gain"`, fmt.Sprintf(`"name": "ga%02d"`, n)))
	}
	w.changing.Lock()
	w.look(t.Context())
	w.changing.Unlock()
	for n := range plugins {
		if err := w.Enable(t.Context(), fmt.Sprintf("ga%02d", n)); err != nil {
			t.Fatal(err)
		}
	}
	w.ProcessPCM(tone(960), 1, true)
	sum := 0
	for _, e := range w.entries {
		child := (*e.worker.live.Load()).(*sandbox).command.Process.Pid
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", child))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := bytes.Cut(text, []byte("\nPss:"))
		kib, err := strconv.Atoi(string(bytes.Fields(after)[0]))
		if err != nil {
			t.Fatal(err)
		}
		sum += kib << 10
	}
	t.Logf("%d plugins have %.1f MB", plugins, float64(sum)/1e6)
	if sum > most {
		t.Errorf("more than %d MB", most/1_000_000)
	}
}
