//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
	"github.com/voiceapp-sdk/voiceapp/voice/device/latencytest"
)

const latencyPeriod = 10 * time.Millisecond

// TestLatency measures how long it takes from a microphone to somebody else's
// loudspeaker: chirps are played into a virtual microphone, and heard there and at a
// virtual loudspeaker. Then the same devices are connected without us. Times are
// printed; that chirps are heard is asserted. With VOICEAPP_LATENCY, a number of chirps,
// what is ours is to be 40 ms at most.
func TestLatency(t *testing.T) {
	count, err := strconv.Atoi(os.Getenv("VOICEAPP_LATENCY"))
	strict := err == nil
	if !strict {
		count = 6
	}
	devicetest.StartPulse(t)
	devices := latencytest.Devices(t)
	s := startServer(t, t.TempDir(), anyPort)
	mouth := s.talker(t, "mouth", devices["Monitor of vmic"], devices["vidle"])
	ear := s.talker(t, "ear", devices["Monitor of vidle"], devices["vspk"])
	ours := latencytest.Delays(t, "vspk", count)
	heard := ear.session.Stats().Received
	printStages(t, mouth, ear, heard.JitterBufferDelay/float64(max(heard.JitterBufferEmittedCount, 1)))
	mouth.close(t)
	ear.close(t)

	stop := connect(t, devices["Monitor of vmic"], devices["vspk"])
	bare := latencytest.Delays(t, "vspk", count)
	stop()
	if len(ours) < count/2 || len(bare) < count/2 {
		t.Fatalf("of %d chirps %d and %d were heard", count, len(ours), len(bare))
	}
	difference := ours[len(ours)/2] - bare[len(bare)/2]
	fmt.Printf("mouth_to_ear_ms=%.1f p95_ms=%.1f devices_alone_ms=%.1f difference_ms=%.1f chirps=%d\n",
		millis(ours[len(ours)/2]), millis(ours[len(ours)*95/100]), millis(bare[len(bare)/2]), millis(difference), len(ours))
	if strict && difference > 40*time.Millisecond {
		t.Errorf("%v of it are ours; want 40 ms at most", difference)
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// talker is somebody who talks by devices.
type talker struct {
	client      *control.Client
	session     *voice.Session
	microphone  *device.Capture
	loudspeaker *device.Playback
}

func (s *testServer) talker(t *testing.T, name, microphone, loudspeaker string) *talker {
	t.Helper()
	key, err := voiceapp.ParseFingerprint(s.fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	one := &talker{}
	if one.client, err = control.Dial(t.Context(), s.addr, control.ClientConfig{Name: name, Fingerprint: key}); err != nil {
		t.Fatal(err)
	}
	if _, err = one.client.JoinPath(t.Context(), "Lobby"); err != nil {
		t.Fatal(err)
	}
	if one.microphone, err = device.OpenCapture(device.Config{ID: microphone, Period: latencyPeriod}); err != nil {
		t.Fatal(err)
	}
	if one.loudspeaker, err = device.OpenPlayback(device.Config{ID: loudspeaker, Period: latencyPeriod}); err != nil {
		t.Fatal(err)
	}
	one.session, err = voice.Join(t.Context(), one.client, voice.Config{
		Codec: codec, Source: one.microphone, Sink: one.loudspeaker, FrameDuration: latencyPeriod,
	})
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func (o *talker) close(t *testing.T) {
	t.Helper()
	for _, c := range []interface{ Close() error }{o.session, o.microphone, o.loudspeaker, o.client} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// connect lets a loudspeaker play what a microphone hears, without us.
func connect(t *testing.T, microphone, loudspeaker string) (stop func()) {
	t.Helper()
	in, err := device.OpenCapture(device.Config{ID: microphone, Period: latencyPeriod})
	if err != nil {
		t.Fatal(err)
	}
	out, err := device.OpenPlayback(device.Config{ID: loudspeaker, Period: latencyPeriod})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		pcm := make([]float32, latencyPeriod*device.SampleRate/time.Second)
		for {
			n, err := in.ReadPCM(pcm)
			if err != nil {
				return
			}
			clear(pcm[n:])
			if out.WritePCM(pcm) != nil {
				return
			}
		}
	})
	return func() {
		_, _ = in.Close(), out.Close()
		running.Wait()
	}
}

// printStages says where the time goes, beside what package voice says that it takes.
func printStages(t *testing.T, mouth, ear *talker, buffered float64) {
	t.Helper()
	fmt.Printf("stage                    measured   budget, ms\n")
	fmt.Printf("the frame fills          %8.1f   %.0f\n", millis(latencyPeriod), millis(latencyPeriod))
	fmt.Printf("waits for the program    %8.1f   0 to %.0f\n", millis(mouth.microphone.Stats().Buffered), millis(latencyPeriod))
	fmt.Printf("encoder's look-ahead     %8.1f   6.5\n", 6.5)
	fmt.Printf("network, there and back  %8.1f   -\n", millis(ear.session.Stats().RoundTrip))
	fmt.Printf("jitter buffer            %8.1f   %.0f, more on an unsteady network\n", 1000*buffered, millis(2*latencyPeriod))
	fmt.Printf("limiter                  %8.1f   1.3\n", 1.3)
	fmt.Printf("waits for the device     %8.1f   0 to %.0f, more after it ran dry (%d times)\n",
		millis(ear.loudspeaker.Stats().Buffered), millis(latencyPeriod), ear.loudspeaker.Stats().Dry)
}
