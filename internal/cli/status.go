package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

const (
	barWidth     = 30
	redrawEvery  = 100 * time.Millisecond
	meterFloorDB = -60.0
)

// Status is a line that a program redraws while it works. On anything but a
// terminal it draws nothing. It is used by one goroutine.
type Status struct {
	w     io.Writer
	drawn int       // characters on the line
	last  time.Time // when it was drawn
}

// NewStatus returns a status line on w, which draws only if w is a terminal.
func NewStatus(w io.Writer) *Status {
	if !IsTerminal(w) {
		w = io.Discard
	}
	return &Status{w: w}
}

// Show redraws the line, at most ten times a second.
func (s *Status) Show(now time.Time, text string) {
	if now.Sub(s.last) < redrawEvery {
		return
	}
	s.last = now
	n := len([]rune(text))
	fmt.Fprintf(s.w, "\r%s%s", text, strings.Repeat(" ", max(0, s.drawn-n)))
	s.drawn = n
}

// Done leaves what was shown last and begins a new line.
func (s *Status) Done() {
	if s.drawn > 0 {
		fmt.Fprintln(s.w)
	}
	s.drawn = 0
}

// Progress draws how much of a whole is done, such as "[####....] 3.2s of 7.9s".
func Progress(done, whole time.Duration) string {
	share := 0.0
	if whole > 0 {
		share = min(1, float64(done)/float64(whole))
	}
	return fmt.Sprintf("[%s] %.1fs of %.1fs", bar(share), done.Seconds(), whole.Seconds())
}

// Meter draws a level in dBFS, from -60 up to 0, such as "[#####.....] -31 dB".
func Meter(level float64) string {
	share := max(0, min(1, 1-level/meterFloorDB))
	if math.IsInf(level, -1) || level < meterFloorDB {
		return fmt.Sprintf("[%s] silence", bar(0))
	}
	return fmt.Sprintf("[%s] %.0f dB", bar(share), level)
}

func bar(share float64) string {
	n := int(math.Round(share * barWidth))
	return strings.Repeat("#", n) + strings.Repeat(".", barWidth-n)
}
