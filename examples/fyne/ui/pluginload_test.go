package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// What a plugin costs is told of the time since the page looked last, however often it is drawn.
func TestPluginLoad(t *testing.T) {
	var l pluginLoad
	now := time.Now()
	see := func(after time.Duration, calls uint64, seconds float64, want, not string) {
		t.Helper()
		now = now.Add(after)
		one := voiceapp.PluginInfo{Name: "robot", Calls: calls, Seconds: seconds}
		l.measure(now, []voiceapp.PluginInfo{one})
		if got := l.figures(one); !strings.Contains(got, want) || strings.Contains(got, not) {
			t.Errorf("after %d calls of %v s: %q", calls, seconds, got)
		}
	}
	see(0, 100, 0.04, "0.40 ms a call", "core")
	see(500*time.Millisecond, 125, 0.05, "0.40 ms a call", "core") // too soon to tell
	see(500*time.Millisecond, 150, 0.07, "3.0 % of a core at most", "none")
	see(100*time.Millisecond, 155, 0.071, "3.0 % of a core at most", "none")
	see(1900*time.Millisecond, 250, 0.09, "1.0 % of a core at most", "none")
	see(time.Second, 1, 0.001, "1.00 ms a call", "core") // it was started anew
	see(time.Second, 2, 5, "100.0 % of a core at most", "none")
	if got := l.figures(voiceapp.PluginInfo{Name: "still"}); got != "" {
		t.Errorf("of one that was never called: %q", got)
	}
}
