package packet

import (
	"crypto/cipher"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/voiceapp-sdk/voiceapp"
)

// Sealer seals the datagrams of one direction of a session. It is safe for
// concurrent use: one atomic counter serves everyone who seals with the key, so
// no nonce is used twice. Make one per key, never two.
type Sealer struct {
	session voiceapp.SessionID
	aead    cipher.AEAD
	last    atomic.Uint64 // the last counter given out
}

// NewSealer returns a sealer whose first datagram has counter 1.
func NewSealer(session voiceapp.SessionID, key voiceapp.Key) *Sealer {
	return &Sealer{session: session, aead: newAEAD(key)}
}

// Seal appends a datagram that holds the given frames to dst and returns the
// result. frames must not overlap dst's spare capacity, except exactly at
// dst[len(dst)+HeaderSize:], where they are sealed in place. It allocates only
// when that capacity is below [Overhead] and the frames. The errors are
// [ErrSize] for more than [MaxFrames] bytes and [ErrOverflow]; dst is then
// returned as it was.
func (s *Sealer) Seal(dst, frames []byte) ([]byte, error) {
	if len(frames) > MaxFrames {
		return dst, ErrSize
	}
	counter, err := s.advance()
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = Header{Session: s.session, Counter: counter}.AppendTo(slices.Grow(dst, Overhead+len(frames)))
	header := dst[start:]
	return s.aead.Seal(dst, header, frames, header), nil // the header is the nonce, too
}

// advance takes the next counter. It never goes past the last one, where an
// addition would begin again at 0.
func (s *Sealer) advance() (uint64, error) {
	for {
		last := s.last.Load()
		if last == math.MaxUint64 {
			return 0, ErrOverflow
		}
		if s.last.CompareAndSwap(last, last+1) {
			return last + 1, nil
		}
	}
}

// Opener opens the datagrams of one direction of a session and refuses those
// that it has seen. It is safe for concurrent use.
type Opener struct {
	aead cipher.AEAD

	mu     sync.Mutex
	window Window
}

// NewOpener returns an opener that has seen nothing.
func NewOpener(key voiceapp.Key) *Opener {
	return &Opener{aead: newAEAD(key)}
}

// Open checks a datagram's tag and then its counter, and appends its frames to
// dst. dst must not overlap the datagram, except exactly as
// datagram[HeaderSize:HeaderSize], where it is opened in place; what a refused
// datagram held is then lost. newest reports whether the counter is above all
// that were accepted before: only then is the datagram's source the peer's
// present address. The errors are [ErrSize], [ErrTag] and [ErrReplay].
func (o *Opener) Open(dst, datagram []byte) (frames []byte, newest bool, err error) {
	h, err := ParseHeader(datagram)
	if err != nil {
		return dst, false, err
	}
	header := datagram[:HeaderSize] // the nonce, too
	frames, err = o.aead.Open(dst, header, datagram[HeaderSize:], header)
	if err != nil {
		return dst, false, ErrTag
	}
	o.mu.Lock()
	fresh, newest := o.window.Accept(h.Counter)
	o.mu.Unlock()
	if !fresh {
		return dst, false, ErrReplay
	}
	return frames, newest, nil
}

// Highest returns the highest counter accepted, and how many were accepted: the
// two figures from which a receiver knows its loss.
func (o *Opener) Highest() (counter, accepted uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.window.Highest(), o.window.Accepted()
}

func newAEAD(key voiceapp.Key) cipher.AEAD {
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic("packet: " + err.Error()) // only for a key of another size, which the type rules out
	}
	return aead
}
