package packet_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

func TestCopiesAfter(t *testing.T) {
	const ms, want = 48, "10 ms [] [3] [2 5], 20 ms [] [3] [2 5], 40 ms [] [1] [1 2], 60 ms [] [1] [1 2], "
	got, farthest := "", 0
	for _, length := range []int{10, 20, 40, 60} {
		got += fmt.Sprint(length, " ms")
		for copies := range packet.MaxCopies + 1 {
			after := packet.CopiesAfter(copies, length*ms)
			got += fmt.Sprint(" ", after)
			farthest = max(farthest, slices.Max(append([]int{0}, after...)))
		}
		got += ", "
	}
	if got != want || farthest != packet.FarthestCopy {
		t.Errorf("%s, farthest %d", got, farthest)
	}
}

// A rise counts within a hundred datagrams, its end within five hundred.
func TestLossMeter(t *testing.T) {
	var m packet.LossMeter
	var r packet.Report
	tell := func(arrived uint64) float64 {
		r.Highest += 50
		r.Received += arrived
		return m.Add(r)
	}
	for i, step := range []struct {
		arrived uint64
		want    float64
	}{{50, 0}, {40, 0.1}, {40, 0.15}, {50, 0.135}, {50, 0.1215}} {
		if got := tell(step.arrived); fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", step.want) {
			t.Errorf("report %d: %v, want %v", i, got, step.want)
		}
	}
}

func TestLossMeterTakesNoOldReports(t *testing.T) {
	var m packet.LossMeter
	m.Add(packet.Report{Highest: 100, Received: 90})
	share := m.Add(packet.Report{Highest: 200, Received: 180})
	for _, old := range []packet.Report{{Highest: 200, Received: 180}, {Highest: 150, Received: 150}, {}} {
		if got := m.Add(old); got != share {
			t.Errorf("%+v: %v, and it was %v", old, got, share)
		}
	}
}

func TestCopyLadder(t *testing.T) {
	ladder := packet.CopyLadder{
		From:  [packet.MaxCopies + 1]float64{1: 0.02, 2: 0.07},
		Until: [packet.MaxCopies + 1]float64{1: 0.01, 2: 0.04},
	}
	got, copies := "", 0
	for _, share := range []float64{0.019, 0.02, 0.01, 0.069, 0.07, 0.04, 0.039, 0.009, 0.5, 0} {
		copies = ladder.Step(copies, share)
		got += fmt.Sprint(copies)
	}
	if got != "0111221020" {
		t.Error(got)
	}
}
