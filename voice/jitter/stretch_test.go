package jitter

import (
	"math"
	"math/rand/v2"
	"testing"
)

// tone is a decoder that gives a voice-like tone: a fundamental and overtones.
type tone struct {
	channels int
	hertz    float64 // 0: 200
	overtone int     // how many
	at       int
}

func (d *tone) sample(at int) float32 {
	hertz := d.hertz
	if hertz == 0 {
		hertz = 200
	}
	var x float64
	for n := 0; n <= d.overtone; n++ {
		x += math.Sin(2*math.Pi*hertz*float64((n+1)*at)/SampleRate+float64(n*n)) / float64(n+1)
	}
	return float32(x / 4)
}

func (d *tone) Decode(pcm []float32, payload []byte) (int, error) {
	n, _ := Samples(payload)
	for i := range n {
		for c := range d.channels {
			pcm[i*d.channels+c] = d.sample(d.at) / float32(c+1)
		}
		d.at++
	}
	return n, nil
}

func (d *tone) Conceal(pcm []float32) error { clear(pcm); return nil }

// steps is the largest difference between neighbouring samples of a channel.
func steps(pcm []float32, channels int) (largest float32) {
	for i := channels; i < len(pcm); i++ {
		largest = max(largest, pcm[i]-pcm[i-channels], pcm[i-channels]-pcm[i])
	}
	return largest
}

// frequency finds the frequency of a tone, near the one that is expected, by the
// phase that its fundamental gains from one half second to the next.
func frequency(pcm []float32, channels int, expected float64) float64 {
	const half = SampleRate / 2
	phase := func(from int) float64 {
		var re, im float64
		for i := range half {
			x := float64(pcm[(from+i)*channels])
			w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/half)
			s, c := math.Sincos(2 * math.Pi * expected * float64(from+i) / SampleRate)
			re, im = re+w*x*c, im-w*x*s
		}
		return math.Atan2(im, re)
	}
	gained := math.Remainder(phase(half/8)-phase(0), 2*math.Pi)
	return expected + gained/(2*math.Pi)/(0.5/8)
}

// stretched plays a second and more of a tone, every frame stretched if possible.
func stretched(s *stretcher, d *tone, longer bool) (pcm []float32, changed int) {
	frame := make([]float32, MaxSamples*d.channels)
	for i := 0; len(pcm) < 2*SampleRate*d.channels; i++ {
		n, _ := d.Decode(frame, []byte{0x80 | 3<<3})
		got := frame[:n*d.channels]
		s.listen(got)
		if !longer && i > 3 {
			cut := s.remove(got, maxStretch, false)
			got = got[:len(got)-cut*d.channels]
			changed += cut
		}
		s.played(got)
		pcm = append(pcm, got...)
		if longer && i > 3 {
			added := s.expand(frame, maxStretch, false)
			s.played(frame[:added*d.channels])
			pcm = append(pcm, frame[:added*d.channels]...)
			changed += added
		}
	}
	return pcm, changed
}

func TestStretchKeepsThePitchAndDoesNotClick(t *testing.T) {
	for _, d := range []tone{
		{channels: 1, hertz: 200},
		{channels: 2, hertz: 200},
		{channels: 1, hertz: 85, overtone: 12},
		{channels: 1, hertz: 110, overtone: 12},
		{channels: 1, hertz: 137.3, overtone: 12},
		{channels: 2, hertz: 233, overtone: 12},
		{channels: 1, hertz: 310, overtone: 12},
	} {
		for _, longer := range []bool{false, true} {
			player := d
			pcm, changed := stretched(newStretcher(d.channels), &player, longer)
			if changed < SampleRate/10 {
				t.Fatalf("%+v: only %d samples were stretched", d, changed)
			}
			from := SampleRate / 4 * d.channels
			if got := frequency(pcm[from:], d.channels, d.hertz); math.Abs(got/d.hertz-1) > .002 {
				t.Errorf("%+v, longer %v: %.2f Hz", d, longer, got)
			}
			if got, own := steps(pcm, d.channels), ownSteps(&d); got > 1.1*own {
				t.Errorf("%+v, longer %v: steps of %.4f, the tone has %.4f", d, longer, got, own)
			}
		}
	}
}

// ownSteps is the largest step of the tone itself.
func ownSteps(d *tone) (largest float32) {
	for at := range SampleRate {
		largest = max(largest, d.sample(at+1)-d.sample(at), d.sample(at)-d.sample(at+1))
	}
	return largest
}

func TestNoiseIsNotStretched(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := func(amplitude float32, n int) []float32 {
		pcm := make([]float32, n)
		for i := range pcm {
			pcm[i] = amplitude * float32(rng.Float64()*2-1)
		}
		return pcm
	}
	s := newStretcher(1)
	for range 50 { // a quiet room
		s.listen(noise(.002, 960))
		s.played(noise(.002, 960))
	}
	if s.expand(make([]float32, MaxSamples), maxStretch, false) == 0 || s.remove(noise(.002, 960), maxStretch, false) == 0 {
		t.Error("a pause is not stretched")
	}
	loud := noise(.2, 2*960)
	s.listen(loud)
	s.played(loud)
	if n := s.expand(make([]float32, MaxSamples), maxStretch, false); n != 0 {
		t.Errorf("%d samples of noise were repeated", n)
	}
	if n := s.remove(noise(.2, 960), maxStretch, false); n != 0 {
		t.Errorf("%d samples of noise were cut", n)
	}
}

// A stretcher that was given no numbers stretches nothing, and stays whole.
func TestWhatIsNoSoundIsNotStretched(t *testing.T) {
	s := newStretcher(1)
	pcm := make([]float32, 960)
	fill(pcm, float32(math.NaN()))
	s.played(pcm)
	s.played(pcm)
	if added, cut := s.expand(make([]float32, MaxSamples), maxStretch, true), s.remove(pcm, maxStretch, true); added != 0 || cut != 0 {
		t.Errorf("%d samples were added, %d cut", added, cut)
	}
	s.extend(pcm)
	for i, x := range pcm {
		if x != 0 {
			t.Fatalf("sample %d is %v", i, x)
		}
	}
}

func TestBudget(t *testing.T) {
	var b budget
	if b.left(0) != maxStretch {
		t.Errorf("%d left at first", b.left(0))
	}
	for at := int64(1000); at < 1000+stretchSpan; at += 700 {
		if n := min(300, b.left(at)); n > 0 {
			b.spend(at, n)
		}
	}
	// 300, 300 and the rest of 120 samples, from 1000 on.
	if b.left(1000+stretchSpan-1) != 0 || b.left(1000+stretchSpan) != 300 || b.left(1700+stretchSpan) != 600 {
		t.Errorf("%d, %d, %d left", b.left(1000+stretchSpan-1), b.left(1000+stretchSpan), b.left(1700+stretchSpan))
	}
}

func TestFloor(t *testing.T) {
	var f floor
	for i, step := range []struct{ second, transit, want int64 }{
		{0, 500, 500}, {0, 700, 500}, {1, 300, 300}, {2, 900, 300}, {15, 900, 300}, {16, 900, 300}, {17, 900, 900}, {400, 2000, 2000}, {401, 1000, 1000},
	} {
		if got := f.add(step.second*SampleRate, step.transit); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}
