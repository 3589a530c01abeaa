package replay

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// header is the first line of a trace.
const header = "send_ms,arrival_ms"

// maxTime bounds the times of a trace: a month.
const maxTime = 31 * 24 * time.Hour

// Packet is one line of a trace.
type Packet struct {
	Send, Arrival time.Duration // on clocks of any origins
	Lost          bool          // it never came, and Arrival means nothing
}

// Trace is a record of packets, in the order in which they were sent.
type Trace []Packet

// ReadTrace reads a CSV file with the header "send_ms,arrival_ms"; a line without
// an arrival is a lost packet. Lines may be in any order. The errors are [voiceapp.Invalid], with the number
// of the line, and those of the reader.
func ReadTrace(r io.Reader) (Trace, error) {
	var trace Trace
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if number == 1 {
			if strings.TrimPrefix(line, "\ufeff") != header {
				return nil, invalid(number, "the header has to be "+header)
			}
			continue
		}
		if line == "" {
			continue
		}
		p, err := parse(line)
		if err != nil {
			return nil, invalid(number, err.Error())
		}
		trace = append(trace, p)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(trace, func(a, b Packet) int { return cmp.Compare(a.Send, b.Send) })
	if !slices.ContainsFunc(trace, func(p Packet) bool { return !p.Lost }) {
		return nil, voiceapp.NewError(voiceapp.Invalid, "trace: no packet arrived")
	}
	return trace, nil
}

func invalid(line int, what string) error {
	return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("trace: line %d: %s", line, what))
}

func parse(line string) (p Packet, err error) {
	send, arrival, ok := strings.Cut(line, ",")
	if !ok {
		return p, fmt.Errorf("no comma in %.40q", line)
	}
	if p.Send, err = milliseconds(send); err != nil {
		return p, err
	}
	if strings.TrimSpace(arrival) == "" {
		p.Lost = true
		return p, nil
	}
	p.Arrival, err = milliseconds(arrival)
	return p, err
}

func milliseconds(s string) (time.Duration, error) {
	ms, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.Abs(ms) > float64(maxTime/time.Millisecond) || math.IsNaN(ms) {
		return 0, fmt.Errorf("%.40q is no time in ms", s)
	}
	return time.Duration(math.Round(ms * float64(time.Millisecond))), nil
}

// frame is the duration of a frame that is nearest to how far apart the packets were
// sent.
func (t Trace) frame() time.Duration {
	gap := t.spacing()
	best := 20 * time.Millisecond
	for _, d := range slices.Sorted(maps.Keys(tocs)) {
		if (d - gap).Abs() < (best - gap).Abs() {
			best = d
		}
	}
	return best
}

// join makes one packet of each n that follow on from each other: the last of them, as
// a longer frame is sent at its end.
func (t Trace) join(n int, spacing time.Duration) (joined Trace) {
	for i, held := 0, 0; i < len(t); i++ {
		held++
		if held == n || i == len(t)-1 || t[i+1].Send-t[i].Send > spacing*3/2 {
			joined = append(joined, t[i])
			held = 0
		}
	}
	return joined
}

// spacing is how far apart the packets were sent: the median.
func (t Trace) spacing() time.Duration {
	if len(t) < 2 {
		return 20 * time.Millisecond
	}
	gaps := make([]time.Duration, len(t)-1)
	for i := range gaps {
		gaps[i] = t[i+1].Send - t[i].Send
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// fastest is the smallest transit time.
func (t Trace) fastest() time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, p := range t {
		if !p.Lost {
			least = min(least, p.Arrival-p.Send)
		}
	}
	return least
}
