// Package jitter decides what of one speaker is played when: it takes frames as
// the network delivers them, and says, piece by piece, "play this", "make up so
// much" or "silence".
//
//	Buffer.Put(frame, now)   unwrap sequence and media time -> late? seen? -> hold a copy
//	Buffer.Next(now)         what belongs at this point of playout
//
// It is a pure algorithm: no clock, no goroutine, no lock, no codec. Time is
// handed in on one clock that the caller chooses (any origin, never backwards);
// Put gets the time of arrival, Next the time at which the next sample is heard.
//
// # Playout
//
// A talk spurt starts one fixed delay (40 ms unless configured) after the
// arrival of its fastest frame so far. From then on its place is counted in
// samples of media time, not in arrivals, so that nothing drifts while it lasts.
// Between spurts the schedule is made anew. What is missing is concealed for
// exactly its length: up to the media time of the next frame that is there, and
// no more than 100 ms in a row, after which the speaker counts as silent. A gap in
// media time in which no frame was lost is silence, and so is all that follows a
// frame with the end-of-spurt flag. When what is held runs more than 200 ms ahead
// of the delay, as after an outage, the oldest is skipped.
//
// # Units and ownership
//
// Samples are samples per channel at 48 kHz. Put copies the payload; the payload
// of a [Decision] is the buffer's, valid until the next call. A buffer holds at
// most 128 frames. After it has warmed up, nothing allocates.
//
// A Buffer is not safe for concurrent use.
package jitter
