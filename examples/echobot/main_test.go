package main

import (
	"context"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

func TestSaysBackWhatItHears(t *testing.T) {
	addr, key := exampletest.Serve(t)
	anna := exampletest.Guest(t, "anna", addr, key)
	exampletest.Run(t, func(ctx context.Context) error {
		return run(ctx, []string{"--server", addr, "--fingerprint", key.String(), "--delay", "100ms"})
	})
	exampletest.Await(t, anna, "echo")

	heard := &exampletest.Tape{}
	speech := exampletest.Speech(t)
	ctx, cancel := context.WithTimeout(t.Context(), speech.Duration()+time.Second)
	defer cancel()
	session, err := voice.Join(ctx, anna, voice.Config{Codec: exampletest.Codec(), Source: speech, Sink: heard})
	if err != nil {
		t.Fatal(err)
	}
	_ = session.Wait() // until the time is over
	if s := exampletest.Similarity(t, heard.Samples, voice.SampleRate); s < 0.9 {
		t.Errorf("the echo's similarity to what was said is %.3f", s)
	}
}
