package jitter

// How much two neighbouring periods must be alike, as a correlation, for one to be
// repeated or cut.
const (
	likeness       = .85
	urgentLikeness = .3 // when the alternative is to make it up
)

// A pause may be stretched whatever it is like.
const (
	silence   = 1e-6 // mean square that nobody hears: -60 dBov
	aboveRest = 8    // times the noise, from which sound is no pause
	noiseRise = 1.01 // of the estimate of the noise, for each frame
)

const (
	seam = 5 * samplesPerMs / 2   // over which a step in the signal is evened out
	past = maxStretch + matchSpan // samples of what was played that are kept
)

// stretcher makes sound longer or shorter by whole periods of its pitch, so that
// the pitch stays. It knows the last samples that were played. Stereo is stretched
// as one.
type stretcher struct {
	channels int
	past     []float32 // interleaved, what was played last
	noise    float32   // mean square of the pauses
	pitch    pitch
}

func newStretcher(channels int) *stretcher {
	return &stretcher{channels: channels, past: make([]float32, past*channels), noise: 1, pitch: newPitch()}
}

// played takes what is played next, whatever it is.
func (s *stretcher) played(pcm []float32) {
	if keep := len(s.past) - len(pcm); keep > 0 {
		copy(s.past, s.past[len(pcm):])
		copy(s.past[keep:], pcm)
		return
	}
	copy(s.past, pcm[len(pcm)-len(s.past):])
}

// listen learns from a frame that came how loud pauses are.
func (s *stretcher) listen(pcm []float32) {
	s.noise = min(max(meanSquare(pcm), silence/aboveRest), s.noise*noiseRise)
}

// allows reports whether sound of that energy may be stretched by a period that is
// so much like its neighbour.
func (s *stretcher) allows(like, energy float32, urgent bool) bool {
	least := float32(likeness)
	if urgent {
		least = urgentLikeness
	}
	return like >= least || energy < max(silence, aboveRest*s.noise)
}

// expand writes a period, of limit samples at most, that continues the past, to
// dst, and returns its length in samples; 0: there is none. What would have come
// instead may come after it.
func (s *stretcher) expand(dst []float32, limit int, urgent bool) int {
	mono := s.pitch.load(s.channels, s.past, nil)
	at := len(mono) - matchSpan
	lag, like := s.pitch.shortest(at, -1, min(limit, maxStretch))
	if lag == 0 || !s.allows(like, meanSquare(mono[at:]), urgent) {
		return 0
	}
	s.repeat(dst[:lag*s.channels], lag)
	return lag
}

// extend continues the past in dst, whatever it is like. Of what is no sound there is
// silence.
func (s *stretcher) extend(dst []float32) {
	mono := s.pitch.load(s.channels, s.past, nil)
	lag, _ := s.pitch.shortest(len(mono)-matchSpan, -1, maxStretch)
	if lag == 0 {
		clear(dst)
		return
	}
	s.repeat(dst, lag)
}

// repeat continues the past with its last lag samples, over and over.
func (s *stretcher) repeat(dst []float32, lag int) {
	c := s.channels
	period := s.past[len(s.past)-lag*c:]
	for i := range dst {
		dst[i] = period[i%len(period)]
	}
	// It begins where another sample came before: lead over from the one that did.
	for i := range min(seam*c, len(dst)) {
		before := len(s.past) - c + i%c
		step := s.past[before] - s.past[before-lag*c]
		dst[i] += step * (1 - float32(i/c+1)/(seam+1))
	}
}

// remove makes pcm shorter by a period, of limit samples at most, and returns its
// length in samples; 0: there is none. pcm follows on from the past.
func (s *stretcher) remove(pcm []float32, limit int, urgent bool) int {
	c := s.channels
	length := len(pcm) / c
	limit = min(limit, length*3/4, maxStretch)
	if limit < minStretch {
		return 0
	}
	mono := s.pitch.load(c, s.past, pcm)
	lag, like := s.pitch.longest(past, 1, limit)
	if lag == 0 || !s.allows(like, meanSquare(mono[past:past+min(length, 2*lag)]), urgent) {
		return 0
	}
	over := min(lag, length-lag)
	for i := range over * c {
		w := float32(i/c+1) / float32(over+1)
		pcm[i] += w * (pcm[i+lag*c] - pcm[i])
	}
	copy(pcm[over*c:], pcm[(over+lag)*c:])
	return lag
}

func meanSquare(pcm []float32) float32 {
	var sum float32
	for _, x := range pcm {
		sum += x * x
	}
	return sum / float32(max(len(pcm), 1))
}
