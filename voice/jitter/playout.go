package jitter

import (
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Decoder makes PCM of one stream's packets; voice.Decoder has the details.
type Decoder interface {
	// Decode writes a packet's PCM to pcm and returns its samples per channel.
	Decode(pcm []float32, payload []byte) (samplesPerChannel int, err error)
	// Conceal fills pcm with what might follow the last packet.
	Conceal(pcm []float32) error
}

// FECDecoder is what a [Decoder] may also be: one that makes up for a lost packet by
// what the one after it holds.
type FECDecoder interface {
	Decoder

	// DecodeFEC fills pcm, which is as long as the lost packet lasted, by what the next
	// packet holds of it. The next packet is decoded afterwards.
	DecodeFEC(pcm []float32, next []byte) error
}

// Playout is one speaker's way from frames to PCM: a [Buffer], a [Decoder], and
// the stretching that the buffer asks for. One goroutine may call Put while
// another calls Read. Make one with [NewPlayout].
type Playout struct {
	mu       sync.Mutex // of what Put and Read share
	buffer   *Buffer
	speaking bool
	spoilt   uint64 // packets that were not to be decoded

	// The rest is Read's alone.

	decoder  Decoder
	fec      FECDecoder // the same, or nil
	channels int
	stretch  *stretcher
	observe  func(Piece)
	payload  []byte
	pcm      []float32 // what was made last
	rest     []float32 // the part of it that is still to be played
	made     []float32 // what concealment has made in advance
	ahead    []float32 // the part of it that is left
}

const (
	concealPiece = 10 * samplesPerMs // that a decoder is asked for at once
	fade         = 5 * samplesPerMs  // cross-fade between sounds that have nothing to do with each other
)

// Piece is a piece of playout.
type Piece struct {
	Time     time.Duration // when its first sample is heard
	Action   Action
	Sequence int64         // of a frame that is played
	Samples  int           // how long it lasts
	Skipped  int           // how much of the frame's beginning is not heard
	Removed  int           // by how much the rest of the frame was shortened
	Behind   time.Duration // how far playout is behind the path's fastest frame
	Target   time.Duration // how far it is meant to be
}

// PlayoutConfig says how a [Playout] works. Only Decoder is required.
type PlayoutConfig struct {
	Config
	Decoder  Decoder
	Channels int // of the PCM: 1 or 2; 0: 1

	// Observe, where it is set, is called in Read for each piece when it is made.
	Observe func(Piece)
}

// NewPlayout returns one that has heard nothing.
func NewPlayout(cfg PlayoutConfig) *Playout {
	channels := max(cfg.Channels, 1)
	fec, able := cfg.Decoder.(FECDecoder)
	cfg.FEC = able
	return &Playout{
		buffer: New(cfg.Config), decoder: cfg.Decoder, fec: fec, channels: channels, observe: cfg.Observe,
		stretch: newStretcher(channels),
		pcm:     make([]float32, MaxSamples*channels),
		made:    make([]float32, concealPiece*channels),
	}
}

// Put takes a frame, see [Buffer.Put].
func (p *Playout) Put(a packet.Audio, now time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buffer.Put(a, now)
}

// Read fills dst, interleaved, with what is heard from the given time on: the
// time of the last call plus the duration of what it gave. It reports whether any
// of it is more than silence.
func (p *Playout) Read(dst []float32, now time.Duration) (sound bool) {
	p.look(now)
	for at := 0; at < len(dst); {
		if len(p.rest) > 0 {
			n := copy(dst[at:], p.rest)
			p.rest = p.rest[n:]
			at += n
			sound = true
			continue
		}
		t := now + time.Duration(at/p.channels)*time.Second/SampleRate
		d := p.next(t)
		if d.Action == Idle {
			end := len(dst)
			if n := d.Samples * p.channels; n > 0 {
				end = min(end, at+n)
			}
			clear(dst[at:end])
			p.rested(dst[at:end], d, t)
			at = end
			continue
		}
		p.render(d, t)
	}
	return sound
}

// look tells the buffer that frames may be used from now on.
func (p *Playout) look(now time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buffer.look(toSamples(now))
}

// next asks the buffer; the payload is a copy, so that decoding holds no lock.
func (p *Playout) next(t time.Duration) Decision {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.buffer.decide(toSamples(t))
	p.payload = append(p.payload[:0], d.Payload...)
	d.Payload = p.payload
	p.speaking = d.Action != Idle
	return d
}

// rested notes a piece of silence.
func (p *Playout) rested(pcm []float32, d Decision, t time.Duration) {
	p.ahead = p.ahead[:0]
	p.stretch.played(pcm)
	p.tell(d, t, len(pcm)/p.channels, 0)
}

// render makes the samples of a decision.
func (p *Playout) render(d Decision, t time.Duration) {
	switch d.Action {
	case Expand:
		n := p.stretch.expand(p.pcm, d.Samples, d.Urgent)
		p.rest = p.pcm[:n*p.channels]
		p.stretched(n)
		p.stretch.played(p.rest)
		p.tell(d, t, n, 0)
	case Conceal:
		p.rest = p.pcm[:d.Samples*p.channels]
		p.conceal(p.rest)
		p.stretch.played(p.rest)
		p.tell(d, t, d.Samples, 0)
	case Play:
		p.play(d, t)
	case Recover:
		p.recover(d, t)
	case Idle:
	}
}

// recover makes up for a lost packet by the one after it.
func (p *Playout) recover(d Decision, t time.Duration) {
	pcm := p.pcm[:(d.Skip+d.Samples)*p.channels]
	if p.fec.DecodeFEC(pcm, d.Payload) != nil {
		p.spoil()
		p.conceal(pcm)
	} else {
		p.hear(pcm)
	}
	p.rest = pcm[d.Skip*p.channels:]
	if d.Skip > 0 || len(p.ahead) > 0 {
		p.join(p.rest)
	}
	p.ahead = p.ahead[:0]
	p.stretch.played(p.rest)
	p.tell(d, t, d.Samples, 0)
}

// play decodes a packet. Its length is kept whatever the decoder does, as the
// timeline hangs on it.
func (p *Playout) play(d Decision, t time.Duration) {
	pcm := p.pcm[:(d.Skip+d.Samples)*p.channels]
	n, err := p.decoder.Decode(p.pcm, d.Payload)
	if err != nil || n <= 0 {
		p.spoil()
		p.conceal(pcm)
		d.Remove = 0
	} else {
		clear(pcm[min(n*p.channels, len(pcm)):])
		p.hear(pcm)
	}
	p.rest = pcm[d.Skip*p.channels:]
	if d.Jump || d.Skip > 0 || len(p.ahead) > 0 {
		p.join(p.rest)
	}
	p.ahead = p.ahead[:0]
	removed := 0
	if d.Remove > 0 {
		removed = p.stretch.remove(p.rest, d.Remove, d.Urgent)
		p.rest = p.rest[:len(p.rest)-removed*p.channels]
		p.stretched(removed)
	}
	p.stretch.played(p.rest)
	p.tell(d, t, d.Samples-removed, removed)
}

// conceal fills pcm with what the decoder makes up, in pieces that suit it.
func (p *Playout) conceal(pcm []float32) {
	for len(pcm) > 0 {
		if len(p.ahead) == 0 {
			p.ahead = p.made
			if p.decoder.Conceal(p.ahead) != nil || !tame(p.ahead) {
				clear(p.ahead)
			}
		}
		n := copy(pcm, p.ahead)
		pcm, p.ahead = pcm[n:], p.ahead[n:]
	}
}

// hear takes what a decoder made of a packet.
func (p *Playout) hear(pcm []float32) {
	if !tame(pcm) {
		p.spoil()
	}
	p.stretch.listen(pcm)
}

// tame makes silence of what no decoder may give: of what is no number, and of what is
// more than 40 dB above full scale. It reports whether there was none of that.
func tame(pcm []float32) (tame bool) {
	const most = 100
	tame = true
	for i, x := range pcm {
		if !(x >= -most && x <= most) {
			pcm[i], tame = 0, false
		}
	}
	return tame
}

// join lets what was heard before fade out while pcm fades in.
func (p *Playout) join(pcm []float32) {
	var before [2 * fade]float32
	n := min(fade*p.channels, len(pcm))
	tail := before[:n]
	if made := copy(tail, p.ahead); made == 0 {
		p.stretch.extend(tail)
	} else if made < n {
		n = made
	}
	for i := range n / p.channels {
		w := float32(i+1) / float32(n/p.channels+1)
		for c := range p.channels {
			at := i*p.channels + c
			pcm[at] = tail[at] + w*(pcm[at]-tail[at])
		}
	}
}

func (p *Playout) stretched(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buffer.Stretched(n)
}

func (p *Playout) spoil() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoilt++
}

func (p *Playout) tell(d Decision, t time.Duration, samples, removed int) {
	if p.observe == nil || samples == 0 {
		return
	}
	p.observe(Piece{
		Time: t, Action: d.Action, Sequence: d.Sequence, Samples: samples, Skipped: d.Skip, Removed: removed,
		Behind: d.Behind, Target: d.Target,
	})
}

// Stats returns a snapshot. It may be called from any goroutine.
func (p *Playout) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	stats := p.buffer.Stats()
	stats.FramesSpoilt = p.spoilt
	return stats
}

// Speaking reports whether something is heard at this moment. It may be called from
// any goroutine.
func (p *Playout) Speaking() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speaking
}
