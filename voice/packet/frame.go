package packet

import (
	"encoding/binary"

	"github.com/voiceapp-sdk/voiceapp"
)

// Kind says what a frame is. Receivers skip the kinds that they don't know.
type Kind uint8

// The kinds.
const (
	KindAudio       Kind = 1
	KindProbe       Kind = 2
	KindProbeAnswer Kind = 3 // the body of the probe, sent back
	KindReport      Kind = 4
)

// FrameHeaderSize is what each frame begins with: kind and length of the body.
const FrameHeaderSize = 3

// Next splits the first frame off what a datagram held. body and rest are parts
// of frames, not copies; no frame is left when rest is empty. The error is
// [ErrFrame] when a length runs past the end.
func Next(frames []byte) (kind Kind, body, rest []byte, err error) {
	if len(frames) < FrameHeaderSize {
		return 0, nil, nil, ErrFrame
	}
	end := FrameHeaderSize + int(binary.BigEndian.Uint16(frames[1:]))
	if end > len(frames) {
		return 0, nil, nil, ErrFrame
	}
	return Kind(frames[0]), frames[FrameHeaderSize:end:end], frames[end:], nil
}

func appendFrameHeader(b []byte, kind Kind, size int) []byte {
	return binary.BigEndian.AppendUint16(append(b, byte(kind)), uint16(size))
}

// Flags of an audio frame.
type Flags uint8

// The flags.
const (
	FlagEnd       Flags = 1 << 0 // the last frame of a talk spurt
	FlagRedundant Flags = 1 << 1 // a copy of a frame that was sent before
	FlagWhisper   Flags = 1 << 2 // sent to a whisper target, not to the channel
	FlagPriority  Flags = 1 << 3 // from the server: the others are to be turned down
)

// AudioHeaderSize is what an audio frame's body begins with, before the payload.
const AudioHeaderSize = 12

// MaxPayload is the largest payload of an audio frame that is alone in its
// datagram.
const MaxPayload = MaxFrames - FrameHeaderSize - AudioHeaderSize

// SilentLevel is the level of digital silence.
const SilentLevel = 127

// Audio is one codec frame of one speaker.
type Audio struct {
	// Speaker is, from the server, the speaking session; to the server, the
	// target slot: 0 the channel, 1 to 30 a whisper target.
	Speaker   uint32
	Sequence  uint16 // one more for each frame sent, wraps
	MediaTime uint32 // when the frame's first sample was taken, in 48 kHz samples, wraps
	Level     uint8  // loudness in -dBov: 0 the loudest, 127 silence (RFC 6464)
	Flags     Flags
	Payload   []byte // Opus; empty only together with FlagEnd
}

// Size is how many bytes AppendTo adds.
func (a *Audio) Size() int { return FrameHeaderSize + AudioHeaderSize + len(a.Payload) }

// AppendTo appends the frame, with its frame header, to b. The payload is copied;
// it has at most [MaxPayload] bytes.
func (a *Audio) AppendTo(b []byte) []byte {
	b = appendFrameHeader(b, KindAudio, AudioHeaderSize+len(a.Payload))
	b = binary.BigEndian.AppendUint32(b, a.Speaker)
	b = binary.BigEndian.AppendUint16(b, a.Sequence)
	b = binary.BigEndian.AppendUint32(b, a.MediaTime)
	b = append(b, a.Level, byte(a.Flags))
	return append(b, a.Payload...)
}

// ParseAudio reads the body of an audio frame. Payload is a part of body, not a
// copy. The error is [ErrFrame].
func ParseAudio(body []byte) (Audio, error) {
	if len(body) < AudioHeaderSize || len(body) > AudioHeaderSize+MaxPayload || body[10] > SilentLevel {
		return Audio{}, ErrFrame
	}
	a := Audio{
		Speaker:   binary.BigEndian.Uint32(body),
		Sequence:  binary.BigEndian.Uint16(body[4:]),
		MediaTime: binary.BigEndian.Uint32(body[6:]),
		Level:     body[10],
		Flags:     Flags(body[11]),
		Payload:   body[AudioHeaderSize:],
	}
	if len(a.Payload) == 0 && a.Flags&FlagEnd == 0 {
		return Audio{}, ErrFrame
	}
	return a, nil
}

// StampSpeaker writes the speaker into the body of an audio frame, one that
// [ParseAudio] has accepted: what the relay does to each before it passes it on.
func StampSpeaker(body []byte, speaker voiceapp.SessionID) {
	binary.BigEndian.PutUint32(body, uint32(speaker))
}

// StampFlags sets and clears flags in the body of an audio frame, one that
// [ParseAudio] has accepted: those of which the relay has the last word.
func StampFlags(body []byte, set, clear Flags) {
	body[11] = body[11]&^byte(clear) | byte(set)
}

// ProbeSize is the size of a probe's body.
const ProbeSize = 8

// Probe asks the other side for an answer of the same size.
type Probe struct {
	Kind Kind   // KindProbe or KindProbeAnswer
	Sent uint64 // the asker's clock in nanoseconds; means nothing to the answerer
}

// AppendTo appends the frame, with its frame header, to b.
func (p Probe) AppendTo(b []byte) []byte {
	return binary.BigEndian.AppendUint64(appendFrameHeader(b, p.Kind, ProbeSize), p.Sent)
}

// ParseProbe reads the body of a probe or an answer. The error is [ErrFrame].
func ParseProbe(kind Kind, body []byte) (Probe, error) {
	if len(body) != ProbeSize {
		return Probe{}, ErrFrame
	}
	return Probe{Kind: kind, Sent: binary.BigEndian.Uint64(body)}, nil
}

// ReportSize is the size of a report's body.
const ReportSize = 24

// Report tells the sender of datagrams what became of them, since the key was
// first used.
type Report struct {
	Highest  uint64 // the highest counter received
	Received uint64 // how many different datagrams were received
	Jitter   uint32 // interarrival jitter (RFC 3550, section 6.4.1) in 48 kHz samples
	Late     uint32 // audio frames that came too late to be played
}

// AppendTo appends the frame, with its frame header, to b.
func (r Report) AppendTo(b []byte) []byte {
	b = appendFrameHeader(b, KindReport, ReportSize)
	b = binary.BigEndian.AppendUint64(b, r.Highest)
	b = binary.BigEndian.AppendUint64(b, r.Received)
	b = binary.BigEndian.AppendUint32(b, r.Jitter)
	return binary.BigEndian.AppendUint32(b, r.Late)
}

// ParseReport reads the body of a receiver report. The error is [ErrFrame].
func ParseReport(body []byte) (Report, error) {
	if len(body) != ReportSize {
		return Report{}, ErrFrame
	}
	return Report{
		Highest:  binary.BigEndian.Uint64(body),
		Received: binary.BigEndian.Uint64(body[8:]),
		Jitter:   binary.BigEndian.Uint32(body[16:]),
		Late:     binary.BigEndian.Uint32(body[20:]),
	}, nil
}
