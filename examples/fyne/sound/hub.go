package sound

import (
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// Config says which devices are used, and how. The zero value works.
type Config struct {
	Microphone  string // [device.Info].ID; "": the system's default
	Loudspeaker string // likewise

	Mode      voice.CaptureMode
	Threshold float64      // of voice.ByActivity, in dBFS; 0 or more: it follows the noise
	Off       voice.Stages // what is not done to the microphone's sound

	Volume float32       // of all that is heard: 1 as it is, 0 silence
	Period time.Duration // of the devices; 0: 10 ms, 20 of a loudspeaker
	Effect voice.Effect  // changes what is said; nil: nothing does
}

// Status is how the devices fare.
type Status struct {
	Microphone  error              // why there is none, or [ErrInstead]; nil: there is one, or nobody has asked
	Loudspeaker error              // likewise
	Capture     voice.CaptureStats // the zero value while there is no microphone
	Heard       float64            // the level of all that is played, in dBFS
}

// Hub is the sound of one client. Make one with [New]. Its methods are safe for
// concurrent use.
type Hub struct {
	mu       sync.Mutex
	cfg      Config
	chain    *chain // nil: there is none at present
	chainErr error
	tried    time.Time // when the microphone was opened last, or could not be
	round    int       // of devices: what was opened in an earlier one is not wanted any more
	ports    map[*Port]bool
	talk     *Port   // gets the microphone; nil: none does
	trials   []*Port // that have it in its place, the last of them
	raw      int     // how many want all that the microphone gives, as it is
	muted    bool
	deaf     bool
	talking  bool
	closed   bool
	sounds   []float32 // that are played at present

	looking bool          // for a chosen device that is not there
	pause   time.Duration // between two looks; 0: firstLook
	quit    chan struct{}
	beside  sync.WaitGroup // who looks
}

// New returns a hub that has not opened anything yet.
func New(cfg Config) *Hub {
	return &Hub{cfg: cfg, ports: make(map[*Port]bool), quit: make(chan struct{})}
}

// Port returns the sound of a further talk. It hears, and has nothing to say until
// [Hub.SpeakTo].
func (h *Hub) Port() *Port {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.port(1)
}

// port, under mu, adds one; channels is of what it plays.
func (h *Hub) port(channels int) *Port {
	p := &Port{hub: h, channels: channels, rouse: make(chan struct{}, 1)}
	h.ports[p] = true
	return p
}

// SpeakTo gives the microphone to a talk; nil: to none. The echo of that one is what
// is taken out. A microphone that nobody wants is closed.
func (h *Hub) SpeakTo(p *Port) {
	h.hand(func() { h.talk = p })
}

// hand gives the microphone to another, and closes it where nobody wants it then.
func (h *Hub) hand(change func()) {
	h.mu.Lock()
	change()
	h.refer()
	var old *chain
	if h.speaking() == nil {
		old, h.chainErr = h.drop(), nil
	}
	h.mu.Unlock()
	old.close()
}

// drop, under mu, takes the microphone away, for the caller to close it. The next one is
// opened when it is asked for.
func (h *Hub) drop() (old *chain) {
	old, h.chain, h.tried = h.chain, nil, time.Time{}
	h.round++
	return old
}

// speaking, under mu, returns what gets the microphone: a trial, or else the talk.
func (h *Hub) speaking() *Port {
	if n := len(h.trials); n > 0 {
		return h.trials[n-1]
	}
	return h.talk
}

// inForce, under mu, returns how the microphone is used at present.
func (h *Hub) inForce() Config {
	cfg := h.cfg
	if h.raw > 0 {
		cfg.Mode, cfg.Off = voice.Continuously, cfg.Off|voice.AutoGain
	}
	return cfg
}

// want has the microphone give all, and as it is, for one more, or with -1 for one less.
func (h *Hub) want(raw int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.raw += raw
	if h.chain != nil {
		h.chain.apply(h.inForce())
	}
}

// Configure applies another configuration, while talks go on. Devices are opened anew
// only where they are others.
func (h *Hub) Configure(cfg Config) {
	h.mu.Lock()
	was, ports := h.cfg, slices.Collect(maps.Keys(h.ports))
	h.cfg = cfg
	var old *chain
	if cfg.Microphone != was.Microphone || cfg.Period != was.Period {
		old = h.drop()
	} else if h.chain != nil {
		h.chain.apply(h.inForce())
	}
	h.refer()
	h.mu.Unlock()
	old.close()
	if cfg.Loudspeaker != was.Loudspeaker || cfg.Period != was.Period {
		for _, p := range ports {
			p.renew()
		}
	}
}

// Config returns the configuration in force.
func (h *Hub) Config() Config {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cfg
}

// SetMuted closes the microphone, or opens it again.
func (h *Hub) SetMuted(muted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.muted = muted
}

// SetDeaf silences the loudspeaker, or lets it play again.
func (h *Hub) SetDeaf(deaf bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = deaf
}

// SetTalking says whether the key of voice.PushToTalk is held.
func (h *Hub) SetTalking(talking bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.talking = talking
	if h.chain != nil {
		h.chain.capture.SetTalking(talking)
	}
}

// Talking reports what [Hub.SetTalking] said last.
func (h *Hub) Talking() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.talking
}

