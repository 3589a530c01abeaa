// Package similarity says how well what was heard matches what was said. It is
// the one definition that the demo, the tests and the benchmarks share.
//
// What was heard is aligned to what was said as a whole; then each half second
// of speech is aligned by itself, up to 200 ms either way, because a jitter
// buffer may stretch time. A window's similarity is its normalised correlation
// there; the result is their mean, weighted by energy. 1 is the same waveform,
// whatever its level; noise ten times weaker in power than the speech gives
// about 0.95.
//
// Samples are mono at [Rate]; [Prepare] brings others there. Everything is a pure
// function of them; memory grows with their number, about 100 bytes for each.
package similarity
