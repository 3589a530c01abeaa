package relay

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// metrics returns them by their name and the value of their label, if they have one.
func (r *Relay) metrics() map[string]voiceapp.Metric {
	all := map[string]voiceapp.Metric{}
	r.Metrics(func(m voiceapp.Metric) {
		for _, l := range m.Labels {
			m.Name += "/" + l.Value
		}
		all[m.Name] = m
	})
	return all
}

func TestMetrics(t *testing.T) {
	s := serveLoopback(t)
	anna, ben := s.join(t, 1, lobby), s.join(t, 2, lobby)
	anna.say("one")
	anna.say("two")
	anna.say("three")
	settle(anna, ben)
	all, stats := s.metrics(), s.Stats()
	for name, want := range map[string]uint64{
		"voiceapp_voice_sessions":                   2,
		"voiceapp_voice_channels":                   1,
		"voiceapp_voice_talking":                    1,
		"voiceapp_voice_datagrams_received_total":   stats.Received,
		"voiceapp_voice_bytes_received_total":       stats.ReceivedBytes,
		"voiceapp_voice_frames_received_total":      3,
		"voiceapp_voice_frames_forwarded_total":     3,
		"voiceapp_voice_dropped_total/muted":        0,
		"voiceapp_voice_dropped_total/over_bitrate": 0,
	} {
		if got := all[name].Value; got != float64(want) {
			t.Errorf("%s is %v, want %d", name, got, want)
		}
	}
	if delay := all["voiceapp_voice_relay_seconds"]; delay.Count != 3 || delay.Sum <= 0 || delay.Sum > patience.Seconds() {
		t.Errorf("%+v", delay)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := s.metrics()["voiceapp_voice_relay_seconds"]; after.Count != 3 {
		t.Errorf("after Close: %+v", after)
	}
}

// Every counter of Stats has one metric.
func TestMetricsHaveAllCounters(t *testing.T) {
	var stats Stats
	want, got := map[uint64]bool{}, map[uint64]bool{}
	for _, v := range []reflect.Value{reflect.ValueOf(&stats).Elem(), reflect.ValueOf(&stats.Dropped).Elem()} {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Uint64 {
				value := uint64(len(want) + 1)
				f.SetUint(value)
				want[value] = true
			}
		}
	}
	for _, c := range stats.totals() {
		got[c.value] = true
	}
	for _, r := range stats.Dropped.reasons() {
		got[r.count] = true
	}
	if !maps.Equal(got, want) || len(stats.totals())+len(stats.Dropped.reasons()) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRoundTripPercentiles(t *testing.T) {
	r := New(Config{})
	trips := func() [3]float64 {
		all := r.metrics()
		return [3]float64{
			all["voiceapp_voice_round_trip_seconds/50"].Value,
			all["voiceapp_voice_round_trip_seconds/95"].Value,
			all["voiceapp_voice_round_trip_seconds/100"].Value,
		}
	}
	if got := trips(); got != [3]float64{} {
		t.Errorf("of nobody: %v", got)
	}
	for id := range voiceapp.SessionID(41) {
		if _, err := r.AddSession(id + 1); err != nil {
			t.Fatal(err)
		}
		if id > 0 { // of the first one none is known
			r.sessions.get(id + 1).notes.roundTrip = time.Duration(id) * 10 * time.Millisecond
		}
	}
	if got := trips(); got != [3]float64{0.2, 0.38, 0.4} {
		t.Errorf("of 10 ms to 400 ms: %v", got)
	}
}
