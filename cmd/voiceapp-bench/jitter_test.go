package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

const fading = "../../voice/jitter/replay/testdata/5g-fading.csv"

// bench runs the program and returns what it printed.
func bench(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var outBuffer, errBuffer bytes.Buffer
	code = program().Run(t.Context(), &cli.Streams{Out: &outBuffer, Err: &errBuffer}, args)
	return outBuffer.String(), errBuffer.String(), code
}

var jitterLine = regexp.MustCompile(`^trace=5g-fading frames=2879 lost=0 late=\d+ concealed_pct=0\.\d\d unheard_pct=0\.\d\d mean_delay_ms=1\d\.\d p95_delay_ms=\d+\.\d accelerate_pct=\d+\.\d\d expand_pct=\d+\.\d\d target_ms=\d+\.\d\n$`)

func TestJitterPrintsOneLineOfFigures(t *testing.T) {
	out, errs, code := bench(t, "jitter", "--trace", fading)
	if code != 0 || errs != "" || !jitterLine.MatchString(out) {
		t.Errorf("exit code %d, printed %q, %q", code, out, errs)
	}
}

func TestJitterKeepsToItsLimits(t *testing.T) {
	for limit, want := range map[string]string{"--min-delay=300ms": " target_ms=300.0\n", "--max-delay=5ms": " target_ms=5.0\n"} {
		if out, errs, code := bench(t, "jitter", "--trace", fading, limit); code != 0 || !strings.HasSuffix(out, want) {
			t.Errorf("%s: exit code %d, printed %q, %q", limit, code, out, errs)
		}
	}
}

func TestJitterWritesWhatIsHeard(t *testing.T) {
	dir := t.TempDir()
	heard, drawn := filepath.Join(dir, "heard.wav"), filepath.Join(dir, "drawn.png")
	out, errs, code := bench(t, "jitter", "--trace", fading, "--wav", "../../testdata/speech/speech.wav", "--out", heard, "--plot", drawn)
	if code != 0 || !jitterLine.MatchString(out) {
		t.Fatalf("exit code %d, printed %q, %q", code, out, errs)
	}
	r, err := audiofile.Open(heard, audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if d := r.Duration(); d < 57*time.Second || d > 62*time.Second {
		t.Errorf("%v were heard of 57.6 s", d)
	}
	file, err := os.Open(drawn)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if cfg, err := png.DecodeConfig(file); err != nil || cfg.Width != 2879 {
		t.Errorf("%+v, %v", cfg, err)
	}
}

func TestJitterRefuses(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"--trace", "missing.csv"},
		{"--trace", "jitter_test.go"},
		{"--trace", fading, "--redundancy", "3"},
		{"--trace", fading, "--frame", "7ms"},
		{"--trace", fading, "--wav", "missing.wav"},
	} {
		if out, errs, code := bench(t, append([]string{"jitter"}, args...)...); code == 0 || out != "" || errs == "" {
			t.Errorf("%v: exit code %d, %q, %q", args, code, out, errs)
		}
	}
}
