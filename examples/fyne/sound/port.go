package sound

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// loudspeakerPeriod is the period of a loudspeaker. What is heard comes in frames of 20 ms:
// with half of that it is heard 6 ms sooner, and PulseAudio wakes up the client 400 times a
// second instead of 150.
const loudspeakerPeriod = 20 * time.Millisecond

// Port is the sound of one talk: a voice.ClockedSource, a voice.ClockedSink and a
// voice.Effect of one channel. [Hub.Port] makes one.
type Port struct {
	hub      *Hub
	channels int  // of what is heard
	trial    bool // it is no talk, and neither muted nor deaf with them

	recorder atomic.Pointer[Recorder]
	rouse    chan struct{} // holds one: it is to rest no longer

	silence clock         // while nothing is said; the reader's
	unheard clock         // while there is no loudspeaker; the writer's
	wrote   time.Duration // how long the last frame was; the writer's
	spent   []float32     // the writer's

	mu     sync.Mutex
	device *device.Playback
	fate   *fate      // of device
	sink   voice.Sink // device, or what also tells the echo canceller
	echo   *voice.Capture
	tried  time.Time // when the device was opened last, or could not be
	err    error     // why there is no device
	closed bool
	meter  dsp.Meter // of what the device gets
}

// Clocked reports that a port keeps the time: true.
func (p *Port) Clocked() bool { return true }

// ReadPCM implements voice.Source. A talk that the microphone does not belong to has
// nothing to say, in as much time.
func (p *Port) ReadPCM(pcm []float32) (int, error) {
	c, muted := p.hub.microphone(p)
	if c == nil {
		p.silence.pass(lasting(pcm))
		return 0, nil
	}
	p.silence = clock{}
	n, err := c.read(pcm)
	if err != nil || muted {
		return 0, nil // a microphone that breaks is opened again; the talk goes on
	}
	return n, nil
}

// lasting is how long samples last.
func lasting(pcm []float32) time.Duration {
	return time.Duration(len(pcm)) * time.Second / voice.SampleRate
}

// clock stands for a device that is not there. The zero value begins with what is passed
// first.
type clock struct{ until time.Time }

// pass lets time pass, as exactly as a device does.
func (c *clock) pass(d time.Duration) {
	now := time.Now()
	if c.until.IsZero() || now.Sub(c.until) > time.Second {
		c.until = now
	}
	c.until = c.until.Add(d)
	time.Sleep(c.until.Sub(now))
}

// ProcessPCM implements voice.Effect: the hub's changes what is said in the talk that
// the microphone belongs to.
func (p *Port) ProcessPCM(pcm []float32, channels int, speaking bool) bool {
	h := p.hub
	h.mu.Lock()
	effect, mine := h.cfg.Effect, h.speaking() == p && !h.muted
	h.mu.Unlock()
	if mine && effect != nil {
		speaking = effect.ProcessPCM(pcm, channels, speaking)
	}
	if r := p.recorder.Load(); r != nil && mine && speaking {
		r.say(pcm)
	}
	return speaking && mine
}

// Warm opens the loudspeaker, so that it is there when the talk begins. It may take a
// moment.
func (p *Port) Warm() { p.output() }

// Ready implements voice.ClockedSink.
func (p *Port) Ready() error {
	if d, _ := p.output(); d != nil {
		if d.Ready() == nil {
			p.unheard = clock{}
			return nil
		}
	}
	p.unheard.pass(cmp.Or(p.wrote, 10*time.Millisecond))
	return nil
}

// WritePCM implements voice.Sink. Where no device takes it nobody hears it, in as much
// time.
func (p *Port) WritePCM(pcm []float32) error {
	p.wrote = lasting(pcm) / time.Duration(p.channels)
	if r := p.recorder.Load(); r != nil {
		r.hear(pcm)
	}
	volume := p.hub.listening(p)
	if volume != 1 {
		p.spent = append(p.spent[:0], pcm...)
		for i := range p.spent {
			p.spent[i] *= volume
		}
		pcm = p.spent
	}
	pcm = p.hub.chime(p, pcm)
	if _, sink := p.output(); sink != nil {
		_ = sink.WritePCM(pcm) // the device was closed meanwhile; another comes
		p.measure(pcm)
	}
	return nil
}

