//go:build cgo

package opus_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

const lookAhead = 312 // samples, 6.5 ms

// voicelike gives interleaved samples of a swinging harmonic tone.
func voicelike(samples, channels int) []float32 {
	pcm := make([]float32, 0, samples*channels)
	for i := range samples {
		t := float64(i) / opus.SampleRate
		phase := 2*math.Pi*150*t + 3*math.Sin(2*math.Pi*2*t)
		x := 0.3 * (math.Sin(phase) + 0.5*math.Sin(2*phase) + 0.25*math.Sin(5*phase))
		for range channels {
			pcm = append(pcm, float32(x))
		}
	}
	return pcm
}

func correlation(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range min(len(a), len(b)) {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

func newPair(tb testing.TB, channels, bitrate int) (*opus.Encoder, *opus.Decoder) {
	tb.Helper()
	enc, err := opus.NewEncoder(channels, bitrate)
	if err != nil {
		tb.Fatal(err)
	}
	dec, err := opus.NewDecoder(channels)
	if err != nil {
		tb.Fatal(err)
	}
	return enc, dec
}

func Example() {
	enc, _ := opus.NewEncoder(1, 64_000)
	dec, _ := opus.NewDecoder(1)

	packet, _ := enc.Encode(nil, make([]float32, 960)) // 20 ms of silence
	pcm := make([]float32, 5760)
	samples, _ := dec.Decode(pcm, packet)
	_ = dec.Conceal(pcm[:960]) // the next packet did not come
	fmt.Println(samples)
	// Output: 960
}

func TestContract(t *testing.T) {
	voicetest.TestCodec(t, voice.NewCodec(opus.NewEncoder, opus.NewDecoder))
}

func TestAZeroValueSaysSo(t *testing.T) {
	var enc opus.Encoder
	var dec opus.Decoder
	if dst, err := enc.Encode([]byte("kept"), make([]float32, 960)); !errors.Is(err, voiceapp.Invalid) || string(dst) != "kept" {
		t.Errorf("Encode: %q, %v", dst, err)
	}
	if err := enc.SetBitrate(64_000); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("SetBitrate: %v", err)
	}
	if _, err := dec.Decode(make([]float32, 960), []byte{0xf8}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Decode: %v", err)
	}
	if err := dec.Conceal(make([]float32, 960)); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Conceal: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, channels := range []int{1, 2} {
		for _, ms := range []int{10, 20, 40, 60} {
			t.Run(fmt.Sprintf("%d channels, %d ms", channels, ms), func(t *testing.T) {
				enc, dec := newPair(t, channels, 64_000)
				said := voicelike(opus.SampleRate, channels)
				frame := ms * 48 * channels
				heard := make([]float32, 0, len(said)+5760*channels)
				for from := 0; from+frame <= len(said); from += frame {
					packet, err := enc.Encode(nil, said[from:from+frame])
					if err != nil {
						t.Fatal(err)
					}
					n, err := dec.Decode(heard[len(heard):cap(heard)], packet)
					if err != nil || n != ms*48 {
						t.Fatalf("decoded %d samples, %v", n, err)
					}
					heard = heard[:len(heard)+n*channels]
				}
				if c := correlation(said, heard[lookAhead*channels:]); c < 0.98 {
					t.Errorf("correlation %.3f", c)
				}
			})
		}
	}
}

func TestEncodeAppends(t *testing.T) {
	enc, _ := newPair(t, 1, 0)
	packet, err := enc.Encode([]byte("head"), voicelike(960, 1))
	if err != nil || len(packet) <= 4 || string(packet[:4]) != "head" {
		t.Fatalf("%q, %v", packet, err)
	}
	loud := make([]float32, 2880)
	for i := range loud {
		loud[i] = rand.Float32()*2 - 1
	}
	if err := enc.SetBitrate(voiceapp.MaxBitrate); err != nil {
		t.Fatal(err)
	}
	if packet, err = enc.Encode(nil, loud); err != nil || len(packet) > opus.MaxPacket {
		t.Errorf("60 ms of noise: %d bytes, %v", len(packet), err)
	}
}

func TestSetBitrate(t *testing.T) {
	enc, _ := newPair(t, 1, 64_000)
	said := voicelike(opus.SampleRate*4, 1)
	for _, bitrate := range []int{16_000, 64_000, 96_000} {
		if err := enc.SetBitrate(bitrate); err != nil {
			t.Fatal(err)
		}
		bits := 0
		for from := 0; from+960 <= len(said); from += 960 {
			packet, err := enc.Encode(nil, said[from:from+960])
			if err != nil {
				t.Fatal(err)
			}
			bits += len(packet) * 8
		}
		if got := bits / 4; got < bitrate*8/10 || got > bitrate*12/10 {
			t.Errorf("%d bits a second, want about %d", got, bitrate)
		}
	}
}

// TestConcealLeavesTheRestAlone checks the lengths that concealment takes, and
// that not a sample beyond them is written.
func TestConcealLeavesTheRestAlone(t *testing.T) {
	for _, channels := range []int{1, 2} {
		enc, dec := newPair(t, channels, 64_000)
		packet, err := enc.Encode(nil, voicelike(960, channels))
		if err != nil {
			t.Fatal(err)
		}
		for _, samples := range []int{1, 119, 120, 480, 961, 5760, 7000} {
			pcm := make([]float32, 8000*channels)
			for i := range pcm {
				pcm[i] = 9
			}
			if _, err := dec.Decode(pcm[:5760*channels], packet); err != nil {
				t.Fatal(err)
			}
			for i := range pcm {
				pcm[i] = 9
			}
			if err := dec.Conceal(pcm[:samples*channels]); err != nil {
				t.Fatalf("%d samples: %v", samples, err)
			}
			for i, x := range pcm {
				if (x == 9) != (i >= samples*channels) {
					t.Fatalf("%d samples of %d channels: sample %d is %v", samples, channels, i, x)
				}
			}
		}
	}
}

func TestDecodeStaysInItsSlice(t *testing.T) {
	enc, dec := newPair(t, 1, 64_000)
	packet, err := enc.Encode(nil, voicelike(960, 1))
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]float32, 5760)
	if n, err := dec.Decode(pcm[:480], packet); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("20 ms fitted into 10: %d samples, %v", n, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, channels := range []int{-1, 0, 3} {
		if _, err := opus.NewEncoder(channels, 0); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("encoder of %d channels: %v", channels, err)
		}
		if _, err := opus.NewDecoder(channels); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("decoder of %d channels: %v", channels, err)
		}
	}
	enc, dec := newPair(t, 2, 0)
	for _, bitrate := range []int{-1, 0, voiceapp.MinBitrate - 1, voiceapp.MaxBitrate + 1} {
		if err := enc.SetBitrate(bitrate); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("bitrate %d: %v", bitrate, err)
		}
	}
	for _, size := range []int{0, 1, 120, 959, 961, 11_520} {
		if _, err := enc.Encode(nil, make([]float32, size)); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("frame of %d: %v", size, err)
		}
	}
	for _, pcm := range [][]float32{nil, {}, make([]float32, 3)} {
		if _, err := dec.Decode(pcm, []byte{0xf8}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("decode into %d: %v", len(pcm), err)
		}
		if err := dec.Conceal(pcm); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("conceal %d: %v", len(pcm), err)
		}
	}
	if _, err := dec.Decode(make([]float32, 960), nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("empty payload: %v", err)
	}
}

