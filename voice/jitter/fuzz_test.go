package jitter

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// script drives a buffer by the bytes of a fuzzer and checks what must always
// hold: nothing is played twice, pieces have legal lengths, concealment and
// memory are bounded, every frame is accounted for.
type script struct {
	t       *testing.T
	b       *Buffer
	most    time.Duration // 0: the delay has no limit
	s       talker
	now     time.Duration
	sent    []packet.Audio // since the last restart
	played  map[uint32]bool
	madeUp  int
	markers uint64 // frames without sound that were put
}

func (s *script) put(a packet.Audio) {
	if len(a.Payload) == 0 {
		s.markers++
	}
	restarts := s.b.Stats().Restarts
	s.b.Put(a, s.now)
	if s.b.Stats().Restarts != restarts {
		s.sent = s.sent[:0]
	}
	s.sent = append(s.sent, a)
}

func (s *script) next() {
	d := s.b.Next(s.now)
	switch d.Action {
	case Play:
		s.madeUp = 0
		s.checkPlay(d)
	case Conceal:
		s.madeUp += d.Samples
		if d.Samples <= 0 || s.madeUp > maxConceal {
			s.t.Fatalf("made up %d samples in a row: %+v", s.madeUp, d)
		}
	case Recover:
		s.madeUp = 0
		samples, _ := Samples(d.Payload)
		if !packet.HasFEC(d.Payload) || d.Samples <= 0 || d.Skip < 0 || d.Skip+d.Samples != samples {
			s.t.Fatalf("%+v of a packet of %d samples", d, samples)
		}
	case Expand:
		s.expand(&d)
	case Idle:
	}
	if d.Samples < 0 || d.Action != Idle && d.Samples > MaxSamples {
		s.t.Fatalf("illegal length: %+v", d)
	}
	s.now += time.Duration(min(d.Samples, MaxSamples)) * time.Second / SampleRate
}

// expand stretches all that may be, or nothing.
func (s *script) expand(d *Decision) {
	if d.Samples < minStretch || d.Samples > maxStretch {
		s.t.Fatalf("stretch by %d samples", d.Samples)
	}
	if s.now%2 == 0 {
		d.Samples = 0
	}
	s.b.Stretched(d.Samples)
}

func (s *script) checkPlay(d Decision) {
	if samples, ok := Samples(d.Payload); !ok || d.Samples <= 0 || d.Skip < 0 || d.Skip+d.Samples != samples {
		s.t.Fatalf("%+v of a packet of %d samples", d, samples)
	}
	if s.most > 0 && max(d.Behind, d.Target) > s.most {
		s.t.Fatalf("%+v although the delay is %v at most", d, s.most)
	}
	number := binary.BigEndian.Uint32(d.Payload[1:])
	if s.played[number] {
		s.t.Fatalf("frame %d is played twice", number)
	}
	s.played[number] = true
	if d.Remove > 0 && s.now%2 == 1 {
		s.b.Stretched(min(d.Remove, d.Samples))
	}
}

func (s *script) heldWithSound() (n uint64) {
	for _, f := range s.b.slots {
		if f.state == held && f.samples > 0 {
			n++
		}
	}
	return n
}

var fuzzDurations = []time.Duration{10 * ms, 20 * ms, 40 * ms, 60 * ms, 120 * ms}

func (s *script) step(op byte, arg uint16) {
	d := fuzzDurations[int(arg)%len(fuzzDurations)]
	switch op % 10 {
	case 0, 1:
		a := s.s.frame(d, 0)
		if arg&0x100 != 0 {
			a.Payload[1] |= 0x70 // it holds what stands in for the one before, if it is SILK
		}
		s.put(a)
	case 2:
		s.put(s.s.frame(d, packet.FlagEnd))
	case 3: // lost
		s.s.frame(d, 0)
	case 4: // a copy, sooner or later
		if len(s.sent) > 0 {
			s.put(s.sent[len(s.sent)-1-int(arg)%len(s.sent)])
		}
	case 5:
		s.s.silence(time.Duration(arg) * ms)
	case 6: // copies of what was before a jump are the replay window's to refuse
		s.s.sequence += arg
		s.sent = s.sent[:0]
	case 7:
		s.s.media += uint32(arg) << 16
		s.sent = s.sent[:0]
	case 8:
		a := s.s.frame(10*ms, packet.FlagEnd)
		a.Payload = nil
		s.put(a)
	case 9:
		s.now += time.Duration(arg%500) * ms
	}
}

func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 0, 1, 0, 0, 1, 2, 0, 1})
	f.Add([]byte{0, 0, 1, 6, 0x80, 0, 0, 0, 1, 0, 0, 1, 4, 0, 1})
	f.Add([]byte{0, 0, 3, 3, 0, 3, 0x80, 1, 3, 0, 1, 3, 9, 0, 20, 0, 1, 3})
	f.Add([]byte{0, 0, 1, 3, 0, 1, 0, 0, 1, 5, 1, 0, 0, 0, 1, 9, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		for _, cfg := range []Config{{Delay: 40 * ms}, {}, {Delay: 40 * ms, FEC: true}, {FEC: true}, {MinDelay: 40 * ms, MaxDelay: 60 * ms, FEC: true}} {
			s := script{t: t, b: New(cfg), most: cfg.MaxDelay, played: map[uint32]bool{}}
			s.run(ops)
		}
	})
}

func (s *script) run(ops []byte) {
	for ; len(ops) >= 3; ops = ops[3:] {
		s.step(ops[0], binary.BigEndian.Uint16(ops[1:]))
		if ops[0]&0x80 == 0 {
			s.next()
		}
	}
	got := s.b.Stats()
	fates := got.FramesPlayed + got.FramesLate + got.FramesDiscarded + got.FramesDuplicate + got.FramesMalformed + s.heldWithSound()
	if s.b.held > capacity || fates > got.FramesReceived || fates+s.markers < got.FramesReceived {
		s.t.Fatalf("held %d, %d frames without sound: %+v", s.b.held, s.markers, got)
	}
}
