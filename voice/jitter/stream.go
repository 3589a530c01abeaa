package jitter

// How far the sequence may jump before the frame counts as one of another
// stream (after RFC 3550, appendix A.1, which has no media time to check it by).
const (
	maxDropout  = 3000
	maxMisorder = 500
	maxRestart  = 100
)

// stream unwraps the sequence and the media time of one speaker to 64 bits, and
// notices when the speaker has started anew. The zero value has seen nothing.
type stream struct {
	known    bool
	sequence int64 // the highest so far
	media    int64 // of the frame with that sequence

	suspect         bool // the last frame did not fit the stream
	suspectSequence uint16
	suspectMedia    uint32
}

// place says where a frame lies in the stream.
type place struct {
	sequence, media int64
	fits            bool // false: alone it means nothing
	restarted       bool // a new stream begins with it, nothing before counts
}

// locate unwraps a frame's sequence and media time. A frame that fits nowhere is
// believed only when a second one follows on from it: then both are of a stream
// that has started anew.
func (s *stream) locate(sequence uint16, media uint32) place {
	if !s.known {
		return s.begin(sequence, media)
	}
	ds := int64(int16(sequence - uint16(s.sequence)))
	dm := int64(int32(media - uint32(s.media)))
	switch {
	case ds > 0 && ds < maxDropout && dm >= 0:
		s.suspect = false
		s.sequence += ds
		s.media += dm
		return place{sequence: s.sequence, media: s.media, fits: true}
	case ds < 0 && ds > -maxMisorder && dm <= 0, ds == 0 && dm == 0:
		return place{sequence: s.sequence + ds, media: s.media + dm, fits: true}
	case s.confirms(sequence, media):
		return s.begin(sequence, media)
	}
	s.suspect, s.suspectSequence, s.suspectMedia = true, sequence, media
	return place{}
}

func (s *stream) begin(sequence uint16, media uint32) place {
	*s = stream{known: true, sequence: int64(sequence), media: int64(media)}
	return place{sequence: s.sequence, media: s.media, fits: true, restarted: true}
}

// confirms reports whether a frame that does not fit follows on from the one
// before it, which did not fit either.
func (s *stream) confirms(sequence uint16, media uint32) bool {
	ds, dm := sequence-s.suspectSequence, int32(media-s.suspectMedia)
	return s.suspect && ds > 0 && ds < maxRestart && dm > 0
}