// measure takes what is heard into account.
func (p *Port) measure(pcm []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meter.Add(pcm, p.wrote)
}

// level is how loud it is heard, in dBFS; while there is no loudspeaker it is silent.
func (p *Port) level() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.device == nil {
		return -dsp.Silent
	}
	return p.meter.Level()
}

// Rest implements voice.RestingSink: it rests while nothing else is played either, and
// nothing is recorded.
func (p *Port) Rest(wake <-chan struct{}) (samples int) {
	_, sink := p.output()
	device, ok := sink.(voice.RestingSink)
	if !ok || p.recorder.Load() != nil || p.hub.chimes(p) {
		return 0
	}
	either, over := make(chan struct{}), make(chan struct{})
	go p.listen(wake, over, either)
	defer close(over)
	return device.Rest(either)
}

// listen closes either when there is something to be heard, of the talk or of ours.
func (p *Port) listen(wake, over <-chan struct{}, either chan<- struct{}) {
	defer close(either)
	select {
	case <-wake:
	case <-p.rouse:
	case <-over:
	}
}

// stir ends a rest.
func (p *Port) stir() {
	select {
	case p.rouse <- struct{}{}:
	default:
	}
}

// Record hands what is heard in this talk, and what is said there, to a recorder; nil
// ends that. Nothing of another talk gets into it.
func (p *Port) Record(r *Recorder) {
	p.recorder.Store(r)
	p.stir()
}

// Close closes the loudspeaker. It is to be called when the talk has ended.
func (p *Port) Close() error {
	p.hub.remove(p)
	p.closeDevice()
	return nil
}

// output returns the loudspeaker, which is opened first where there is none.
func (p *Port) output() (*device.Playback, voice.Sink) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.device != nil && p.fate.gone() {
		p.mu.Unlock()
		p.renew()
		p.mu.Lock()
	}
	if p.device == nil && !p.closed && time.Since(p.tried) > retry {
		p.tried = time.Now()
		p.open()
	}
	return p.device, p.sink
}

// open opens the loudspeaker without holding mu, which it is called under.
func (p *Port) open() {
	p.mu.Unlock()
	h := p.hub
	cfg := h.Config()
	opened, fate, err := openChosen(device.Config{ID: cfg.Loudspeaker, Channels: p.channels, Period: cmp.Or(cfg.Period, loudspeakerPeriod), Name: name}, device.OpenPlayback)
	h.mu.Lock()
	p.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err != nil:
		p.err = err
	case p.closed || h.cfg.Loudspeaker != cfg.Loudspeaker:
		go func() { _ = opened.Close() }() // it returns nil, always; that may take a moment
	default:
		p.device, p.fate, p.err = opened, fate, nil
		p.wire()
		h.opened(fate)
	}
}

// wire, under mu, puts the echo canceller's ear between the talk and the loudspeaker.
func (p *Port) wire() {
	switch {
	case p.device == nil:
		p.sink = nil
	case p.echo != nil:
		p.sink = p.echo.Reference(p.device, p.channels)
	default:
		p.sink = p.device
	}
}

// refer says which microphone hears this loudspeaker's echo; nil: none that matters.
func (p *Port) refer(capture *voice.Capture) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.echo != capture {
		p.echo = capture
		p.wire()
		p.stir()
	}
}

// renew closes the loudspeaker: the next one is opened with the hub's configuration.
func (p *Port) renew() { p.drop(false) }

func (p *Port) closeDevice() { p.drop(true) }

// drop closes the loudspeaker; for good: there will be no other.
func (p *Port) drop(forGood bool) {
	p.mu.Lock()
	old := p.device
	p.device, p.sink, p.err, p.tried = nil, nil, nil, time.Time{}
	p.closed = p.closed || forGood
	p.mu.Unlock()
	if old != nil {
		_ = old.Close() // it returns nil, always
	}
}

func (p *Port) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.device != nil {
		return p.fate.err()
	}
	return p.err
}

// isInstead reports whether its loudspeaker is not the chosen one.
func (p *Port) isInstead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.device != nil && p.fate.instead
}
