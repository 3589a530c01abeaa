package packet

import (
	"encoding/binary"

	"github.com/voiceapp-sdk/voiceapp"
)

// Sizes in bytes.
const (
	HeaderSize = 12                   // session number and counter, in the clear
	TagSize    = 16                   // Poly1305
	Overhead   = HeaderSize + TagSize // what a datagram adds to its frames
	MaxSize    = 1400                 // the largest datagram
	MaxFrames  = MaxSize - Overhead   // the most bytes of frames in one datagram

	// SafeFrames is how many bytes of frames go together: with them a datagram has 1,200,
	// which every path carries (RFC 9000, section 14.1), those through tunnels too. A single
	// frame may need more.
	SafeFrames = 1200 - Overhead
)

// Errors of a datagram that is dropped. They are the same values each time, so
// that dropping costs nothing; none of them is ever answered.
var (
	ErrSize     = voiceapp.NewError(voiceapp.TooLarge, "packet: too short or too long")
	ErrTag      = voiceapp.NewError(voiceapp.BadCredentials, "packet: not authentic")
	ErrReplay   = voiceapp.NewError(voiceapp.Conflict, "packet: seen before, or too old to tell")
	ErrFrame    = voiceapp.NewError(voiceapp.Invalid, "packet: malformed frame")
	ErrOverflow = voiceapp.NewError(voiceapp.Conflict, "packet: the key's counter is used up")
)

// Header is the clear part of a datagram.
type Header struct {
	Session voiceapp.SessionID
	Counter uint64 // each value once for a key
}

// ParseHeader reads the header of a datagram of legal size; nothing of it is
// trustworthy before [Opener.Open]. The error is [ErrSize].
func ParseHeader(datagram []byte) (Header, error) {
	if len(datagram) < Overhead || len(datagram) > MaxSize {
		return Header{}, ErrSize
	}
	return Header{
		Session: voiceapp.SessionID(binary.BigEndian.Uint32(datagram)),
		Counter: binary.BigEndian.Uint64(datagram[4:]),
	}, nil
}

// AppendTo appends the header's 12 bytes to b.
func (h Header) AppendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(h.Session))
	return binary.BigEndian.AppendUint64(b, h.Counter)
}
