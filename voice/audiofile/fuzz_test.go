package audiofile_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// Whatever a file holds, the reader ends, in bounds, with samples that are
// numbers, and says the same whether it can seek or not.
func FuzzReader(f *testing.F) {
	samples := pcm16(someSamples...)
	for _, w := range []wav{
		{},
		{bits: 8},
		{bits: 24, channels: 2},
		{bits: 32, code: 3},
		{bits: 64, code: 3},
		{extensible: true, channels: 6},
		{rate: 44100},
		{rate: 8000, size: math.MaxUint32},
		{size: -1, riffSize: -1},
		{id: "RF64", size: math.MaxUint32},
		{code: 2},
		{before: chunk("LIST", "abc"), between: chunk("ds64", string(make([]byte, 28)))},
	} {
		w.samples = samples
		f.Add(w.bytes(), 48000, 1)
	}
	f.Fuzz(func(t *testing.T, b []byte, rate, channels int) {
		want := audiofile.Format{Rate: rate, Channels: channels}
		seek, seekErr := audiofile.NewReader(bytes.NewReader(b), want)
		stream, streamErr := audiofile.NewReader(io.MultiReader(bytes.NewReader(b)), want)
		if (seekErr == nil) != (streamErr == nil) {
			t.Fatalf("%v, but %v as a stream", seekErr, streamErr)
		}
		if seekErr != nil {
			return
		}
		n := drain(t, seek)
		if streamed := drain(t, stream); streamed != n {
			t.Fatalf("%d samples, %d as a stream", n, streamed)
		}
		if most := (len(b) + 1) * 2 * (seek.Format().Rate/seek.Info().Rate + 1); n > most {
			t.Fatalf("%d samples out of %d bytes", n, len(b))
		}
		if seek.Truncated() != stream.Truncated() {
			t.Fatalf("truncated: %v, but %v as a stream", seek.Truncated(), stream.Truncated())
		}
	})
}

func drain(t *testing.T, r *audiofile.Reader) (total int) {
	frame := make([]float32, 960)
	for {
		n, err := r.ReadPCM(frame)
		for _, v := range frame[:n] {
			if !(math.Abs(float64(v)) < 1000) {
				t.Fatalf("a sample of %v", v)
			}
		}
		total += n
		if err != nil {
			return total
		}
	}
}
