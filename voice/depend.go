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
