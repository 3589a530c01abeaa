package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// Of two who speak at the same time each has a file, in which he alone is heard;
// everyone sees the recorder record.
func TestEachSpeakerHasAFile(t *testing.T) {
	out := t.TempDir()
	addr, key := exampletest.Serve(t)
	t.Run("speak", func(t *testing.T) { // the recorder ends with it
		anna, bo := exampletest.Guest(t, "anna", addr, key), exampletest.Guest(t, "b..o", addr, key)
		exampletest.Run(t, func(ctx context.Context) error {
			return run(ctx, []string{"--server", addr, "--fingerprint", key.String(), "--out", out})
		})
		exampletest.Await(t, anna, "recorder")
		if !recording(anna) {
			t.Error("nobody sees that the recorder records")
		}
		speech := exampletest.Speech(t)
		ctx, cancel := context.WithTimeout(t.Context(), speech.Duration()+time.Second)
		defer cancel()
		hum, err := voice.Join(ctx, bo, voice.Config{Codec: exampletest.Codec(), Source: &tone{}})
		if err != nil {
			t.Fatal(err)
		}
		said, err := voice.Join(ctx, anna, voice.Config{Codec: exampletest.Codec(), Source: speech})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = said.Wait(), hum.Wait() // until the time is over
	})
	files, err := filepath.Glob(filepath.Join(out, "*.wav"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		switch s := exampletest.Similarity(t, read(t, file), voice.SampleRate); {
		case filepath.Base(file)[0] == 'a' && s < 0.9:
			t.Errorf("the similarity of what anna said to her file is %.3f", s)
		case filepath.Base(file)[0] == 'b' && s > 0.5:
			t.Errorf("anna is in the file of the other one, %.3f", s)
		}
	}
}

func recording(c *control.Client) bool {
	for _, p := range c.Sessions() {
		if p.Name == "recorder" {
			return p.Recording
		}
	}
	return false
}

// tone hums all the time.
type tone struct{ phase int }

func (s *tone) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = 0.1 * float32(s.phase/120%2*2-1)
		s.phase++
	}
	return len(pcm), nil
}

func read(t *testing.T, path string) (all []float32) {
	t.Helper()
	file, err := audiofile.Open(path, audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]float32, 4096); ; {
		n, err := file.ReadPCM(block)
		all = append(all, block[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A file is named after its speaker, in characters that any disk takes.
func TestNames(t *testing.T) {
	addr, key := exampletest.Serve(t)
	client := exampletest.Guest(t, `a b\c:*?"<>|`, addr, key)
	r := &recorder{client: client}
	self := client.Self().Session
	if got, want := r.name(self), `a%20b%5Cc:%2A%3F%22%3C%3E%7C`; got[:len(want)] != want {
		t.Errorf("%q, want it to begin with %q", got, want)
	}
	if got := r.name(voiceapp.SessionID(1)); got != "-1.wav" && self != 1 {
		t.Errorf("one who has gone: %q", got)
	}
}
