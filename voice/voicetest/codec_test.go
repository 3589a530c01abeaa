package voicetest_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// pcmCodec is the simplest codec that keeps the contract: a sample is a number of
// 16 bits, or, at low bitrates, each fourth is. A packet begins with how many
// samples it stands for, and how far apart they are.
type pcmCodec struct {
	channels int
	coarse   bool
	last     float32
}

var errFrame = errors.New("not a frame")

func (c *pcmCodec) SetBitrate(bitsPerSecond int) error {
	c.coarse = bitsPerSecond < 32000*c.channels
	return nil
}

func (c *pcmCodec) Encode(dst []byte, pcm []float32) ([]byte, error) {
	switch len(pcm) {
	case 480 * c.channels, 960 * c.channels, 1920 * c.channels, 2880 * c.channels:
	default:
		return dst, errFrame
	}
	step := 1
	if c.coarse {
		step = 4
	}
	dst = append(binary.BigEndian.AppendUint16(dst, uint16(len(pcm))), byte(step))
	for i := 0; i < len(pcm); i += step {
		dst = binary.BigEndian.AppendUint16(dst, uint16(int16(32767*min(max(pcm[i], -1), 1))))
	}
	return dst, nil
}

func (c *pcmCodec) Decode(pcm []float32, payload []byte) (int, error) {
	if len(payload) < 3 || payload[2] != 1 && payload[2] != 4 {
		return 0, errFrame
	}
	n, step := int(binary.BigEndian.Uint16(payload)), int(payload[2])
	if n > len(pcm) || n%step != 0 || len(payload) != 3+2*(n/step) {
		return 0, errFrame
	}
	for i := range pcm[:n] {
		pcm[i] = float32(int16(binary.BigEndian.Uint16(payload[3+2*(i/step):]))) / 32767
		c.last = max(c.last*0.999, float32(math.Abs(float64(pcm[i]))))
	}
	return n / c.channels, nil
}

func (c *pcmCodec) Conceal(pcm []float32) error {
	for i := range pcm {
		pcm[i] = c.last * float32(1-i%3)
		c.last *= 0.9999
	}
	return nil
}

func (c *pcmCodec) DecodeFEC(pcm []float32, _ []byte) error { return c.Conceal(pcm) }

func pcmCodecs() voice.Codec {
	return voice.NewCodec(
		func(channels, bitrate int) (*pcmCodec, error) {
			c := &pcmCodec{channels: channels}
			return c, c.SetBitrate(bitrate)
		},
		func(channels int) (*pcmCodec, error) { return &pcmCodec{channels: channels}, nil },
	)
}

func TestCodecContract(t *testing.T) { voicetest.TestCodec(t, pcmCodecs()) }

// broken is a codec with one fault.
type broken struct {
	pcmCodec
	encode  func(c *pcmCodec, dst []byte, pcm []float32) ([]byte, error)
	decode  func(c *pcmCodec, pcm []float32, payload []byte) (int, error)
	conceal func(c *pcmCodec, pcm []float32) error
	fec     func(c *pcmCodec, pcm []float32) error
	bitrate func(c *pcmCodec) error
}

func (b *broken) Encode(dst []byte, pcm []float32) ([]byte, error) {
	if b.encode == nil {
		return b.pcmCodec.Encode(dst, pcm)
	}
	return b.encode(&b.pcmCodec, dst, pcm)
}

func (b *broken) Decode(pcm []float32, payload []byte) (int, error) {
	if b.decode == nil {
		return b.pcmCodec.Decode(pcm, payload)
	}
	return b.decode(&b.pcmCodec, pcm, payload)
}

func (b *broken) Conceal(pcm []float32) error {
	if b.conceal == nil {
		return b.pcmCodec.Conceal(pcm)
	}
	return b.conceal(&b.pcmCodec, pcm)
}

func (b *broken) DecodeFEC(pcm []float32, next []byte) error {
	if b.fec == nil {
		return b.pcmCodec.DecodeFEC(pcm, next)
	}
	return b.fec(&b.pcmCodec, pcm)
}

// SetLoss does nothing: packets hold nothing of the ones before.
func (*broken) SetLoss(int) error { return nil }

func (b *broken) SetBitrate(bitsPerSecond int) error {
	if b.bitrate == nil {
		return b.pcmCodec.SetBitrate(bitsPerSecond)
	}
	return b.bitrate(&b.pcmCodec)
}

