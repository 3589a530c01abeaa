package voice

import (
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// captureCutoff is that of the high-pass, in Hz. A higher one would take more of the
// rumble, and turn the phase of low voices so far that they are less like themselves.
const captureCutoff = 30

// silentBlocks is how many blocks of silence the stages take before they rest.
const silentBlocks = 100

// captureBlock is how many samples of each channel the stages take at a time: 10 ms.
const captureBlock = SampleRate / 100

// CaptureConfig says how a [Capture] works. Only Source is required.
type CaptureConfig struct {
	Source   Source // the microphone
	Channels int    // of Source: 1 or 2; 0: 1

	EchoCanceller EchoCanceller // nil: none; it works once [Capture.Reference] was called
	Denoiser      Denoiser      // nil: none
	Off           Stages        // stages that are off at first; 0: all are on

	Mode      CaptureMode   // at first; 0: ByActivity
	Threshold float64       // of ByActivity, in dBFS, at first; 0 or more: it follows the noise. See SetThreshold
	HangOver  time.Duration // of ByActivity, after the last speech; 0: dsp.DefaultHangOver; below 0: none
}

// CaptureMode says when a [Capture] is heard.
type CaptureMode uint32

// The modes.
const (
	ByActivity   CaptureMode = iota // while somebody speaks; one frame later than otherwise, so that no onset is cut
	Continuously                    // always
	PushToTalk                      // while SetTalking says so
)

// Stages are stages of a [Capture], by which they can be switched.
type Stages uint32

// The stages, in their order.
const (
	HighPass Stages = 1 << iota
	EchoCancel
	NoiseSuppress
	AutoGain
)

const allStages = HighPass | EchoCancel | NoiseSuppress | AutoGain

var (
	errCapture      = voiceapp.NewError(voiceapp.Invalid, "voice: a capture needs a source of PCM, of 1 or 2 channels")
	errCaptureBlock = voiceapp.NewError(voiceapp.Invalid, "voice: a capture gives multiples of 10 ms")
)

// Capture is a [Source] that makes of a microphone what others like to hear: it
// takes out rumble, echo and noise, brings speech to one level, tells whether
// somebody speaks, and keeps the peaks below full scale. While nobody speaks it has
// nothing to say.
//
//	capture, err := voice.NewCapture(voice.CaptureConfig{Source: microphone, EchoCanceller: echo, Denoiser: noise})
//	...
//	session, err := voice.Join(ctx, client, voice.Config{Codec: codec, Source: capture, Sink: capture.Reference(loudspeaker, 1)})
//
// Make one with [NewCapture]. One goroutine reads; all other methods may be called
// from any.
type Capture struct {
	cfg CaptureConfig // immutable

	far       atomic.Pointer[reference]
	stages    atomic.Uint32
	mode      atomic.Uint32
	talking   atomic.Bool
	threshold figure
	figures   captureFigures

	// The rest is the reader's.

	highPass dsp.HighPass
	noisy    dsp.Activity // before noise is suppressed
	activity dsp.Activity
	gain     dsp.AutoGain
	limiter  dsp.Limiter
	before   dsp.Meter
	after    dsp.Meter
	played   [captureBlock]float32
	silent   int // blocks of silence, one after the other
	held     heldFrame
	err      error // what comes when all has been given
}

// NewCapture checks the configuration. The error is [voiceapp.Invalid].
func NewCapture(cfg CaptureConfig) (*Capture, error) {
	if cfg.Channels == 0 {
		cfg.Channels = 1
	}
	_, ready := cfg.Source.(OpusSource)
	switch {
	case cfg.Source == nil, ready, cfg.Channels != 1 && cfg.Channels != 2:
		return nil, errCapture
	}
	c := &Capture{
		cfg:      cfg,
		highPass: dsp.HighPass{Channels: cfg.Channels, Cutoff: captureCutoff},
		noisy:    dsp.Activity{Channels: cfg.Channels, HangOver: cfg.HangOver},
		activity: dsp.Activity{Channels: cfg.Channels, HangOver: cfg.HangOver},
		limiter:  dsp.Limiter{Channels: cfg.Channels},
	}
	c.SetMode(cfg.Mode)
	c.SetThreshold(cfg.Threshold)
	c.Switch(allStages&^cfg.Off, true)
	c.publish(false)
	return c, nil
}

// SetMode says when it is heard.
func (c *Capture) SetMode(mode CaptureMode) { c.mode.Store(uint32(mode)) }

// Mode returns when it is heard.
func (c *Capture) Mode() CaptureMode { return CaptureMode(c.mode.Load()) }

// SetTalking says whether the key of [PushToTalk] is held.
func (c *Capture) SetTalking(talking bool) { c.talking.Store(talking) }

// SetThreshold says how loud speech is at least, in dBFS, for [ByActivity]; 0 or
// more: it follows the noise. A [dsp.Calibration] finds it, in what a capture gives
// [Continuously], with AutoGain off.
func (c *Capture) SetThreshold(dBFS float64) { c.threshold.set(dBFS) }

// Switch turns stages on or off. One that was not configured stays off.
func (c *Capture) Switch(stages Stages, on bool) {
	if c.cfg.EchoCanceller == nil {
		stages &^= EchoCancel
	}
	if c.cfg.Denoiser == nil {
		stages &^= NoiseSuppress
	}
	if on {
		c.stages.Or(uint32(stages))
	} else {
		c.stages.And(^uint32(stages))
	}
}

// Stages returns those that are on.
func (c *Capture) Stages() Stages { return Stages(c.stages.Load()) }

// Clocked implements [ClockedSource]: it paces itself if its source does.
func (c *Capture) Clocked() bool {
	clock, ok := c.cfg.Source.(ClockedSource)
	return ok && clock.Clocked()
}

// ReadPCM implements [Source]: 10 ms or a multiple of that. The errors are those of
// the source and of the stages, and [voiceapp.Invalid] for another length.
func (c *Capture) ReadPCM(pcm []float32) (int, error) {
	if len(pcm)%(captureBlock*c.cfg.Channels) != 0 {
		return 0, errCaptureBlock
	}
	if c.err != nil {
		return 0, c.err
	}
	if len(pcm) == 0 {
		return 0, nil
	}
	n, err := c.cfg.Source.ReadPCM(pcm)
	clear(pcm[n:])
	if n == 0 && err != nil {
		return c.finish(pcm, err)
	}
	c.err = err
	speaks, err := c.process(pcm)
	if err != nil {
		c.err = err
		return 0, err
	}
	return c.gate(pcm, n > 0, speaks), nil
}

// process sends a frame through all stages, and reports whether somebody speaks.
func (c *Capture) process(pcm []float32) (speaks bool, err error) {
	stages, size := c.Stages(), captureBlock*c.cfg.Channels
	lasts := toDuration(captureBlock)
	c.activity.Threshold = c.threshold.get()
	for ; len(pcm) > 0; pcm = pcm[size:] {
		block := pcm[:size]
		c.before.Add(block, lasts)
		if c.rests(block) {
			c.listen(block)
			clear(block)
			c.after.Add(block, lasts)
			continue
		}
		speech, err := c.clean(block, stages)
		if err != nil {
			return false, err
		}
		if stages&AutoGain != 0 {
			c.gain.Process(block, c.cfg.Channels, speech)
		}
		c.limiter.Process(block)
		c.after.Add(block, lasts)
		speaks = speaks || speech
	}
	return speaks, nil
}

// rests reports whether there has been silence for so long that all stages would give
// silence, as a microphone does that is switched off.
func (c *Capture) rests(block []float32) bool {
	if c.silent++; !dsp.IsSilence(block) {
		c.silent = 0
	}
	return c.silent > silentBlocks
}

// clean takes out of 10 ms what is no voice, and reports whether there is speech in it.
func (c *Capture) clean(block []float32, stages Stages) (speech bool, err error) {
	echo := c.listen(block) && stages&EchoCancel != 0
	if !echo && stages&HighPass != 0 {
		c.highPass.Process(block)
	}
	if echo {
		if err := c.cfg.EchoCanceller.Cancel(block, c.played[:]); err != nil {
			return false, err
		}
	}
	if stages&NoiseSuppress == 0 {
		return c.activity.Add(block), nil
	}
	noisy := c.noisy.Add(block)
	if err := c.cfg.Denoiser.Denoise(block); err != nil {
		return false, err
	}
	speech = c.activity.Add(block)
	return speech && (noisy || c.activity.Threshold < 0), nil
}

// listen finds what was played and may come back as an echo now, and reports whether
// there is such a thing.
func (c *Capture) listen(block []float32) bool {
	far := c.far.Load()
	if far == nil {
		return false
	}
	if far.read(c.played[:], block) {
		c.cfg.EchoCanceller.Reset()
	}
	return !far.rests()
}

// gate gives a frame, or the one before it, if it is to be heard.
func (c *Capture) gate(pcm []float32, sounds, speaks bool) int {
	open := sounds
	switch c.Mode() {
	case ByActivity:
		open = c.held.swap(pcm, speaks)
	case PushToTalk:
		open = c.talking.Load()
		c.held.drop()
	default:
		c.held.drop()
	}
	c.publish(open)
	if source, ok := c.cfg.Source.(RestingSource); ok {
		source.MayRest(!open && c.Mode() == ByActivity)
	}
	if !open {
		return 0
	}
	return len(pcm)
}

// finish gives what is still held before the end.
func (c *Capture) finish(pcm []float32, err error) (int, error) {
	c.err = err
	if c.held.swap(pcm, false) {
		return len(pcm), nil
	}
	return 0, err
}

// heldFrame is the frame before the present one: it is heard, too, when that one
// begins to speak.
type heldFrame struct {
	pcm    []float32
	speaks bool
}

// swap exchanges pcm for the frame before it, and reports whether that is to be
// heard: never, when there is none of that length.
func (h *heldFrame) swap(pcm []float32, speaks bool) (heard bool) {
	if len(h.pcm) != len(pcm) {
		h.pcm = append(h.pcm[:0], pcm...)
		h.speaks = speaks
		return false
	}
	for i, x := range h.pcm {
		h.pcm[i], pcm[i] = pcm[i], x
	}
	heard = speaks || h.speaks
	h.speaks = speaks
	return heard
}

// drop forgets the frame.
func (h *heldFrame) drop() { h.pcm, h.speaks = h.pcm[:0], false }
