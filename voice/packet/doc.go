// Package packet is the voice datagram: its layout, how it is sealed and opened,
// and the window that refuses replays. voice/PROTOCOL.md has the bit tables and
// the test vectors that the tests of this package read.
//
// A datagram is a clear header (session number and counter), then one or more
// frames, sealed with ChaCha20-Poly1305 (RFC 8439). Each direction of a session
// has a key of its own. The header is the nonce (a fixed field and a counter, as
// RFC 5116, section 3.2, recommends) and it is authenticated.
//
//	sending:    Audio.AppendTo, Probe.AppendTo, ... -> Sealer.Seal -> socket
//	receiving:  socket -> ParseHeader (whose session?) -> Opener.Open -> Next, ParseAudio, ...
//
// A [Sealer] may be used from several goroutines, an [Opener] too; everything
// else is plain values. Nothing here allocates per packet.
package packet
