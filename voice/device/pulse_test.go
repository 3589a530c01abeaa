//go:build cgo && linux

package device

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// pause waits for what happens in another process.
func pause(d time.Duration) { <-time.After(d) }

// until waits for a condition that another process or device brings about.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !met(); pause(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it does not come to that", what)
		}
	}
}

// find returns the id of a device.
func find(t *testing.T, kind Kind, name string) string {
	t.Helper()
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Kind == kind && strings.Contains(d.Name, name) {
			return d.ID
		}
	}
	t.Fatalf("no %s device %s in %+v", kind, name, all)
	return ""
}

func TestList(t *testing.T) {
	devicetest.StartPulse(t)
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[Kind]string{}
	for _, d := range all {
		if d.Default {
			defaults[d.Kind] = d.Name
		}
	}
	if len(all) != 6 || defaults[KindPlayback] != "vspk" || defaults[KindCapture] != "Monitor of vspk" {
		t.Errorf("%+v", all)
	}
}

// The callbacks of devices stay in C, which tells Go of a sound after silence.
func TestCallbackStaysInC(t *testing.T) {
	devicetest.StartPulse(t)
	for _, kind := range []Kind{KindCapture, KindPlayback} {
		cfg, err := Config{}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		l := testLine(t, kind, SampleRate, 1)
		h, err := openDevice(cfg, kind, func(int) (*ring, error) { return l.ring, nil })
		if err != nil {
			t.Fatal(err)
		}
		if h.(*opened).handle == 0 {
			t.Errorf("%s: malgo's device is not laid out as callback.c knows it: Go is called for each period", kind)
		}
		until(t, "the device calls", func() bool { return l.ring.calls.Load() > 5 })
		if kind == KindCapture {
			hearsSound(t, l.ring)
		} else if taken := l.ring.taken.Load(); l.ring.period.Load() == 0 || taken == 0 || l.ring.misses.Load() == 0 {
			t.Errorf("%d samples were taken, nothing was missed", taken)
		}
		h.close()
	}
}

// hearsSound plays something, and waits until the ring of the microphone that hears it is
// told.
func hearsSound(t *testing.T, r *ring) {
	t.Helper()
	r.waiting.Store(1)
	select {
	case <-r.heard:
		t.Error("silence is taken for a sound")
	case <-time.After(200 * time.Millisecond):
	}
	loudspeaker, err := OpenPlayback(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer loudspeaker.Close()
	pcm := make([]float32, SampleRate/100)
	sine(pcm, 0, SampleRate, 1000, 0.5)
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err := loudspeaker.WritePCM(pcm); err != nil || time.Now().After(deadline) {
			t.Fatalf("nothing is heard, error %v", err)
		}
		select {
		case <-r.heard:
			return
		default:
		}
	}
}

