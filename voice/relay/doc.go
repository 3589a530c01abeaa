// Package relay is the server's forwarder of voice: datagrams in, the same
// frames out to everyone else in the speaker's channel. It never decodes audio
// and never looks at a payload. voice/PROTOCOL.md is what it speaks.
//
//	r := relay.New(relay.Config{})
//	go r.Serve(conn)                  // once for each socket; Listen opens them
//	grant, err := r.AddSession(7)     // control hands the grant to the client
//	err = r.SetRoute(7, voiceapp.Route{Channel: 1, Bitrate: 64_000})
//
// A [Relay] is what control.Server asks for as its Voice.
//
// # The way of a datagram
//
// Each call of [Relay.Serve] is one loop on its caller's goroutine. A turn of the loop is:
//
//	receive  (socket_*.go)  all datagrams that wait, in one system call on Linux, or none
//	         (timer_*.go)   when frames that were held are due
//	take     (loop.go)      find the session, open, learn the address
//	         (read.go)      police, answer probes, keep the audio frames
//	         (notes.go)     tell the client about its way up, once a second
//	deliver  (bundle.go)    for each channel, or whisper target, and listener: put
//	                        the frames of all who spoke in as few datagrams as hold
//	                        them, seal
//	         (hold.go)      or let them wait for company, where many talk
//	         (split.go)     or share a large audience out among idle processors
//	release  (hold.go)      the same for those that have waited, and for the copies of a
//	         (tail.go)      spurt's last frames
//	flush    (loop.go)      send up to 64 datagrams in one system call on Linux, those in a
//	         (segment_*.go) row to one client as one message
//	measure  (loop.go)      count how long each frame took, its time in the kernel's
//	                        receive queue with it on Linux (ancillary_batch.go)
//
// What arrived together leaves together. What costs is the datagram, not the frame, so
// where many talk in a channel ([Config].MaxWait) its frames gather and leave at
// multiples of 2.5 or 5 ms on the relay's clock, or when no more fits: a speaker's
// frames then wait for equally long each, and jitter buffers see a longer way, not
// jitter. Where up to six talk, in whispers, and on systems other than Linux nothing
// waits.
//
// [Listen] opens a socket for each loop. What waits for company does so with one of them,
// which owns the channel; the others hand it what they receive (owner.go) by rings that
// need no lock and, while a crowd talks, wake nobody (ring.go). What need not wait is sent
// by who receives it.
//
// The package starts no goroutines but one for each further processor, which sleeps until
// a frame has 384 listeners or more: it then takes the next few of them until none is left
// (split.go). These helpers end with the last loop.
//
// What comes inside TCP takes its turn in a loop of its own, on the goroutine that calls
// [Relay.Tunnel], and leaves by a served socket (borrow.go) or by a listener's own
// tunnel (tunnel.go).
//
// # Loss
//
// A copy of a frame that has come is dropped, one of a frame that was lost on the way up
// passes. A listener whose reports say that datagrams are lost gets copies of earlier
// frames behind new ones, and nobody else does (copies.go); those of a spurt's last frames
// go alone (tail.go). They delay nothing, and are counted apart.
//
// # Crowds
//
// Each speaker is policed to his bitrate (police.go). Where [Config].Loudest says so,
// only so many of a channel are heard at once (floor.go).
//
// # Locks and ownership
//
// Who talks is kept by talk.go, whose lock a frame takes only when it begins or ends
// a talk spurt.
//
// Sessions are found in a tree of atomic pointers (table.go); a session's
// route and a channel's listeners are immutable values behind atomic pointers,
// replaced by AddSession, SetRoute and RemoveSession under [Relay]'s mutex, which
// no loop ever takes. A session's own mutex guards what its datagrams change (its
// path, its rates, its last report, what it has said last); it is held for one frame at a time and
// never while sending. A route counts from the moment that SetRoute returns: it
// waits for the turns that may still see the old one (turn.go). There is no
// allocation and no log line for a packet.
//
// # Peers
//
// Channels may be served by several relays. What sessions here say goes to the [Peer]
// too, on the loop that sends it to the listeners; what a peer's say comes by
// [Relay.Forward] on its caller's goroutine, and never goes on to a peer. Copies and
// the limit of [Config].Loudest are each relay's own affair (peer.go).
//
// # Hosts with several addresses
//
// A client takes voice from the address that it talks to and from no other. On
// Linux a socket that listens on all addresses answers each client from the one
// that the client's newest datagram came to, IPv4 and IPv6 alike; a socket bound
// to one address spends nothing on that. On other systems, and with the build
// tag nobatch, the system chooses the address: where the host has several, listen
// on one of them.
//
// # Figures
//
// [Relay.Stats] counts what came, went and was dropped, and by what reason, what the
// kernel dropped because a socket's queue was full too (overflow.go).
// [Relay.Metrics] gives the same to package admin, with a histogram of the delay.
//
// # Units
//
// Bitrates are bits a second of Opus payload, sizes are bytes of UDP payload.
package relay
