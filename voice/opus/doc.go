// Package opus is the codec: Opus at 48 kHz in 32-bit floating point, mono or
// stereo, by libopus through cgo.
//
//	codec := voice.NewCodec(opus.NewEncoder, opus.NewDecoder)
//
// An [Encoder] takes frames of 10, 20, 40 or 60 ms and gives packets of at most
// [MaxPacket] bytes. It looks 6.5 ms ahead, which is its whole delay, and keeps to
// the waveform at all pitches: a high-pass filter is the capture chain's to add.
// A [Decoder] takes packets of up to 120 ms, and makes up what is missing. Both
// have state: one for each stream, used by one goroutine at a time. They hold no
// memory outside Go's heap and need not be closed. Neither allocates per frame.
//
// # Building
//
// It needs libopus: on Debian, apt-get install libopus-dev libopusfile-dev (or
// libopus-dev alone and the build tag nolibopusfile). In a build without cgo,
// NewEncoder and NewDecoder return an error that says so.
package opus
