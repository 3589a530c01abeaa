package voice

import "github.com/voiceapp-sdk/voiceapp"

// Signaling is what a client's voice needs of its control connection.
// *control.Client satisfies it.
type Signaling interface {
	// VoiceGrant returns the grant in force and a channel that is closed when
	// another takes its place. A grant with session 0 means that there is no
	// voice at present.
	VoiceGrant() (grant voiceapp.Grant, replaced <-chan struct{})

	// Done returns a channel that is closed when the control connection has
	// ended for good.
	Done() <-chan struct{}
}

// Tunnel is what a [Signaling] may also be: one that carries sealed datagrams
// inside the control connection, for as long as UDP does not get through.
// *control.Client does.
type Tunnel interface {
	// SendDatagram sends a datagram, which is the caller's again when it returns.
	// It does not wait: where the connection is slow, what is older than 200 ms is
	// dropped.
	SendDatagram(datagram []byte) error

	// Datagrams returns the channel of those that come, for one reader. They are
	// the reader's. The channel may be another when the grant is.
	Datagrams() <-chan []byte
}

// Ended is what a [Signaling] may also be: one that says why it has ended.
// *control.Client does.
type Ended interface {
	// Err is the reason once Done is closed.
	Err() error
}

// EchoCanceller is what a [Capture] may be given to take out of what the microphone
// hears what the loudspeaker plays. *speex.EchoCanceller is one. A Capture uses it in
// one goroutine, and never closes it.
type EchoCanceller interface {
	// Cancel takes the echo of far, which is mono, out of heard, which is interleaved,
	// in place: 10 ms of each. far was played at about that time, or before. Rumble
	// below 40 Hz is to be taken out, too: there is no high-pass before it. An error
	// ends the source.
	Cancel(heard, far []float32) error

	// Reset is called when the time between what is played and its echo has changed.
	Reset()
}

// Denoiser is what a [Capture] may be given to lower noise that is always there.
// *speex.Denoiser is one. A Capture uses it in one goroutine, and never closes it.
type Denoiser interface {
	// Denoise lowers the noise in 10 ms of interleaved PCM, in place. An error ends the
	// source.
	Denoise(pcm []float32) error
}
