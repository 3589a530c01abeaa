package plugin

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a backend whose calls take as long as they are told to, or until they are
// interrupted.
type slow struct {
	takes *takes
	stop  chan struct{}
}

// takes is how long calls take, in nanoseconds.
type takes struct{ frame, line atomic.Int64 }

func (s slow) wait(ns *atomic.Int64) error {
	select {
	case <-time.After(time.Duration(ns.Load())):
		return nil
	case <-s.stop:
		return errTooLate
	}
}

func (s slow) open(format) error { return nil }
func (s slow) audio(_ []float32, flags uint32) (uint32, error) {
	return flags, s.wait(&s.takes.frame)
}
func (s slow) chat([]byte) (answer, error) { return answer{}, s.wait(&s.takes.line) }
func (s slow) configure([]byte) error      { return nil }
func (s slow) close()                      {}
func (s slow) interrupt() {
	select {
	case s.stop <- struct{}{}:
	default:
	}
}

// desk is a worker whose backend is slow, and counts.
type desk struct {
	*worker
	takes takes
	calls counter
}

func newDesk(t *testing.T) *desk {
	d := &desk{}
	d.worker = newWorker(workerConfig{
		start:    func(context.Context) (backend, error) { return slow{&d.takes, make(chan struct{}, 1)}, nil },
		calls:    &d.calls,
		deadline: deadlines{audio: DefaultAudioDeadline, load: time.Second, compile: time.Second},
	})
	<-d.ready
	t.Cleanup(d.close)
	return d
}

// speak passes frames, one each 20 ms, and returns how many came back in time.
func (d *desk) speak(frames int) (back int) { return d.hurry(frames, DefaultAudioDeadline) }

// hurry is speak with less time.
func (d *desk) hurry(frames int, deadline time.Duration) (back int) {
	pcm := make([]float32, 960)
	for range frames {
		if d.hand(pcm, format{1, 960}, true) {
			if _, ok := d.await(pcm, time.Now().Add(deadline)); ok {
				back++
			}
		}
		time.Sleep(frameTime)
	}
	return back
}

func (d *desk) write(limit time.Duration) error {
	return d.do(context.Background(), limit, func(b backend) error {
		_, err := b.chat(nil)
		return err
	})
}

// A line may take as long as its deadline, whatever frames come meanwhile: they are
// missed, which is no fault of theirs.
func TestWorkerLetsALineTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.takes.line.Store(int64(90 * time.Millisecond))
		for range 5 {
			answered := make(chan error, 1)
			go func() { answered <- d.write(DefaultChatDeadline) }()
			synctest.Wait()
			if back := d.speak(10); back != 5 {
				t.Errorf("%d of 10 frames came back, of which half were beside a line", back)
			}
			if err := <-answered; err != nil {
				t.Errorf("the line: %v", err)
			}
		}
		if n := d.calls.failed.Load(); n != 0 {
			t.Errorf("%d failures", n)
		}
	})
}

// A frame that misses a deadline which others have used up is no failure.
func TestWorkerIsNotBlamedForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.takes.frame.Store(int64(DefaultAudioDeadline * 4 / 5))
		if back := d.hurry(10, DefaultAudioDeadline/10); back != 0 {
			t.Errorf("%d frames came back", back)
		}
		if n := d.calls.failed.Load(); n != 0 || d.speak(10) != 10 {
			t.Errorf("%d failures, and no frame comes back", n)
		}
	})
}

// Three failures in a row switch off, of lines or of frames: those of the other kind
// that go well between them excuse nothing.
func TestWorkerCountsFailuresOfEachKind(t *testing.T) {
	for name, fail := range map[string]func(d *desk){
		"lines that hang":  func(d *desk) { d.takes.line.Store(int64(time.Hour)) },
		"lines too late":   func(d *desk) { d.takes.line.Store(int64(DefaultChatDeadline + mercy/2)) },
		"frames that hang": func(d *desk) { d.takes.frame.Store(int64(time.Hour)) },
		"frames too late":  func(d *desk) { d.takes.frame.Store(int64(DefaultAudioDeadline + mercy/2)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				if d.speak(5) != 5 || d.write(DefaultChatDeadline) != nil {
					t.Fatal("it does not work")
				}
				fail(d)
				for n := 0; d.off.Load() == nil; n++ {
					if n == 5 {
						t.Fatalf("it goes on after %d lines, %d failures", n, d.calls.failed.Load())
					}
					_ = d.write(DefaultChatDeadline) // how it ends is not what counts here
					d.speak(20)
				}
				if n := d.calls.failed.Load(); n != strikesOut {
					t.Errorf("it was switched off after %d failures", n)
				}
			})
		})
	}
}
