package relay

import "github.com/voiceapp-sdk/voiceapp/voice/packet"

// Copies make loss bearable, in two ways. A speaker who loses datagrams on the way
// up sends frames again: the relay passes on what it has not had (seen). A listener
// who loses them on the way down gets frames again (memory), and nobody else.

const (
	tooOld = 300 * 48 // in samples: a copy is of no use any more

	remembered = 8 // frames of a speaker, a power of two above packet.FarthestCopy
)

// ladder is by the share of datagrams that are lost on a listener's way down.
var ladder = packet.CopyLadder{
	From:  [packet.MaxCopies + 1]float64{1: 0.02, 2: 0.08},
	Until: [packet.MaxCopies + 1]float64{1: 0.01, 2: 0.04},
}

// seen remembers which of the newest frames of a stream have come, copies too. The
// zero value has seen nothing.
type seen struct {
	newest uint16
	mask   uint64 // bit i: newest-i has come
}

// novelty is what a frame is to those that have come before it.
type novelty int

const (
	repeated novelty = iota // a copy of one that was there
	belated                 // older than the newest
	newest
)

// add takes note of a frame. What is older than the memory counts as there: it is of no
// use to anybody. A frame that is no copy and does not fit begins the stream anew.
func (s *seen) add(sequence uint16, isCopy bool) novelty {
	ahead := int16(sequence - s.newest)
	switch {
	case s.mask == 0, !isCopy && ahead <= -64:
		s.newest, s.mask = sequence, 1
	case ahead > 0:
		s.newest, s.mask = sequence, s.mask<<ahead|1
	case ahead <= -64:
		return repeated
	default:
		bit := uint64(1) << -ahead
		if isCopy && s.mask&bit != 0 {
			return repeated
		}
		s.mask |= bit
		return belated
	}
	return newest
}

// memory is the last frames that a speaker has said to a channel, by sequence.
type memory [remembered]struct {
	channel  *channel // nil: nothing is there
	sequence uint16
	media    uint32
	frame    []byte // as a copy; its memory is used again
}

// keep remembers a frame that was passed on, with its frame header.
func (m *memory) keep(c *channel, a *packet.Audio, frame []byte) {
	k := &m[a.Sequence%remembered]
	if ahead := int16(a.Sequence - k.sequence); k.channel == c && -64 < ahead && ahead < 0 {
		return // a late copy
	}
	k.channel, k.sequence, k.media = c, a.Sequence, a.MediaTime
	k.frame = append(k.frame[:0], frame...)
	packet.StampFlags(k.frame[packet.FrameHeaderSize:], packet.FlagRedundant, 0)
}

// past returns the copy of what was said so many frames before a; nil where that was
// never heard, in another channel, or long ago.
func (m *memory) past(c *channel, a *packet.Audio, back uint16) []byte {
	k := &m[(a.Sequence-back)%remembered]
	if age := int32(a.MediaTime - k.media); k.channel != c || k.sequence != a.Sequence-back || age < 0 || age > tooOld {
		return nil
	}
	return k.frame
}

// copies are the frames that follow one to listeners who get so many copies of each.
type copies [packet.MaxCopies + 1][packet.MaxCopies][]byte

// move appends them to space, and returns it: that is where they are from now on.
func (c *copies) move(space []byte) []byte {
	for number := range c {
		for i, copied := range c[number] {
			if copied != nil {
				space = append(space, copied...)
				c[number][i] = space[len(space)-len(copied):]
			}
		}
	}
	return space
}

// recall gives the copies that follow a frame, and remembers it. They are in space,
// which it returns with them appended.
func (s *session) recall(c *channel, a *packet.Audio, frame, space []byte) (follow copies, _ []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.memory
	defer m.keep(c, a, frame)
	if a.Flags&packet.FlagRedundant != 0 {
		return follow, space
	}
	return m.follow(c, a, m.before(a), space)
}

// before is how many samples the frame before one has, where that is known; else 0.
func (m *memory) before(a *packet.Audio) int {
	if before := &m[(a.Sequence-1)%remembered]; before.sequence == a.Sequence-1 {
		return int(int32(a.MediaTime - before.media))
	}
	return 0
}

// follow gives the copies that follow a frame of so many samples, as recall does.
func (m *memory) follow(c *channel, a *packet.Audio, samples int, space []byte) (follow copies, _ []byte) {
	for number := range follow {
		for i, back := range packet.CopiesAfter(number, samples) {
			if old := m.past(c, a, uint16(back)); old != nil {
				space = append(space, old...)
				follow[number][i] = space[len(space)-len(old):]
			}
		}
	}
	return follow, space
}
