package jitter

// Stats counts what became of one speaker's frames. The names are those of the
// W3C's "Identifiers for WebRTC's Statistics API" where that has one. A snapshot
// is a plain value.
type Stats struct {
	FramesReceived  uint64 // all that were put, whatever became of them
	FramesPlayed    uint64
	FramesRecovered uint64 // lost, and made up for by what the next packet held of them (FEC)
	FramesLost      uint64 // never came, as far as is known
	FramesLate      uint64 // came when their time had passed
	FramesDiscarded uint64 // came in time, but were skipped to catch up, or fitted nowhere
	FramesDuplicate uint64 // had come before
	FramesReordered uint64 // came after one that was sent later; no copies
	FramesMalformed uint64 // of no legal duration
	FramesSpoilt    uint64 // played, but not to be decoded, and so concealed; or what was decoded is no sound
	Restarts        uint64 // times that the speaker's numbering began anew
	FormatChanges   uint64 // times that a frame had another length, or number of channels, than the one before

	TotalSamplesReceived uint64 // played and made up, in samples per channel
	ConcealedSamples     uint64 // made up
	ConcealmentEvents    uint64 // times that making up began

	SilentConcealedSamples         uint64 // of those made up, the ones that are silence
	InsertedSamplesForDeceleration uint64 // by which what was played was made longer
	RemovedSamplesForAcceleration  uint64 // by which it was made shorter

	JitterBufferDelay        float64 // seconds from arrival to playout, summed over the emitted samples
	JitterBufferTargetDelay  float64 // seconds that were aimed at, summed likewise
	JitterBufferEmittedCount uint64  // samples that came from the network
	Jitter                   uint32  // interarrival jitter (RFC 3550, section 6.4.1), in samples
}

// heard counts samples that are heard, whatever they are. What was cut of those that
// were counted before makes up for it first, as counters never go back.
func (b *Buffer) heard(samples int64) {
	known := min(b.cut, samples)
	b.cut -= known
	b.stats.TotalSamplesReceived += uint64(samples - known)
}

// Add adds the counts of t to s; of Jitter the larger one stays.
func (s *Stats) Add(t Stats) {
	s.FramesReceived += t.FramesReceived
	s.FramesPlayed += t.FramesPlayed
	s.FramesRecovered += t.FramesRecovered
	s.FramesLost += t.FramesLost
	s.FramesLate += t.FramesLate
	s.FramesDiscarded += t.FramesDiscarded
	s.FramesDuplicate += t.FramesDuplicate
	s.FramesReordered += t.FramesReordered
	s.FramesMalformed += t.FramesMalformed
	s.FramesSpoilt += t.FramesSpoilt
	s.Restarts += t.Restarts
	s.FormatChanges += t.FormatChanges
	s.TotalSamplesReceived += t.TotalSamplesReceived
	s.ConcealedSamples += t.ConcealedSamples
	s.ConcealmentEvents += t.ConcealmentEvents
	s.SilentConcealedSamples += t.SilentConcealedSamples
	s.InsertedSamplesForDeceleration += t.InsertedSamplesForDeceleration
	s.RemovedSamplesForAcceleration += t.RemovedSamplesForAcceleration
	s.JitterBufferTargetDelay += t.JitterBufferTargetDelay
	s.JitterBufferDelay += t.JitterBufferDelay
	s.JitterBufferEmittedCount += t.JitterBufferEmittedCount
	s.Jitter = max(s.Jitter, t.Jitter)
}
