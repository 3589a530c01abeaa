package plugin

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Metrics gives the figures of all enabled plugins at the moment, in the terms of
// package admin. Any goroutine may call it. yield must not call the host.
func (h *Host) Metrics(yield func(voiceapp.Metric)) {
	type line struct {
		name  string
		calls *counter
	}
	var lines []line
	h.mu.Lock()
	for _, e := range h.entries {
		if e.Enabled && e.Name != "" {
			lines = append(lines, line{e.Name, &e.calls})
		}
	}
	h.mu.Unlock()
	for _, m := range []struct {
		name, help string
		value      func(*counter) float64
	}{
		{"voiceapp_plugin_calls_total", "Calls of a plugin's hooks", func(c *counter) float64 { return float64(c.made.Load()) }},
		{"voiceapp_plugin_missed_total", "Frames and lines that a plugin did not deal with in time", func(c *counter) float64 { return float64(c.missed.Load()) }},
		{"voiceapp_plugin_failures_total", "Calls of a plugin that failed or had to be ended", func(c *counter) float64 { return float64(c.failed.Load()) }},
		{"voiceapp_plugin_restarts_total", "Times that a plugin was started anew after a failure", func(c *counter) float64 { return float64(c.restarts.Load()) }},
		{"voiceapp_plugin_seconds_total", "Time that calls of a plugin took", func(c *counter) float64 {
			return time.Duration(c.nanoseconds.Load()).Seconds()
		}},
	} {
		for _, l := range lines {
			yield(voiceapp.Metric{
				Name: m.name, Help: m.help, Kind: voiceapp.Counter, Value: m.value(l.calls),
				Labels: []voiceapp.Label{{Name: "plugin", Value: l.name}},
			})
		}
	}
}