// recording is the test speech.
func recording(t *testing.T) (pcm []float32) {
	t.Helper()
	r, err := audiofile.NewReader(bytes.NewReader(speech.WAV), audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]float32, 4800); ; {
		n, err := r.ReadPCM(block)
		pcm = append(pcm, block[:n]...)
		if errors.Is(err, io.EOF) {
			return pcm
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Speech that is played into a loudspeaker comes out of the microphone that hears it.
func TestSpeechThroughDevices(t *testing.T) {
	devicetest.StartPulse(t)
	for _, channels := range []int{1, 2} {
		var got passage
		for range 12 { // a busy machine may have neither the devices nor this program in time
			if got = throughDevices(t, channels); got.good() {
				break
			}
		}
		if !got.good() {
			t.Errorf("%d channels: %+v", channels, got)
		}
	}
}

// passage is what came of speech that went through devices.
type passage struct {
	result           similarity.Result
	took             time.Duration // for 5 s
	played, captured Stats
}

func (p passage) good() bool {
	return p.result.Similarity >= 0.95 && p.took > 4800*time.Millisecond && p.took < 6500*time.Millisecond &&
		p.played.Lost+p.captured.Lost+p.played.Stuck+p.captured.Stuck == 0
}

// throughDevices plays speech into one device and says how much of it came out of the
// other.
func throughDevices(t *testing.T, channels int) passage {
	t.Helper()
	loudspeaker, err := OpenPlayback(Config{ID: find(t, KindPlayback, "vspk"), Channels: channels, Period: 20 * time.Millisecond, Periods: 4})
	if err != nil {
		t.Fatal(err)
	}
	microphone, err := OpenCapture(Config{ID: find(t, KindCapture, "Monitor of vspk"), Period: 20 * time.Millisecond, Periods: 4})
	if err != nil {
		t.Fatal(err)
	}
	said := recording(t)[:4*SampleRate]
	var heard []float32
	var running sync.WaitGroup
	running.Go(func() { heard = listen(microphone) })
	until(t, "the devices run", func() bool { return loudspeaker.Stats().Running && microphone.Stats().Running })
	play(t, loudspeaker, channels, nil, 2*SampleRate) // until it knows how much the device takes at once
	took := play(t, loudspeaker, channels, said, len(said)+SampleRate)
	played, captured := loudspeaker.Stats(), microphone.Stats()
	for _, s := range []io.Closer{loudspeaker, microphone} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	running.Wait()
	result, err := similarity.Compare(similarity.Prepare(said, SampleRate), similarity.Prepare(heard, SampleRate))
	t.Logf("%d channels: %v in %v; %+v, %+v", channels, result, took, played, captured)
	if err != nil {
		t.Error(err)
	}
	return passage{result, took, played, captured}
}

// listen returns what a microphone gives until it is closed.
func listen(microphone *Capture) (heard []float32) {
	pcm := make([]float32, SampleRate/100)
	for {
		n, err := microphone.ReadPCM(pcm)
		if err != nil {
			return heard
		}
		clear(pcm[n:])
		heard = append(heard, pcm...)
	}
}

// play gives a loudspeaker so many samples, mono as all channels, and silence behind
// them.
func play(t *testing.T, loudspeaker *Playback, channels int, pcm []float32, samples int) (took time.Duration) {
	t.Helper()
	begun := time.Now()
	frame := make([]float32, SampleRate/100*channels)
	for at := 0; at+SampleRate/100 <= samples; at += SampleRate / 100 {
		for i := range frame {
			frame[i] = 0
			if at+i/channels < len(pcm) {
				frame[i] = pcm[at+i/channels]
			}
		}
		if err := loudspeaker.WritePCM(frame); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begun)
}

// The audio server dies while it is used. Nothing hangs; who reads and writes goes on in
// real time, and when the server is there again, so is the sound.
func TestAudioServerDies(t *testing.T) {
	p := devicetest.StartPulse(t)
	var mu sync.Mutex
	var events []EventKind
	cfg := Config{Events: func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e.Kind)
	}}
	microphone, err := OpenCapture(cfg)
	if err != nil {
		t.Fatal(err)
	}
	loudspeaker, err := OpenPlayback(Config{})
	if err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		pcm := make([]float32, SampleRate/50)
		for open := true; open; {
			_, err := microphone.ReadPCM(pcm)
			open = err == nil
		}
	})
	running.Go(func() {
		pcm := make([]float32, SampleRate/50)
		for {
			select {
			case <-quit:
				return
			default:
				if loudspeaker.WritePCM(pcm) != nil {
					return
				}
			}
		}
	})
	both := func(running bool) func() bool {
		return func() bool { return microphone.Stats().Running == running && loudspeaker.Stats().Running == running }
	}
	for range 2 {
		until(t, "the devices run", both(true))
		p.Kill()
		until(t, "the devices are lost", both(false))
		p.Start()
	}
	until(t, "the devices run again", both(true))
	close(quit)
	closing := time.Now()
	_ = microphone.Close()
	_ = loudspeaker.Close()
	running.Wait()
	if took := time.Since(closing); took > 5*time.Second {
		t.Errorf("closing takes %v", took)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(events) < 4 || events[0] != EventLost || events[1] != EventBack {
		t.Errorf("told %v", events)
	}
	if a, b := microphone.Stats().Stuck, loudspeaker.Stats().Stuck; a+b != 0 {
		t.Errorf("%d and %d calls did not return", a, b)
	}
}

// A stream without a device of its own follows the system's default.
func TestDefaultIsFollowed(t *testing.T) {
	p := devicetest.StartPulse(t)
	microphone, err := OpenCapture(Config{})
	if err != nil {
		t.Fatal(err)
	}
	loudspeaker, err := OpenPlayback(Config{ID: find(t, KindPlayback, "vidle")})
	if err != nil {
		t.Fatal(err)
	}
	var loudest atomic.Uint32 // of the latest block, in thousandths
	var running sync.WaitGroup
	running.Go(func() {
		pcm := make([]float32, SampleRate/100)
		for {
			n, err := microphone.ReadPCM(pcm)
			if err != nil {
				return
			}
			peak := float32(0)
			for _, x := range pcm[:n] {
				peak = max(peak, x, -x)
			}
			loudest.Store(uint32(1000 * peak))
		}
	})
	running.Go(func() {
		pcm := make([]float32, SampleRate/100)
		for i := range pcm {
			pcm[i] = 0.5
		}
		for loudspeaker.WritePCM(pcm) == nil {
			continue
		}
	})
	until(t, "the devices run", func() bool { return loudspeaker.Stats().Running && microphone.Stats().Running })
	pause(300 * time.Millisecond)
	if got := loudest.Load(); got != 0 {
		t.Errorf("the default hears %d, which is played into another device", got)
	}
	p.Control("set-default-source", "vidle.monitor")
	until(t, "the other default is heard", func() bool { return loudest.Load() > 300 })
	_, _ = microphone.Close(), loudspeaker.Close()
	running.Wait()
}
