// Package dsp is the arithmetic on samples: loudness, sample rates, channels,
// a meter, and what a microphone's sound goes through: a high-pass, voice
// activity, automatic gain, a limiter. No I/O, no goroutines, no clock; every
// result depends on the arguments alone.
//
// # Units
//
// A sample is a float32 with full scale at -1 and 1; more than that is legal and
// is kept. Stereo is interleaved, left first. A frame is one sample of each
// channel. Rates are frames a second. Levels are in dBov: 0 is the loudest that
// digital sound can be, -127 stands for silence (RFC 6464).
//
// # Use
//
// Functions take the caller's slices, keep none of them, and append to a slice
// that the caller owns; nothing here allocates once that slice is large enough.
// What has a memory, from [Resampler] to [Limiter], belongs to one stream and one
// goroutine at a time. But for the Resampler, its zero value works. What changes
// samples in place works at 48 kHz.
package dsp
