//go:build cgo && !nospeex

package speex

/*
#cgo pkg-config: speexdsp
#include <speex/speex_echo.h>
*/
import "C"

import (
	"unsafe"

	"github.com/voiceapp-sdk/voiceapp"
)

var (
	errFrame  = voiceapp.NewError(voiceapp.Invalid, "speex: a frame has 480 samples for each channel")
	errClosed = voiceapp.NewError(voiceapp.Invalid, "speex: it is closed, or was not made by its constructor")
	errMemory = voiceapp.NewError(voiceapp.Unavailable, "speex: out of memory")
)

// EchoCanceller takes what a loudspeaker plays out of what a microphone hears. Make
// one with [NewEchoCanceller]; the methods of a zero one return [voiceapp.Invalid].
// It is not safe for concurrent use.
type EchoCanceller struct {
	cfg   EchoConfig
	state *C.SpeexEchoState // nil: closed
	heard [2 * FrameSize]C.spx_int16_t
	far   [2 * FrameSize]C.spx_int16_t
	left  [2 * FrameSize]C.spx_int16_t
	undo  [2]unnotch
}

// NewEchoCanceller returns a canceller that knows nothing of the room. The errors
// are [voiceapp.Invalid], and [voiceapp.Unavailable] where there is no memory, or
// no libspeexdsp in this build.
func NewEchoCanceller(cfg EchoConfig) (*EchoCanceller, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &EchoCanceller{cfg: cfg}
	tail := C.int(cfg.Tail.Seconds() * SampleRate)
	e.state = C.speex_echo_state_init_mc(FrameSize, tail, C.int(cfg.Channels), C.int(cfg.FarChannels))
	if e.state == nil {
		return nil, errMemory
	}
	rate := C.spx_int32_t(SampleRate)
	C.speex_echo_ctl(e.state, C.SPEEX_ECHO_SET_SAMPLING_RATE, unsafe.Pointer(&rate))
	return e, nil
}

// Cancel takes the echo out of what the microphone heard, in place: a frame of 10
// ms. far is what was played at that time or up to the tail before, as steadily as
// the frames come. It is only read. Another length is [voiceapp.Invalid].
func (e *EchoCanceller) Cancel(heard, far []float32) error {
	switch {
	case e.state == nil:
		return errClosed
	case len(heard) != FrameSize*e.cfg.Channels || len(far) != FrameSize*e.cfg.FarChannels:
		return errFrame
	}
	toInt16(e.heard[:], heard)
	toInt16(e.far[:], far)
	C.speex_echo_cancellation(e.state, &e.heard[0], &e.far[0], &e.left[0])
	toFloat32(heard, e.left[:])
	for c := range e.cfg.Channels {
		for i := c; i < len(heard); i += e.cfg.Channels {
			heard[i] = float32(e.undo[c].step(float64(heard[i])))
		}
	}
	return nil
}

// Reset forgets the room: call it when what is played comes later or earlier than
// before by more than a few milliseconds.
func (e *EchoCanceller) Reset() {
	if e.state != nil {
		C.speex_echo_state_reset(e.state)
		e.undo = [2]unnotch{}
	}
}

// Close frees the memory; a [Denoiser] that knows of it is closed before. It
// returns nil, always.
func (e *EchoCanceller) Close() error {
	if e.state != nil {
		C.speex_echo_state_destroy(e.state)
		e.state = nil
	}
	return nil
}
