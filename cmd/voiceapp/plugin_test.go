package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func guestFile(name string) string {
	return filepath.Join("..", "..", "plugin", "testdata", "guests", name+".wasm")
}

func TestPluginFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"gain", "mute"} {
		module, err := os.ReadFile(guestFile(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".wasm"), module, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "text.wasm"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, code := run(t, "", "plugin", "list", "--dir", dir); code != 0 || strings.Count(out, " off\n") != 2 || !strings.Contains(out, "no WebAssembly") {
		t.Errorf("list: exit %d, %s", code, out)
	}
	if _, errs, code := run(t, "", "plugin", "enable", "mute", "--dir", dir); code != 1 || !strings.Contains(errs, "asks for clock, random") {
		t.Errorf("enable without what it asks for: exit %d, %s", code, errs)
	}
	for _, args := range [][]string{
		{"enable", "mute", "--grant", "clock,random"}, {"enable", "gain"}, {"set", "gain", "--set", "factor=0.25"}, {"order", "mute"}, {"disable", "mute"},
	} {
		if _, errs, code := run(t, "", append(append([]string{"plugin"}, args...), "--dir", dir)...); code != 0 {
			t.Fatalf("%q: exit %d, %s", args, code, errs)
		}
	}
	out, _, _ := run(t, "", "plugin", "list", "--dir", dir)
	lines := strings.Split(out, "\n")
	if !strings.HasPrefix(lines[0], "mute") || !strings.HasSuffix(lines[0], " off") || !strings.HasSuffix(lines[1], " running") {
		t.Errorf("list: %s", out)
	}
	if out, _, _ := run(t, "", "plugin", "set", "gain", "--dir", dir, "--json"); out != `{"factor":0.25}`+"\n" {
		t.Errorf("set: %s", out)
	}
	for _, args := range [][]string{{"set", "gain", "--set", "factor=loud"}, {"set", "gain", "--set", "factor=5"}, {"set", "gain", "--set", "volume=1"}, {"disable", "nobody"}, {"order", "nobody"}} {
		if _, errs, code := run(t, "", append(append([]string{"plugin"}, args...), "--dir", dir)...); code != 1 || errs == "" {
			t.Errorf("%q: exit %d, %s", args, code, errs)
		}
	}
}

func TestPluginFile(t *testing.T) {
	out, errs, code := run(t, "", "plugin", "check", guestFile("gain"))
	if code != 0 && !strings.Contains(out, "would be missed") || strings.Count(out, "ok ") < 8 {
		t.Errorf("check: exit %d, %s%s", code, out, errs)
	}
	if out, _, code := run(t, "", "plugin", "inspect", guestFile("mute")); code != 0 || !strings.Contains(out, "clock, random") || !strings.Contains(out, "is silent") {
		t.Errorf("inspect: exit %d, %s", code, out)
	}
	if out, _, code := run(t, "hello\nchange me\nrefuse me\n", "plugin", "run", guestFile("gain")); code != 0 || out != "hello\nchanged\n* done\n* not here\n" {
		t.Errorf("run: exit %d, %q", code, out)
	}
	quiet := filepath.Join(t.TempDir(), "quiet.wav")
	if _, errs, code := run(t, "", "plugin", "run", guestFile("gain"), "--in", speechFile, "--out", quiet, "--set", "factor=0.1"); code != 0 || !strings.Contains(errs, " 0 missed") {
		t.Fatalf("run: exit %d, %s", code, errs)
	}
	before, after := dsp.Level(readSamples(t, speechFile)), dsp.Level(readSamples(t, quiet))
	if before == dsp.Silent || after-before < 19 || after-before > 21 {
		t.Errorf("a tenth of the speech at -%d dBov is at -%d dBov", before, after)
	}
	for _, args := range [][]string{
		{"run", guestFile("filter"), "--in", speechFile, "--out", quiet},
		{"run", guestFile("gain"), "--hook", "chat.server"},
		{"check", speechFile},
		{"inspect", "gone.wasm"},
	} {
		if _, errs, code := run(t, "", append([]string{"plugin"}, args...)...); code != 1 || errs == "" {
			t.Errorf("%q: exit %d, %s", args, code, errs)
		}
	}
}

// What is said goes through a plugin on the way to the others.
func TestSayThroughAPlugin(t *testing.T) {
	s := startServer(t, t.TempDir(), anyPort)
	wav := filepath.Join(t.TempDir(), "heard.wav")
	read, write := io.Pipe()
	ended := make(chan int, 1)
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
	_, errs, code := run(t, "", "say", speechFile, "--user", "mouth", "--server", s.addr, "--fingerprint", s.fingerprint,
		"--plugin", guestFile("gain"), "--set", "factor=0.25")
	if code != 0 {
		t.Fatalf("say: exit %d, %s", code, errs)
	}
	if code := <-ended; code != 0 {
		t.Fatalf("listen: exit %d", code)
	}
	said, heard := readSamples(t, speechFile), readSamples(t, wav)
	if result := compare(t, said, heard); result.Similarity < 0.9 {
		t.Errorf("what was heard is not the speech: %v", result)
	}
	if peakOf(heard) > 0.35*peakOf(said) {
		t.Errorf("a quarter of %v is heard as %v", peakOf(said), peakOf(heard))
	}
}

func peakOf(pcm []float32) (peak float32) {
	for _, x := range pcm {
		peak = max(peak, x, -x)
	}
	return peak
}

// Lines go through a plugin before they are sent.
func TestChatThroughAPlugin(t *testing.T) {
	s := startServer(t, t.TempDir(), anyPort)
	out, errs, code := run(t, "change me\nrefuse me\nplain\n", "chat", "--user", "anna", "--server", s.addr, "--fingerprint", s.fingerprint, "--plugin", guestFile("gain"))
	if code != 0 || !strings.Contains(out, "plugin: not here") || strings.Contains(out, "change me") || strings.Contains(out, "anna: refuse me") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if history, _, _ := run(t, "", "chat", "--user", "bo", "--server", s.addr, "--fingerprint", s.fingerprint, "--history", "5"); !strings.Contains(history, "anna: changed") || !strings.Contains(history, "anna: plain") {
		t.Errorf("the history: %s", history)
	}
	if _, errs, code := run(t, "", "chat", "--user", "anna", "--server", s.addr, "--fingerprint", s.fingerprint, "--set", "a=b"); code != 1 || !strings.Contains(errs, "--plugin") {
		t.Errorf("settings for no plugin: exit %d, %s", code, errs)
	}
}
