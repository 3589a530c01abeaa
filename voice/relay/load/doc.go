// Package load puts the load of many users on any relay and measures what comes
// back: it opens every datagram, counts each frame for each listener, compares
// payloads, and takes one-way latencies on one clock.
//
//	result, err := load.Run(ctx, grants, load.Config{Speakers: 4, Duration: 10 * time.Second})
//
// The caller gets the grants, from a server or from a relay of its own, all in
// one channel or in several, and has the server's CPU time from [ProcessCPU] before
// and after. [Bare] is what to compare it with: the machine's own price for a
// datagram. Both change from minute to minute on a shared machine, so measure them in
// turn ([Config].Parts).
//
// # Goroutines
//
// [Run] starts one goroutine that reads all users' sockets (one for each user on systems
// other than Linux), one for the flood, if any, and speaks for all speakers on its own,
// bound to a thread for the sake of its clock. All have ended when it returns. A [Bare]
// reads in the same way until Close.
//
// # Honesty
//
// Latency runs from just before a frame is sealed until the kernel has its datagram for
// the listener; on systems other than Linux until it was read. A load that has too little
// CPU looks like a slow relay all the same: see [Result.Behind]. What comes later than [Grace] after the last
// frame was sent counts as lost.
package load
