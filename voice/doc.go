// Package voice is the engine: it takes PCM or ready Opus from a [Source], sends
// it to the server, and gives a [Sink] what the others say. [Join] is a client's
// whole voice; [Sender], [Receiver] and [Mixer] are its parts, for those who build
// something else.
//
//	session, err := voice.Join(ctx, client, voice.Config{
//		Codec:  voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
//		Source: microphone,
//		Sink:   loudspeaker,
//	})
//	if err != nil {
//		return err
//	}
//	defer session.Close()
//	return session.Wait() // until the source or the sink breaks, or client ends
//
// client is a *control.Client; a [Source] and a [Sink] are one method each, [Pipe]
// is both, and package audiofile has them for files. A [Capture] between a microphone
// and the session takes out echo and noise, brings speech to one level, and tells
// when somebody speaks.
//
// # The journey of a frame
//
// Up, all of it in the goroutine speak:
//
//  1. Source.ReadPCM gives one frame's time of PCM, against an absolute schedule (send.go, pace.go).
//     A [Capture] sends what its source gives through high-pass, echo cancellation, noise
//     suppression, gain, limiter and gate first (capture.go, reference.go);
//     an [Effect] changes it, or makes sound where there is none (effect.go)
//  2. its level is taken, an encoder makes a packet of it (send.go, codec.go)
//  3. the frame gets sequence, media time and flags (send.go), and copies of earlier frames
//     go with it while the server reports loss on the way up (protect.go, loss.go)
//  4. packet.Sealer seals it in place, the socket takes it, or the [Tunnel] (transport.go)
//
// Down, first in the goroutine receive:
//
//  5. the socket, or the Tunnel, gives a datagram; one that is not from the server is
//     dropped (transport.go)
//  6. packet.Opener opens it in place; its frames are told apart (transport.go, session.go)
//  7. an audio frame is copied to the jitter buffer of its speaker (receive.go, package jitter)
//
// and then, a frame's time at a time, in the goroutine playOut:
//
//  8. each speaker's buffer says what to play, to take from the next packet (FEC), to make
//     up, or to leave silent, at a delay that follows that speaker's network (package jitter)
//  9. a decoder of that speaker's own makes PCM of it, which is stretched where the
//     delay changes (package jitter)
//  10. each speaker is brought to the volume and the side that the listener gives him
//     (hearing.go); those without priority are turned down while one with priority
//     speaks (duck.go); all are added up and limited, 1 dB below full scale (mix.go)
//  11. Sink.WritePCM takes it, silence included (playout.go); a [RestingSink] rests
//     while nobody has spoken for ten seconds, until the next frame comes
//
// # Delay
//
// From a sample's entry into the source's frame to its playout, in ms, with the
// defaults:
//
//	20     the frame fills (a file gives it at once)
//	 0-31  a Capture: 10 for noise suppression, 1.3 for the limiter, and by activity
//	       the 20 of the frame that is heard when the next one begins to speak
//	 6.5   the encoder's look-ahead
//	<1     encode, seal, send
//	 -     the network
//	40     playout delay, from the arrival of the fastest frames: twice a shorter
//	       frame, and more where the network is unsteady (package jitter), within
//	       Config.MinDelay and MaxDelay
//	 1.3   the mixer's limiter looks ahead
//	 0-20  the sink's frame is made at its beginning: what is due later in it has
//	       that much less time to arrive; no delay is added
//
// # Goroutines
//
// Join starts run, which follows the grants and owns the rest; receive, and with a
// Tunnel receiveTunnel; keepPath, which probes, reports, and says for each direction
// whether UDP gets through; speak, with a source; and playOut, with a sink. Close
// ends and awaits them all. Between receive and playOut there is one lock for
// each speaker, held while a frame is copied, and one for the list of speakers.
// The lock of the list is taken before that of a speaker.
//
// # Units and ownership
//
// PCM is interleaved float32 within [-1,1] at 48 kHz; media time and all counts
// of samples are per channel at 48 kHz unless they say otherwise. Slices that are
// handed to a Source, Sink, Encoder or Decoder are valid during the call. On the
// way of a frame nothing is allocated.
//
// # What goes wrong
//
// What the network does ends nothing: datagrams that are foreign, truncated,
// replayed or changed are dropped and counted in [Stats], errors of the socket are
// counted. A packet that can't be decoded is concealed for its length. Errors of
// Source and Sink end the session, and Wait returns them.
package voice
