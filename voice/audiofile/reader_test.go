package audiofile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func TestReaderContract(t *testing.T) {
	for name, want := range map[string]audiofile.Format{
		"default": {}, "stereo at the file's rate": {Rate: 16000, Channels: 2}, "44100": {Rate: 44100},
	} {
		t.Run(name, func(t *testing.T) {
			voicetest.TestSource(t, false, func(t *testing.T) voicetest.Source {
				r, err := audiofile.Open("../../testdata/speech/speech.wav", want)
				if err != nil {
					t.Fatal(err)
				}
				return r
			})
		})
	}
}

// Each encoding of the same tone gives the same samples.
func TestReaderEncodings(t *testing.T) {
	le := binary.LittleEndian
	want := sine(48000, 960, 440, func(b []byte, v float64) []byte { return le.AppendUint32(b, math.Float32bits(float32(v))) })
	for name, test := range map[string]struct {
		wav
		sample    func(b []byte, v float64) []byte
		tolerance float64
		info      string
	}{
		"8":  {wav{bits: 8}, func(b []byte, v float64) []byte { return append(b, byte(math.Round(v*128)+128)) }, 1. / 250, "8 bit"},
		"16": {wav{}, append16, 1. / 65000, "16 bit"},
		"12 in 16": {wav{bits: 12}, func(b []byte, v float64) []byte {
			return le.AppendUint16(b, uint16(int16(math.Round(v*2048))<<4))
		}, 1. / 4000, "12 bit"},
		"24": {wav{bits: 24}, func(b []byte, v float64) []byte {
			q := int32(math.Round(v * (1 << 23)))
			return append(b, byte(q), byte(q>>8), byte(q>>16))
		}, 1e-7, "24 bit"},
		"32": {wav{bits: 32}, func(b []byte, v float64) []byte {
			return le.AppendUint32(b, uint32(int32(math.Round(v*(1<<31)))))
		}, 1e-7, "32 bit"},
		"float": {wav{bits: 32, code: 3}, func(b []byte, v float64) []byte {
			return le.AppendUint32(b, math.Float32bits(float32(v)))
		}, 0, "32 bit float"},
		"double": {wav{bits: 64, code: 3}, func(b []byte, v float64) []byte {
			return le.AppendUint64(b, math.Float64bits(v))
		}, 0, "64 bit float"},
	} {
		for _, extensible := range []bool{false, true} {
			test.extensible = extensible
			test.samples = sine(48000, 960, 440, test.sample)
			r := open(t, save(t, test.bytes()), audiofile.Format{})
			got := readAll(t, r)
			if len(got) != 960 || r.Info().String() != "48000 Hz, mono, "+test.info || r.Truncated() {
				t.Errorf("%s, extensible %v: %d samples, %v, truncated %v", name, extensible, len(got), r.Info(), r.Truncated())
				continue
			}
			for i, v := range got {
				if d := float64(v - math.Float32frombits(le.Uint32(want[4*i:]))); math.Abs(d) > test.tolerance {
					t.Errorf("%s, extensible %v: sample %d is off by %g", name, extensible, i, d)
					break
				}
			}
		}
	}
}

func TestReaderRates(t *testing.T) {
	for _, rate := range []int{8000, 11025, 22050, 44100, 48000, 96000, 192000} {
		for _, want := range []int{8000, 44100, 48000} {
			path := save(t, wav{rate: uint32(rate), samples: sine(rate, rate, 440, append16)}.bytes())
			r := open(t, path, audiofile.Format{Rate: want})
			got := readAll(t, r)
			if len(got) != want || r.Duration() != time.Second || r.Format().Rate != want {
				t.Errorf("%d to %d Hz: %d samples, %v", rate, want, len(got), r.Duration())
			}
			for i := want / 4; i < want*3/4; i++ { // not where the tone begins or ends
				if v := 0.5 * math.Sin(2*math.Pi*440*float64(i)/float64(want)); math.Abs(v-float64(got[i])) > 1e-4 {
					t.Errorf("%d to %d Hz: sample %d is %v, want %v", rate, want, i, got[i], v)
					break
				}
			}
		}
	}
}

