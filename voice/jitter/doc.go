// Package jitter plays out what of one speaker comes over the network: it takes
// frames as they arrive, and gives a steady stream of PCM.
//
//	Playout.Put(frame, now)  -> Buffer: unwrap sequence and media time, late? seen? hold a copy
//	Playout.Read(pcm, now)   -> Buffer.Next: play, stretch, make up or be silent (next.go, follow.go)
//	                         -> Decoder: PCM of the frame, or something in its place (playout.go)
//	                         -> stretcher: longer or shorter by whole periods of the voice (stretch.go)
//
// A [Buffer] is the decisions alone, for those who have their own decoding: a pure
// algorithm, without clock, goroutine, lock or codec. Time is handed in on one
// clock that the caller chooses (any origin, never backwards); Put gets the time of
// arrival, Next and Read the time at which the next sample is heard. Package replay
// measures what a listener gets on a recorded network.
//
// # The delay
//
// The delay is counted in samples from the path's smallest transit time, the least
// of the last 16 seconds (floor.go), so that a sender's clock may be wrong without
// anything being dropped. What delay to aim at is found by trial (estimate.go): for
// each delay from 0 to 511 ms playout is followed on paper, stretches, gaps and
// all, and the one that would have cost least lately is taken. A percent of gaps
// costs as much as 20 ms of delay. So the delay rises as soon as frames come late
// often enough to matter, one spike alone does not raise it for long, and copies of
// lost frames are waited for when that is worth it.
//
// Playout gets there by stretching, which changes no pitch and is allowed only
// where a period of the voice is like the next, or in a pause; no more than 15 ms
// in any 100 ms. When the next frame is not there in time, playout waits for it:
// first it is stretched, then sound is made up, for 100 ms at most, and silence
// follows. What was made up while waiting is skipped later, when more frames are
// there than the delay needs. A frame that was lost is made up for exactly its
// length. Between talk spurts the delay is set anew.
//
// [Config.MinDelay] and [Config.MaxDelay] limit the delay (limit.go). What would be heard
// later than the longest one is late and is not waited for: playout goes on with the next
// frame. When for two seconds nothing has come within it, the path is another, and what
// was known of the old one is forgotten.
//
// With a fixed [Config.Delay] a spurt starts that long after the arrival of its
// fastest frame so far; its place is counted in samples of media time from then on,
// and nothing is stretched.
//
// A gap in media time in which no frame was lost is silence, and so is all that
// follows a frame with the end-of-spurt flag. Where that was lost, 100 ms are made up,
// and only what the lost frames lasted beyond counts as made up, too. When what is held runs more than 200
// ms ahead of the delay, as after an outage, the oldest is skipped.
//
// # Units and ownership
//
// Samples are samples per channel at 48 kHz. Put copies the payload; the payload
// of a [Decision] is the buffer's, valid until the next call. A buffer holds at
// most 128 frames. After it has warmed up, nothing allocates.
//
// A Buffer is not safe for concurrent use; of a [Playout], one goroutine may call
// Read while others call the rest.
package jitter
