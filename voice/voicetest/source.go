package voicetest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"
)

// Source is what [TestSource] tests; it is voice's, word for word.
type Source interface {
	ReadPCM(pcm []float32) (n int, err error)
}

// TestSource reads sources that end to their end, and fails unless ReadPCM keeps
// to this:
//
//	1  len(pcm), nil          a full frame
//	2  less, nil or io.EOF    the last part of a talk spurt
//	3  0, nil                 nothing to say now; ask again
//	4  0, io.EOF              over for good; after io.EOF nothing else comes
//	5  0, another error       it is broken
//
// Samples are finite, nothing is written behind len(pcm), and how much is asked
// for at a time does not change what comes. newSource returns a source that
// starts again from the beginning; if it is an [io.Closer], it is closed. live
// sources, which give something else each time, are only held to the outcomes.
func TestSource(t *testing.T, live bool, newSource func(t *testing.T) Source) {
	var first []float32
	for i, size := range []int{960, 1, 7, 1920, 48000, 100003} {
		t.Run(fmt.Sprintf("%d samples at a time", size), func(t *testing.T) {
			source := newSource(t)
			if c, ok := source.(io.Closer); ok {
				defer closeOnce(t, c)
			}
			pcm, err := readAll(source, size)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = pcm
			}
			if !live && !slices.Equal(first, pcm) {
				t.Errorf("%d samples, other than the %d that came at first", len(pcm), len(first))
			}
		})
	}
}

// patience is how long a source may have nothing to say.
const patience = 10 * time.Second

// readAll reads up to the end and checks each outcome.
func readAll(source Source, size int) (all []float32, err error) {
	ended := false
	idle := time.Now()
	if n, err := source.ReadPCM(nil); n != 0 || err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading no samples: n is %d, error %w", n, err)
	}
	for {
		pcm := guardedBy(16, size)
		n, err := source.ReadPCM(pcm)
		if fault := readFault(pcm, n, err, ended); fault != nil {
			return nil, fmt.Errorf("after %d samples: %w", len(all), fault)
		}
		if n > 0 {
			idle = time.Now()
		}
		all = append(all, pcm[:n]...)
		ended = ended || err != nil
		switch {
		case n == 0 && err != nil:
			return all, remainsEnded(source)
		case n == 0 && time.Since(idle) > patience:
			return nil, fmt.Errorf("nothing to say for %v", patience)
		case n == 0:
			time.Sleep(time.Millisecond)
		}
	}
}

// readFault says what is wrong with an outcome, if anything is.
func readFault(pcm []float32, n int, err error, ended bool) error {
	switch {
	case n < 0 || n > len(pcm):
		return fmt.Errorf("%d samples were asked for, n is %d", len(pcm), n)
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case err != nil && n == len(pcm):
		return fmt.Errorf("a full frame together with %w", err)
	case ended && n > 0:
		return fmt.Errorf("%d more samples after the end", n)
	case ended && err == nil:
		return errors.New("no io.EOF after the end")
	}
	for i, v := range pcm[:n] {
		if v != v || v-v != 0 {
			return fmt.Errorf("sample %d is %v", i, v)
		}
	}
	return untouched(pcm)
}

func remainsEnded(source Source) error {
	for range 3 {
		n, err := source.ReadPCM(make([]float32, 960))
		switch {
		case err == nil:
			return fmt.Errorf("after io.EOF: n is %d, no error", n)
		case n != 0 || !errors.Is(err, io.EOF):
			return fmt.Errorf("after io.EOF: n is %d, error %w", n, err)
		}
	}
	return nil
}

// closeOnce closes twice: the first must work, the second do no harm.
func closeOnce(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	_ = c.Close() // may say that it was closed; must not panic or hang
}
