//go:build cgo

package opus

import (
	libopus "github.com/hraban/opus"

	"github.com/voiceapp-sdk/voiceapp"
)

const maxSamples = SampleRate * 120 / 1000 // of a packet, per channel

// concealStep is the unit of concealment: 2.5 ms, in samples per channel.
const concealStep = SampleRate / 400

var (
	errPacket    = voiceapp.NewError(voiceapp.Invalid, "opus: not an Opus packet")
	errNoDecoder = voiceapp.NewError(voiceapp.Invalid, "opus: a zero Decoder does not work: make one with NewDecoder")
	errSpace     = voiceapp.NewError(voiceapp.Invalid, "opus: the PCM slice is empty, or no multiple of the channels")
)

// Decoder decodes one stream. Make one with [NewDecoder]; the methods of a zero one
// return [voiceapp.Invalid]. It is not safe for concurrent use.
type Decoder struct {
	dec      *libopus.Decoder
	channels int
	spare    [2 * concealStep]float32 // for the end of an odd length
}

// NewDecoder returns a decoder that gives interleaved PCM of 1 or 2 channels,
// whatever the packets hold. The errors are [voiceapp.Invalid], and
// [voiceapp.Unavailable] in a build without cgo.
func NewDecoder(channels int) (*Decoder, error) {
	if err := checkChannels(channels); err != nil {
		return nil, err
	}
	dec, err := libopus.NewDecoder(SampleRate, channels)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Internal, "opus: no decoder", err)
	}
	return &Decoder{dec: dec, channels: channels}, nil
}

// Decode writes a packet's PCM to the beginning of pcm and returns its length in
// samples per channel. 120 ms of room are always enough. The payload is only
// read. A payload that is no packet, or does not fit, is [voiceapp.Invalid]; the
// decoder stays fit for use.
func (d *Decoder) Decode(pcm []float32, payload []byte) (int, error) {
	if err := d.check(pcm); err != nil {
		return 0, err
	}
	if len(payload) == 0 {
		return 0, errPacket
	}
	room := min(len(pcm), maxSamples*d.channels)
	n, err := d.dec.DecodeFloat32(payload, pcm[:room:room])
	if err != nil {
		return 0, errPacket
	}
	return n, nil
}

// DecodeFEC fills pcm, which is as long as a lost packet lasted, by what the next
// packet holds of it (in-band FEC); where it holds nothing, by what might have been
// there. The next packet is to be decoded afterwards. A payload that is no packet, or a
// length that no packet has, is [voiceapp.Invalid]; the decoder stays fit for use.
func (d *Decoder) DecodeFEC(pcm []float32, next []byte) error {
	if err := d.check(pcm); err != nil {
		return err
	}
	if len(next) == 0 || len(pcm)%(concealStep*d.channels) != 0 || len(pcm) > maxSamples*d.channels {
		return errPacket
	}
	if d.dec.DecodeFECFloat32(next, pcm[:len(pcm):len(pcm)]) != nil {
		return errPacket
	}
	return nil
}

// Conceal fills pcm, of any length, with what might have followed the last
// packet.
func (d *Decoder) Conceal(pcm []float32) error {
	if err := d.check(pcm); err != nil {
		return err
	}
	step := concealStep * d.channels
	for len(pcm) >= step {
		n := min(len(pcm)/step*step, maxSamples*d.channels)
		if err := d.dec.DecodePLCFloat32(pcm[:n:n]); err != nil {
			return voiceapp.WrapError(voiceapp.Internal, "opus: conceal", err)
		}
		pcm = pcm[n:]
	}
	if len(pcm) == 0 {
		return nil
	}
	if err := d.dec.DecodePLCFloat32(d.spare[:step:step]); err != nil {
		return voiceapp.WrapError(voiceapp.Internal, "opus: conceal", err)
	}
	copy(pcm, d.spare[:])
	return nil
}

func (d *Decoder) check(pcm []float32) error {
	if d.dec == nil {
		return errNoDecoder
	}
	if len(pcm) == 0 || len(pcm)%d.channels != 0 {
		return errSpace
	}
	return nil
}
