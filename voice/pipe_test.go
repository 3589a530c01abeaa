package voice_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func TestPipeIsASink(t *testing.T) {
	for _, channels := range []int{1, 2} {
		voicetest.TestSink(t, channels, func(*testing.T) (voicetest.Sink, func() []float32) {
			return &voice.Pipe{Channels: channels}, nil
		})
	}
}

func TestPipeSaysWhatItHeard(t *testing.T) {
	for _, delay := range []time.Duration{0, 500 * ms} {
		pipe := &voice.Pipe{Delay: delay}
		said, heard := make([]float32, frame), make([]float32, frame)
		lag := int((delay + 60*ms) / (20 * ms))
		for i := range 200 {
			// A spurt of ten frames each second.
			fill(said, 0)
			if i%50 < 10 {
				fill(said, float32(i+1)*unit)
			}
			if err := pipe.WritePCM(said); err != nil {
				t.Fatal(err)
			}
			n, err := pipe.ReadPCM(heard)
			from := i - lag + 1
			if from >= 0 && from%50 < 10 {
				if n != frame || err != nil || heard[0] != float32(from+1)*unit || heard[frame-1] != heard[0] {
					t.Fatalf("delay %v, frame %d: %d samples, %v, number %v; want %d", delay, i, n, err, heard[0]/unit, from+1)
				}
			} else if n != 0 || err != nil {
				t.Fatalf("delay %v, frame %d: %d samples, %v in silence", delay, i, n, err)
			}
		}
	}
}

func TestPipeIsBounded(t *testing.T) {
	pipe := &voice.Pipe{}
	pcm := make([]float32, frame)
	for i := range 1000 {
		fill(pcm, float32(i)*unit)
		_ = pipe.WritePCM(pcm)
	}
	n, held := frame, 0
	for ; n > 0; held++ {
		n, _ = pipe.ReadPCM(pcm)
	}
	if held-1 > 6 || pcm[0] != 999*unit {
		t.Errorf("%d frames held, the last is %v", held-1, pcm[0]/unit)
	}
}

// TestEcho is a bot that says back what it hears, and someone who talks to it.
func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Delay: 5 * ms, Jitter: ms})

		pipe := &voice.Pipe{}
		bot := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: pipe, Sink: pipe, Conn: w.conn()})
		defer bot.Close()
		time.Sleep(100 * ms)

		tape := &tape{}
		source := &counting{last: 60, quiet: func(n int) bool { return n%20 == 0 }}
		session := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: source, Sink: tape, Conn: w.conn()})
		<-session.Finished()
		time.Sleep(time.Second)
		got := session.Stats()
		_ = session.Close()

		want := 1
		for _, r := range tape.runs() {
			if r.number == 0 {
				continue
			}
			if r.number != want {
				t.Fatalf("heard %+v, want %d", r, want)
			}
			if want++; want%20 == 0 {
				want++
			}
		}
		if want != 61 {
			t.Errorf("the last that came back is before %d", want)
		}
		if got.Received.ConcealedSamples != 0 {
			t.Errorf("%+v", got.Received)
		}
		if sent := bot.Stats().Sent; sent.Talking {
			t.Errorf("the bot still talks: %+v", sent)
		}
	})
}
