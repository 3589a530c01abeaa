package voicetest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"
)

// Sink is what [TestSink] tests; it is voice's, word for word.
type Sink interface {
	WritePCM(pcm []float32) error
}

// TestSink fails unless WritePCM keeps to this:
//
//	1  nil    all of pcm was taken; len(pcm) is any multiple of the channels, 0 too
//	2  error  the sink is broken or closed: all further calls return errors too
//
// pcm is not changed, and not kept: the caller uses it again at once. Samples
// beyond full scale, or that are not a number, do no harm.
//
// newSink returns a sink for so many channels, and a function that ends it and
// returns what it has taken, or nil where that can't be known. What was taken
// may differ by 1/10,000 from what was given. If the sink is an [io.Closer], it
// is closed, and then has to refuse.
func TestSink(t *testing.T, channels int, newSink func(t *testing.T) (sink Sink, taken func() []float32)) {
	t.Run("what is written", func(t *testing.T) {
		sink, taken := newSink(t)
		written, err := writeAll(sink, channels)
		if err != nil {
			t.Fatal(err)
		}
		if taken == nil {
			return
		}
		if err := alike(written, taken()); err != nil {
			t.Error(err)
		}
	})
	t.Run("wild samples", func(t *testing.T) {
		sink, taken := newSink(t)
		if err := sink.WritePCM(wild(channels)); err != nil {
			t.Error(err)
		}
		if taken != nil {
			taken()
		}
	})
	t.Run("after Close", func(t *testing.T) {
		sink, _ := newSink(t)
		c, ok := sink.(io.Closer)
		if !ok {
			t.Skip("it has no Close")
		}
		closeOnce(t, c)
		if err := refuses(sink, channels); err != nil {
			t.Error(err)
		}
	})
}

// writeAll writes a second and a half in pieces of many sizes, and returns it.
func writeAll(sink Sink, channels int) ([]float32, error) {
	all := Speech(1500*time.Millisecond, channels)
	sizes := []int{960, 0, 1, 480, 7, 1920, 2880, 4801}
	buffer := make([]float32, 0, slices.Max(sizes)*channels)
	for i, rest := 0, all; len(rest) > 0; i++ {
		n := min(sizes[i%len(sizes)]*channels, len(rest))
		piece := append(buffer, rest[:n]...)
		if err := sink.WritePCM(piece); err != nil {
			return nil, fmt.Errorf("writing %d samples: %w", n, err)
		}
		if !slices.Equal(piece, rest[:n]) {
			return nil, errors.New("pcm was changed")
		}
		for k := range piece {
			piece[k] = guard // whoever kept it has this
		}
		rest = rest[n:]
	}
	return all, nil
}

func alike(written, taken []float32) error {
	if len(written) != len(taken) {
		return fmt.Errorf("%d samples were written, %d taken", len(written), len(taken))
	}
	for i, v := range written {
		if math.Abs(float64(v-taken[i])) > 1e-4 {
			return fmt.Errorf("sample %d was %v and became %v", i, v, taken[i])
		}
	}
	return nil
}

func wild(channels int) []float32 {
	var pcm []float32
	for _, v := range []float64{2, -3, 1, -1, 1e30, math.Inf(1), math.Inf(-1), math.NaN()} {
		for range channels {
			pcm = append(pcm, float32(v))
		}
	}
	return pcm
}

func refuses(sink Sink, channels int) error {
	for range 3 {
		if sink.WritePCM(make([]float32, 960*channels)) == nil {
			return errors.New("writing after Close: no error")
		}
	}
	return nil
}
