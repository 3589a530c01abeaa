package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

const (
	compareParts  = 5
	bareDatagrams = 20_000 // in each part, at least
)

// account is the server's CPU time, part by part, and beside each part what a bare
// loop costs.
type account struct {
	pid   int
	alone int           // the CPU that the server has to itself; below 0: it has none
	since time.Duration // at the beginning of the part

	bare   *load.Bare // nil: nothing is compared
	rounds int
	used   []time.Duration // in each part
	each   []time.Duration // for a delivered frame
	costs  []load.BareCost
}

// account begins one. Its bare loop has as many receivers as a speaker's channel has
// other users, and datagrams of the size that one frame gives.
func (l *relayLoad) account() (*account, error) {
	a := &account{pid: l.PID, alone: -1}
	if l.Apart {
		cpu, err := load.Apart(l.PID)
		if err != nil {
			return nil, err
		}
		a.alone = cpu
	}
	receivers := l.Users/l.Rooms - 1
	if !l.Compare || receivers < 1 {
		return a, nil
	}
	bare, err := load.NewBare(receivers, packet.Overhead+packet.FrameHeaderSize+packet.AudioHeaderSize+l.Size)
	if err != nil {
		return nil, err
	}
	a.bare, a.rounds = bare, bareDatagrams/receivers+1
	return a, nil
}

func (a *account) close() {
	if a.bare != nil {
		a.bare.Close()
	}
}

// parts is how many parts the load has.
func (a *account) parts() int {
	if a.bare == nil {
		return 1
	}
	return compareParts
}

// pause ends a part in which so many frames were delivered, and begins the next.
func (a *account) pause(received uint64) error {
	now, err := a.cpu()
	if err != nil {
		return err
	}
	if received > 0 {
		used := now - a.since
		a.used = append(a.used, used)
		a.each = append(a.each, used/time.Duration(received))
		if err := a.runBare(); err != nil {
			return err
		}
	}
	a.since, err = a.cpu()
	return err
}

func (a *account) runBare() error {
	if a.bare == nil {
		return nil
	}
	cost, err := a.bare.Run(a.rounds, a.alone)
	a.costs = append(a.costs, cost)
	return err
}

// cpu is the server's CPU time; 0 when its process is not known.
func (a *account) cpu() (time.Duration, error) {
	if a.pid == 0 {
		return 0, nil
	}
	return load.ProcessCPU(a.pid)
}

// total is what the server used in all parts.
func (a *account) total() (sum time.Duration) {
	for _, used := range a.used {
		sum += used
	}
	return sum
}

// comparison is what follows the line: what a datagram of the bare loop cost, how
// long all of them for one frame took, how many of them a delivered frame costs, and how
// many such rounds the 99th percentile of the latency is. Each is the median of the parts.
func (a *account) comparison(p99 time.Duration) string {
	if len(a.costs) == 0 {
		return ""
	}
	var cost []float64
	for _, c := range a.costs {
		cost = append(cost, float64(c.CPU.Nanoseconds())/1000)
	}
	return fmt.Sprintf(" bare_us=%.3f bare_round_us=%.0f ratio=%.3f p99_rounds=%.2f", median(cost), float64(a.round().Nanoseconds())/1000, a.ratio(), a.roundsOf(p99))
}

// round is how long the bare loop takes to send to all once; 0 when nothing was compared.
func (a *account) round() time.Duration {
	var round []time.Duration
	for _, c := range a.costs {
		round = append(round, c.Round)
	}
	return median(round)
}

// roundsOf is how many rounds of the bare loop so long a time is; 0 when nothing was
// compared.
func (a *account) roundsOf(d time.Duration) float64 {
	if round := a.round(); round > 0 {
		return float64(d) / float64(round)
	}
	return 0
}

// ratio is how many datagrams of the bare loop a delivered frame costs; 0 when nothing
// was compared.
func (a *account) ratio() float64 {
	var ratio []float64
	for i, c := range a.costs {
		ratio = append(ratio, float64(a.each[i])/float64(c.CPU))
	}
	return median(ratio)
}

// median sorts the list; that of nothing is 0.
func median[T cmp.Ordered](list []T) (middle T) {
	if len(list) == 0 {
		return middle
	}
	slices.Sort(list)
	return list[len(list)/2]
}
