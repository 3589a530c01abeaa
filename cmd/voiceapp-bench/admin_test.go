package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// The real server carries voice, answers requests and kicks people.
func TestAdminPrintsOneLineOfFigures(t *testing.T) {
	program := filepath.Join(t.TempDir(), "voiceapp-server")
	if out, err := exec.Command("go", "build", "-o", program, "../voiceapp-server").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out, errs bytes.Buffer
	l := &adminLoad{Program: program, Users: 4, Speakers: 2, Rate: 50, Pairs: 2, Duration: time.Second, Sessions: 6, Kicks: 3}
	if err := l.run(t.Context(), &cli.Streams{Out: &out, Err: &errs}); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	t.Log(out.String())
	line := regexp.MustCompile(`^egress_pps=\d+ voice_p99_us=\d+/\d+,\d+/\d+ requests=100 api_p50_ms=[\d.]+ api_p99_ms=[\d.]+ ` +
		`sessions=6 metrics_p50_ms=[\d.]+ metrics_p99_ms=[\d.]+ kicks=3 silent_p50_ms=[\d.]+ silent_p99_ms=[\d.]+ closed_p50_ms=[\d.]+ closed_p99_ms=[\d.]+\n$`)
	if !line.MatchString(out.String()) {
		t.Errorf("printed %q", out.String())
	}
}
