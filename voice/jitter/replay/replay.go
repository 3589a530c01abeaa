package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// tick is how often playout looks for frames.
const tick = time.Millisecond

// tail is how long playout goes on after the last arrival.
const tail = 3 * time.Second

// pause is the silence that a sender says it begins. A shorter one is rather a machine
// that stood still.
const pause = 100 * time.Millisecond

// Config says what is replayed and how. Only Speech is required.
type Config struct {
	// Speech is what is said, at 48 kHz, mono, again and again.
	Speech []float32

	// Frame is the duration of a frame: 10, 20, 40 or 60 ms; 0: the one that is
	// nearest to how far apart packets were sent. A multiple of that: a frame fares as
	// the packet does that was sent at its end.
	Frame time.Duration

	// Redundancy is how many copies of earlier frames, 0 to 2, each packet brings: as
	// [packet.CopiesAfter] says.
	Redundancy int

	// Playout is the configuration of the buffer. The zero value adapts.
	Playout jitter.Config

	// Encode and Decoder are a codec to send the speech through. Encode gives the
	// packet of a frame of PCM, the caller's. Both or neither are set; without them
	// packets are the speech itself.
	Encode  func(pcm []float32) ([]byte, error)
	Decoder jitter.Decoder

	// Heard, where it is set, gets what a listener hears, a piece at a time, valid
	// during the call.
	Heard func(pcm []float32) error
}

// Run replays a trace. Where nothing was sent, the speaker is silent; from 100 ms on
// the frame before is marked as the last of its spurt. The errors are [voiceapp.Invalid], and those of the
// configuration's functions.
func Run(trace Trace, cfg Config) (*Result, error) {
	r, err := newRun(trace, cfg)
	if err != nil {
		return nil, err
	}
	pcm := make([]float32, int(tick*jitter.SampleRate/time.Second))
	last := r.arrivals[len(r.arrivals)-1].at
	for now, next := r.arrivals[0].at.Truncate(tick), 0; now < last+tail; now += tick {
		for ; next < len(r.arrivals) && r.arrivals[next].at <= now; next++ {
			r.playout.Put(r.arrivals[next].audio, r.arrivals[next].at)
		}
		r.playout.Read(pcm, now)
		if cfg.Heard != nil {
			if err := cfg.Heard(pcm); err != nil {
				return nil, err
			}
		}
	}
	return r.measure(), nil
}

// run is a replay in progress.
type run struct {
	trace    Trace
	frame    time.Duration
	times    []int64 // media times of the packets, in samples
	arrivals []arrival
	playout  *jitter.Playout
	pieces   []jitter.Piece
}

// arrival is a frame at the time when it comes.
type arrival struct {
	at    time.Duration
	audio packet.Audio
}

func newRun(trace Trace, cfg Config) (*run, error) {
	r := &run{trace: trace, frame: cfg.Frame}
	if r.frame == 0 {
		r.frame = trace.frame()
	}
	samples := int(r.frame * jitter.SampleRate / time.Second)
	if _, ok := tocs[r.frame]; !ok {
		return nil, voiceapp.NewError(voiceapp.Invalid, "replay: a frame lasts 10, 20, 40 or 60 ms, not "+r.frame.String())
	}
	if spacing := trace.frame(); r.frame > spacing {
		if r.frame%spacing != 0 {
			return nil, voiceapp.NewError(voiceapp.Invalid, "replay: a frame is no multiple of how far the packets are apart")
		}
		r.trace = trace.join(int(r.frame/spacing), spacing)
	}
	if cfg.Redundancy < 0 || cfg.Redundancy > packet.MaxCopies {
		return nil, voiceapp.NewError(voiceapp.Invalid, "replay: there are 0 to 2 redundant copies")
	}
	if len(cfg.Speech) < samples {
		return nil, voiceapp.NewError(voiceapp.Invalid, "replay: the speech is shorter than a frame")
	}
	decoder, encode := cfg.Decoder, r.encoder(cfg, samples)
	if decoder == nil {
		p := &plain{speech: cfg.Speech, frame: samples}
		decoder, encode = p, func(i int) ([]byte, error) { return p.encode(i, r.frame), nil }
	}
	if err := r.send(cfg.Redundancy, encode); err != nil {
		return nil, err
	}
	r.playout = jitter.NewPlayout(jitter.PlayoutConfig{
		Config: cfg.Playout, Decoder: decoder,
		Observe: func(p jitter.Piece) { r.pieces = append(r.pieces, p) },
	})
	return r, nil
}

// encoder returns what makes the packet of the i-th frame of the speech.
func (r *run) encoder(cfg Config, samples int) func(i int) ([]byte, error) {
	pcm := make([]float32, samples)
	return func(i int) ([]byte, error) {
		for j := range pcm {
			pcm[j] = cfg.Speech[(i*samples+j)%len(cfg.Speech)]
		}
		return cfg.Encode(pcm)
	}
}

// send makes the arrivals, in order.
func (r *run) send(redundancy int, encode func(i int) ([]byte, error)) error {
	origin := r.trace.fastest() + r.trace[0].Send
	frames := make([]packet.Audio, len(r.trace))
	r.times = r.timeline()
	samples := int(r.frame * jitter.SampleRate / time.Second)
	for i, p := range r.trace {
		payload, err := encode(i)
		if err != nil {
			return err
		}
		frames[i] = packet.Audio{Sequence: uint16(i), MediaTime: uint32(r.times[i]), Payload: payload}
		if i == len(r.trace)-1 || r.silence(i, i+1) >= int64(pause*jitter.SampleRate/time.Second) {
			frames[i].Flags = packet.FlagEnd
		}
		if p.Lost {
			continue
		}
		at := p.Arrival - origin
		r.arrivals = append(r.arrivals, arrival{at, frames[i]})
		for _, distance := range packet.CopiesAfter(redundancy, samples) {
			if i >= distance {
				earlier := frames[i-distance]
				earlier.Flags |= packet.FlagRedundant
				r.arrivals = append(r.arrivals, arrival{at, earlier})
			}
		}
	}
	slices.SortStableFunc(r.arrivals, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	return nil
}

// timeline gives the media times of all packets: whole frames, as a sender counts,
// whatever the clock said by which they were recorded.
func (r *run) timeline() []int64 {
	frame := int64(r.frame * jitter.SampleRate / time.Second)
	times := make([]int64, len(r.trace))
	for i := 1; i < len(times); i++ {
		since := (r.trace[i].Send - r.trace[0].Send + r.frame/2) / r.frame
		times[i] = max(times[i-1]+frame, int64(since)*frame)
	}
	return times
}

// silence is how many samples the speaker was silent between two frames.
func (r *run) silence(before, after int) int64 {
	return r.times[after] - r.times[before] - int64(after-before)*int64(r.frame*jitter.SampleRate/time.Second)
}
