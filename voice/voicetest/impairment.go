package voicetest

import (
	"math/rand/v2"
	"time"
)

// HoldBack is how much later than its turn a reordered packet arrives: at 20 ms
// frames, the next one overtakes it.
const HoldBack = 30 * time.Millisecond

// Impairment says what a network does to the packets that go one way. The zero
// value does nothing. Shares are from 0 to 1; what is beyond is taken as the
// nearest.
type Impairment struct {
	// Seed chooses the dice: equal seeds do the same to the same packets.
	Seed uint64

	// Loss is the share of packets that is lost.
	Loss float64

	// Burst is how many packets in a row a loss takes, on average
	// (Gilbert-Elliott). 0 means that each packet is lost or not by itself.
	// A mean too short for so high a loss is taken as the shortest possible.
	Burst float64

	// Delay is what each packet takes.
	Delay time.Duration

	// Jitter is the mean of what comes on top of it: exponentially distributed,
	// cut off at five times the mean. A packet that is due before an earlier one
	// waits for it, as in a queue.
	Jitter time.Duration

	// Reorder is the share of packets that are held back by [HoldBack], while
	// the others pass.
	Reorder float64

	// Duplicate is the share of packets that arrive twice.
	Duplicate float64
}

// Fate is what becomes of one packet.
type Fate struct {
	Lost       bool
	Duplicated bool          // it arrives twice, at the same time
	Reordered  bool          // it was held back; others may have overtaken it
	Delay      time.Duration // from sending to arrival
}

// copies is how many arrive.
func (f Fate) copies() int {
	switch {
	case f.Lost:
		return 0
	case f.Duplicated:
		return 2
	}
	return 1
}

// Model draws the fates of the packets of one direction, one after the other.
// It has no clock and is not safe for concurrent use.
type Model struct {
	impairment Impairment
	dice       *rand.Rand
	inBurst    bool
	last       time.Duration // the latest arrival in order
}

// Model returns a model that begins with the first packet. stream tells apart
// several directions that share a seed.
func (i Impairment) Model(stream uint64) *Model {
	return &Model{impairment: i, dice: rand.New(rand.NewPCG(i.Seed, stream))}
}

// Next returns the fate of a packet that is sent at the given time, on any clock
// that does not run backwards.
func (m *Model) Next(sent time.Duration) Fate {
	// The dice are thrown in the same order whatever is configured, so that a
	// change of one value leaves the fates of the others as they were.
	loss, jitter, reorder, duplicate := m.dice.Float64(), m.dice.ExpFloat64(), m.dice.Float64(), m.dice.Float64()
	fate := Fate{
		Lost:       m.lose(loss),
		Duplicated: duplicate < m.impairment.Duplicate,
		Reordered:  reorder < m.impairment.Reorder,
		Delay:      m.impairment.Delay + time.Duration(min(jitter, 5)*float64(m.impairment.Jitter)),
	}
	switch {
	case fate.Lost:
		return Fate{Lost: true}
	case fate.Reordered:
		fate.Delay = max(fate.Delay, m.last-sent) + HoldBack
	default:
		fate.Delay = max(fate.Delay, m.last-sent)
		m.last = sent + fate.Delay
	}
	return fate
}

// change goes on with another impairment, and dice of its own. What is on its way
// is still not overtaken.
func (m *Model) change(i Impairment, stream uint64) {
	if i == m.impairment {
		return
	}
	last := m.last
	*m = *i.Model(stream)
	m.last = last
}

// lose decides with one throw from 0 to 1. With bursts it is a chain of two
// states: in one everything is lost, in the other nothing.
func (m *Model) lose(throw float64) bool {
	loss := m.impairment.Loss
	if m.impairment.Burst <= 0 || loss <= 0 || loss >= 1 {
		return throw < loss
	}
	burst := max(m.impairment.Burst, 1, loss/(1-loss))
	if m.inBurst {
		m.inBurst = throw >= 1/burst
	} else {
		m.inBurst = throw < loss/(1-loss)/burst
	}
	return m.inBurst
}

// Stats counts what an impaired network did. It is a snapshot.
type Stats struct {
	Passed     uint64 // packets that were sent on, each once
	Lost       uint64 // as the impairment has it
	Duplicated uint64
	Reordered  uint64
	Overflow   uint64 // dropped because too many were on their way
	NoReceiver uint64 // nobody listened at the address
}

func (s *Stats) count(fate Fate) {
	if fate.Lost {
		s.Lost++
		return
	}
	s.Passed++
	if fate.Duplicated {
		s.Duplicated++
	}
	if fate.Reordered {
		s.Reordered++
	}
}