func TestCodecContractFindsFaults(t *testing.T) {
	for name, test := range map[string]struct {
		check string
		fault broken
	}{
		"a quieter copy": {"20 ms", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			n, err := c.Decode(pcm, payload)
			for i := range pcm {
				pcm[i] /= 2
			}
			return n, err
		}}},
		"noise": {"60 ms", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			n, err := c.Decode(pcm, payload)
			for i := range pcm {
				pcm[i] += float32(i*i*7919%101-50) / 300
			}
			return n, err
		}}},
		"mono where it should be stereo": {"40 ms", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			n, err := c.Decode(pcm, payload)
			for i := 1; i < len(pcm); i += 2 {
				pcm[i] = pcm[i-1]
			}
			return n, err
		}}},
		"counts all channels": {"10 ms", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			n, err := c.Decode(pcm, payload)
			return n * c.channels, err
		}}},
		"overwrites dst": {"10 ms", broken{encode: func(c *pcmCodec, dst []byte, pcm []float32) ([]byte, error) {
			return c.Encode(dst[:0], pcm)
		}}},
		"encodes in place": {"10 ms", broken{encode: func(c *pcmCodec, dst []byte, pcm []float32) ([]byte, error) {
			defer clear(pcm)
			return c.Encode(dst, pcm)
		}}},
		"takes any length": {"other lengths", broken{encode: func(c *pcmCodec, dst []byte, pcm []float32) ([]byte, error) {
			return c.Encode(dst, make([]float32, 960*c.channels))
		}}},
		"ignores the bitrate": {"bitrate", broken{bitrate: func(*pcmCodec) error { return nil }}},
		"refuses the bitrate": {"bitrate", broken{bitrate: func(*pcmCodec) error { return errFrame }}},
		"writes up to cap": {"short buffer", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			return c.Decode(pcm[:cap(pcm)], payload)
		}}},
		"conceals up to cap":  {"conceal", broken{conceal: func(c *pcmCodec, pcm []float32) error { return c.Conceal(pcm[:cap(pcm)]) }}},
		"conceals half":       {"conceal", broken{conceal: func(c *pcmCodec, pcm []float32) error { return c.Conceal(pcm[:len(pcm)/2]) }}},
		"conceals by silence": {"conceal", broken{conceal: func(_ *pcmCodec, pcm []float32) error { clear(pcm); return nil }}},
		"never fades":         {"conceal", broken{conceal: func(c *pcmCodec, pcm []float32) error { return drone(pcm, c.last) }}},
		"drones from nothing": {"nothing decoded yet", broken{conceal: func(_ *pcmCodec, pcm []float32) error { return drone(pcm, 0.1) }}},
		"recovers up to cap":  {"FEC", broken{fec: func(c *pcmCodec, pcm []float32) error { return c.Conceal(pcm[:cap(pcm)]) }}},
		"recovers nothing":    {"FEC", broken{fec: func(_ *pcmCodec, pcm []float32) error { clear(pcm); return nil }}},
		"refuses to recover":  {"FEC", broken{fec: func(*pcmCodec, []float32) error { return errFrame }}},
		"accepts no payload":  {"garbage", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) { return max(0, len(payload)), nil }}},
		"claims more than fit": {"garbage", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			if len(payload) == 0 {
				return 0, errFrame
			}
			return len(pcm) + 1, nil
		}}},
		"changes the payload": {"garbage", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			if len(payload) > 0 {
				payload[0]++
			}
			return 0, errFrame
		}}},
		"does not recover": {"garbage", broken{decode: func(c *pcmCodec, pcm []float32, payload []byte) (int, error) {
			n, err := c.Decode(pcm, payload)
			if c.coarse = c.coarse || err != nil; c.coarse {
				return 0, errFrame
			}
			return n, err
		}}},
	} {
		codec := voice.NewCodec(
			func(channels, bitrate int) (*broken, error) {
				b := test.fault
				b.channels = channels
				return &b, b.SetBitrate(bitrate)
			},
			func(channels int) (*broken, error) {
				b := test.fault
				b.channels = channels
				return &b, nil
			},
		)
		if err := voicetest.CodecCheck(codec, 2, test.check); err == nil {
			t.Errorf("%s: the check %q finds nothing wrong", name, test.check)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

// A codec that is not there is a finding in words, not a crash.
func TestCodecContractWithoutACodec(t *testing.T) {
	for name, codec := range map[string]voice.Codec{
		"nil":             nil,
		"no constructors": voice.NewCodec[*pcmCodec, *pcmCodec](nil, nil),
		"nil encoders": voice.NewCodec(
			func(int, int) (*pcmCodec, error) { return nil, nil },
			func(int) (*pcmCodec, error) { return &pcmCodec{}, nil },
		),
		"nil decoders": voice.NewCodec(
			func(int, int) (*pcmCodec, error) { return &pcmCodec{}, nil },
			func(int) (*pcmCodec, error) { return nil, nil },
		),
	} {
		if err := voicetest.CodecCheck(codec, 1, "20 ms"); err == nil {
			t.Errorf("%s: nothing is found wrong", name)
		}
	}
}

func drone(pcm []float32, amplitude float32) error {
	for i := range pcm {
		pcm[i] = amplitude * float32(1-i%3)
	}
	return nil
}

func TestSpeech(t *testing.T) {
	mono, stereo := voicetest.Speech(2*time.Second, 1), voicetest.Speech(2*time.Second, 2)
	if len(mono) != 96000 || len(stereo) != 192000 {
		t.Fatalf("%d and %d samples", len(mono), len(stereo))
	}
	var peak float32
	for i, v := range mono {
		if stereo[2*i] != v || stereo[2*i+1] != v/2 {
			t.Fatalf("sample %d: %v in mono, %v in stereo", i, v, stereo[2*i:2*i+2])
		}
		peak = max(peak, v, -v)
	}
	if level := dsp.Level(mono); level < 12 || level > 30 || peak > 0.9 || peak < 0.3 {
		t.Errorf("level -%d dBov, peak %v", level, peak)
	}
}