func TestReaderFileRate(t *testing.T) {
	path := save(t, wav{rate: 22050, samples: pcm16(someSamples...)}.bytes())
	r := open(t, path, audiofile.Format{Rate: audiofile.FileRate})
	if got := readAll(t, r); !slices.Equal(got, []float32{0.5, -0.5, 0.25}) || r.Format().Rate != 22050 {
		t.Errorf("%v at %d Hz", got, r.Format().Rate)
	}
	if _, err := audiofile.Create(path, audiofile.Format{Rate: audiofile.FileRate}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("to be written at the file's own rate: %v", err)
	}
}

func TestReaderChannels(t *testing.T) {
	const one = 1 << 13 // a quarter
	for _, test := range []struct {
		channels uint16
		samples  []int16
		want     int
		result   []float32
	}{
		{1, []int16{one, -one}, 2, []float32{0.25, 0.25, -0.25, -0.25}},
		{2, []int16{one, 0, one, one}, 1, []float32{0.125, 0.25}},
		{2, []int16{one, 0, one, one}, 2, []float32{0.25, 0, 0.25, 0.25}},
		{6, []int16{3 * one, 0, 0, 0, 0, 0}, 1, []float32{0.125}},
		{6, []int16{3 * one, 0, 0, 0, 0, 0}, 2, []float32{0.25, 0}},
		{64, make([]int16, 64), 1, []float32{0}},
	} {
		b := wav{channels: test.channels, samples: pcm16(test.samples...)}.bytes()
		got := readAll(t, open(t, save(t, b), audiofile.Format{Channels: test.want}))
		if !slices.Equal(got, test.result) {
			t.Errorf("%d to %d channels: %v, want %v", test.channels, test.want, got, test.result)
		}
	}
}

var someSamples = []int16{1 << 14, -1 << 14, 1 << 13}

