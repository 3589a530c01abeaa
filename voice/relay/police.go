package relay

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// What a session may send; voice/PROTOCOL.md, section 7, says it to clients.
const (
	policeBurst   = 500 * time.Millisecond // so much traffic may come at once, after a stall of the path
	frameRate     = 120                    // frames a second, each counted once: 10 ms each, and 20 %
	copyRate      = 2 * frameRate          // copies a second
	datagramShare = 3                      // datagram bytes, as a multiple of what a plain sender needs

	framing = packet.Overhead + packet.FrameHeaderSize + packet.AudioHeaderSize
)

// payloadRate is how many bytes of payload a second a bitrate allows: it and
// 20 %.
func payloadRate(bitrate int) int { return bitrate / 8 * 6 / 5 }

// datagramRate is how many bytes of datagrams a second a bitrate allows. A
// session that is nowhere has none, but it may probe.
func datagramRate(bitrate int) int {
	return datagramShare * (payloadRate(max(bitrate, voiceapp.MinBitrate)) + frameRate*framing)
}

// police holds one session to its rates. The zero value has seen nothing. Time
// is handed in and never goes back.
type police struct {
	datagrams, frames, copies, payload meter
}

// datagram reports whether a datagram of that size may pass.
func (p *police) datagram(now time.Duration, size, bitrate int) bool {
	return p.datagrams.take(now, size, datagramRate(bitrate))
}

// audio returns taken, or why the frame may not pass. A copy of a frame that was lost is
// that frame.
func (p *police) audio(now time.Duration, a *packet.Audio, is novelty, bitrate int) counter {
	switch {
	case a.Flags&packet.FlagRedundant != 0 && !p.copies.take(now, 1, copyRate):
		return dropCopies
	case is == repeated:
		return dropRepeated
	case !p.frames.take(now, 1, frameRate):
		return dropFrameRate
	case !p.payload.take(now, len(a.Payload), payloadRate(bitrate)):
		return dropBitrate
	}
	return taken
}

// meter is a token bucket: the time up to which what has passed is paid for.
type meter time.Duration

// take reports whether units more fit at a rate of units a second, and counts
// them when they do.
func (m *meter) take(now time.Duration, units, rate int) bool {
	paid := max(time.Duration(*m), now) + time.Duration(units)*time.Second/time.Duration(rate)
	if paid-now > policeBurst {
		return false
	}
	*m = meter(paid)
	return true
}
