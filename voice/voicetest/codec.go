package voicetest

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// TestCodec checks a codec as [voice.Join] takes it:
//
//	voicetest.TestCodec(t, voice.NewCodec(opus.NewEncoder, opus.NewDecoder))
//
// It fails unless the codec keeps to this:
//
//	Encode      1  10, 20, 40 or 60 ms: the packet is appended to dst, nil
//	            2  any other length: an error; dst is returned as it was
//	SetBitrate  3  packets are of the new size from the next on
//	Decode      4  n samples for each channel were written to pcm, nil
//	            5  pcm is too short, payload is empty or not a packet: an error
//	Conceal     6  all of pcm is filled: with more of the last sound, which fades
//	               by 15 dB in a second; silence where nothing has been decoded
//	DecodeFEC   7  all of pcm is filled with the sound of the lost packet; behind a
//	               [voice.LossEncoder] with a similarity of at least 0.85 where each
//	               third packet is lost (only of a [voice.FECDecoder])
//
// No input makes it panic, a decoder goes on after each error, nothing is
// written behind len(pcm), nothing is kept, and nothing allocates (not asserted
// under the race detector). What is decoded at 64 kbit/s for each channel has a
// similarity of at least 0.95 to what was encoded: with Opus that takes its
// application "audio", as "VoIP" turns the phase of low voices. It must not be
// called from a parallel test.
func TestCodec(t *testing.T, codec voice.Codec) {
	for _, channels := range []int{1, 2} {
		for _, check := range codecChecks {
			t.Run(fmt.Sprintf("%s, %d ch", check.name, channels), func(t *testing.T) {
				c, err := newPair(codec, channels)
				if err == nil {
					err = check.run(c)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

var codecChecks = []struct {
	name string
	run  func(*pair) error
}{
	{"10 ms", func(c *pair) error { return c.roundTrip(10 * time.Millisecond) }},
	{"20 ms", func(c *pair) error { return c.roundTrip(20 * time.Millisecond) }},
	{"40 ms", func(c *pair) error { return c.roundTrip(40 * time.Millisecond) }},
	{"60 ms", func(c *pair) error { return c.roundTrip(60 * time.Millisecond) }},
	{"other lengths", (*pair).otherLengths},
	{"bitrate", (*pair).bitrate},
	{"short buffer", (*pair).shortBuffer},
	{"garbage", (*pair).garbage},
	{"conceal", (*pair).conceal},
	{"nothing decoded yet", (*pair).concealFirst},
	{"FEC", (*pair).fec},
	{"allocations", (*pair).allocations},
}

// pair is an encoder with its decoder.
type pair struct {
	voice.Encoder
	voice.Decoder
	channels int
}

func newPair(codec voice.Codec, channels int) (*pair, error) {
	if isNil(codec) {
		return nil, fmt.Errorf("there is no codec to test: it is nil")
	}
	encoder, err := codec.NewEncoder(channels, 64000*channels)
	if err != nil {
		return nil, fmt.Errorf("new encoder: %w", err)
	}
	if isNil(encoder) {
		return nil, fmt.Errorf("new encoder: nil came without an error")
	}
	decoder, err := codec.NewDecoder(channels)
	if err != nil {
		return nil, fmt.Errorf("new decoder: %w", err)
	}
	if isNil(decoder) {
		return nil, fmt.Errorf("new decoder: nil came without an error")
	}
	return &pair{encoder, decoder, channels}, nil
}

// isNil also reports a nil pointer that is in an interface.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// samples returns how many a duration has, all channels counted.
func (c *pair) samples(d time.Duration) int { return int(d*Rate/time.Second) * c.channels }

const frame = 20 * time.Millisecond

// transmit encodes and decodes pcm in frames of one size, and returns what comes
// out and the size of all packets.
func (c *pair) transmit(pcm []float32, size int) (heard []float32, bytes int, err error) {
	out := guarded(size)
	for ; len(pcm) >= size; pcm = pcm[size:] {
		packet, err := c.encode(pcm[:size])
		if err != nil {
			return nil, 0, err
		}
		bytes += len(packet)
		if err := c.decode(out, packet); err != nil {
			return nil, 0, err
		}
		heard = append(heard, out...)
	}
	return heard, bytes, nil
}

// encode checks what outcome 1 promises.
func (c *pair) encode(pcm []float32) ([]byte, error) {
	before := slices.Clone(pcm)
	dst, err := c.Encode([]byte("kept"), pcm)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encoding %d samples: %w", len(pcm), err)
	case !bytes.HasPrefix(dst, []byte("kept")):
		return nil, fmt.Errorf("encoding changed what dst held: %q", dst[:min(len(dst), 4)])
	case len(dst) == len("kept"):
		return nil, fmt.Errorf("%d samples were encoded to an empty packet", len(pcm))
	case !slices.Equal(before, pcm):
		return nil, fmt.Errorf("encoding changed pcm")
	}
	return dst[len("kept"):], nil
}

// decode checks what outcome 4 promises of a packet that fills out.
func (c *pair) decode(out []float32, packet []byte) error {
	n, err := c.Decode(out, packet)
	switch {
	case err != nil:
		return fmt.Errorf("decoding a packet of %d bytes: %w", len(packet), err)
	case n*c.channels != len(out):
		return fmt.Errorf("decoding %d samples for each channel: n is %d", len(out)/c.channels, n)
	}
	return sound(out)
}

func (c *pair) roundTrip(d time.Duration) error {
	said := Speech(2400*time.Millisecond, c.channels)
	heard, _, err := c.transmit(said, c.samples(d))
	if err != nil {
		return err
	}
	result, err := similarity.Compare(toCompare(said, c.channels), toCompare(heard, c.channels))
	if err != nil {
		return err
	}
	if result.Similarity < 0.95 || result.Missing > 0 || math.Abs(result.LevelDB) > 1.5 {
		return fmt.Errorf("what is heard is not what was said: %v", result)
	}
	return c.balance(heard)
}

// balance checks that the left channel of [Speech] is louder by 6 dB.
func (c *pair) balance(pcm []float32) error {
	if c.channels == 1 {
		return nil
	}
	var left, right []float32
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	if difference := int(dsp.Level(right)) - int(dsp.Level(left)); difference < 4 || difference > 8 {
		return fmt.Errorf("left is louder than right by %d dB, want 6", difference)
	}
	return nil
}

// toCompare returns pcm as similarity wants it.
func toCompare(pcm []float32, channels int) []float32 {
	r, err := dsp.NewResampler(Rate, similarity.Rate, 1)
	if err != nil {
		panic(err) // both rates are constants
	}
	return r.Flush(r.AppendTo(nil, dsp.Remix(nil, pcm, channels, 1)))
}

func (c *pair) otherLengths() error {
	for _, n := range []int{0, c.channels, c.samples(7 * time.Millisecond), c.samples(frame) - 1, c.samples(time.Second)} {
		dst, err := c.Encode([]byte("kept"), make([]float32, n))
		if err == nil || string(dst) != "kept" {
			return fmt.Errorf("encoding %d samples: a packet of %d bytes; want an error, and dst as it was", n, len(dst))
		}
	}
	_, _, err := c.transmit(Speech(time.Second, c.channels), c.samples(frame))
	return err
}

func (c *pair) bitrate() error {
	speech := Speech(2*time.Second, c.channels)
	var sizes []int
	for _, bitrate := range []int{64000, 16000, 64000} {
		if err := c.SetBitrate(bitrate * c.channels); err != nil {
			return fmt.Errorf("%d bit/s: %w", bitrate*c.channels, err)
		}
		_, size, err := c.transmit(speech, c.samples(frame))
		if err != nil {
			return err
		}
		sizes = append(sizes, size)
	}
	if sizes[1]*2 > sizes[0] || sizes[1]*2 > sizes[2] {
		return fmt.Errorf("two seconds at 64, 16 and 64 kbit/s a channel take %d bytes", sizes)
	}
	return nil
}

func (c *pair) shortBuffer() error {
	packet, err := c.encode(Speech(frame, c.channels))
	if err != nil {
		return err
	}
	for _, n := range []int{0, c.channels, c.samples(frame / 2), c.samples(frame) - c.channels} {
		out := guarded(n)
		if _, err := c.Decode(out, packet); err == nil {
			return fmt.Errorf("a frame of %d samples was decoded to a buffer of %d", c.samples(frame), n)
		}
		if err := untouched(out); err != nil {
			return err
		}
	}
	out := guarded(c.samples(2 * frame))
	n, err := c.Decode(out, packet)
	switch {
	case err != nil:
		return fmt.Errorf("decoding to a larger buffer: %w", err)
	case n*c.channels != c.samples(frame):
		return fmt.Errorf("decoding to a larger buffer: n is %d", n)
	}
	return untouched(out)
}

// garbage may, by chance, be a packet; then it makes some sound.
func (c *pair) garbage() error {
	out := guarded(c.samples(60 * time.Millisecond))
	if n, err := c.Decode(out, nil); err == nil {
		return fmt.Errorf("an empty payload was decoded to %d samples", n)
	}
	dice := rand.New(rand.NewPCG(2, 2))
	packet, err := c.encode(Speech(frame, c.channels))
	if err != nil {
		return err
	}
	for i := range 3000 {
		if err := c.survive(out, spoilt(packet, dice, i)); err != nil {
			return err
		}
	}
	if err := c.Conceal(out[:c.samples(frame)]); err != nil {
		return fmt.Errorf("concealment after garbage: %w", err)
	}
	return c.roundTrip(frame)
}

// spoilt returns the packet cut short, with some bits flipped, or bytes that it
// has nothing to do with.
func spoilt(packet []byte, dice *rand.Rand, i int) []byte {
	switch i % 3 {
	case 0:
		return packet[:dice.IntN(len(packet))]
	case 1:
		bad := slices.Clone(packet)
		for range 1 + dice.IntN(8) {
			bad[dice.IntN(len(bad))] ^= 1 << dice.IntN(8)
		}
		return bad
	default:
		bad := make([]byte, dice.IntN(1400))
		for k := range bad {
			bad[k] = byte(dice.Uint32())
		}
		return bad
	}
}

func (c *pair) survive(out []float32, payload []byte) error {
	before := slices.Clone(payload)
	n, err := c.Decode(out, payload)
	switch {
	case !bytes.Equal(before, payload):
		return fmt.Errorf("decoding changed the payload")
	case err != nil:
		return untouched(out)
	case n < 0 || n*c.channels > len(out):
		return fmt.Errorf("a payload of %d bytes was decoded to %d samples for each channel; there was room for %d",
			len(payload), n, len(out)/c.channels)
	}
	return untouched(out)
}

func (c *pair) conceal() error {
	said := Speech(time.Second, c.channels)
	heard, _, err := c.transmit(said[:c.samples(520*time.Millisecond)], c.samples(frame))
	if err != nil {
		return err
	}
	before := dsp.Level(heard[len(heard)-c.samples(2*frame):])
	var first, last uint8
	for i, d := range []time.Duration{10, 20, 40, 60, 10, 20, 20, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60} {
		out := guarded(c.samples(d * time.Millisecond))
		if err := c.Conceal(out); err != nil {
			return fmt.Errorf("concealing %d ms: %w", d, err)
		}
		if err := sound(out); err != nil {
			return err
		}
		if last = dsp.Level(out); i == 0 {
			first = last
		}
	}
	if first > before+12 || last < before+15 {
		return fmt.Errorf("-%d dBov, then, concealed, -%d dBov, and -%d dBov a second later", before, first, last)
	}
	return c.roundTrip(frame)
}

func (c *pair) concealFirst() error {
	out := guarded(c.samples(frame))
	if err := c.Conceal(out); err != nil {
		return err
	}
	if level := dsp.Level(out); level < 90 {
		return fmt.Errorf("concealed out of nothing: -%d dBov", level)
	}
	return untouched(out)
}

// fec lets each third packet be lost, and the next one stand in for it.
func (c *pair) fec() error {
	decoder, ok := c.Decoder.(voice.FECDecoder)
	if !ok {
		return nil
	}
	prepared, err := c.expectLoss()
	if err != nil {
		return err
	}
	said, size := Speech(3*time.Second, c.channels), c.samples(frame)
	var packets [][]byte
	for at := 0; at < len(said); at += size {
		packet, err := c.encode(said[at : at+size])
		if err != nil {
			return err
		}
		packets = append(packets, packet)
	}
	var heard []float32
	for i, packet := range packets {
		out := guarded(size)
		if i%3 == 1 && i+1 < len(packets) {
			err = recovered(decoder, out, packets[i+1])
		} else {
			err = c.decode(out, packet)
		}
		if err != nil {
			return err
		}
		heard = append(heard, out...)
	}
	result, err := similarity.Compare(toCompare(said, c.channels), toCompare(heard, c.channels))
	if err == nil && prepared && result.Similarity < 0.85 {
		err = fmt.Errorf("what the next packets hold of lost ones is not what was said: %v", result)
	}
	return err
}

// expectLoss reports whether packets hold from now on what stands in for the ones
// before.
func (c *pair) expectLoss() (prepared bool, err error) {
	if err := c.SetBitrate(24000 * c.channels); err != nil {
		return false, fmt.Errorf("%d bit/s: %w", 24000*c.channels, err)
	}
	encoder, ok := c.Encoder.(voice.LossEncoder)
	if !ok {
		return false, nil
	}
	if err := encoder.SetLoss(20); err != nil {
		return false, fmt.Errorf("a loss of 20 %%: %w", err)
	}
	return true, nil
}

// recovered checks what outcome 7 promises.
func recovered(decoder voice.FECDecoder, out []float32, next []byte) error {
	if err := decoder.DecodeFEC(out, next); err != nil {
		return fmt.Errorf("decoding what a packet of %d bytes holds of the one before: %w", len(next), err)
	}
	return sound(out)
}

func (c *pair) allocations() error {
	if raceDetector {
		return nil
	}
	pcm := Speech(frame, c.channels)
	packet := make([]byte, 0, 4096)
	out := guarded(len(pcm))
	var err error
	step := func(e error) {
		if err == nil {
			err = e
		}
	}
	n := testing.AllocsPerRun(50, func() {
		var e error
		packet, e = c.Encode(packet[:0], pcm)
		step(e)
		_, e = c.Decode(out, packet)
		step(e)
		step(c.Conceal(out))
	})
	if err == nil && n > 0 {
		err = fmt.Errorf("%v allocations for each frame", n)
	}
	return err
}
