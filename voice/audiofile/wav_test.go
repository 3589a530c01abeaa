package audiofile_test

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// wav describes a file to be made for a test.
type wav struct {
	id         string // "" is RIFF
	riffSize   int64  // -1 is 0; 0 is the right one
	code       uint16 // 0 is PCM
	rate       uint32 // 0 is 48000
	channels   uint16 // 0 is 1
	bits       uint16 // 0 is 16
	block      uint16 // 0 is the right one
	extensible bool
	before     string // chunks before the format
	between    string // chunks between format and data
	after      string // chunks after the data
	size       int64  // of the data as the header says; -1 is 0; 0 is the right one
	samples    []byte
}

func or[T comparable](v, zero T) T {
	var none T
	if v == none {
		return zero
	}
	return v
}

func (w wav) bytes() []byte {
	le := binary.LittleEndian
	channels, bits := or(w.channels, 1), or(w.bits, 16)
	block := or(w.block, channels*((bits+7)/8))
	format := le.AppendUint16(nil, or(w.code, 1))
	if w.extensible {
		format = le.AppendUint16(nil, 0xFFFE)
	}
	format = le.AppendUint16(format, channels)
	format = le.AppendUint32(format, or(w.rate, 48000))
	format = le.AppendUint32(format, or(w.rate, 48000)*uint32(block))
	format = le.AppendUint16(format, block)
	format = le.AppendUint16(format, bits)
	if w.extensible {
		format = append(format, 22, 0, byte(bits), 0, 3, 0, 0, 0)
		format = le.AppendUint16(format, or(w.code, 1))
		format = append(format, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	body := "WAVE" + w.before + chunk("fmt ", string(format)) + w.between
	data := chunk("data", string(w.samples))
	if w.size != 0 {
		data = "data" + string(le.AppendUint32(nil, uint32(max(w.size, 0)))) + string(w.samples)
	}
	body += data + w.after
	head := le.AppendUint32([]byte(or(w.id, "RIFF")), uint32(max(or(w.riffSize, int64(len(body))), 0)))
	return append(head, body...)
}

// chunk returns a chunk with its padding.
func chunk(id, body string) string {
	pad := ""
	if len(body)%2 == 1 {
		pad = "\x00"
	}
	return id + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body + pad
}

// pcm16 returns samples of 16 bits.
func pcm16(samples ...int16) []byte {
	var b []byte
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// sine returns n frames of a tone at half of full scale, by a function that
// appends one sample.
func sine(rate, n int, hz float64, appendTo func(b []byte, v float64) []byte) []byte {
	var b []byte
	for i := range n {
		b = appendTo(b, 0.5*math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return b
}

func append16(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(v*32768))))
}

// save writes a file for the test.
func save(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speech.wav")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string, want audiofile.Format) *audiofile.Reader {
	t.Helper()
	r, err := audiofile.Open(path, want)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// readAll reads to the end, in frames of 20 ms.
func readAll(t testing.TB, r *audiofile.Reader) []float32 {
	t.Helper()
	var all []float32
	frame := make([]float32, 960)
	for {
		n, err := r.ReadPCM(frame)
		all = append(all, frame[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
