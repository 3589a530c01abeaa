package audiofile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func create(t testing.TB, format audiofile.Format) (w *audiofile.Writer, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "heard.wav")
	w, err := audiofile.Create(path, format)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, path
}

func write(t testing.TB, w *audiofile.Writer, pcm []float32) {
	t.Helper()
	if err := w.WritePCM(pcm); err != nil {
		t.Fatal(err)
	}
}

func closeNow(t testing.TB, w *audiofile.Writer) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWriterContract(t *testing.T) {
	for _, format := range []audiofile.Format{
		{}, {Channels: 2}, {Bits: 24}, {Bits: 24, Channels: 2}, {Bits: 32}, {Bits: 32, Rate: 44100, Channels: 2},
	} {
		voicetest.TestSink(t, max(1, format.Channels), func(t *testing.T) (voicetest.Sink, func() []float32) {
			w, path := create(t, format)
			return w, func() []float32 {
				closeNow(t, w)
				return readAll(t, open(t, path, w.Format()))
			}
		})
	}
}

func TestRoundTripIsExact(t *testing.T) {
	var all []int16
	for v := math.MinInt16; v <= math.MaxInt16; v += 7 {
		all = append(all, int16(v))
	}
	src := wav{samples: pcm16(append(all, math.MinInt16, math.MaxInt16, 0, -1)...)}.bytes()
	pcm := readAll(t, open(t, save(t, src), audiofile.Format{}))
	for _, bits := range []int{16, 24, 32} {
		w, path := create(t, audiofile.Format{Bits: bits})
		write(t, w, pcm)
		closeNow(t, w)
		if got := readAll(t, open(t, path, audiofile.Format{})); !slices.Equal(pcm, got) {
			t.Errorf("%d bits: not what was written", bits)
		}
	}
}

func TestWriterClips(t *testing.T) {
	wild := []float32{2, -2, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30}
	for bits, want := range map[int][]float32{
		16: {32767. / 32768, -1, 0, 32767. / 32768, -1, 32767. / 32768},
		24: {8388607. / 8388608, -1, 0, 8388607. / 8388608, -1, 8388607. / 8388608},
		32: {2, -2, 0, 0, 0, 0},
	} {
		w, path := create(t, audiofile.Format{Bits: bits})
		write(t, w, wild)
		closeNow(t, w)
		if got := readAll(t, open(t, path, audiofile.Format{})); !slices.Equal(got, want) {
			t.Errorf("%d bits: %v, want %v", bits, got, want)
		}
	}
}

// The sizes in the header are those of the file, byte for byte.
func TestWriterSizes(t *testing.T) {
	for _, format := range []audiofile.Format{{}, {Channels: 2}, {Bits: 24}, {Bits: 32}} {
		w, path := create(t, format)
		write(t, w, make([]float32, 1001*w.Format().Channels))
		closeNow(t, w)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if size := binary.LittleEndian.Uint32(b[4:]); int(size) != len(b)-8 {
			t.Errorf("%+v: RIFF size %d in a file of %d bytes", format, size, len(b))
		}
		r := open(t, path, format)
		if want := time.Duration(1001) * time.Second / 48000; r.Duration() != want || r.Truncated() {
			t.Errorf("%+v: %v, want %v", format, r.Duration(), want)
		}
	}
}

// What a crash leaves behind is what the file holds at any moment.
func TestWriterCrash(t *testing.T) {
	w, path := create(t, audiofile.Format{})
	frame := make([]float32, 960)
	for i := range 50 * 5 {
		write(t, w, frame)
		if i%20 != 19 {
			continue
		}
		written := time.Duration(i+1) * 20 * time.Millisecond
		if size := time.Duration(dataSize(t, path)) * time.Second / (2 * 48000); size > written || size <= written-time.Second {
			t.Errorf("the header says %v after %v were written", size, written)
		}
		if r := open(t, path, audiofile.Format{}); r.Duration() > written || r.Duration() <= written-time.Second {
			t.Errorf("%v after %v were written", r.Duration(), written)
		}
	}
}

// dataSize returns what the header of a file in PCM says.
func dataSize(t *testing.T, path string) uint32 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return binary.LittleEndian.Uint32(b[76:])
}

func TestWriterOverwrites(t *testing.T) {
	path := save(t, make([]byte, 100000))
	w, err := audiofile.Create(path, audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	closeNow(t, w)
	if got := readAll(t, open(t, path, audiofile.Format{})); len(got) != 0 {
		t.Errorf("%d samples of what was there before", len(got))
	}
}

func TestWriterErrors(t *testing.T) {
	dir := t.TempDir()
	for _, format := range []audiofile.Format{{Rate: 1}, {Channels: 3}, {Bits: 8}, {Bits: 64}, {Bits: -16}} {
		path := filepath.Join(dir, "none.wav")
		if _, err := audiofile.Create(path, format); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", format, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%+v: refused, but the file was made", format)
		}
	}
	if _, err := audiofile.Create(filepath.Join(dir, "no", "folder.wav"), audiofile.Format{}); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("no such folder: %v", err)
	}
}

func TestWriterFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /dev/full")
	}
	_, err := audiofile.Create("/dev/full", audiofile.Format{})
	if !errors.Is(err, voiceapp.Unavailable) || err.Error() != "/dev/full: the disk is full: no space left on device" {
		t.Errorf("%v", err)
	}
}

// disk is a file in memory on a disk of limited size.
type disk struct {
	b    []byte
	at   int
	free int
}

var errFull = errors.New("full")

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.free-d.at)
	d.b = append(d.b[:d.at], append(slices.Clone(b[:n]), d.b[min(len(d.b), d.at+n):]...)...)
	d.at += n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func (d *disk) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		d.at = int(offset)
	case io.SeekEnd:
		d.at = len(d.b) + int(offset)
	}
	return int64(d.at), nil
}

func TestWriterKeepsWhatFits(t *testing.T) {
	for _, channels := range []int{1, 2} {
		d := &disk{free: 10001}
		w, err := audiofile.NewWriter(d, audiofile.Format{Channels: channels, Bits: 24})
		if err != nil {
			t.Fatal(err)
		}
		frame := make([]float32, 960)
		var first error
		for first == nil {
			first = w.WritePCM(frame)
		}
		if !errors.Is(first, errFull) {
			t.Errorf("%v", first)
		}
		want := (10001 - 80) / (3 * channels) * channels
		if size := binary.LittleEndian.Uint32(d.b[76:]); int(size) != 3*want {
			t.Errorf("the header says %d bytes, want %d", size, 3*want)
		}
		if err := w.WritePCM(frame); !errors.Is(err, first) {
			t.Errorf("after the first error: %v", err)
		}
		if err := w.Close(); !errors.Is(err, first) {
			t.Errorf("Close: %v", err)
		}
		r, err := audiofile.NewReader(bytes.NewReader(d.b), audiofile.Format{Channels: channels})
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, r); len(got) != want || r.Truncated() {
			t.Errorf("%d samples, want %d, truncated %v", len(got), want, r.Truncated())
		}
	}
}

func TestWriterClose(t *testing.T) {
	w, _ := create(t, audiofile.Format{})
	for range 2 {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := w.WritePCM([]float32{0}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("writing after Close: %v", err)
	}
}

func BenchmarkWriter(b *testing.B) {
	w, _ := create(b, audiofile.Format{})
	frame := make([]float32, 960)
	for b.Loop() {
		write(b, w, frame)
	}
}
