package voice

// Source is where a session gets what it says: a microphone, a file, a
// [Pipe]. It is used by one goroutine, and never closed by the session. voicetest
// checks its outcomes.
type Source interface {
	// ReadPCM writes the next interleaved samples to pcm, which has room for
	// exactly one frame and is not kept.
	//
	//	1  len(pcm), nil           a full frame
	//	2  less, nil or io.EOF     the last part of a talk spurt; silence fills it up
	//	3  0, nil                  nothing to say in this frame's time; ends the spurt
	//	4  0, io.EOF               over for good
	//	5  0, another error        it is broken; ends the session
	//
	// It is called once for each frame's time, silence included. It may block
	// until a frame is there, but not for much longer than the frame lasts.
	ReadPCM(pcm []float32) (n int, err error)
}

// ClockedSource is what a [Source] may also be: one that paces itself.
type ClockedSource interface {
	Source

	// Clocked reports whether ReadPCM blocks until the frame's time has come, in
	// silence too. Then the source's clock is followed, and not the computer's.
	Clocked() bool
}

// OpusSource is what a [Source] may also be: one that has Opus ready. Then
// ReadPCM is never called, and nothing is encoded.
type OpusSource interface {
	Source

	// ReadOpus appends the next packet, at most 1,275 bytes, to dst, and says how
	// loud it is in -dBov (127: silence).
	//
	//	1  at least one byte more, nil   a packet; it lasts as long as it says
	//	2  dst as it was, nil            nothing to say in a frame's time; ends the spurt
	//	3  dst as it was, io.EOF         over for good
	//	4  dst as it was, another error  it is broken; ends the session
	ReadOpus(dst []byte) (packet []byte, level uint8, err error)
}

// RestingSource is what a [Source] may also be: one that gives silence a little later, and
// more of it at once, where that makes no difference.
type RestingSource interface {
	Source

	// MayRest says whether it may do so from now on: nothing of it is sent. The first
	// sound comes at once all the same. At first it may not. The goroutine that reads
	// calls it.
	MayRest(rest bool)
}

// ClockedSink is what a [Sink] may also be: one that paces what is heard, such as a
// loudspeaker.
type ClockedSink interface {
	Sink

	// Ready waits until WritePCM would take the next samples at once; for as long as
	// a few frames last at most. Then the sink's clock is followed, and not the
	// computer's. An error ends the session.
	Ready() error
}

// RestingSink is what a [ClockedSink] may also be: one that plays silence by itself, so
// that a talk in which nobody speaks costs next to nothing.
type RestingSink interface {
	ClockedSink

	// Rest plays silence until wake says something, or for a shorter time if it wants to,
	// and returns how many samples of each channel that was, with what it still holds of
	// it. What was written before is played first.
	Rest(wake <-chan struct{}) (samples int)
}

// Sink is where a session puts what it hears: a loudspeaker, a file, a [Pipe].
// It is used by one goroutine, and never closed by the session. voicetest checks
// its outcomes.
type Sink interface {
	// WritePCM takes the next interleaved samples, 10 or 20 ms of them, which it
	// only reads and does not keep. It gets all of the time from the session's first
	// moment on, silence included, and may block about as long as they last.
	//
	//	1  nil     all of it was taken
	//	2  error   it is broken; ends the session
	WritePCM(pcm []float32) error
}
