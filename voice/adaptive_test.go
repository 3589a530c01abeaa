//go:build cgo

package voice_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// network lets one speaker's frames come late, and counts what the receiver does.
type network struct {
	r    *voice.Receiver
	pcm  []float32
	sent int
	due  map[time.Duration][]int // frames by arrival, in steps of 10 ms
}

func newNetwork(t *testing.T, cfg voice.ReceiverConfig) *network {
	cfg.Codec = opusCodec
	r, err := voice.NewReceiver(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &network{r: r, pcm: make([]float32, frame/2), due: map[time.Duration][]int{}}
}

// run sends frames for that long, each late by late(), and returns what that has
// changed.
func (n *network) run(packets [][]byte, d time.Duration, late func() time.Duration) (mean, target time.Duration, concealed float64) {
	before := n.r.Stats()
	for end := n.sent + int(d/(20*ms)); n.sent < end; n.sent++ {
		now := time.Duration(n.sent) * 20 * ms
		at := (now + late()).Round(10 * ms)
		n.due[at] = append(n.due[at], n.sent)
		for t := now; t < now+20*ms; t += 10 * ms {
			for _, i := range n.due[t] {
				a := number(1, i, 0)
				a.Payload = packets[i%len(packets)]
				n.r.Put(a, t)
			}
			delete(n.due, t)
			n.r.Read(n.pcm, t)
		}
	}
	s := n.r.Stats()
	emitted := float64(s.JitterBufferEmittedCount - before.JitterBufferEmittedCount)
	seconds := func(sum float64) time.Duration { return time.Duration(sum / emitted * float64(time.Second)) }
	return seconds(s.JitterBufferDelay - before.JitterBufferDelay), seconds(s.JitterBufferTargetDelay - before.JitterBufferTargetDelay),
		float64(s.ConcealedSamples-before.ConcealedSamples) / d.Seconds() / voice.SampleRate
}

// The delay follows the network: up within a second or two, down when it has been
// quiet, and to the least that is allowed.
func TestReceiverAdapts(t *testing.T) {
	packets := speech(t)
	rng := rand.New(rand.NewPCG(1, 2))
	quiet := func() time.Duration { return 0 }
	unsteady := func() time.Duration { return time.Duration(rng.IntN(13)) * 10 * ms }
	for name, c := range map[string]struct{ least, want time.Duration }{
		"default": {0, voice.DefaultMinDelay}, "least": {-1, 0}, "60 ms": {60 * ms, 60 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, voice.ReceiverConfig{MinDelay: c.least})
			n.run(packets, 10*time.Second, quiet)
			if _, target, concealed := n.run(packets, 10*time.Second, quiet); target > c.want+5*ms || target < c.want-ms || concealed > 0 {
				t.Errorf("quiet: target %v, %.4f concealed", target, concealed)
			}
			n.run(packets, 3*time.Second, unsteady)
			if _, target, concealed := n.run(packets, 20*time.Second, unsteady); target < 100*ms || target > 150*ms || concealed > .005 {
				t.Errorf("unsteady: target %v, %.4f concealed", target, concealed)
			}
			n.run(packets, 40*time.Second, quiet)
			mean, target, concealed := n.run(packets, 5*time.Second, quiet)
			if target > c.want+5*ms || mean > c.want*3/2+20*ms || concealed > 0 {
				t.Errorf("quiet again: target %v, mean delay %v, %.4f concealed", target, mean, concealed)
			}
			s := n.r.Stats()
			if s.InsertedSamplesForDeceleration == 0 || s.RemovedSamplesForAcceleration == 0 || s.FramesSpoilt > 0 {
				t.Errorf("%+v", s.Stats)
			}
		})
	}
}
