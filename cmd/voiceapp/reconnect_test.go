package main

import (
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// tone is a source without an end.
type tone struct{ at int }

func (s *tone) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = float32(0.3 * math.Sin(float64(s.at)*2*math.Pi*440/voice.SampleRate))
		s.at++
	}
	return len(pcm), nil
}

// loudness counts the samples that are no silence.
type loudness struct{ loud atomic.Int64 }

func (s *loudness) WritePCM(pcm []float32) error {
	for _, v := range pcm {
		if math.Abs(float64(v)) > 0.05 {
			s.loud.Add(1)
		}
	}
	return nil
}

// hear waits for half a second of sound from now on.
func (s *loudness) hear(t *testing.T, when string) {
	t.Helper()
	want := s.loud.Load() + voice.SampleRate/2
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); s.loud.Load() < want; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s nothing is heard", when)
		}
	}
}

// Speech goes on after the real server was stopped and started again, and after it
// was killed, with the same sessions in the same channel, and nobody does anything
// for it.
func TestSpeechGoesOnAfterARestart(t *testing.T) {
	data := t.TempDir()
	server := startServer(t, data, "127.0.0.1:0")
	var key voiceapp.Fingerprint
	if err := key.UnmarshalText([]byte(server.fingerprint)); err != nil {
		t.Fatal(err)
	}
	connect := func(name string) *control.Reconnector {
		client, err := control.DialReconnecting(t.Context(), server.addr, control.ClientConfig{Name: name, Fingerprint: key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		if _, err := client.Client().JoinPath(t.Context(), "Games/Chess"); err != nil {
			t.Fatal(err)
		}
		return client
	}
	ear := &loudness{}
	anna, bo := connect("Anna"), connect("Bo")
	for client, config := range map[*control.Reconnector]voice.Config{
		anna: {Codec: codec, Source: &tone{}},
		bo:   {Codec: codec, Sink: ear},
	} {
		session, err := voice.Join(t.Context(), client, config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { session.Close() })
	}
	ear.hear(t, "at first")
	before := [2]voiceapp.Presence{anna.Client().Self(), bo.Client().Self()}
	for _, way := range []string{"stop", "kill"} {
		if way == "stop" {
			server.stop(t)
		} else {
			_ = server.process.Process.Kill()
			_ = server.process.Wait()
			server.process = nil
		}
		server = startServer(t, data, server.addr)
		ear.hear(t, "after "+way)
	}
	if after := [2]voiceapp.Presence{anna.Client().Self(), bo.Client().Self()}; after != before {
		t.Errorf("%+v became %+v", before, after)
	}
}
