package jitter

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// SampleRate is the rate of all sample counts, in Hz.
const SampleRate = 48_000

// MaxSamples is the longest frame, 120 ms, in samples per channel.
const MaxSamples = packet.MaxSamples

const samplesPerMs = SampleRate / 1000

// Samples returns the duration of an Opus packet, see [packet.Samples].
func Samples(payload []byte) (samples int, ok bool) { return packet.Samples(payload) }

// toSamples converts a time to samples, to the nearest one.
func toSamples(d time.Duration) int64 {
	const perSample = time.Second / 16_000 // three samples
	whole, part := int64(d/perSample), int64(d%perSample)
	return 3*whole + (3*part+int64(perSample)/2)/int64(perSample)
}

// toDuration converts samples to a time.
func toDuration(samples int64) time.Duration {
	return time.Duration(samples/SampleRate)*time.Second + time.Duration(samples%SampleRate)*time.Second/SampleRate
}
