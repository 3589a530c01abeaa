package jitter_test

import (
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Three frames of 20 ms are said; the second one is lost on the way.
func Example() {
	const frame = 20 * time.Millisecond
	opus := []byte{0x78, 0, 0} // its first byte says: 20 ms
	b := jitter.New(jitter.Config{Delay: 2 * frame})
	b.Put(packet.Audio{Sequence: 1, MediaTime: 0, Payload: opus}, 0)
	b.Put(packet.Audio{Sequence: 3, MediaTime: 1920, Payload: opus, Flags: packet.FlagEnd}, 2*frame)

	for now := 2 * frame; now < 6*frame; { // the first one is due 40 ms after it came
		d := b.Next(now)
		fmt.Println(now, [...]string{"silence", "play", "conceal"}[d.Action], d.Samples)
		if d.Action == jitter.Idle {
			break
		}
		now += time.Duration(d.Samples) * time.Second / jitter.SampleRate
	}
	// Output:
	// 40ms play 960
	// 60ms conceal 960
	// 80ms play 960
	// 100ms silence 0
}

// beeper is a decoder that gives a loud sample for each frame of 20 ms.
type beeper struct{}

func (beeper) Decode(pcm []float32, _ []byte) (int, error) {
	clear(pcm[:960])
	pcm[0] = 1
	return 960, nil
}

func (beeper) Conceal(pcm []float32) error {
	clear(pcm)
	return nil
}

// Frames come 5 ms after they were said, and are read in blocks of 10 ms.
func ExamplePlayout() {
	p := jitter.NewPlayout(jitter.PlayoutConfig{Decoder: beeper{}, Config: jitter.Config{MinDelay: 20 * time.Millisecond}})
	opus := []byte{0x78, 0, 0} // its first byte says: 20 ms
	pcm := make([]float32, 480)
	for now := time.Duration(0); now < 100*time.Millisecond; now += 10 * time.Millisecond {
		if i := int(now / (20 * time.Millisecond)); now%(20*time.Millisecond) == 10*time.Millisecond && i < 3 {
			p.Put(packet.Audio{Sequence: uint16(i), MediaTime: uint32(960 * i), Payload: opus}, now-5*time.Millisecond)
		}
		p.Read(pcm, now)
		for i, x := range pcm {
			if x == 1 {
				fmt.Println("a frame begins at", now+time.Duration(i)*time.Second/jitter.SampleRate)
			}
		}
	}
	// Output:
	// a frame begins at 25ms
	// a frame begins at 45ms
	// a frame begins at 65ms
}
