package control

import (
	"cmp"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The limits that are part of the protocol.
const (
	MaxLineBeforeLogin = 4 << 10  // bytes of a line to the server before session.open
	MaxLine            = 64 << 10 // bytes of a line to the server after it
	MaxClientLine      = 1 << 20  // bytes of a line to a client
	PageSize           = 500      // entries of a list in one answer
	MinPassword        = 8        // bytes of a new password
	MaxPassword        = 1024     // bytes of any password

	minKeepalive = 5   // seconds
	maxKeepalive = 300 // seconds
)

// Limits bounds what one client, and all of them together, can take of a
// [Server]. The zero value of each field stands for its default.
type Limits struct {
	HandshakeTimeout time.Duration // for TLS; 5 s
	LoginTimeout     time.Duration // from the end of the handshake to session.open; 20 s
	RequestTimeout   time.Duration // for what a request waits for in the Directory; 10 s
	WriteTimeout     time.Duration // for a client to take what is sent; 10 s
	ResumeTime       time.Duration // for a lost session to be resumed; 60 s, and below 0 none is

	MaxPending     int // connections that have not logged in; 256
	MaxPerSource   int // connections of one IPv4 address, or of one IPv6 network of 64 bits; 1024
	MaxSessions    int // open sessions; 4096
	MaxPerAccount  int // open sessions of one account; 16
	MaxChannels    int // channels; 1000. Those that the Directory has already stay
	MaxLoginFaults int // refused session.open, account.claim and account.register of one connection; 5
	QueueBytes     int // outgoing bytes that may wait for one client; 1 MiB
	MessageRate    int // messages a second of one client, in the long run; 20. Of some kinds it is a part of that
	MessageBurst   int // messages at once; 60
	RegisterBurst  int // account.register at once of one address or network, as above; 10
	Hashes         int // passwords hashed at the same time, 19 MiB each; 2
	HashQueue      int // passwords that wait for it; 64. One address or network, as above, has a quarter of all

	KickTime      time.Duration // for which who was kicked is refused; 1 min, and below 0 not at all
	RegisterEvery time.Duration // account.register of one address or network in the long run; 1 min
}

func (l Limits) withDefaults() Limits {
	return Limits{
		HandshakeTimeout: cmp.Or(l.HandshakeTimeout, 5*time.Second),
		LoginTimeout:     cmp.Or(l.LoginTimeout, 20*time.Second),
		RequestTimeout:   cmp.Or(l.RequestTimeout, 10*time.Second),
		ResumeTime:       cmp.Or(l.ResumeTime, time.Minute),
		WriteTimeout:     cmp.Or(l.WriteTimeout, 10*time.Second),
		MaxPending:       cmp.Or(l.MaxPending, 256),
		MaxPerSource:     cmp.Or(l.MaxPerSource, 1024),
		MaxSessions:      cmp.Or(l.MaxSessions, 4096),
		MaxPerAccount:    cmp.Or(l.MaxPerAccount, 16),
		MaxChannels:      cmp.Or(l.MaxChannels, 1000),
		MaxLoginFaults:   cmp.Or(l.MaxLoginFaults, 5),
		QueueBytes:       cmp.Or(l.QueueBytes, 1<<20),
		MessageRate:      cmp.Or(l.MessageRate, 20),
		MessageBurst:     cmp.Or(l.MessageBurst, 60),
		RegisterBurst:    cmp.Or(l.RegisterBurst, 10),
		RegisterEvery:    cmp.Or(l.RegisterEvery, time.Minute),
		KickTime:         cmp.Or(l.KickTime, defaultKickTime),
		Hashes:           cmp.Or(l.Hashes, 2),
		HashQueue:        cmp.Or(l.HashQueue, 64),
	}
}

// limited is the error of one who has to wait.
func limited(detail voiceapp.Detail, message string, wait time.Duration) error {
	return &voiceapp.Error{Code: voiceapp.Limited, Detail: detail, Message: message, RetryAfter: wait}
}
