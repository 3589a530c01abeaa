package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// The programs are built and run as `make demo` does it.
func TestTheSpeechIsHeard(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+"/", "./cmd/voiceapp-server", "./cmd/voiceapp")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out, errs bytes.Buffer
	speech := filepath.Join("..", "..", "testdata", "speech", "speech.wav")
	code := program().Run(t.Context(), &cli.Streams{Out: &out, Err: &errs}, []string{"--bin", bin, "--speech", speech, "--out", t.TempDir()})
	t.Logf("%s%s", out.String(), errs.String())
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	figures := regexp.MustCompile(`(?m)^demo: listeners=(\d+) similarity=([\d.]+) mouth_to_ear_ms=(\d+) lost=(\d+) concealed=(\d+)$`).FindStringSubmatch(out.String())
	if figures == nil {
		t.Fatal("the last line is not the one that was promised")
	}
	if figures[1] != "2" {
		t.Errorf("%s listeners, want 2", figures[1])
	}
	if similar, err := strconv.ParseFloat(figures[2], 64); err != nil || similar < good || similar > 1.0001 {
		t.Errorf("similarity %s, want at least %v", figures[2], good)
	}
	if figures[4] != "0" {
		t.Errorf("%s frames were lost on loopback", figures[4])
	}
}

func TestVerdictRefusesWhatWasNotHeard(t *testing.T) {
	var s summary
	s.add(report{similarity: 0.99})
	if err := s.verdict(); err != nil {
		t.Errorf("good speech is refused: %v", err)
	}
	s.add(report{similarity: 0.5})
	if s.verdict() == nil {
		t.Error("one listener who heard something else is not noticed")
	}
}
