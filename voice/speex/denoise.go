//go:build cgo && !nospeex

package speex

/*
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
*/
import "C"

import (
	"math"
	"unsafe"
)

// echoActive is by how much what is left of an echo is changed while somebody near
// speaks, in dB.
const echoActive = -6

// Denoiser lowers noise that is always there. Make one with [NewDenoiser]; the
// methods of a zero one return [voiceapp.Invalid]. It is not safe for concurrent use.
type Denoiser struct {
	cfg    DenoiserConfig
	states [2]*C.SpeexPreprocessState // of each channel; nil: closed
	frame  [FrameSize]C.spx_int16_t
	one    [FrameSize]float32
}

// NewDenoiser returns a denoiser that knows nothing of the noise yet. The errors
// are [voiceapp.Invalid], and [voiceapp.Unavailable] where there is no memory, or
// no libspeexdsp in this build.
func NewDenoiser(cfg DenoiserConfig) (*Denoiser, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Echo != nil && cfg.Echo.state == nil {
		return nil, errClosed
	}
	d := &Denoiser{cfg: cfg}
	for c := range cfg.Channels {
		if d.states[c] = d.newState(); d.states[c] == nil {
			_ = d.Close() // nil, always
			return nil, errMemory
		}
	}
	return d, nil
}

func (d *Denoiser) newState() *C.SpeexPreprocessState {
	state := C.speex_preprocess_state_init(FrameSize, SampleRate)
	if state == nil {
		return nil
	}
	suppression := C.spx_int32_t(-math.Round(d.cfg.Suppression))
	C.speex_preprocess_ctl(state, C.SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, unsafe.Pointer(&suppression))
	if d.cfg.Echo != nil {
		active := C.spx_int32_t(echoActive)
		C.speex_preprocess_ctl(state, C.SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, unsafe.Pointer(&active))
		C.speex_preprocess_ctl(state, C.SPEEX_PREPROCESS_SET_ECHO_STATE, unsafe.Pointer(d.cfg.Echo.state))
	}
	return state
}

// Denoise lowers the noise in a frame of 10 ms, in place; what it gives is the
// frame before. Another length is [voiceapp.Invalid].
func (d *Denoiser) Denoise(pcm []float32) error {
	switch {
	case d.states[0] == nil || d.cfg.Echo != nil && d.cfg.Echo.state == nil:
		return errClosed
	case len(pcm) != FrameSize*d.cfg.Channels:
		return errFrame
	}
	for c := range d.cfg.Channels {
		d.denoise(c, pcm)
	}
	return nil
}

// denoise works on one channel.
func (d *Denoiser) denoise(channel int, pcm []float32) {
	step := d.cfg.Channels
	for i := range d.one {
		d.one[i] = pcm[i*step+channel]
	}
	toInt16(d.frame[:], d.one[:])
	C.speex_preprocess_run(d.states[channel], &d.frame[0])
	toFloat32(d.one[:], d.frame[:])
	for i, x := range d.one {
		pcm[i*step+channel] = x
	}
}

// Close frees the memory. It returns nil, always.
func (d *Denoiser) Close() error {
	for c, state := range d.states {
		if state != nil {
			C.speex_preprocess_state_destroy(state)
			d.states[c] = nil
		}
	}
	return nil
}
