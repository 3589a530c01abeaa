package jitter

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const ms = time.Millisecond

// wrapStarts are where sequences begin in tests, so that all wraps are met.
var wrapStarts = []uint16{0, 1, 127, 128, 32767, 32768, 65534, 65535}

// tocs are the first bytes of Opus packets of 10, 20, 40, 60 and 120 ms.
var tocs = map[time.Duration][]byte{
	10 * ms:  {0x80 | 2<<3},
	20 * ms:  {0x80 | 3<<3},
	40 * ms:  {0x80 | 3<<3 | 1},
	60 * ms:  {3 << 3},
	120 * ms: {3<<3 | 1},
}

// talker makes the frames of a spurt; each payload carries its own number.
type talker struct {
	sequence uint16
	media    uint32
	number   uint32
}

func (s *talker) frame(d time.Duration, flags packet.Flags) packet.Audio {
	s.number++
	a := packet.Audio{
		Sequence:  s.sequence,
		MediaTime: s.media,
		Flags:     flags,
		Payload:   binary.BigEndian.AppendUint32(tocs[d][:1:1], s.number),
	}
	s.sequence++
	s.media += uint32(d / ms * samplesPerMs)
	return a
}

func (s *talker) silence(d time.Duration) { s.media += uint32(d / ms * samplesPerMs) }

// heard is what playout gave: one entry for each ms, the number of the frame,
// concealed or silent.
type heard []int

const (
	silent    = 0
	concealed = -1
)

// listener pulls a buffer in 10 ms ticks, as a mixer does.
type listener struct {
	b     *Buffer
	left  Decision
	heard heard
}

func (l *listener) pull(t time.Duration) {
	for at := t; at < t+10*ms; {
		if l.left.Samples == 0 {
			l.left = l.b.Next(at)
			l.left.Payload = append([]byte(nil), l.left.Payload...)
		}
		step := time.Duration(l.left.Samples) * ms / samplesPerMs
		if step == 0 || step > t+10*ms-at {
			step = t + 10*ms - at
		}
		l.note(step)
		at += step
		if l.left.Action == Idle {
			l.left = Decision{}
		} else {
			l.left.Samples -= int(step / ms * samplesPerMs)
		}
	}
}

func (l *listener) note(step time.Duration) {
	what := silent
	switch l.left.Action {
	case Play:
		what = int(binary.BigEndian.Uint32(l.left.Payload[1:]))
	case Conceal, Expand, Recover:
		what = concealed
	case Idle:
	}
	for range step / ms {
		l.heard = append(l.heard, what)
	}
}

// arrival is a frame at the time when it comes.
type arrival struct {
	at time.Duration
	a  packet.Audio
}

// replay lets frames arrive, in the given order, and pulls until the given time.
func replay(b *Buffer, until time.Duration, arrivals []arrival) heard {
	l := listener{b: b}
	for t := time.Duration(0); t < until; t += 10 * ms {
		for len(arrivals) > 0 && arrivals[0].at <= t {
			b.Put(arrivals[0].a, arrivals[0].at)
			arrivals = arrivals[1:]
		}
		l.pull(t)
	}
	return l.heard
}

// runs writes down what was heard in runs: "silent:40 1:20 concealed:20".
func (h heard) runs() string {
	var s string
	for i := 0; i < len(h); {
		n := 1
		for i+n < len(h) && h[i+n] == h[i] {
			n++
		}
		name := fmt.Sprint(h[i])
		switch h[i] {
		case silent:
			name = "-"
		case concealed:
			name = "made"
		}
		s += fmt.Sprintf("%s:%d ", name, n)
		i += n
	}
	return s[:len(s)-1]
}

func expect(t *testing.T, got heard, want string) {
	t.Helper()
	if got.runs() != want {
		t.Errorf("heard %s\nwant  %s", got.runs(), want)
	}
}

func TestPlayoutInOrder(t *testing.T) {
	for _, start := range wrapStarts {
		s := talker{sequence: start, media: uint32(start) << 16}
		in := []arrival{{0, s.frame(20*ms, 0)}, {20 * ms, s.frame(20*ms, 0)}, {40 * ms, s.frame(20*ms, packet.FlagEnd)}}
		expect(t, replay(New(Config{Delay: 40 * ms}), 120*ms, in), "-:40 1:20 2:20 3:20 -:20")
	}
}

func TestReorderingDuplicatesAndLoss(t *testing.T) {
	for _, start := range wrapStarts {
		s := talker{sequence: start, media: -uint32(start)}
		one, two, _, four, five := s.frame(20*ms, 0), s.frame(20*ms, 0), s.frame(20*ms, 0), s.frame(20*ms, 0), s.frame(20*ms, packet.FlagEnd)
		b := New(Config{Delay: 40 * ms})
		in := []arrival{{0, two}, {10 * ms, one}, {10 * ms, two}, {50 * ms, five}, {60 * ms, four}, {70 * ms, one}}
		// The second came first and is due at 40 ms, so that the first is due at 20.
		expect(t, replay(b, 140*ms, in), "-:20 1:20 2:20 made:20 4:20 5:20 -:20")
		got := b.Stats()
		if got.FramesDuplicate != 2 || got.FramesLost != 1 || got.FramesPlayed != 4 || got.ConcealedSamples != 960 || got.ConcealmentEvents != 1 {
			t.Errorf("start %d: %+v", start, got)
		}
	}
}

