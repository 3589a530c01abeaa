package voice

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
)

// SampleRate is the rate of all PCM in this package, in Hz. PCM is interleaved
// float32 within [-1,1].
const SampleRate = jitter.SampleRate

const samplesPerMs = SampleRate / 1000

// Codec makes the encoders and decoders of a session. Its packets are Opus
// packets: their first bytes tell their duration.
type Codec interface {
	// NewEncoder returns an encoder for 1 or 2 channels at a mean rate in bits a
	// second.
	NewEncoder(channels, bitrate int) (Encoder, error)

	// NewDecoder returns a decoder that gives 1 or 2 channels, whatever the
	// packets hold.
	NewDecoder(channels int) (Decoder, error)
}

// Encoder encodes one stream. It is used by one goroutine at a time. voicetest
// checks its outcomes.
type Encoder interface {
	// Encode appends one frame of 10, 20, 40 or 60 ms, as one packet, to dst. pcm
	// is interleaved and only read; neither slice is kept.
	//
	//	1  the result is dst with at least one byte more, nil
	//	2  pcm has another length: dst as it was, an error
	Encode(dst []byte, pcm []float32) ([]byte, error)

	// SetBitrate sets the mean rate from the next frame on.
	//
	//	3  nil: packets are of the new size from now on
	//	4  the rate is out of range: an error, and the old rate stays
	SetBitrate(bitsPerSecond int) error
}

// LossEncoder is what an [Encoder] may also be: one whose packets can hold what
// helps to make up for the one before (in-band FEC).
type LossEncoder interface {
	Encoder

	// SetLoss says what share of the packets is lost, in percent, from the next
	// frame on. 0: nothing is to be spent on it.
	SetLoss(percent int) error
}

// Decoder decodes one stream. It is used by one goroutine at a time. voicetest
// checks its outcomes.
type Decoder interface {
	// Decode writes a packet's PCM to the beginning of pcm, and nothing behind
	// len(pcm). 120 ms of room are always enough. payload is only read; neither
	// slice is kept.
	//
	//	1  n samples per channel were written, nil
	//	2  payload is empty or no packet, or pcm is too short: an error; what pcm
	//	   holds means nothing, and the decoder goes on
	Decode(pcm []float32, payload []byte) (samplesPerChannel int, err error)

	// Conceal stands in for a packet that is missing and lasted exactly as long
	// as pcm, which may be any length.
	//
	//	3  all of pcm is filled, nil
	//	4  an error, and what pcm holds means nothing
	Conceal(pcm []float32) error
}

// FECDecoder is what a [Decoder] may also be: one that makes up for a lost packet by
// what the one after it holds (in-band FEC).
type FECDecoder interface {
	Decoder

	// DecodeFEC fills pcm, which is as long as the lost packet lasted, by what the next
	// packet holds of it; nothing behind len(pcm) is written. The next packet is decoded
	// afterwards. An error: what pcm holds means nothing, and the decoder goes on.
	DecodeFEC(pcm []float32, next []byte) error
}

// NewCodec makes a [Codec] of the constructors of an encoder and a decoder:
//
//	voice.NewCodec(opus.NewEncoder, opus.NewDecoder)
//
// Where a constructor is nil, the method that would call it returns
// [voiceapp.Invalid].
func NewCodec[E Encoder, D Decoder](encoder func(channels, bitrate int) (E, error), decoder func(channels int) (D, error)) Codec {
	return codec[E, D]{encoder, decoder}
}

type codec[E Encoder, D Decoder] struct {
	encoder func(channels, bitrate int) (E, error)
	decoder func(channels int) (D, error)
}

func (c codec[E, D]) NewEncoder(channels, bitrate int) (Encoder, error) {
	if c.encoder == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "voice: NewCodec was given no constructor of encoders")
	}
	e, err := c.encoder(channels, bitrate)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (c codec[E, D]) NewDecoder(channels int) (Decoder, error) {
	if c.decoder == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "voice: NewCodec was given no constructor of decoders")
	}
	d, err := c.decoder(channels)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func toSamples(d time.Duration) int64 {
	return int64(d) * (SampleRate / 1000) / int64(time.Millisecond)
}

func toDuration(samples int64) time.Duration {
	return time.Duration(samples) * time.Millisecond / samplesPerMs
}
