package voice

import (
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// MaxVolume is the loudest that a speaker can be made: 20 dB more than he is.
const MaxVolume = 10

// normalizeMost is by how many dB a speaker is changed at most to bring him to the
// level of the others: more would bring up his room, too.
const normalizeMost = 12

var (
	errVolume = voiceapp.NewError(voiceapp.Invalid, "voice: a volume is from 0 to 10, a pan from -1 to 1")
	errDeaf   = voiceapp.NewError(voiceapp.Invalid, "voice: a session without a sink hears nobody")
)

// SetVolume sets by what a speaker's samples are multiplied, before they are mixed:
// 1 is as he is, 0 is silence. It counts from the next frame on, for what he says and
// whispers, whether he is here yet or not, until it is set again. The error is
// [voiceapp.Invalid], beyond [MaxVolume].
func (r *Receiver) SetVolume(speaker voiceapp.SessionID, volume float32) error {
	if !(volume >= 0 && volume <= MaxVolume) {
		return errVolume
	}
	r.hear(speaker, func(h *hearing) { h.quieter = 1 - volume })
	return nil
}

// SetMuted says whether a speaker is not to be heard, as SetVolume does. Each is
// called for him all the same.
func (r *Receiver) SetMuted(speaker voiceapp.SessionID, muted bool) {
	r.hear(speaker, func(h *hearing) { h.muted = muted })
}

// SetPan says where in stereo a speaker is, as SetVolume does: -1 is left, 0 where he
// is by himself, 1 right. The other side is turned down; in mono nothing is. The
// error is [voiceapp.Invalid], beyond that.
func (r *Receiver) SetPan(speaker voiceapp.SessionID, pan float32) error {
	if !(pan >= -1 && pan <= 1) {
		return errVolume
	}
	r.hear(speaker, func(h *hearing) { h.pan = pan })
	return nil
}

// SetNormalize says whether all speakers are slowly brought to the same level, by
// 12 dB at most.
func (r *Receiver) SetNormalize(on bool) { r.normalize.Store(on) }

// hear changes how a speaker is heard.
func (r *Receiver) hear(speaker voiceapp.SessionID, change func(*hearing)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hearings[speaker]
	change(&h)
	if h == (hearing{}) {
		delete(r.hearings, speaker)
	} else {
		r.hearings[speaker] = h
	}
	for _, s := range r.list {
		if s.id == speaker {
			s.place.set(h)
		}
	}
}

// hearing is how a speaker is heard. The zero value: as he is.
type hearing struct {
	quieter float32 // 1 less the volume
	pan     float32
	muted   bool
}

// sides are what left and right are multiplied with.
func (h hearing) sides(channels int) (left, right float32) {
	volume := 1 - h.quieter
	switch {
	case h.muted:
		return 0, 0
	case channels == 1:
		return volume, volume
	default:
		return volume * min(1, 1-h.pan), volume * min(1, 1+h.pan)
	}
}

// place is where a speaker is heard, and how loud.
type place struct {
	wanted atomic.Pointer[hearing]

	// The rest is the reader's.

	left, right float32 // of the latest frame
	level       dsp.AutoGain
}

func (p *place) set(h hearing) { p.wanted.Store(&h) }

// begin sets how it is heard at first.
func (p *place) begin(h hearing, channels int) {
	p.set(h)
	p.left, p.right = h.sides(channels)
}

// apply changes what a speaker says to what is heard of it, and reports whether that
// is anything. A change takes one frame, so that it makes no click.
func (p *place) apply(pcm []float32, channels int, normalize bool) (audible bool) {
	p.level.MaxGain = -1
	if normalize {
		p.level.MaxGain = normalizeMost
	}
	if normalize || p.level.Gain() != 0 {
		p.level.Process(pcm, channels, true)
	}
	left, right := p.wanted.Load().sides(channels)
	fromLeft, fromRight := p.left, p.right
	p.left, p.right = left, right
	switch {
	case left == 1 && right == 1 && fromLeft == 1 && fromRight == 1:
		return true
	case left == 0 && right == 0 && fromLeft == 0 && fromRight == 0:
		return false
	}
	fade(pcm, channels, fromLeft, left)
	if channels == 2 {
		fade(pcm[1:], channels, fromRight, right)
	}
	return true
}

// fade multiplies each so-manieth sample, from one gain to another.
func fade(pcm []float32, every int, from, to float32) {
	step := (to - from) / float32((len(pcm)+every-1)/every)
	for i := 0; i < len(pcm); i += every {
		from += step
		pcm[i] *= from
	}
}

// SetVolume sets how loud a speaker is, as [Receiver.SetVolume] does. The error is
// [voiceapp.Invalid], also for a session that hears nobody.
func (s *Session) SetVolume(speaker voiceapp.SessionID, volume float32) error {
	if s.receiver == nil {
		return errDeaf
	}
	return s.receiver.SetVolume(speaker, volume)
}

// SetMuted says whether a speaker is not to be heard, as [Receiver.SetMuted] does.
// The error is [voiceapp.Invalid], for a session that hears nobody.
func (s *Session) SetMuted(speaker voiceapp.SessionID, muted bool) error {
	if s.receiver == nil {
		return errDeaf
	}
	s.receiver.SetMuted(speaker, muted)
	return nil
}

// SetPan says where in stereo a speaker is, as [Receiver.SetPan] does. The error is
// [voiceapp.Invalid], also for a session that hears nobody.
func (s *Session) SetPan(speaker voiceapp.SessionID, pan float32) error {
	if s.receiver == nil {
		return errDeaf
	}
	return s.receiver.SetPan(speaker, pan)
}

// SetNormalize says whether all speakers are brought to the same level, as
// [Receiver.SetNormalize] does. The error is [voiceapp.Invalid], for a session that
// hears nobody.
func (s *Session) SetNormalize(on bool) error {
	if s.receiver == nil {
		return errDeaf
	}
	s.receiver.SetNormalize(on)
	return nil
}