func TestReaderOddFiles(t *testing.T) {
	ds64 := chunk("ds64", string(binary.LittleEndian.AppendUint64(make([]byte, 8), 6))+strings.Repeat("\x00", 12))
	samples := pcm16(someSamples...)
	list := chunk("LIST", "INFOISFT\x05\x00\x00\x00abcde\x00")
	for name, test := range map[string]struct {
		wav
		truncated bool
	}{
		"plain":                            {wav{}, false},
		"chunks everywhere":                {wav{before: list, between: chunk("bext", strings.Repeat("x", 5000)), after: list}, false},
		"a chunk of odd size":              {wav{before: chunk("odd ", "abc"), between: chunk("fact", "abcd")}, false},
		"empty chunks":                     {wav{before: chunk("JUNK", ""), between: chunk("JUNK", "")}, false},
		"RF64":                             {wav{id: "RF64", riffSize: math.MaxUint32, before: ds64, size: math.MaxUint32}, false},
		"BW64":                             {wav{id: "BW64", riffSize: math.MaxUint32, before: ds64, size: math.MaxUint32}, false},
		"RF64 with more after the audio":   {wav{id: "RF64", before: ds64, size: math.MaxUint32, after: list}, false},
		"RF64 that has no size":            {wav{id: "RF64", riffSize: math.MaxUint32, size: math.MaxUint32}, false},
		"streamed: all ones":               {wav{riffSize: math.MaxUint32, size: math.MaxUint32}, false},
		"streamed: zero":                   {wav{riffSize: -1, size: -1}, false},
		"streamed: zero, size of a header": {wav{riffSize: 36, size: -1}, false},
		"streamed: a large signed number":  {wav{size: 0x7FFFFFFF - 36}, false},
		"cut off":                          {wav{size: 1 << 20}, true},
		"cut off within a sample":          {wav{size: 1 << 20, samples: append(slices.Clone(samples), 0x55)}, true},
		"the last sample is half there":    {wav{size: 7, samples: append(slices.Clone(samples), 0x55)}, false},
		"a wrong RIFF size":                {wav{riffSize: 5}, false},
	} {
		test.samples = or2(test.samples, samples)
		b := test.bytes()
		for _, seekable := range []bool{true, false} {
			var src io.Reader = bytes.NewReader(b)
			if !seekable {
				src = iotest.OneByteReader(src)
			}
			r, err := audiofile.NewReader(src, audiofile.Format{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if seekable && r.Truncated() != test.truncated {
				t.Errorf("%s: truncated is %v before reading", name, r.Truncated())
			}
			got := readAll(t, r)
			if !slices.Equal(got, []float32{0.5, -0.5, 0.25}) || r.Truncated() != test.truncated {
				t.Errorf("%s, seekable %v: %v, truncated %v", name, seekable, got, r.Truncated())
			}
		}
	}
}

func or2(a, b []byte) []byte {
	if a == nil {
		return b
	}
	return a
}

func TestReaderDuration(t *testing.T) {
	second := make([]byte, 2*48000)
	for name, test := range map[string]struct {
		wav
		seekable, streamed time.Duration
	}{
		"plain":    {wav{samples: second}, time.Second, time.Second},
		"cut off":  {wav{samples: second, size: 4 * 48000}, time.Second, 2 * time.Second},
		"streamed": {wav{samples: second, size: math.MaxUint32}, time.Second, 0},
		"empty":    {wav{}, 0, 0},
	} {
		b := test.bytes()
		for _, src := range []io.Reader{bytes.NewReader(b), iotest.HalfReader(bytes.NewReader(b))} {
			r, err := audiofile.NewReader(src, audiofile.Format{Rate: 16000})
			if err != nil {
				t.Fatal(err)
			}
			want := test.streamed
			if _, ok := src.(io.Seeker); ok {
				want = test.seekable
			}
			if r.Duration() != want {
				t.Errorf("%s: %v, want %v", name, r.Duration(), want)
			}
		}
	}
}

func TestReaderCutWithinAFrame(t *testing.T) {
	b := wav{channels: 2, size: 1 << 20, samples: pcm16(someSamples...)}.bytes()
	r := open(t, save(t, b), audiofile.Format{Channels: 2})
	if got := readAll(t, r); !slices.Equal(got, []float32{0.5, -0.5}) || !r.Truncated() {
		t.Errorf("one frame and a half: %v, truncated %v", got, r.Truncated())
	}
}

func TestReaderEmptyFileWithMoreBehind(t *testing.T) {
	b := wav{after: chunk("LIST", "INFOISFT\x04\x00\x00\x00abcd")}.bytes()
	if got := readAll(t, open(t, save(t, b), audiofile.Format{})); len(got) != 0 {
		t.Errorf("a file without samples has %v", got)
	}
}

func TestReaderWildFloats(t *testing.T) {
	var b []byte
	for _, v := range []float64{math.NaN(), math.Inf(1), 1e30, 2, -2} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	got := readAll(t, open(t, save(t, wav{code: 3, bits: 32, samples: b}.bytes()), audiofile.Format{}))
	if !slices.Equal(got, []float32{0, 0, 0, 2, -2}) {
		t.Errorf("%v", got)
	}
}

func TestReaderRefuses(t *testing.T) {
	whole := wav{samples: pcm16(someSamples...)}.bytes()
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"empty":            {nil, "it is empty"},
		"text":             {[]byte("this is no audio at all"), "this is not a WAV file"},
		"short text":       {[]byte("hello"), "it ends before any audio begins"},
		"Ogg":              {[]byte("OggS\x00\x02 and more"), "this is an Ogg file, not a WAV file: convert it to WAV"},
		"MP3":              {[]byte("ID3\x04 and more of it"), "this is an MP3 file, not a WAV file: convert it to WAV"},
		"FLAC":             {[]byte("fLaC\x00\x00\x00\x22 and"), "this is a FLAC file, not a WAV file: convert it to WAV"},
		"AVI":              {[]byte("RIFF\x00\x00\x00\x00AVI LIST"), "this is an AVI file, not a WAV file: convert it to WAV"},
		"MP4":              {[]byte("\x00\x00\x00\x20ftypisom"), "this is an MP4 file, not a WAV file: convert it to WAV"},
		"only a header":    {whole[:12], "it ends before any audio begins"},
		"half a header":    {whole[:30], "it ends before any audio begins"},
		"no data":          {whole[:36], "it ends before any audio begins"},
		"a short format":   {[]byte("RIFF\x00\x00\x00\x00WAVEfmt \x04\x00\x00\x00abcd"), "the description of its audio is too short"},
		"no format":        {[]byte("RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd"), "its audio comes before the description of the audio"},
		"a huge chunk":     {[]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xffabcd"), "it ends before any audio begins"},
		"ADPCM":            {wav{code: 2, bits: 4}.bytes(), "ADPCM is not supported: convert it to 16-bit PCM"},
		"IMA ADPCM":        {wav{code: 0x11, bits: 4}.bytes(), "ADPCM is not supported: convert it to 16-bit PCM"},
		"u-law":            {wav{code: 7, bits: 8}.bytes(), "u-law is not supported: convert it to 16-bit PCM"},
		"MP3 in WAV":       {wav{code: 0x55}.bytes(), "MP3 in WAV is not supported: convert it to 16-bit PCM"},
		"something else":   {wav{code: 0x1234}.bytes(), "the audio format 0x1234 is not supported: convert it to 16-bit PCM"},
		"extensible ADPCM": {wav{code: 2, extensible: true}.bytes(), "ADPCM is not supported: convert it to 16-bit PCM"},
		"an unknown GUID":  {bytes.Replace(wav{extensible: true}.bytes(), []byte("\x9b\x71"), []byte("xy"), 1), "its extensible format is of an unknown kind: convert it to 16-bit PCM"},
		"64-bit PCM":       {wav{bits: 64}.bytes(), "samples of 64 bits are not supported: convert it to 16-bit PCM"},
		"16-bit float":     {wav{bits: 16, code: 3}.bytes(), "samples of 16 bits are not supported: convert it to 16-bit PCM"},
		"too slow":         {wav{rate: 4000}.bytes(), "a rate of 4000 Hz is not supported: 8000 to 384000 are"},
		"too fast":         {wav{rate: 4000000000}.bytes(), "a rate of 4000000000 Hz is not supported: 8000 to 384000 are"},
		"many channels":    {wav{channels: 65}.bytes(), "65 channels are not supported: 1 to 64 are"},
		"wrong frames":     {wav{channels: 2, block: 3}.bytes(), "its frames are said to have 3 bytes, but 2 channels of 16 bits need 4"},
	} {
		path := save(t, test.file)
		_, err := audiofile.Open(path, audiofile.Format{})
		if !errors.Is(err, voiceapp.Invalid) || err.Error() != path+": "+test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReaderNoChannels(t *testing.T) {
	b := wav{}.bytes()
	binary.LittleEndian.PutUint16(b[22:], 0)
	if _, err := audiofile.NewReader(bytes.NewReader(b), audiofile.Format{}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("0 channels: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := audiofile.Open(dir+"/none.wav", audiofile.Format{})
	if !errors.Is(err, voiceapp.NotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
	if _, err = audiofile.Open(dir, audiofile.Format{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("a folder: %v", err)
	}
	for _, want := range []audiofile.Format{{Rate: 7999}, {Rate: -2}, {Channels: 3}, {Channels: -1}} {
		if _, err = audiofile.Open("../../testdata/speech/speech.wav", want); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", want, err)
		}
	}
}

func TestReaderFailsInTheMiddle(t *testing.T) {
	b := wav{samples: pcm16(someSamples...), size: 1000}.bytes()
	broken := errors.New("the stick was pulled")
	r, err := audiofile.NewReader(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(broken)), audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]float32, 960)
	if n, err := r.ReadPCM(pcm); n != 3 || err != nil {
		t.Errorf("before the failure: %d samples, %v", n, err)
	}
	for range 2 {
		if n, err := r.ReadPCM(pcm); n != 0 || !errors.Is(err, broken) || !errors.Is(err, voiceapp.Unavailable) {
			t.Errorf("after it: %d samples, %v", n, err)
		}
	}
	if r.Truncated() {
		t.Error("a failure is taken for a short file")
	}
}

func TestReaderClose(t *testing.T) {
	r, err := audiofile.Open("../../testdata/speech/speech.wav", audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if n, err := r.ReadPCM(make([]float32, 10)); n != 0 || !errors.Is(err, os.ErrClosed) || !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("reading after Close: %d samples, %v", n, err)
	}
}

func BenchmarkReader(b *testing.B) {
	file := wav{rate: 44100, channels: 2, samples: make([]byte, 4*44100)}.bytes()
	frame := make([]float32, 960)
	for b.Loop() {
		r, err := audiofile.NewReader(bytes.NewReader(file), audiofile.Format{})
		if err != nil {
			b.Fatal(err)
		}
		for n := 1; n > 0; {
			n, _ = r.ReadPCM(frame)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}

// A tone in a file sounds the same whatever the file is.
func TestReaderSpeechLevel(t *testing.T) {
	for _, rate := range []int{16000, 44100, 48000} {
		if level := dsp.Level(readAll(t, open(t, "../../testdata/speech/speech.wav", audiofile.Format{Rate: rate}))); level != 25 {
			t.Errorf("at %d Hz: -%d dBov, want -25", rate, level)
		}
	}
}
