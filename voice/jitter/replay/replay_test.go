package replay

import (
	"bytes"
	"errors"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
)

const ms = time.Millisecond

func play(t testing.TB, trace Trace, cfg Config) *Result {
	t.Helper()
	if cfg.Speech == nil {
		cfg.Speech = speechtest.PCM(t)
	}
	result, err := Run(trace, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// The figures of speexdsp's jitter buffer are in testdata/README.md.
func TestRecordedNetwork(t *testing.T) {
	file, err := os.Open("testdata/5g-fading.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	trace, err := ReadTrace(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range []time.Duration{20 * ms, 40 * ms, 60 * ms} {
		r := play(t, trace, Config{Frame: frame})
		t.Log(r)
		if r.Cost() > 0.5*55.9 || r.Concealed > 0.0062 || r.Unheard > 0.0062 {
			t.Errorf("frames of %v: cost %.1f: %v", frame, r.Cost(), r)
		}
	}
}

// every sends n packets of that length; late says how long each takes.
func every(length time.Duration, n int, late func(i int) time.Duration) Trace {
	trace := make(Trace, n)
	for i := range trace {
		send := time.Duration(i) * length
		trace[i] = Packet{Send: send, Arrival: send + 100*ms + late(i)}
	}
	return trace
}

func uniform(limit time.Duration) func(int) time.Duration {
	rng := rand.New(rand.NewPCG(1, 2))
	return func(int) time.Duration { return time.Duration(rng.Int64N(int64(limit) + 1)) }
}

// bound is what a network's playout must keep to.
type bound struct {
	gaps       float64       // share concealed, and unheard
	mean, last time.Duration // delay: of all frames, and of the last one
}

func (b bound) check(t *testing.T, r *Result) {
	t.Helper()
	t.Logf("%v last=%v", r, r.Timeline[len(r.Timeline)-1].Playout)
	if gaps := max(r.Concealed, r.Unheard); gaps > b.gaps {
		t.Errorf("%.3f %% are gaps, want at most %.3f %%", 100*gaps, 100*b.gaps)
	}
	if r.MeanDelay > b.mean {
		t.Errorf("mean delay %v, want at most %v", r.MeanDelay, b.mean)
	}
	if last := r.Timeline[len(r.Timeline)-1].Playout; last > b.last {
		t.Errorf("delay of the last frame %v, want at most %v", last, b.last)
	}
}

func TestNetworks(t *testing.T) {
	const minute = 3000 // packets
	still := func(int) time.Duration { return 0 }
	step := func(from, to, by int, low time.Duration) func(int) time.Duration {
		return func(i int) time.Duration {
			if i >= from && i < to {
				return time.Duration(by) * ms
			}
			return low
		}
	}
	// until holds packets back that are sent from one time on, to another.
	until := func(from, to int) func(int) time.Duration {
		return func(i int) time.Duration {
			if i >= from && i < to {
				return time.Duration(to-i) * 20 * ms
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		late func(int) time.Duration
		bound
	}{
		"constant delay":     {still, bound{0, 5 * ms, 5 * ms}},
		"uniform jitter":     {uniform(30 * ms), bound{.004, 40 * ms, 45 * ms}},
		"much jitter":        {uniform(100 * ms), bound{.003, 110 * ms, 115 * ms}},
		"a spike":            {until(1000, 1025), bound{.0085, 15 * ms, 10 * ms}},
		"a step up":          {step(1000, minute, 60, 0), bound{.002, 62 * ms, 75 * ms}},
		"a step down":        {step(0, 1000, 60, 0), bound{.001, 25 * ms, 6 * ms}},
		"an outage of 0.2 s": {until(1000, 1010), bound{.004, 15 * ms, 10 * ms}},
		"an outage of 1 s":   {until(1000, 1050), bound{.018, 30 * ms, 10 * ms}},
		"an outage of 5 s":   {until(1000, 1250), bound{.085, 30 * ms, 10 * ms}},
		"reordering":         {func(i int) time.Duration { return time.Duration(i%3) * 21 * ms }, bound{.002, 50 * ms, 55 * ms}},
	} {
		t.Run(name, func(t *testing.T) { c.check(t, play(t, every(20*ms, minute, c.late), Config{})) })
	}
}

// An hour with a clock that is wrong by 300 ppm, on a path with a little jitter;
// sequences wrap in it. Under the race detector it is shorter.
func TestDriftIsAbsorbed(t *testing.T) {
	for name, ppm := range map[string]float64{"slow": -300, "fast": 300} {
		t.Run(name, func(t *testing.T) {
			jitter := uniform(3 * ms)
			trace := every(60*ms, 66_000/slower, func(i int) time.Duration {
				return time.Duration(float64(i)*float64(60*ms)*ppm/1e6) + jitter(i)
			})
			r := play(t, trace, Config{})
			t.Log(r)
			if r.Concealed > 5e-4 || r.Unheard > 0 || r.Late > 0 {
				t.Errorf("playout has dropped something: %v", r)
			}
			var worst time.Duration
			floor := time.Duration(math.MaxInt64)
			for i := range r.Timeline { // delay above what the network took just then
				late := r.Timeline[i].Playout - r.Timeline[i].Network
				worst, floor = max(worst, late), min(floor, late)
			}
			if worst > 30*ms || floor < 0 {
				t.Errorf("playout was %v to %v behind the arrivals", floor, worst)
			}
		})
	}
}

func TestLostFramesAreConcealedForTheirLength(t *testing.T) {
	trace := every(20*ms, 3000, func(int) time.Duration { return 0 })
	lost := 0
	for i := 100; i < 2900; i += 29 {
		for j := range 1 + i%3 {
			trace[i+j].Lost = true
			lost++
		}
	}
	for _, frame := range []time.Duration{0, 20 * ms} {
		r := play(t, trace, Config{Frame: frame})
		t.Log(r)
		want := float64(lost) / 3000
		if math.Abs(r.Concealed-want) > .0005 || math.Abs(r.Unheard-want) > .0005 || r.Lost != lost || r.Late != 0 {
			t.Errorf("lost %.4f: %v", want, r)
		}
	}
}

// pausing is a trace of a minute with a pause of 777 ms after each two seconds.
func pausing(late func(i int) time.Duration) Trace {
	trace := every(20*ms, 3000, late)
	for i := range trace {
		pause := time.Duration(i/100) * 777 * ms
		trace[i].Send += pause
		trace[i].Arrival += pause
	}
	return trace
}

// Silence that the speaker keeps is no gap, and his next spurt begins at the
// target delay.
func TestSilenceIsNoGap(t *testing.T) {
	for _, delay := range []time.Duration{0, 40 * ms} {
		r := play(t, pausing(func(int) time.Duration { return 0 }), Config{Playout: jitter.Config{Delay: delay}})
		if r.Late != 0 || r.Unheard != 0 || r.Concealed != 0 || r.MeanDelay > delay+8*ms {
			t.Error(r)
		}
	}
}

// The figures of a path are those that it has without pauses, and a frame that is lost
// beside a pause is a gap as any other.
func TestPausesHideNoGaps(t *testing.T) {
	lossy := func(trace Trace) Trace {
		for i := range trace {
			trace[i].Lost = i%100 == 0 && i > 0 || i%300 == 99 || i%50 == 20
		}
		return trace
	}
	without := play(t, lossy(every(20*ms, 3000, uniform(20*ms))), Config{})
	with := play(t, lossy(pausing(uniform(20*ms))), Config{})
	t.Logf("\n%v\n%v", without, with)
	if math.Abs(with.Unheard-without.Unheard) > .002 || with.Concealed < with.Unheard || with.Concealed > with.Unheard+.012 {
		t.Errorf("without pauses %v\nwith pauses %v", without, with)
	}
}

// A longer frame fares as the packet does that was sent at its end, and begins anew
// after a pause.
func TestFramesOfSeveralPackets(t *testing.T) {
	trace := every(20*ms, 3000, uniform(5*ms))
	for i := range trace {
		trace[i].Lost = i%120 == 50 // the last of three, the first of two
	}
	for frame, want := range map[time.Duration]struct{ frames, lost int }{20 * ms: {3000, 25}, 40 * ms: {1500, 0}, 60 * ms: {1000, 25}} {
		r := play(t, trace, Config{Frame: frame})
		t.Log(r)
		if r.Frames != want.frames || r.Lost != want.lost || math.Abs(r.Concealed-float64(want.lost)/float64(want.frames)) > .003 {
			t.Errorf("%v: %v", frame, r)
		}
	}
	if r := play(t, pausing(func(int) time.Duration { return 0 }), Config{Frame: 60 * ms}); r.Frames != 30*34 || r.MeanDelay > 30*ms {
		t.Errorf("with pauses: %v", r)
	}
}

func TestFixedDelay(t *testing.T) {
	trace := every(20*ms, 1000, func(i int) time.Duration { return time.Duration(i%30) * ms })
	r := play(t, trace, Config{Playout: jitter.Config{Delay: 60 * ms}})
	if r.MeanDelay < 60*ms || r.MeanDelay > 62*ms || r.Accelerate+r.Expand+r.Concealed+r.Unheard != 0 {
		t.Error(r)
	}
}

func TestRedundancyMakesUpForLoss(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	trace := every(20*ms, 6000, uniform(5*ms))
	for i := range trace {
		trace[i].Lost = i > 0 && rng.Float64() < .1
	}
	without, one, two := play(t, trace, Config{}), play(t, trace, Config{Redundancy: 1}), play(t, trace, Config{Redundancy: 2})
	t.Logf("\n%v\n%v\n%v", without, one, two)
	if one.Concealed > .3*without.Concealed || two.Concealed > .2*without.Concealed {
		t.Errorf("concealed: %.4f without, %.4f with one copy, %.4f with two", without.Concealed, one.Concealed, two.Concealed)
	}
}

func TestFramesOfAnyLength(t *testing.T) {
	for _, frame := range []time.Duration{10 * ms, 40 * ms, 60 * ms} {
		r := play(t, every(frame, 1000, uniform(8*ms)), Config{})
		t.Log(r)
		if r.Frames != 1000 || r.Late != 0 || max(r.Concealed, r.Unheard) > .005 || r.MeanDelay > 20*ms {
			t.Errorf("%v: %v", frame, r)
		}
	}
}

// A recorder's clock is no sender's: times that are a little off make no gaps.
func TestSendTimesAreRounded(t *testing.T) {
	wobble := uniform(9 * ms)
	trace := every(20*ms+3*time.Microsecond, 3000, func(int) time.Duration { return 0 })
	for i := range trace {
		trace[i].Send += wobble(i)
	}
	if r := play(t, trace, Config{}); max(r.Concealed, r.Unheard) > 5e-4 || r.MeanDelay > 15*ms {
		t.Error(r)
	}
}

func TestRunIsTheSameEachTime(t *testing.T) {
	trace := every(20*ms, 500, uniform(40*ms))
	heard := func() (pcm []float32) {
		play(t, trace, Config{Heard: func(block []float32) error { pcm = append(pcm, block...); return nil }})
		return pcm
	}
	one, two := heard(), heard()
	if len(one) < 10*jitter.SampleRate || len(one) != len(two) {
		t.Fatalf("%d and %d samples", len(one), len(two))
	}
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("sample %d is %v, then %v", i, one[i], two[i])
		}
	}
}

func TestRunRefuses(t *testing.T) {
	trace := every(20*ms, 10, uniform(0))
	pcm := make([]float32, 4800)
	for name, cfg := range map[string]Config{
		"no speech":    {},
		"a long frame": {Speech: pcm, Frame: 120 * ms},
		"three copies": {Speech: pcm, Redundancy: 3},
	} {
		if _, err := Run(trace, cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Run(every(40*ms, 10, uniform(0)), Config{Speech: pcm, Frame: 60 * ms}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("one and a half packets in a frame: %v", err)
	}
	if _, err := Run(trace, Config{Speech: pcm, Heard: func([]float32) error { return errBroken }}); !errors.Is(err, errBroken) {
		t.Errorf("nobody hears it: %v", err)
	}
}

func TestPlot(t *testing.T) {
	trace := every(20*ms, 500, uniform(30*ms))
	trace[250].Lost = true
	var file bytes.Buffer
	if err := play(t, trace, Config{}).Plot(&file); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	inks := map[any]int{}
	for x := range img.Bounds().Dx() {
		for y := range img.Bounds().Dy() {
			inks[img.At(x, y)]++
		}
	}
	if img.Bounds().Dx() != 500 || inks[network] < 500 || inks[playout] < 500 || inks[target] == 0 || inks[missed] == 0 {
		t.Errorf("%v: %v", img.Bounds(), inks)
	}
}

func BenchmarkRun(b *testing.B) {
	pcm, trace := speechtest.PCM(b), every(20*ms, 3000, uniform(30*ms))
	for b.Loop() {
		play(b, trace, Config{Speech: pcm})
	}
}
