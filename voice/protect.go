package voice

import (
	"context"
	"math"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// memory is how many frames are kept to be copied, a power of two above the
// farthest copy, packet.FarthestCopy.
const memory = 8

// ladder is by the share of datagrams that are lost on the way up.
var ladder = packet.CopyLadder{
	From:  [packet.MaxCopies + 1]float64{1: 0.02, 2: 0.07},
	Until: [packet.MaxCopies + 1]float64{1: 0.01, 2: 0.04},
}

// leastRate is the mean rate, in bits a second, that is left to a frame of which there
// are so many copies. Below, what the copies save is worth less than what the sound loses.
var leastRate = [packet.MaxCopies + 1]int{1: 8_000, 2: 12_000}

// lossStep is by how much the loss, in percent, has to change for the encoder to be told.
const lossStep = 5

// protection is what a sender does about loss: it keeps the frames that it has
// sent, and sends them again. The zero value does nothing.
type protection struct {
	samples int           // of a frame
	ready   float64       // mean rate of ready Opus, in bits a second; 0: the rate can be lowered
	wanted  int           // copies of each frame that the loss calls for
	copies  int           // that the line has room for
	told    int           // the loss that the encoder knows of, in percent
	kept    [memory]saved // by number
	newest  int           // the number of the frame that was sent last, from 1 on
	owing   int           // frame times since the end of a spurt, for which copies are due
}

// saved is a frame that was sent.
type saved struct {
	frame   packet.Audio
	payload []byte // the frame's, whose memory is used again
}

// adapt follows the share of datagrams that are lost, on a line with room for so many
// bits a second (0: unknown), and reports whether the number of copies has changed.
func (p *protection) adapt(loss float64, rate int) bool {
	was := p.copies
	p.wanted = ladder.Step(p.wanted, loss)
	p.copies = p.wanted
	for rate > 0 && p.copies > 0 && p.bitrate(rate) < p.least() {
		p.copies--
	}
	if was == 0 && p.copies > 0 {
		p.forget()
	}
	return p.copies != was
}

// bitrate is what is to be encoded at so that a frame and its copies need no more
// than the rate given.
func (p *protection) bitrate(rate int) int { return rate / (1 + p.copies) }

// least is the lowest rate that a frame and each of its copies may have.
func (p *protection) least() int {
	if p.ready > 0 {
		return int(p.ready)
	}
	return leastRate[p.copies]
}

// measure follows the mean rate of ready Opus, over half a second.
func (p *protection) measure(size, samples int) {
	if samples == 0 {
		return
	}
	rate := float64(size) * 8 * SampleRate / float64(samples)
	if p.ready == 0 {
		p.ready = rate
	}
	p.ready += (rate - p.ready) * min(1, 2*float64(samples)/SampleRate)
}

// lossToTell is the loss that the encoder should know of, in percent, and whether that
// is news.
func (p *protection) lossToTell(loss float64) (percent int, news bool) {
	if p.wanted > 0 {
		percent = int(math.Ceil(min(loss, 1) * 100))
	}
	difference := max(percent-p.told, p.told-percent)
	return percent, difference >= lossStep || (percent > 0) != (p.told > 0)
}

// keep remembers a frame that is sent now.
func (p *protection) keep(a packet.Audio) {
	if p.copies == 0 {
		return
	}
	p.newest++
	s := &p.kept[p.newest&(memory-1)]
	s.payload = append(s.payload[:0], a.Payload...)
	s.frame = a
	s.frame.Payload = s.payload
	s.frame.Flags |= packet.FlagRedundant
	p.owing = 0
	if a.Flags&packet.FlagEnd != 0 {
		after := p.after()
		p.owing = after[len(after)-1]
	}
}

// after says how many frames after its own a frame's copies are sent.
func (p *protection) after() []int {
	return packet.CopiesAfter(p.copies, p.samples)
}

// pass lets a frame's time go by in which nothing is said, and reports whether a
// datagram with copies alone is due: the last frames of a spurt have nobody else to
// carry theirs.
func (p *protection) pass() bool {
	if p.owing == 0 {
		return false
	}
	p.owing--
	p.newest++
	p.kept[p.newest&(memory-1)].frame = packet.Audio{}
	return true
}

// appendTo appends the copies that go with the newest frame to frames, as far as
// room, in bytes, holds them.
func (p *protection) appendTo(frames []packet.Audio, room int) []packet.Audio {
	for _, back := range p.after() {
		if back >= p.newest {
			continue
		}
		copied := p.kept[(p.newest-back)&(memory-1)].frame
		if copied.Flags == 0 { // nothing was sent then
			continue
		}
		if room -= copied.Size(); room < 0 {
			break
		}
		frames = append(frames, copied)
	}
	return frames
}

// forget lets no copies of what was sent so far be made.
func (p *protection) forget() {
	p.newest, p.owing = 0, 0
	for i := range p.kept {
		p.kept[i].frame = packet.Audio{}
	}
}

// SetLoss says what share of the datagrams is lost on the way to the server, from 0
// to 1: a [Session] knows it from the server's reports. From 2 % on each frame is
// sent again in a later datagram, from 7 % on in two, at a lower mean rate, so that
// all of it needs no more than before. Where that would leave less than 12 kbit/s to
// the frame there is one copy, and below 8 kbit/s none; of ready Opus, whose rate can't
// be lowered, there are as many as SetBitrate's rate has room for. An encoder that is a
// [LossEncoder] is told. Any goroutine may call it.
func (s *Sender) SetLoss(share float64) { s.loss.Store(math.Float64bits(share)) }

// protect follows what was asked for since the last frame, and the loss on the way.
func (s *Sender) protect() {
	loss := math.Float64frombits(s.loss.Load())
	rate := int(s.bitrate.Swap(0))
	if rate > 0 {
		s.rate = rate
	}
	changed := s.protection.adapt(loss, s.rate) || rate > 0
	s.copies.Store(int32(s.protection.copies))
	s.tellEncoder(loss)
	if changed && s.rate > 0 && s.cfg.Encoder != nil && s.cfg.Encoder.SetBitrate(s.protection.bitrate(s.rate)) != nil {
		s.unencoded.Add(1)
	}
}

// tellEncoder says what loss to make up for, if it can and that is news.
func (s *Sender) tellEncoder(loss float64) {
	encoder, ok := s.cfg.Encoder.(LossEncoder)
	if !ok {
		return
	}
	percent, news := s.protection.lossToTell(loss)
	if !news {
		return
	}
	s.protection.told = percent
	if encoder.SetLoss(percent) != nil {
		s.unencoded.Add(1)
	}
}

// repeat sends the copies that are due in a frame's time in which nothing is said.
func (s *Sender) repeat() {
	if s.protection.pass() {
		s.frames = s.protection.appendTo(s.frames[:0], packet.SafeFrames)
		s.put(0)
	}
}

// finish sends the copies of the last frames, at their times.
func (s *Sender) finish(ctx context.Context) error {
	for s.protection.owing > 0 {
		if !s.alarm.sleep(ctx, s.cfg.FrameDuration) {
			return ctx.Err()
		}
		s.repeat()
	}
	return nil
}
