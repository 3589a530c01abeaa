//go:build !race

package jitter

import (
	"testing"
	"time"
)

func TestPutAndNextDoNotAllocate(t *testing.T) {
	for name, cfg := range map[string]Config{"fixed": {Delay: 40 * ms}, "adaptive": {}, "limited": {MaxDelay: 30 * ms}} {
		t.Run(name, func(t *testing.T) { putAndNext(t, New(cfg)) })
	}
}

func putAndNext(t *testing.T, b *Buffer) {
	s := talker{}
	a := s.frame(20*ms, 0)
	a.Payload = append(a.Payload, make([]byte, 160)...)
	var now time.Duration
	step := func() {
		a.Sequence++
		a.MediaTime += 960
		if a.Sequence%10 != 0 {
			b.Put(a, now)
		}
		b.Next(now)
		now += 20 * ms
	}
	for range 2 * capacity {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// A playout that stretches, conceals and cross-fades.
func TestPlayoutDoesNotAllocate(t *testing.T) {
	for _, channels := range []int{1, 2} {
		p := NewPlayout(PlayoutConfig{Decoder: &tone{channels: channels}, Channels: channels})
		a := (&talker{}).frame(20*ms, 0)
		pcm := make([]float32, 10*samplesPerMs*channels)
		var now time.Duration
		step := func() {
			a.Sequence++
			a.MediaTime += 960
			if a.Sequence%7 != 0 {
				p.Put(a, now)
			}
			p.Read(pcm, now)
			now += 10 * ms
			if a.Sequence%16 != 0 { // or else the frame is later than the others
				p.Read(pcm, now)
				now += 10 * ms
			}
		}
		for range 2 * capacity {
			step()
		}
		if n := testing.AllocsPerRun(1000, step); n != 0 {
			t.Errorf("%d channels: %v allocations a frame", channels, n)
		}
		s := p.Stats()
		if s.ConcealedSamples == 0 || s.InsertedSamplesForDeceleration+s.RemovedSamplesForAcceleration == 0 {
			t.Errorf("%+v", s)
		}
	}
}