func TestLossIsConcealedForItsLength(t *testing.T) {
	for _, lost := range []time.Duration{10 * ms, 20 * ms, 40 * ms, 60 * ms} {
		for _, around := range []time.Duration{10 * ms, 20 * ms, 40 * ms, 60 * ms, 120 * ms} {
			s := talker{}
			first := s.frame(around, 0)
			s.frame(lost, 0)
			last := s.frame(around, packet.FlagEnd)
			in := []arrival{{0, first}, {around + lost, last}}
			want := fmt.Sprintf("-:40 1:%d made:%d 3:%d -:40", around/ms, lost/ms, around/ms)
			expect(t, replay(New(Config{Delay: 40 * ms}), 80*ms+2*around+lost, in), want)
		}
	}
}

func TestLateFrames(t *testing.T) {
	s := talker{}
	one, two, three, four := s.frame(20*ms, 0), s.frame(20*ms, 0), s.frame(20*ms, 0), s.frame(20*ms, packet.FlagEnd)
	b := New(Config{Delay: 40 * ms})
	// The second is due at 60 ms and comes at 70: its second half is heard. The
	// third is due at 80 and comes at 100: too late.
	in := []arrival{{0, one}, {70 * ms, two}, {100 * ms, three}, {100 * ms, four}}
	expect(t, replay(b, 140*ms, in), "-:40 1:20 made:10 2:10 made:20 4:20 -:20")
	if got := b.Stats(); got.FramesLate != 1 || got.FramesLost != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSpurtEnds(t *testing.T) {
	s := talker{}
	one, end := s.frame(20*ms, 0), s.frame(20*ms, packet.FlagEnd)
	end.Payload = nil
	s.media -= 20 * samplesPerMs
	s.silence(200 * ms)
	next := s.frame(20*ms, packet.FlagEnd)
	in := []arrival{{0, one}, {20 * ms, end}, {225 * ms, next}}
	b := New(Config{Delay: 40 * ms})
	expect(t, replay(b, 300*ms, in), "-:40 1:20 -:205 3:20 -:15")
	if got := b.Stats(); got.ConcealedSamples != 0 {
		t.Errorf("%+v", got)
	}

	t.Run("the flag comes late", func(t *testing.T) {
		in := []arrival{{0, one}, {90 * ms, end}}
		expect(t, replay(New(Config{Delay: 40 * ms}), 200*ms, in), "-:40 1:20 made:30 -:110")
	})
	t.Run("the flag is lost", func(t *testing.T) {
		in := []arrival{{0, one}, {220 * ms, next}}
		expect(t, replay(New(Config{Delay: 40 * ms}), 300*ms, in), "-:40 1:20 made:100 -:100 3:20 -:20")
	})
}

func TestGapWithoutLossIsSilence(t *testing.T) {
	s := talker{}
	one := s.frame(20*ms, 0)
	s.silence(30 * ms)
	two := s.frame(20*ms, packet.FlagEnd)
	in := []arrival{{0, one}, {50 * ms, two}}
	expect(t, replay(New(Config{Delay: 40 * ms}), 120*ms, in), "-:40 1:20 -:30 2:20 -:10")
}

func TestRestart(t *testing.T) {
	for _, jump := range []struct {
		sequence uint16
		media    uint32
	}{{5000, 1 << 31}, {1 << 15, 7}, {20_000, 1<<31 - 1}, {1, 1 << 31}, {-5000 & 0xffff, 1 << 20}, {0, 1 << 31}} {
		for _, start := range wrapStarts {
			s := talker{sequence: start, media: 1 << 31}
			in := []arrival{{0, s.frame(20*ms, 0)}, {20 * ms, s.frame(20*ms, packet.FlagEnd)}}
			s.sequence += jump.sequence
			s.media += jump.media
			for at := 300 * ms; at < 360*ms; at += 20 * ms {
				in = append(in, arrival{at, s.frame(20*ms, 0)})
			}
			b := New(Config{Delay: 40 * ms})
			// The first frame that fits nowhere is not believed yet.
			expect(t, replay(b, 400*ms, in), "-:40 1:20 2:20 -:280 4:20 5:20")
			if got := b.Stats(); got.Restarts != 1 || got.FramesDiscarded != 1 {
				t.Errorf("start %d, jump %v: %+v", start, jump, got)
			}
		}
	}
}

func TestStrayFrameChangesNothing(t *testing.T) {
	s := talker{}
	one, two := s.frame(20*ms, 0), s.frame(20*ms, packet.FlagEnd)
	stray := packet.Audio{Sequence: 40_000, MediaTime: 1 << 31, Payload: one.Payload}
	in := []arrival{{0, one}, {10 * ms, stray}, {10 * ms, stray}, {20 * ms, two}}
	expect(t, replay(New(Config{Delay: 40 * ms}), 100*ms, in), "-:40 1:20 2:20 -:20")
}

func TestLongSilenceInMediaTime(t *testing.T) {
	s := talker{}
	in := []arrival{{0, s.frame(20*ms, 0)}}
	s.silence(12 * time.Hour)
	in = append(in, arrival{500 * ms, s.frame(20*ms, packet.FlagEnd)})
	expect(t, replay(New(Config{Delay: 40 * ms}), 580*ms, in), "-:40 1:20 made:100 -:380 2:20 -:20")
}

func TestOutageIsCaughtUp(t *testing.T) {
	s := talker{}
	var in []arrival
	for at := time.Duration(0); at < 3*time.Second; at += 20 * ms {
		came := at
		if at >= time.Second && at < 2*time.Second {
			came = 2 * time.Second
		}
		in = append(in, arrival{came, s.frame(20*ms, 0)})
	}
	b := New(Config{Delay: 40 * ms})
	got := replay(b, 3040*ms, in)
	for i, number := range got[2100:] {
		if want := (i + 2100 - 40) / 20; number != want+1 {
			t.Fatalf("at %d ms: frame %d, want %d: the delay has not come back", i+2100, number, want+1)
		}
	}
	if s := b.Stats(); s.ConcealedSamples != maxConceal || s.FramesDiscarded < 40 {
		t.Errorf("%+v", s)
	}
}

// TestRandomLoss proves the two figures of a plain buffer: with 10 % loss and
// jitter within the delay, what is made up and what is unheard is what was lost.
func TestRandomLoss(t *testing.T) {
	const frames = 30_000 // ten minutes
	rng := rand.New(rand.NewPCG(1, 2))
	s := talker{sequence: 65_000, media: 1<<32 - 1000}
	b := New(Config{Delay: 40 * ms})
	l := listener{b: b}
	lost := 0
	var late []arrival
	for i := range frames {
		now := time.Duration(i) * 20 * ms
		for _, a := range late {
			b.Put(a.a, now)
		}
		late = late[:0]
		a := s.frame(20*ms, 0)
		switch p := rng.Float64(); {
		case i > 0 && i < frames-1 && p < 0.1:
			lost++
		case p < 0.3:
			late = append(late, arrival{now, a})
		default:
			b.Put(a, now)
		}
		l.pull(now)
		l.pull(now + 10*ms)
	}
	got := b.Stats()
	if got.FramesLost != uint64(lost) || got.FramesLate+got.FramesDiscarded != 0 {
		t.Errorf("lost %d: %+v", lost, got)
	}
	if max := uint64(lost) * 960; got.ConcealedSamples > max {
		t.Errorf("concealed %d samples, lost only %d", got.ConcealedSamples, max)
	}
	for i, number := range l.heard[1000:] {
		if at := 1000 + i; number > 0 && number != (at-40)/20+1 {
			t.Fatalf("at %d ms: frame %d: playout has drifted", at, number)
		}
	}
}

func TestMalformed(t *testing.T) {
	b := New(Config{Delay: 40 * ms})
	for _, payload := range [][]byte{nil, {3}, {3, 0}, {0xff, 63}} {
		if b.Put(packet.Audio{Payload: payload}, 0) {
			t.Errorf("%x is held", payload)
		}
	}
	if got := b.Stats(); got.FramesMalformed != 4 {
		t.Errorf("%+v", got)
	}
}

func TestSamples(t *testing.T) {
	for d, toc := range tocs {
		if got, ok := Samples(toc); !ok || got != int(d/ms)*samplesPerMs {
			t.Errorf("%x: %d samples, want %v", toc, got, d)
		}
	}
	if got, ok := Samples([]byte{0x80, 0}); !ok || got != 120 {
		t.Errorf("2.5 ms: %d samples", got)
	}
	if got, ok := Samples([]byte{0x0b, 2}); !ok || got != 1920 {
		t.Errorf("2 x 20 ms: %d samples", got)
	}
}

func BenchmarkPutNext(b *testing.B) {
	b.Run("fixed", func(b *testing.B) { benchmarkPutNext(b, New(Config{Delay: 40 * ms})) })
	b.Run("adaptive", func(b *testing.B) { benchmarkPutNext(b, New(Config{})) })
}

func benchmarkPutNext(b *testing.B, buf *Buffer) {
	s := talker{}
	a := s.frame(20*ms, 0)
	a.Payload = append(a.Payload, make([]byte, 160)...)
	b.ReportAllocs()
	for i := range b.N {
		now := time.Duration(i) * 20 * ms
		a.Sequence++
		a.MediaTime += 960
		buf.Put(a, now)
		if d := buf.Next(now); d.Action != Play && i > 10 {
			b.Fatal(d)
		}
	}
}
