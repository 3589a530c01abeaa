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

// The real server is started, put under load, restarted and stopped.
func TestControlPrintsOneLineOfFigures(t *testing.T) {
	program := filepath.Join(t.TempDir(), "voiceapp-server")
	if out, err := exec.Command("go", "build", "-o", program, "../voiceapp-server").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out, errs bytes.Buffer
	l := &controlLoad{Program: program, Guests: 10, Parallel: 4, Messages: 2, Returning: 10, Logins: 3, Pairs: 1, Duration: time.Second}
	if err := l.run(t.Context(), &cli.Streams{Out: &out, Err: &errs}); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	t.Log(out.String())
	line := regexp.MustCompile(`^guests=10 connect_s=[\d.]+ idle_mib=[\d.]+ above_mib=[-\d.]+ event_p50_ms=[\d.]+ event_p99_ms=[\d.]+ ` +
		`unknown_ms=[\d.]+ wrong_ms=[\d.]+ spread_ms=[\d.]+ returning=10 back_p50_s=[\d.]+ back_p99_s=[\d.]+ resumed=10 lost=0 slow_reader_p99_ms=[\d.]+/[\d.]+\n$`)
	if !line.MatchString(out.String()) {
		t.Errorf("printed %q", out.String())
	}
}
