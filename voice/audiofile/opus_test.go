package audiofile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

var _ voice.OpusSource = (*audiofile.OpusReader)(nil)

// opusPacket is a packet of 20 ms of a size, which says which it is.
func opusPacket(n, size int) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{19 << 3}, uint16(n)), bytes.Repeat([]byte{byte(n)}, size)...)
}

// oggOf writes packets of those sizes.
func oggOf(t testing.TB, channels int, sizes ...int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := audiofile.NewOpusWriter(&b, channels)
	if err != nil {
		t.Fatal(err)
	}
	for n, size := range sizes {
		if err := w.WriteOpus(opusPacket(n, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packetsOf reads all packets, as numbers that opusPacket gave them.
func packetsOf(t *testing.T, ogg []byte) (numbers []int, end error) {
	t.Helper()
	r, err := audiofile.NewOpusReader(bytes.NewReader(ogg))
	if err != nil {
		return nil, err
	}
	for {
		p, err := r.Next()
		if err != nil {
			return numbers, err
		}
		numbers = append(numbers, int(binary.BigEndian.Uint16(p.Data[1:])))
		if want := opusPacket(numbers[len(numbers)-1], len(p.Data)-3); !bytes.Equal(p.Data, want) {
			t.Errorf("packet %d is not as it was written", len(numbers))
		}
	}
}

// Packets of all lengths, over the ends of segments and pages, come back as they
// were.
func TestOpusRoundTrip(t *testing.T) {
	var sizes []int
	for n := range 600 {
		sizes = append(sizes, n*7%1300)
	}
	sizes = append(sizes, 252-3, 255-3, 510-3, 50_000)
	ogg := oggOf(t, 2, sizes...)
	r, err := audiofile.NewOpusReader(bytes.NewReader(ogg))
	if err != nil || r.Channels() != 2 || r.Gain() != 0 {
		t.Fatal(err)
	}
	skipped, heard := 0, 0
	for n, size := range sizes {
		p, err := r.Next()
		if err != nil || !bytes.Equal(p.Data, opusPacket(n, size)) || p.Samples != 960 {
			t.Fatalf("packet %d of %d bytes: %d bytes, %v", n, size, len(p.Data), err)
		}
		skipped += p.Skip
		heard += p.Samples - p.Skip - p.Trim
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last packet: %v", err)
	}
	if skipped != 312 || heard != len(sizes)*960-312 {
		t.Errorf("%d samples are skipped, %d heard", skipped, heard)
	}
}

// The file that opusenc made of our speech is read packet by packet, and lasts as
// long as the speech.
func TestOpusenc(t *testing.T) {
	r, err := audiofile.OpenOpus("testdata/opusenc.opus")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	heard := 0
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		heard += p.Samples - p.Skip - p.Trim
	}
	if want := 2 * 48_000; heard != want || r.Channels() != 1 {
		t.Errorf("%d samples in %d channels, want %d in one", heard, r.Channels(), want)
	}
}

func TestOpusDamage(t *testing.T) {
	sizes := make([]int, 200)
	whole := oggOf(t, 1, sizes...)
	second := bytes.LastIndex(whole[:len(whole)*2/3], []byte("OggS"))
	hurt := bytes.Clone(whole)
	hurt[second+100] ^= 1
	for name, c := range map[string]struct {
		ogg   []byte
		least int // packets
		end   error
	}{
		"whole":                  {whole, 200, io.EOF},
		"cut":                    {whole[:len(whole)-100], 100, io.EOF},
		"a damaged page":         {hurt, 100, io.EOF},
		"chained":                {append(bytes.Clone(whole), whole...), 400, io.EOF},
		"chained, the first cut": {append(bytes.Clone(whole[:len(whole)-100]), oggOf(t, 1, sizes...)...), 300, io.EOF},
		"junk before":            {append([]byte("junk"), whole...), 200, io.EOF},
		"empty":                  {nil, 0, voiceapp.Invalid},
		"text":                   {[]byte(strings.Repeat("no Ogg ", 100)), 0, voiceapp.Invalid},
		"much text":              {[]byte(strings.Repeat("no Ogg ", 100_000)), 0, voiceapp.Invalid},
		"one page":               {whole[:47], 0, voiceapp.Invalid},
	} {
		numbers, err := packetsOf(t, c.ogg)
		if len(numbers) < c.least || !errors.Is(err, c.end) {
			t.Errorf("%s: %d packets, then %v", name, len(numbers), err)
		}
	}
}

func TestOpusSource(t *testing.T) {
	r, err := audiofile.NewOpusReader(bytes.NewReader(oggOf(t, 1, 10, 1500)))
	if err != nil {
		t.Fatal(err)
	}
	b, level, err := r.ReadOpus([]byte("x"))
	if err != nil || level == 0 || !bytes.Equal(b, append([]byte("x"), opusPacket(0, 10)...)) {
		t.Errorf("%q, %d, %v", b, level, err)
	}
	if b, _, err := r.ReadOpus(nil); !errors.Is(err, voiceapp.TooLarge) || len(b) > 0 {
		t.Errorf("a packet that fits no datagram: %v", err)
	}
	if _, err := r.ReadPCM(make([]float32, 960)); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("ReadPCM: %v", err)
	}
}

func TestOpusFilesRefused(t *testing.T) {
	if _, err := audiofile.OpenOpus(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := audiofile.CreateOpus(filepath.Join(t.TempDir(), "no", "x"), 1); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a directory that is not there: %v", err)
	}
	if _, err := audiofile.CreateOpus(filepath.Join(t.TempDir(), "x"), 3); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("three channels: %v", err)
	}
	path := filepath.Join(t.TempDir(), "x.opus")
	w, err := audiofile.CreateOpus(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteOpus(nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("an empty packet: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.WriteOpus(opusPacket(0, 1)); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("after Close: %v", err)
	}
	if r, err := audiofile.OpenOpus(path); err != nil {
		t.Error(err)
	} else if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("a file without packets: %v", err)
	} else {
		r.Close()
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// Whatever a file holds, reading it ends, and what is read is packets of Opus.
func FuzzOpusReader(f *testing.F) {
	whole := oggOf(f, 1, 1, 254, 255, 256, 2000)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append(bytes.Clone(whole), whole...))
	f.Add(bytes.Replace(whole, []byte("OpusTags"), []byte("opusTags"), 1))
	f.Fuzz(func(t *testing.T, ogg []byte) {
		r, err := audiofile.NewOpusReader(bytes.NewReader(ogg))
		if err != nil {
			return
		}
		for total := 0; ; {
			p, err := r.Next()
			if err != nil {
				return
			}
			if total += len(p.Data); total > len(ogg) || p.Skip < 0 || p.Trim < 0 || p.Skip+p.Trim > p.Samples || p.Samples > 5760 {
				t.Fatalf("%+v after %d bytes of %d", p, total, len(ogg))
			}
		}
	})
}