// TestGarbage feeds what an attacker in the channel can: any bytes. The decoder
// must stay whole and go on decoding.
func TestGarbage(t *testing.T) {
	enc, dec := newPair(t, 1, 64_000)
	rng := rand.New(rand.NewPCG(7, 7))
	pcm, payload := make([]float32, 5760), make([]byte, opus.MaxPacket)
	for range 20_000 {
		garbage := payload[:1+rng.IntN(200)]
		for i := range garbage {
			garbage[i] = byte(rng.Uint32())
		}
		n, err := dec.Decode(pcm, garbage)
		if n < 0 || n > 5760 || err != nil && !errors.Is(err, voiceapp.Invalid) {
			t.Fatalf("%x: %d, %v", garbage, n, err)
		}
	}
	packet, err := enc.Encode(nil, voicelike(960, 1))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := dec.Decode(pcm, packet); n != 960 || err != nil {
		t.Errorf("after garbage: %d, %v", n, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xf8, 0xff, 0xfe})
	f.Add([]byte{0x03, 0x3f, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, dec := newPair(t, 2, 0)
		pcm := make([]float32, 5760*2)
		if n, err := dec.Decode(pcm, payload); n < 0 || n > 5760 || err != nil && n != 0 {
			t.Fatalf("%d, %v", n, err)
		}
		if err := dec.Conceal(pcm[:960]); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	enc, _ := newPair(b, 1, 64_000)
	pcm, dst := voicelike(opus.SampleRate, 1), make([]byte, 0, opus.MaxPacket)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		from := i % 50 * 960
		if _, err := enc.Encode(dst, pcm[from:from+960]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	enc, dec := newPair(b, 1, 64_000)
	said, pcm := voicelike(opus.SampleRate, 1), make([]float32, 5760)
	var packets [50][]byte
	for i := range packets {
		packets[i], _ = enc.Encode(nil, said[i*960:(i+1)*960])
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := dec.Decode(pcm, packets[i%50]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSetLossRefuses(t *testing.T) {
	enc, dec := newPair(t, 1, 24_000)
	for _, percent := range []int{-1, 101} {
		if err := enc.SetLoss(percent); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%d %%: %v", percent, err)
		}
	}
	packet, err := enc.Encode(nil, voicelike(960, 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]error{
		"no packet":  dec.DecodeFEC(make([]float32, 960), nil),
		"no samples": dec.DecodeFEC(nil, packet),
		"7 samples":  dec.DecodeFEC(make([]float32, 7), packet),
		"too long":   dec.DecodeFEC(make([]float32, 5761), packet),
		"a zero one": new(opus.Decoder).DecodeFEC(make([]float32, 960), packet),
	} {
		if !errors.Is(try, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, try)
		}
	}
	if err := dec.DecodeFEC(make([]float32, 960), packet); err != nil {
		t.Errorf("a packet without FEC: %v", err)
	}
}

// What a packet holds of the one before it is the lost frame, at its place, and not a
// sample beyond it is written.
func TestFECDecodesExactlyTheLostFrame(t *testing.T) {
	for _, channels := range []int{1, 2} {
		enc, dec := newPair(t, channels, 24_000*channels)
		if err := enc.SetLoss(20); err != nil {
			t.Fatal(err)
		}
		said, size := voicelike(opus.SampleRate, channels), 960*channels
		clear(said[:20*size]) // so that what came before gives nothing away
		packets := make([][]byte, len(said)/size)
		for i := range packets {
			packets[i], _ = enc.Encode(nil, said[i*size:][:size])
		}
		room := make([]float32, 5760*channels)
		for i, packet := range packets[:20] {
			if _, err := dec.Decode(room, packet); err != nil {
				t.Fatalf("packet %d: %v", i, err)
			}
		}
		for i := range room {
			room[i] = 9
		}
		if err := dec.DecodeFEC(room[:size], packets[21]); err != nil {
			t.Fatal(err)
		}
		if c := correlation(said[20*size-lookAhead*channels:], room[:size]); !(c > 0.9) {
			t.Errorf("%d channels: the lost frame has a correlation of %.3f with what was said", channels, c)
		}
		for i, x := range room[size:] {
			if x != 9 {
				t.Fatalf("%d channels: sample %d behind the frame is %v", channels, i, x)
			}
		}
	}
}
