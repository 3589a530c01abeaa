//go:build linux

package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

func TestDevices(t *testing.T) {
	devicetest.StartPulse(t)
	out, errs, code := run(t, "", "devices")
	if code != 0 || !strings.Contains(out, "playback  vspk  (default)") || !strings.Contains(out, "capture   Monitor of vmic\n") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if _, errs, code := run(t, "", "talk", "--microphone", "nothing like it"); code != 1 || !strings.Contains(errs, "voiceapp devices") {
		t.Errorf("a microphone that there is not: exit %d, %s", code, errs)
	}
}

// What is said into a microphone is heard by others.
func TestTalk(t *testing.T) {
	devicetest.StartPulse(t)
	s := startServer(t, t.TempDir(), anyPort)
	best := similarity.Result{}
	for range 4 { // a busy machine may not have the devices in time
		if result := talkOnce(t, s); result.Similarity > best.Similarity {
			best = result
		}
		if best.Similarity >= 0.9 {
			return
		}
	}
	t.Errorf("what was heard is not the speech: %v", best)
}

// talkOnce plays the speech into a microphone, and compares it with what another client
// hears.
func talkOnce(t *testing.T, s *testServer) similarity.Result {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "heard.wav")
	read, write := io.Pipe()
	ended := make(chan int, 2)
	go func() {
		streams := &cli.Streams{In: strings.NewReader(""), Out: write, Err: io.Discard}
		ended <- program().Run(t.Context(), streams, []string{
			"listen", "--user", "ear", "--server", s.addr, "--fingerprint", s.fingerprint, "--json", "--out", wav, "--for", "16s",
		})
		_ = write.Close()
	}()
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }() // ends with the command
	go func() {
		streams := &cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}
		ended <- program().Run(t.Context(), streams, []string{
			"talk", "--user", "mouth", "--server", s.addr, "--fingerprint", s.fingerprint,
			"--microphone", "Monitor of vmic", "--loudspeaker", "vspk", "--raw", "--for", "14s",
		})
	}()
	speakInto(t, "vmic")
	for range 2 {
		if code := <-ended; code != 0 {
			t.Fatalf("exit %d", code)
		}
	}
	result := compare(t, readSamples(t, speechFile), readSamples(t, wav))
	t.Log(result)
	return result
}

// speakInto plays the speech into a loudspeaker that a microphone hears.
func speakInto(t *testing.T, name string) {
	t.Helper()
	all, err := device.List()
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, d := range all {
		if d.Kind == device.KindPlayback && d.Name == name {
			id = d.ID
		}
	}
	loudspeaker, err := device.OpenPlayback(device.Config{ID: id, Period: 20 * time.Millisecond, Periods: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer loudspeaker.Close()
	file, err := audiofile.Open(speechFile, audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pcm := make([]float32, 960)
	for range 75 { // until the others are there, and it knows how much the device takes at once
		if err := loudspeaker.WritePCM(pcm); err != nil {
			t.Fatal(err)
		}
	}
	for err == nil {
		var n int
		n, err = file.ReadPCM(pcm)
		clear(pcm[n:])
		if err := loudspeaker.WritePCM(pcm); err != nil {
			t.Fatal(err)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}
