package sound

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// trialFrame is how many samples are taken at a time.
const trialFrame = voice.SampleRate / 50

// Unclear is the detail of speech that hardly stands out of the noise.
const Unclear voiceapp.Detail = "speech_unclear"

var errUnclear = voiceapp.NewError(voiceapp.Invalid,
	"speech hardly stands out of the noise: come closer to the microphone, make it louder in the system's settings, or use push-to-talk").With(Unclear)

// Trial is the microphone while it is tried: it belongs to no talk meanwhile, and works
// also while one is muted. [Hub.Try] begins one.
type Trial struct {
	hub  *Hub
	port *Port
	pipe *voice.Pipe
	quit chan struct{}
	end  sync.Once
	done sync.WaitGroup
	find dsp.Calibration

	mu   sync.Mutex
	feed func(pcm []float32) // gets what the microphone gives; nil: nobody does
}

// Try takes the microphone out of the talk that has it. loop: one hears oneself, a little
// later. Close ends it.
func (h *Hub) Try(loop bool) *Trial {
	t := &Trial{hub: h, port: h.Port(), pipe: &voice.Pipe{}, quit: make(chan struct{})}
	t.port.trial = true
	h.mu.Lock()
	h.trials = append(h.trials, t.port)
	h.refer()
	h.mu.Unlock()
	t.done.Go(t.listen)
	if loop {
		t.done.Go(t.play)
	}
	return t
}

// listen takes what the microphone gives.
func (t *Trial) listen() {
	pcm := make([]float32, trialFrame)
	for !t.over() {
		n, _ := t.port.ReadPCM(pcm) // a port never breaks
		clear(pcm[n:])
		t.hand(pcm[:n])
		_ = t.pipe.WritePCM(pcm) // mono is what it takes
	}
}

// hand gives a frame, if there is one, to whoever gathers.
func (t *Trial) hand(pcm []float32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.feed != nil && len(pcm) > 0 {
		t.feed(pcm)
	}
}

func (t *Trial) setFeed(feed func(pcm []float32)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feed = feed
}

// play lets one hear it.
func (t *Trial) play() {
	pcm := make([]float32, trialFrame)
	for !t.over() {
		_ = t.port.Ready() // a port never breaks
		n, _ := t.pipe.ReadPCM(pcm)
		clear(pcm[n:])
		_ = t.port.WritePCM(pcm)
	}
}

func (t *Trial) over() bool {
	select {
	case <-t.quit:
		return true
	default:
		return false
	}
}

// Silence listens to a person who is silent, for as long.
func (t *Trial) Silence(ctx context.Context, d time.Duration) {
	t.find = dsp.Calibration{}
	t.gather(ctx, d, t.find.Silence)
}

// Speech listens to a person who speaks, for as long, and returns from which level on
// it is speech. The error is [voiceapp.Invalid] where speech does not stand out, and
// ctx's. It is to be called after Silence, by the same goroutine.
func (t *Trial) Speech(ctx context.Context, d time.Duration) (dBFS float64, err error) {
	t.gather(ctx, d, t.find.Speech)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	found := t.find.Result()
	if !found.Clear {
		return 0, errUnclear
	}
	return found.Threshold, nil
}

// openTime is how long a microphone may take until it gives something.
const openTime = 5 * time.Second

// gather hands on as much as lasts d of what the microphone gives, all of it and at the
// level that it has.
func (t *Trial) gather(ctx context.Context, d time.Duration, take func(pcm []float32)) {
	t.hub.want(1)
	defer t.hub.want(-1)
	enough, missing := make(chan struct{}), int(d*voice.SampleRate/time.Second)
	t.setFeed(func(pcm []float32) {
		take(pcm)
		if missing > 0 && missing <= len(pcm) {
			close(enough)
		}
		missing -= len(pcm)
	})
	select {
	case <-enough:
	case <-ctx.Done():
	case <-t.quit:
	case <-time.After(d + openTime):
	}
	t.setFeed(nil)
}

// Close gives the microphone back, and waits until nothing of the trial is left.
func (t *Trial) Close() {
	t.end.Do(func() {
		close(t.quit)
		t.hub.hand(func() {
			t.hub.trials = slices.DeleteFunc(t.hub.trials, func(p *Port) bool { return p == t.port })
		})
	})
	t.done.Wait()
	_ = t.port.Close() // it returns nil, always
}
