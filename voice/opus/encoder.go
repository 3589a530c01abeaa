//go:build cgo

package opus

import (
	"slices"

	libopus "github.com/hraban/opus"

	"github.com/voiceapp-sdk/voiceapp"
)

// lossTold is the share of lost packets that libopus is told of, in percent, however
// many are lost. Below 8, packets at 24 kbit/s hold no FEC; from 12 on, it takes away from
// the packet itself, and what it makes up is no better.
const lossTold = 10

// complexity is libopus's own default: about 200 us for 20 ms, half of that at 5.
const complexity = 9

var (
	errFrame     = voiceapp.NewError(voiceapp.Invalid, "opus: a frame has 10, 20, 40 or 60 ms")
	errNoEncoder = voiceapp.NewError(voiceapp.Invalid, "opus: a zero Encoder does not work: make one with NewEncoder")
)

// Encoder encodes one stream. Make one with [NewEncoder]; the methods of a zero one
// return [voiceapp.Invalid]. It is not safe for concurrent use.
type Encoder struct {
	enc      *libopus.Encoder
	channels int
}

// NewEncoder returns an encoder for interleaved PCM of 1 or 2 channels at a mean
// rate in bits a second (0: [voiceapp.DefaultBitrate]). The errors are
// [voiceapp.Invalid], and [voiceapp.Unavailable] in a build without cgo.
func NewEncoder(channels, bitrate int) (*Encoder, error) {
	if err := checkChannels(channels); err != nil {
		return nil, err
	}
	enc, err := libopus.NewEncoder(SampleRate, channels, libopus.AppAudio)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Internal, "opus: no encoder", err)
	}
	if err := enc.SetComplexity(complexity); err != nil {
		return nil, voiceapp.WrapError(voiceapp.Internal, "opus: complexity", err)
	}
	e := &Encoder{enc: enc, channels: channels}
	if bitrate == 0 {
		bitrate = voiceapp.DefaultBitrate
	}
	return e, e.SetBitrate(bitrate)
}

// SetBitrate sets the mean rate from the next frame on. The error is
// [voiceapp.Invalid].
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if err := checkBitrate(bitsPerSecond); err != nil {
		return err
	}
	if e.enc == nil {
		return errNoEncoder
	}
	if err := e.enc.SetBitrate(bitsPerSecond); err != nil {
		return voiceapp.WrapError(voiceapp.Internal, "opus: bitrate", err)
	}
	return nil
}

// SetLoss says what share of the packets is lost, in percent, from the next frame on.
// Packets with speech then hold what stands in for the one before (in-band FEC), from 18
// kbit/s on, within the same rate, as much for any share; 0 ends that. The error is
// [voiceapp.Invalid].
func (e *Encoder) SetLoss(percent int) error {
	if err := checkLoss(percent); err != nil {
		return err
	}
	if e.enc == nil {
		return errNoEncoder
	}
	told := 0
	if percent > 0 {
		told = lossTold
	}
	err := e.enc.SetInBandFEC(told > 0)
	if err == nil {
		err = e.enc.SetPacketLossPerc(told)
	}
	if err != nil {
		return voiceapp.WrapError(voiceapp.Internal, "opus: loss", err)
	}
	return nil
}

// Encode appends one frame, as one packet, to dst and returns the result. pcm is
// interleaved, within [-1,1], and 10, 20, 40 or 60 ms long: another length is
// [voiceapp.Invalid]. It is only read. Nothing is allocated when dst has
// [MaxPacket] bytes to spare.
func (e *Encoder) Encode(dst []byte, pcm []float32) ([]byte, error) {
	if e.enc == nil {
		return dst, errNoEncoder
	}
	switch len(pcm) * 100 {
	case 1 * SampleRate * e.channels, 2 * SampleRate * e.channels, 4 * SampleRate * e.channels, 6 * SampleRate * e.channels:
	default:
		return dst, errFrame
	}
	start := len(dst)
	dst = slices.Grow(dst, MaxPacket)
	n, err := e.enc.EncodeFloat32(pcm, dst[start:start+MaxPacket:start+MaxPacket])
	if err != nil {
		return dst[:start], voiceapp.WrapError(voiceapp.Internal, "opus: encode", err)
	}
	return dst[:start+n], nil
}
