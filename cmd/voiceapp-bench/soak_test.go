package main

import (
	"bytes"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

func TestSlope(t *testing.T) {
	var rising, flat trend
	for i := range 400 {
		noise := math.Sin(float64(i) * 12.9898)
		at := float64(i) / 12
		rising.add(at, 100+3*at+noise)
		flat.add(at, 100+noise)
	}
	if s := rising.slope(); s.each < 2.98 || s.each > 3.02 || s.least() < 2.9 || s.error <= 0 {
		t.Errorf("a slope of 3 is %v", s)
	}
	if s := flat.slope(); s.least() > 0 || s.each > 0.02 || s.error > 0.05 {
		t.Errorf("none is %v", s)
	}
	if got := (slope{2048, 512}).scaled(1.0 / 1024).String(); got != "2.00±0.50" {
		t.Error(got)
	}
}

// A short soak, with guests who come and go.
func TestSoakPrintsSlopes(t *testing.T) {
	bench := filepath.Join(t.TempDir(), "voiceapp-bench")
	if out, err := exec.Command("go", "build", "-o", bench, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bench, "soak", "--dur", "10s", "--every", "1s", "--users", "5", "--speakers", "2")
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if !regexp.MustCompile(`^minutes=0\.\d looks=11 egress_pps=400 loss=0.00000 memory_mib=\d+\.\d memory_kib_per_minute=-?\d+\.\d+±\d+\.\d+ goroutines=\d+ .* descriptors_per_minute=-?\d+\.\d+±\d+\.\d+\n$`).Match(out) {
		t.Errorf("printed %q, %v\n%s", out, err, errs.String())
	}
}
