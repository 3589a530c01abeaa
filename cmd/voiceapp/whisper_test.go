package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// startListening runs listen until its time is over; report waits for that and
// returns its last line.
func startListening(t *testing.T, s *testServer, args ...string) (report func() map[string]any) {
	t.Helper()
	read, write := io.Pipe()
	go func() {
		wav := filepath.Join(t.TempDir(), "heard.wav")
		args = append([]string{"listen", "--server", s.addr, "--fingerprint", s.fingerprint, "--json", "--out", wav}, args...)
		code := program().Run(t.Context(), &cli.Streams{In: strings.NewReader(""), Out: write, Err: write}, args)
		if code != 0 {
			t.Errorf("%q: exit %d", args, code)
		}
		_ = write.Close()
	}()
	lines := bufio.NewScanner(read)
	if !lines.Scan() || !strings.Contains(lines.Text(), "listening") {
		t.Fatalf("%q said %q", args, lines.Text())
	}
	return func() map[string]any {
		t.Helper()
		last := ""
		for lines.Scan() {
			last = lines.Text()
		}
		return decode(t, last)
	}
}

// shortSpeech is the first 3 s of the speech.
func shortSpeech(t *testing.T) (path string) {
	t.Helper()
	whole, err := audiofile.Open(speechFile, audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	pcm := make([]float32, 3*voice.SampleRate)
	for at := 0; at < len(pcm); {
		n, err := whole.ReadPCM(pcm[at:])
		if at += n; err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(t.TempDir(), "short.wav")
	file, err := audiofile.Create(path, audiofile.Format{Channels: 1})
	if err == nil {
		err = errors.Join(file.WritePCM(pcm), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// From the command line through all of it: a whisper is heard by whom it is for, in
// another channel, and by nobody else; who listens to a channel hears it; the server
// knows how a voice fares.
func TestWhispersAndListeners(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	secret := secretFile(t, "correct horse\n")
	if _, errs, code := run(t, "", append([]string{"register", "--name", "mouth", "--password-file", secret}, at...)...); code != 0 {
		t.Fatalf("register: exit %d, %s", code, errs)
	}
	friend := startListening(t, s, "--user", "friend", "--channel", "Games", "--for", "6s")
	stranger := startListening(t, s, "--user", "stranger", "--for", "6s")
	say := append([]string{"say", shortSpeech(t), "--user", "mouth", "--password-file", secret}, at...)
	if _, errs, code := run(t, "", append(say, "--whisper-to", "Friend")...); code != 0 {
		t.Errorf("a whisper: exit %d, %s", code, errs)
	}
	out, errs, code := run(t, "", append([]string{"stats", "friend", "--user", "curious", "--json"}, at...)...)
	var line statsLine
	if code != 0 || json.Unmarshal([]byte(out), &line) != nil || line.Name != "friend" || line.Up != "udp" || line.Down != "udp" {
		t.Errorf("stats: exit %d, %q %s", code, out, errs)
	}
	if heard := friend()["received"].(float64); heard < 140 {
		t.Errorf("the friend heard %v frames", heard)
	}
	if heard := stranger()["received"].(float64); heard != 0 {
		t.Errorf("a stranger in the speaker's channel heard %v frames of a whisper", heard)
	}

	ear := startListening(t, s, "--user", "ear", "--channel", "Games", "--listen-to", "Lobby", "--for", "6s")
	if _, errs, code := run(t, "", say...); code != 0 {
		t.Errorf("say: exit %d, %s", code, errs)
	}
	if heard := ear()["received"].(float64); heard < 140 {
		t.Errorf("who listens from another channel heard %v frames", heard)
	}
}

func TestWhisperRefused(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"say", speechFile, "--user", "a", "--whisper-to", "nobody"}, "nobody here"},
		{[]string{"say", speechFile, "--user", "b", "--whisper-to", "b"}, "member"},
		{[]string{"listen", "--out", filepath.Join(t.TempDir(), "x.wav"), "--user", "c", "--listen-to", "Nowhere"}, "Nowhere"},
		{[]string{"priority", "d", "--user", "d"}, "moderator"},
		{[]string{"stats", "nobody", "--user", "e"}, "nobody here"},
	} {
		if _, errs, code := run(t, "", append(test.args, at...)...); code != 1 || !strings.Contains(errs, test.want) {
			t.Errorf("%q: exit %d, %q", test.args, code, errs)
		}
	}
}
