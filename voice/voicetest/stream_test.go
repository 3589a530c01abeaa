package voicetest_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// The interfaces are voice's, so that what passes here fits there.
var (
	_ voice.Source = voicetest.Source(nil)
	_ voice.Sink   = voicetest.Sink(nil)

	_ voicetest.Source = voice.Source(nil)
	_ voicetest.Sink   = voice.Sink(nil)
)

// sourceFunc and sinkFunc make functions sources and sinks.
type (
	sourceFunc func(pcm []float32) (int, error)
	sinkFunc   func(pcm []float32) error
)

func (f sourceFunc) ReadPCM(pcm []float32) (int, error) { return f(pcm) }
func (f sinkFunc) WritePCM(pcm []float32) error         { return f(pcm) }

// memory is a source of what it holds and a sink for more.
type memory struct {
	pcm    []float32
	closed bool
}

func (m *memory) ReadPCM(pcm []float32) (int, error) {
	n := copy(pcm, m.pcm)
	if m.pcm = m.pcm[n:]; n < len(pcm) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) WritePCM(pcm []float32) error {
	if m.closed {
		return io.ErrClosedPipe
	}
	m.pcm = append(m.pcm, pcm...)
	return nil
}

func (m *memory) Close() error {
	m.closed = true
	return nil
}

func TestSourceContract(t *testing.T) {
	speech := voicetest.Speech(time.Second+time.Millisecond, 1)
	voicetest.TestSource(t, false, func(*testing.T) voicetest.Source { return &memory{pcm: speech} })
}

func TestSourceContractAllowsPauses(t *testing.T) {
	voicetest.TestSource(t, true, func(*testing.T) voicetest.Source {
		calls := 0
		m := memory{pcm: make([]float32, 2000)}
		return sourceFunc(func(pcm []float32) (int, error) {
			switch calls++; {
			case calls < 5:
				return 0, nil
			case calls == 6:
				return m.ReadPCM(pcm[:len(pcm)/2]) // a spurt ends
			}
			return m.ReadPCM(pcm)
		})
	})
}

func TestSourceContractFindsFaults(t *testing.T) {
	broken := errors.New("unplugged")
	for name, read := range map[string]func(m *memory, calls int, pcm []float32) (int, error){
		"goes on after the end": func(m *memory, calls int, pcm []float32) (int, error) {
			if calls > 11 {
				return len(pcm), nil
			}
			return m.ReadPCM(pcm)
		},
		"an error":        func(*memory, int, []float32) (int, error) { return 0, broken },
		"too many":        func(m *memory, _ int, pcm []float32) (int, error) { return len(pcm) + 1, nil },
		"negative":        func(*memory, int, []float32) (int, error) { return -1, nil },
		"full, but ended": func(m *memory, _ int, pcm []float32) (int, error) { return len(pcm), io.EOF },
		"more after a short frame that was the end": func(m *memory, calls int, pcm []float32) (int, error) {
			if calls == 3 {
				return len(pcm) / 2, io.EOF
			}
			return m.ReadPCM(pcm)
		},
		"the end is taken back": func(m *memory, calls int, pcm []float32) (int, error) {
			if calls == 3 {
				return len(pcm) / 2, io.EOF
			}
			return 0, nil
		},
		"not a number": func(m *memory, _ int, pcm []float32) (int, error) {
			n, err := m.ReadPCM(pcm)
			if n > 0 {
				pcm[0] = float32(math.NaN())
			}
			return n, err
		},
		"infinite": func(m *memory, _ int, pcm []float32) (int, error) {
			n, err := m.ReadPCM(pcm)
			if n > 0 {
				pcm[0] = float32(math.Inf(-1))
			}
			return n, err
		},
		"writes behind": func(m *memory, _ int, pcm []float32) (int, error) {
			n, err := m.ReadPCM(pcm)
			if n > 0 {
				pcm[:n+1][n] = 0
			}
			return n, err
		},
	} {
		m := memory{pcm: voicetest.Speech(100*time.Millisecond, 1)}
		calls := 0
		_, err := voicetest.ReadAll(sourceFunc(func(pcm []float32) (int, error) {
			if len(pcm) == 0 {
				return 0, nil
			}
			calls++
			return read(&m, calls, pcm)
		}), 480)
		if err == nil {
			t.Errorf("%s: nothing was found wrong", name)
		}
		t.Logf("%s: %v", name, err)
	}
}

func TestSinkContract(t *testing.T) {
	for channels := 1; channels <= 2; channels++ {
		voicetest.TestSink(t, channels, func(*testing.T) (voicetest.Sink, func() []float32) {
			m := &memory{}
			return m, func() []float32 { return m.pcm }
		})
	}
}

func TestSinkContractFindsFaults(t *testing.T) {
	var kept [][]float32
	for name, write := range map[string]func(m *memory, pcm []float32) error{
		"refuses nothing": func(m *memory, pcm []float32) error {
			if len(pcm) == 0 {
				return io.ErrShortWrite
			}
			return m.WritePCM(pcm)
		},
		"changes pcm": func(m *memory, pcm []float32) error {
			defer clear(pcm)
			return m.WritePCM(pcm)
		},
		"keeps pcm": func(m *memory, pcm []float32) error {
			kept = append(kept, pcm)
			m.pcm = slices.Concat(kept...)
			return nil
		},
		"loses some": func(m *memory, pcm []float32) error { return m.WritePCM(pcm[:len(pcm)&^1]) },
		"is coarse": func(m *memory, pcm []float32) error {
			for _, v := range pcm {
				m.pcm = append(m.pcm, float32(math.Round(float64(v)*100)/100))
			}
			return nil
		},
	} {
		var m memory
		written, err := voicetest.WriteAll(sinkFunc(func(pcm []float32) error { return write(&m, pcm) }), 1)
		if name == "keeps pcm" {
			m.pcm = slices.Concat(kept...)
		}
		if err == nil {
			err = voicetest.Alike(written, m.pcm)
		}
		if err == nil {
			t.Errorf("%s: nothing was found wrong", name)
		}
		t.Logf("%s: %v", name, err)
	}
	if voicetest.Refuses(&memory{}, 2) == nil {
		t.Error("takes samples after Close: nothing was found wrong")
	}
}
