package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestReadTrace(t *testing.T) {
	got, err := ReadTrace(strings.NewReader("send_ms,arrival_ms\r\n0,5.5\r\n40, 43.25\n\n20,\n"))
	want := Trace{{Send: 0, Arrival: 5500 * time.Microsecond}, {Send: 20 * ms, Lost: true}, {Send: 40 * ms, Arrival: 43250 * time.Microsecond}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadTraceRefuses(t *testing.T) {
	for name, file := range map[string]string{
		"nothing":      "",
		"no header":    "0,5\n20,25\n",
		"no packets":   "send_ms,arrival_ms\n",
		"all are lost": "send_ms,arrival_ms\n0,\n20,\n",
		"no comma":     "send_ms,arrival_ms\n0\n",
		"a word":       "send_ms,arrival_ms\n0,soon\n",
		"not a number": "send_ms,arrival_ms\nNaN,1\n",
		"infinite":     "send_ms,arrival_ms\n0,Inf\n",
		"a year":       "send_ms,arrival_ms\n0,31536000000\n",
	} {
		if _, err := ReadTrace(strings.NewReader(file)); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadTrace(io.MultiReader(strings.NewReader(header+"\n0,1\n"), brokenFile{})); !errors.Is(err, errBroken) {
		t.Errorf("a broken file: %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenFile struct{}

func (brokenFile) Read([]byte) (int, error) { return 0, errBroken }

// String writes a trace as ReadTrace reads it.
func (t Trace) String() string {
	lines := []string{header}
	for _, p := range t {
		line := fmt.Sprint(millis(p.Send), ",")
		if !p.Lost {
			line += fmt.Sprint(millis(p.Arrival))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func FuzzReadTrace(f *testing.F) {
	f.Add("send_ms,arrival_ms\n0,5.5\n20,\n40,43.25\n")
	f.Add("send_ms,arrival_ms\n-1e3,1e-9\n")
	f.Fuzz(func(t *testing.T, file string) {
		trace, err := ReadTrace(strings.NewReader(file))
		if err != nil {
			return
		}
		again, err := ReadTrace(strings.NewReader(trace.String()))
		if err != nil || !slices.Equal(again, trace) {
			t.Fatalf("%q became %q: %v", file, trace, err)
		}
	})
}
