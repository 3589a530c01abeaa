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
