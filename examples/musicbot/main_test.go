package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// ask writes to the bot and returns what it answers.
func ask(t *testing.T, client *control.Client, text string) string {
	t.Helper()
	if _, err := client.SendChat(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	for event := range client.Events() {
		if said, ok := event.(control.ChatSent); ok && said.Name == "music" {
			return said.Text
		}
	}
	t.Fatal(client.Err())
	return ""
}

// copyFile puts a file into the bot's directory.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPlaysWhatIsAskedFor(t *testing.T) {
	music := t.TempDir()
	copyFile(t, "../../testdata/speech/speech.wav", filepath.Join(music, "speech.wav"))
	copyFile(t, "../../voice/audiofile/testdata/opusenc.opus", filepath.Join(music, "two.opus"))
	addr, key := exampletest.Serve(t)
	anna := exampletest.Guest(t, "anna", addr, key)
	exampletest.Run(t, func(ctx context.Context) error {
		return run(ctx, []string{"--server", addr, "--fingerprint", key.String(), "--music", music})
	})
	exampletest.Await(t, anna, "music")

	for _, name := range []string{"missing.wav", "../../../etc/passwd", "missing.opus"} {
		if answer := ask(t, anna, "!play "+name); !strings.Contains(answer, "can't be opened") {
			t.Errorf("!play %s: %q", name, answer)
		}
	}
	if answer := ask(t, anna, "!volume loud"); !strings.HasPrefix(answer, "I know") {
		t.Errorf("!volume loud: %q", answer)
	}
	if answer := ask(t, anna, "!volume 50"); answer != "the volume is 50" {
		t.Errorf("!volume 50: %q", answer)
	}
	heard := &exampletest.Tape{}
	ctx, cancel := context.WithTimeout(t.Context(), exampletest.Speech(t).Duration()+time.Second)
	defer cancel()
	session, err := voice.Join(ctx, anna, voice.Config{Codec: exampletest.Codec(), Sink: heard})
	if err != nil {
		t.Fatal(err)
	}
	if answer := ask(t, anna, "!play two.opus"); answer != "playing two.opus" {
		t.Errorf("!play two.opus: %q", answer)
	}
	if answer := ask(t, anna, "!stop"); answer != "stopped" {
		t.Errorf("!stop: %q", answer)
	}
	if answer := ask(t, anna, "!play speech.wav"); answer != "playing speech.wav" {
		t.Errorf("!play speech.wav: %q", answer)
	}
	_ = session.Wait() // until the time is over
	if s := exampletest.Similarity(t, heard.Samples, voice.SampleRate); s < 0.9 {
		t.Errorf("the similarity of what was heard to the file is %.3f", s)
	}
}
