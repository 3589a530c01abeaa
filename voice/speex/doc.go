// Package speex takes echo and noise out of what a microphone hears, by libspeexdsp
// through cgo.
//
//	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
//	...
//	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Echo: echo})
//	...
//	for each 10 ms {
//		err = echo.Cancel(heard, played)
//		err = noise.Denoise(heard)
//	}
//
// An [EchoCanceller] knows what is played, learns how the room answers, and takes
// that out; it delays nothing. A [Denoiser] lowers what is always there, and what
// is left of the echo when it is told of the canceller; it gives a frame when it
// gets the next one ([DenoiserDelay]).
//
// PCM is interleaved float32 at 48 kHz; the library works with 16 bits, so what is
// beyond full scale is clipped. Both hold memory outside Go's heap: Close frees it.
// Neither allocates per frame, and the library keeps no pointer to Go's memory. One
// goroutine at a time may use them. A canceller that is fed with what can't be an echo
// may start over, and then writes a line to the standard error.
//
// # Building
//
// It needs libspeexdsp: on Debian, apt-get install libspeexdsp-dev. In a build
// without cgo, or with the tag nospeex, NewEchoCanceller and NewDenoiser return an
// error that says so.
package speex
