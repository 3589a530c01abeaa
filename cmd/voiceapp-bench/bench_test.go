package main

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// The real program starts its own server in another process, as a user runs it.
func TestRelayPrintsOneLineOfFigures(t *testing.T) {
	bench := filepath.Join(t.TempDir(), "voiceapp-bench")
	if out, err := exec.Command("go", "build", "-o", bench, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bench, "relay", "--users", "5", "--speakers", "2", "--dur", "1s")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	t.Log(out.String())
	cmd = exec.CommandContext(t.Context(), bench, "relay", "--users", "8", "--speakers", "4", "--dur", "1s", "--rooms", "2", "--storm", "5", "--flood", "5000", "--compare", "--plot", filepath.Join(t.TempDir(), "plot.png"))
	if runtime.GOOS == "linux" && runtime.NumCPU() > 1 {
		cmd.Args = append(cmd.Args, "--apart")
	}
	if compared, err := cmd.Output(); err != nil || !regexp.MustCompile(` egress_pps=600 loss=0.00000 .* storm_egress_pps=1000 storm_loss=0.00000 storm_p99_us=\d+ flood_pps=\d+ bare_us=[\d.]+ bare_round_us=\d+ ratio=[\d.]+ p99_rounds=[\d.]+\n$`).Match(compared) {
		t.Errorf("compared: %q, %v", compared, err)
	}
	line := regexp.MustCompile(`^users=5 speakers=2 connect_s=[\d.]+ sent_pps=100 egress_pps=\d+ loss=0\.\d+ p50_us=\d+ p99_us=\d+ p999_us=\d+ server_cpu=[\d.-]+ cpu_us_per_egress=[\d.-]+( rss_kib_per_session=[\d.-]+)?\n$`)
	if !line.MatchString(out.String()) {
		t.Errorf("printed %q", out.String())
	}
}

func TestFiguresCountForEachListener(t *testing.T) {
	r := load.Result{
		Users: 10, Speakers: 2, Speaking: 2 * time.Second, Sent: 200, Expected: 1800, Received: 1710,
		P50: time.Millisecond, P99: 2 * time.Millisecond, P999: 3 * time.Millisecond,
	}
	want := "users=10 speakers=2 connect_s=1.50 sent_pps=100 egress_pps=855 loss=0.05000 p50_us=1000 p99_us=2000 p999_us=3000 server_cpu=0.050 cpu_us_per_egress=58.480"
	if got := figures(r, 1500*time.Millisecond, 100*time.Millisecond); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := figures(r, 0, 0); !strings.HasSuffix(got, "server_cpu=- cpu_us_per_egress=-") {
		t.Errorf("without a process: %s", got)
	}
}

func TestComparisonIsTheMedian(t *testing.T) {
	a := account{each: []time.Duration{1300, 4000, 3000}, costs: []load.BareCost{{CPU: 1000, Round: time.Second}, {CPU: 2000, Round: time.Millisecond}, {CPU: 4000}}}
	if got, want := a.comparison(1700*time.Microsecond), " bare_us=2.000 bare_round_us=1000 ratio=1.300 p99_rounds=1.70"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLimits(t *testing.T) {
	a := &account{each: []time.Duration{1300}, costs: []load.BareCost{{CPU: 1000, Round: 5 * time.Millisecond}}}
	r := load.Result{P99: 10 * time.Millisecond}
	for _, good := range []relayLoad{{}, {MaxRatio: 130, MaxRounds: 200, MaxP99: 10 * time.Millisecond}} {
		if err := good.limits(r, a); err != nil {
			t.Error(err)
		}
	}
	r.Expected, r.Received = 1000, 998
	if err := (&relayLoad{MaxLoss: 2}).limits(r, a); err != nil {
		t.Error(err)
	}
	for _, bad := range []relayLoad{{MaxRatio: 129}, {MaxRounds: 199}, {MaxP99: time.Millisecond}, {MaxLoss: 1}} {
		if err := bad.limits(r, a); !errors.Is(err, voiceapp.Unavailable) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestVerdictOnARelayThatForges(t *testing.T) {
	if err := verdict(load.Result{Received: 10}); err != nil {
		t.Errorf("a good relay: %v", err)
	}
	for _, bad := range []load.Result{{Duplicates: 1}, {Corrupt: 1}, {Refused: 1}} {
		if err := verdict(bad); !errors.Is(err, voiceapp.Internal) {
			t.Errorf("%+v: %v; want a verdict", bad, err)
		}
	}
}
