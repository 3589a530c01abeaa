package admin

import (
	"context"
	"net/http"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// figures are the server's at one moment. Counters rise from 0 at the program's
// start: whoever wants a rate asks twice.
type figures struct {
	Time      time.Time      `json:"time"`
	People    int            `json:"people"`
	Talking   int            `json:"talking"`
	Channels  int            `json:"channels"`
	Voice     voiceFigures   `json:"voice"`
	RoundTrip voiceRoundTrip `json:"round_trip"`
	CPU       float64        `json:"cpu_seconds" doc:"Of the program, in user mode and in the kernel, since its start"`
	Memory    uint64         `json:"memory_bytes" doc:"That the program has from the system"`
	Routines  int            `json:"goroutines"`
	Uptime    float64        `json:"uptime_seconds"`
}

type voiceFigures struct {
	InPackets  uint64            `json:"in_packets" doc:"Datagrams"`
	InBytes    uint64            `json:"in_bytes"`
	OutPackets uint64            `json:"out_packets"`
	OutBytes   uint64            `json:"out_bytes"`
	Frames     uint64            `json:"frames" doc:"Audio frames, each counted for every listener"`
	Dropped    map[string]uint64 `json:"dropped" nullable:"false" doc:"Why, and how many"`
}

type voiceRoundTrip struct {
	Median float64 `json:"median_ms" doc:"Half of the people are no further away; 0: of nobody it is known"`
	P95    float64 `json:"p95_ms" doc:"Nor are 95 of a hundred"`
}

// Names of the figures, as those who give them know them.
const (
	metricPeople     = "voiceapp_users"
	metricTalking    = "voiceapp_voice_talking"
	metricChannels   = "voiceapp_channels"
	metricInPackets  = "voiceapp_voice_datagrams_received_total"
	metricInBytes    = "voiceapp_voice_bytes_received_total"
	metricOutPackets = "voiceapp_voice_datagrams_sent_total"
	metricOutBytes   = "voiceapp_voice_bytes_sent_total"
	metricFrames     = "voiceapp_voice_frames_forwarded_total"
	metricDropped    = "voiceapp_voice_dropped_total"
	metricRoundTrip  = "voiceapp_voice_round_trip_seconds"
)

func (s *Server) registerFigures() {
	add(s, operation{
		id: "get-stats", method: http.MethodGet, path: "/api/stats", tag: "server", scope: "server:read", role: voiceapp.RoleModerator,
		summary: "The server's figures at this moment", detail: "Counters rise from the program's start. All figures are at /metrics.",
	}, func(context.Context, *identity, *struct{}) (*body[figures], error) { return reply(s.stats(), nil) })
}

// people is how many are here.
func (s *Server) people() int { return s.stats().People }

// stats reads the figures.
func (s *Server) stats() figures {
	now := s.now()
	f := figures{
		Time: now.UTC(), CPU: cpuSeconds(), Memory: memoryBytes(), Routines: runtime.NumGoroutine(),
		Uptime: now.Sub(s.config.Info.Started).Seconds(), Voice: voiceFigures{Dropped: make(map[string]uint64)},
	}
	for _, source := range s.config.Sources {
		source.Metrics(f.take)
	}
	return f
}

// take notes one figure.
func (f *figures) take(m voiceapp.Metric) {
	counter := map[string]*uint64{
		metricInPackets: &f.Voice.InPackets, metricInBytes: &f.Voice.InBytes,
		metricOutPackets: &f.Voice.OutPackets, metricOutBytes: &f.Voice.OutBytes, metricFrames: &f.Voice.Frames,
	}[m.Name]
	switch {
	case counter != nil:
		*counter += uint64(m.Value)
	case m.Name == metricPeople:
		f.People += int(m.Value)
	case m.Name == metricTalking:
		f.Talking += int(m.Value)
	case m.Name == metricChannels:
		f.Channels += int(m.Value)
	case m.Name == metricDropped && len(m.Labels) > 0:
		f.Voice.Dropped[m.Labels[0].Value] += uint64(m.Value)
	case m.Name == metricRoundTrip && len(m.Labels) > 0:
		f.RoundTrip.take(m.Labels[0].Value, 1000*m.Value)
	}
}

// take notes what so many percent of the people have at most.
func (r *voiceRoundTrip) take(percentile string, ms float64) {
	switch percentile {
	case "50":
		r.Median = ms
	case "95":
		r.P95 = ms
	}
}

// memoryBytes is what the program has from the system.
func memoryBytes() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