// Status returns a snapshot.
func (h *Hub) Status() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Status{Microphone: h.chainErr}
	const quiet = -float64(dsp.Silent)
	s.Capture = voice.CaptureStats{Before: quiet, BeforePeak: quiet, After: quiet, AfterPeak: quiet, Speech: quiet, NoiseFloor: quiet}
	if h.chain != nil {
		s.Capture, s.Microphone = h.chain.capture.Stats(), h.chain.fate.err()
	}
	power := 0.0
	for p := range h.ports {
		if err := p.failed(); err != nil {
			s.Loudspeaker = err
		}
		power += math.Pow(10, p.level()/10)
	}
	s.Heard = max(quiet, 10*math.Log10(power))
	return s
}

// Play plays a short sound beside what is heard in the talk that is spoken to: mono, at
// 48 kHz. Without such a talk nothing is played.
func (h *Hub) Play(pcm []int16) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.talk == nil {
		return
	}
	for i, x := range pcm {
		if i == len(h.sounds) {
			h.sounds = append(h.sounds, 0)
		}
		h.sounds[i] += float32(x) / 32768
	}
	h.talk.stir()
}

// chimes reports whether sounds are played in a talk.
func (h *Hub) chimes(p *Port) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sounds) > 0 && h.talk == p
}

// chime adds what is played of the sounds to what a talk gives.
func (h *Hub) chime(p *Port, pcm []float32) []float32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sounds) == 0 || h.talk != p {
		return pcm
	}
	n := min(len(pcm), len(h.sounds))
	p.spent = append(p.spent[:0], pcm...)
	for i, x := range h.sounds[:n] {
		p.spent[i] = max(-1, min(1, p.spent[i]+x))
	}
	h.sounds = append(h.sounds[:0], h.sounds[n:]...)
	return p.spent
}

// Close closes the devices. Talks that still use them are silent.
func (h *Hub) Close() error {
	h.mu.Lock()
	chain, ports := h.chain, h.ports
	if !h.closed {
		close(h.quit)
	}
	h.chain, h.ports, h.closed = nil, map[*Port]bool{}, true
	h.mu.Unlock()
	h.beside.Wait()
	chain.close()
	for p := range ports {
		p.closeDevice()
	}
	return nil
}

// microphone returns what a talk may read now; nil: nothing.
func (h *Hub) microphone(p *Port) (c *chain, muted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.speaking() != p || h.closed {
		return nil, true
	}
	if h.chain != nil && h.chain.fate.gone() {
		old := h.drop()
		h.mu.Unlock()
		old.close()
		h.mu.Lock()
	}
	if h.chain == nil && time.Since(h.tried) > retry {
		h.tried = time.Now()
		h.openMicrophone()
	}
	return h.chain, h.muted && !p.trial
}

// openMicrophone opens one without holding mu, which it is called under: a sound system
// that hangs holds up nobody else.
func (h *Hub) openMicrophone() {
	cfg, round := h.inForce(), h.round
	h.mu.Unlock()
	opened, err := openChain(cfg)
	h.mu.Lock()
	if h.closed || h.chain != nil || h.round != round {
		opened.close()
		return
	}
	h.chain, h.chainErr = opened, err
	if opened != nil {
		h.opened(opened.fate)
		opened.apply(h.inForce())
		opened.capture.SetTalking(h.talking)
		h.refer()
	}
}

// refer, under mu, has the echo of the talk that is spoken to be taken out.
func (h *Hub) refer() {
	speaking := h.speaking()
	for p := range h.ports {
		if p == speaking && h.chain != nil {
			p.refer(h.chain.capture)
		} else {
			p.refer(nil)
		}
	}
}

// listening returns how loud a talk is played.
func (h *Hub) listening(p *Port) (volume float32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deaf && !p.trial {
		return 0
	}
	return h.cfg.Volume
}

func (h *Hub) remove(p *Port) {
	h.hand(func() {
		delete(h.ports, p)
		if h.talk == p {
			h.talk = nil
		}
	})
}
