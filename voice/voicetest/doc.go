// Package voicetest is for the tests of those who build on voice: contracts that
// can be run on one's own codec, source or sink, and networks that lose, delay
// and reorder as told.
//
//	TestCodec, TestSource, TestSink   is my implementation one that voice can use?
//	Speech                            a voice, made by arithmetic
//	Impairment                        what a bad network does, the same for the same seed
//	Network                           an internet in memory, for testing/synctest
//	Proxy                             a bad network between real UDP sockets
//
// [Network] starts no goroutines. A [Proxy] runs one that reads from the clients,
// one that sends what was delayed, one that accepts TCP connections, one for each
// client, and two for each TCP connection; its Close ends and awaits them all.
package voicetest
