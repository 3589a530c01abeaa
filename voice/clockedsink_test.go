package voice_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// loudspeaker is a tape that takes 20 ms at a time of a clock of its own.
type loudspeaker struct {
	tape
	period time.Duration
	due    time.Time
}

func (l *loudspeaker) Ready() error {
	if l.due.IsZero() {
		l.due = time.Now()
	}
	time.Sleep(time.Until(l.due))
	l.due = l.due.Add(l.period)
	return nil
}

// sleeper is a loudspeaker that can rest.
type sleeper struct {
	loudspeaker
	mu    sync.Mutex
	rests int           // begun
	slept time.Duration // ended
	asked int           // times that it was asked whether it is ready
}

func (s *sleeper) Ready() error {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	return s.loudspeaker.Ready()
}

func (s *sleeper) Rest(wake <-chan struct{}) int {
	s.mu.Lock()
	s.rests++
	s.mu.Unlock()
	began := time.Now()
	<-wake
	slept := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slept += slept
	s.due = time.Time{}
	return int(slept * voice.SampleRate / time.Second)
}

func (s *sleeper) counts() (rests, asked int, slept time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rests, s.asked, s.slept
}

// While nobody speaks for long a loudspeaker that can is left alone. Who speaks then is
// heard from his first word on, and as soon as by one that never rests.
func TestRestingSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const spoken = 50 // frames
		w := newWorld(t)
		sink := &sleeper{loudspeaker: loudspeaker{period: 20 * ms}}
		listener := join(t, newSignaling(w.admit(2, 0)), voice.Config{Codec: &numbers{}, Sink: sink, Conn: w.conn()})
		time.Sleep(time.Minute)
		if rests, asked, _ := sink.counts(); rests == 0 || asked > 5 {
			t.Errorf("in a minute of silence it rested %d times, and was asked %d times", rests, asked)
		}
		for range 2 {
			before := listener.Stats().Received
			speaker := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: &counting{last: spoken}, Conn: w.conn()})
			<-speaker.Finished()
			time.Sleep(500 * ms)
			got := listener.Stats().Received
			if got.FramesPlayed-before.FramesPlayed != spoken || got.FramesLate != before.FramesLate || got.ConcealedSamples > before.ConcealedSamples+960 {
				t.Errorf("of %d frames: %+v", spoken, got.Stats)
			}
			if delay := got.JitterBufferDelay - before.JitterBufferDelay; delay > 0.08*spoken*960 {
				t.Errorf("they waited for %.2f s in all", delay)
			}
			if err := speaker.Close(); err != nil {
				t.Error(err)
			}
			_, asked, _ := sink.counts()
			time.Sleep(time.Minute)
			if _, now, slept := sink.counts(); now-asked > 50*11 || slept < time.Minute {
				t.Errorf("in the minute after that it was asked %d times; it slept for %v", now-asked, slept)
			}
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		w.close()
	})
}

// A loudspeaker whose clock is wrong is followed: it gets no more and no less than it
// asks for, and what is said is heard, stretched where it has to be.
func TestClockedSink(t *testing.T) {
	for _, ppm := range []time.Duration{-500, 0, 500} {
		synctest.Test(t, func(t *testing.T) {
			const seconds = 120
			w := newWorld(t)
			sink := &loudspeaker{period: 20*ms + 20*ms*ppm/1_000_000}
			listener, err := voice.Join(t.Context(), newSignaling(w.admit(2, 0)), voice.Config{Codec: &numbers{}, Sink: sink, Conn: w.conn()})
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			speaker := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: &counting{last: 50 * seconds}, Conn: w.conn()})
			<-speaker.Finished()
			time.Sleep(time.Second)
			stats := listener.Stats()
			took := time.Since(begun)
			for _, s := range []*voice.Session{speaker, listener} {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			w.close()
			frames := len(sink.heard) / frame
			if want := int(took / sink.period); frames < want-2 || frames > want+2 {
				t.Errorf("%d ppm: %d frames in %v, of %v each", ppm, frames, took, sink.period)
			}
			if got := stats.Received; got.FramesPlayed < 50*seconds-5 || got.ConcealedSamples > 2000 || stats.Skipped != 0 {
				t.Errorf("%d ppm: %+v", ppm, got.Stats)
			}
			if added := int64(stats.Received.InsertedSamplesForDeceleration) - int64(stats.Received.RemovedSamplesForAcceleration); ppm == 0 && added != 0 {
				t.Errorf("a right clock: %d samples were stretched", added)
			}
		})
	}
}
