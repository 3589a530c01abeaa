package device

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const testPeriod = SampleRate / 100

// openTest is a stream whose device is the test's: it calls callback every 10 ms until
// the stream is closed.
func openTest(t *testing.T, kind Kind, callback func(r *ring)) *stream {
	t.Helper()
	cfg, err := Config{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{cfg: cfg, quit: make(chan struct{}), ended: make(chan struct{})}
	s.use(testLine(t, kind, SampleRate, 1))
	go func() {
		defer close(s.ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				callback(s.line().ring)
			case <-s.quit:
				return
			}
		}
	}()
	return s
}

// A microphone that is silent is looked at ten times a second, where that is allowed, none
// of its sound is lost, and the first sound is there as soon as otherwise.
func TestSilentMicrophoneRests(t *testing.T) {
	for rests, looked := range map[bool]int{true: 50 + 10*4, false: 50 * 5} {
		testSilentMicrophone(t, rests, looked)
	}
}

func testSilentMicrophone(t *testing.T, rests bool, looked int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const speaks = 531 // the period in which the first sound comes
		var mu sync.Mutex
		periods, spoke := 0, time.Time{}
		c := &Capture{stream: openTest(t, KindCapture, func(r *ring) {
			pcm := make([]float32, testPeriod)
			mu.Lock()
			defer mu.Unlock()
			if periods++; periods == speaks {
				pcm[0], spoke = 0.5, time.Now()
			}
			r.captured(pcm)
		})}
		c.MayRest(rests)
		frame, looks, last := make([]float32, 2*testPeriod), 0, time.Time{}
		for at := 0; ; at += len(frame) {
			n, err := c.ReadPCM(frame)
			if n != len(frame) || err != nil {
				t.Fatalf("%d samples, error %v", n, err)
			}
			if now := time.Now(); now != last {
				looks, last = looks+1, now
			}
			if i := slices.Index(frame, 0.5); i >= 0 {
				if at+i != (speaks-1)*testPeriod {
					t.Errorf("it is sample %d", at+i)
				}
				mu.Lock()
				if late := last.Sub(spoke); late > 20*time.Millisecond {
					t.Errorf("the sound comes %v late", late)
				}
				mu.Unlock()
				break
			}
		}
		if looks > looked+20 || looks < looked-10 {
			t.Errorf("in 5.3 s it was looked at %d times, want %d", looks, looked)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.ReadPCM(make([]float32, SampleRate)); err == nil {
			t.Error("it gives more than there was")
		}
	})
}

// A loudspeaker that rests plays silence, for exactly as long as it says, and what is
// written then comes behind it without a gap.
func TestLoudspeakerRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var played []float32
		p := &Playback{stream: openTest(t, KindPlayback, func(r *ring) {
			pcm := make([]float32, testPeriod)
			r.played(pcm)
			mu.Lock()
			defer mu.Unlock()
			played = append(played, pcm...)
		})}
		p.ahead.Store(2)
		written := 0
		write := func(value float32) {
			pcm := make([]float32, 2*testPeriod)
			for i := range pcm {
				pcm[i] = value
			}
			if err := p.WritePCM(pcm); err != nil {
				t.Fatal(err)
			}
			written += len(pcm)
		}
		write(0.1)
		var running sync.WaitGroup
		for i, lasts := range []time.Duration{1234 * time.Millisecond, 7 * time.Millisecond, 0, 5001 * time.Millisecond} {
			value := 0.2 + float32(i)/10
			write(value)
			dry := p.Stats().Dry
			wake := make(chan struct{})
			running.Go(func() {
				time.Sleep(lasts)
				close(wake)
			})
			began := time.Now()
			silence := p.Rest(wake)
			if got := time.Since(began); got != lasts {
				t.Errorf("it rests for %v, not %v", got, lasts)
			}
			written += silence
			if got := p.Stats().Dry; got != dry {
				t.Errorf("it was dry %d times", got-dry)
			}
			at := written
			write(value + 0.05)
			write(value + 0.05)
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			if got := slices.Index(played, value+0.05); got != at && lasts > 0 {
				t.Errorf("what follows %v of rest is played %d samples after it was due", lasts, got-at)
			}
			written = len(played) // it was dry meanwhile
			mu.Unlock()
		}
		running.Wait()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if n := p.Rest(nil); n > 2*testPeriod {
			t.Errorf("after Close it rests for %d samples", n)
		}
	})
}
