package voice_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// microphone is a source that hears what it is given.
type microphone struct {
	pcm   []float32
	ended error // nil: io.EOF
}

func (m *microphone) ReadPCM(pcm []float32) (int, error) {
	if len(m.pcm) == 0 && len(pcm) > 0 {
		if m.ended != nil {
			return 0, m.ended
		}
		return 0, io.EOF
	}
	n := copy(pcm, m.pcm)
	m.pcm = m.pcm[n:]
	return n, nil
}

func ExampleCapture() {
	silence := make([]float32, voice.SampleRate)
	speech := voicetest.Speech(time.Second, 1)
	capture, err := voice.NewCapture(voice.CaptureConfig{
		Source: &microphone{pcm: append(silence, speech...)},
		Mode:   voice.ByActivity,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	first := 0
	for frame := make([]float32, 960); ; first++ {
		if n, err := capture.ReadPCM(frame); n > 0 || err != nil {
			break
		}
	}
	fmt.Println(first >= 50 && first <= 53, capture.Stats().Open)
	// Output: true true
}

// A user is silent for three seconds, then speaks: what a capture without gain gives
// says from which level on it is to open.
func ExampleCapture_SetThreshold() {
	capture, err := voice.NewCapture(voice.CaptureConfig{
		Source: &microphone{pcm: talk(0.5)}, Mode: voice.Continuously, Off: voice.AutoGain,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var calibration dsp.Calibration
	pcm := make([]float32, 3*voice.SampleRate)
	_, _ = capture.ReadPCM(pcm)
	calibration.Silence(pcm)
	_, _ = capture.ReadPCM(pcm)
	calibration.Speech(pcm)
	found := calibration.Result()
	capture.SetThreshold(found.Threshold)
	capture.SetMode(voice.ByActivity)
	capture.Switch(voice.AutoGain, true)
	fmt.Println(found.Clear)
	// Output: true
}

// hiss is what a quiet room sounds like.
func hiss(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 1))
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(0.0003 * r.NormFloat64())
	}
	return pcm
}

// talk is three seconds of a quiet room, three of speech, three of the room.
func talk(amplitude float32) []float32 {
	pcm := hiss(9 * voice.SampleRate)
	for i, x := range voicetest.Speech(3*time.Second, 1) {
		pcm[3*voice.SampleRate+i] += 2 * amplitude * x
	}
	return pcm
}

func newCapture(t testing.TB, cfg voice.CaptureConfig) *voice.Capture {
	t.Helper()
	c, err := voice.NewCapture(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// heard reads to the end, and returns what was heard, silence where nothing was, and
// in which frames something was.
func heard(t testing.TB, c *voice.Capture) (pcm []float32, open []bool) {
	t.Helper()
	for {
		frame := make([]float32, 960)
		n, err := c.ReadPCM(frame)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return pcm, open
		}
		if n != 0 && n != len(frame) {
			t.Fatalf("%d samples", n)
		}
		clear(frame[n:])
		pcm, open = append(pcm, frame...), append(open, n > 0)
	}
}

func rms(pcm []float32) float64 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(len(pcm))+1e-20)
}

// No onset is cut: the frame before the first one that counts as speech is heard.
func TestCaptureByActivity(t *testing.T) {
	said := talk(0.5)
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: said}, Off: voice.HighPass | voice.AutoGain})
	pcm, open := heard(t, c)
	if len(open) < 450 {
		t.Fatalf("%d frames of 450", len(open))
	}
	first := slices.Index(open, true)
	if first < 149 || first > 153 {
		t.Errorf("it opens at frame %d, speech begins at 150", first)
	}
	closed := first + slices.Index(open[first:], false)
	if closed < 300 || closed > 320 || slices.Contains(open[closed:], true) {
		t.Errorf("it closes at frame %d, speech ends at 300", closed)
	}
	lost, all := 0.0, 0.0
	for i, x := range said[3*voice.SampleRate : 6*voice.SampleRate] {
		at := 3*voice.SampleRate + i + frame + late
		all += float64(x) * float64(x)
		lost += float64(x-pcm[at]) * float64(x-pcm[at])
	}
	if lost > all*1e-5 {
		t.Errorf("%.2g of the speech is lost", lost/all)
	}
}

// A word begins too quietly to be noticed: that frame is heard, too.
func TestCaptureGivesTheFrameBefore(t *testing.T) {
	const soft, loud = 0.01, 0.1 // amplitudes, and in which frames they begin:
	const begins, noticed = 99, 100
	said := make([]float32, 150*frame)
	for i := begins * frame; i < len(said); i++ {
		amplitude := loud
		if i < noticed*frame {
			amplitude = soft
		}
		said[i] = float32(amplitude * math.Sin(2*math.Pi*500*float64(i)/voice.SampleRate))
	}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: said}, Off: voice.AutoGain, Threshold: -30})
	pcm, open := heard(t, c)
	first := slices.Index(open, true)
	if first != noticed {
		t.Fatalf("it opens at frame %d, the voice is noticed at %d", first, noticed)
	}
	if got := rms(pcm[first*frame+late : (first+1)*frame]); math.Abs(got+43) > 1 {
		t.Errorf("the first that is heard has %.1f dBFS, want -43", got)
	}
}

func TestCaptureContinuously(t *testing.T) {
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: talk(0.5)}, Mode: voice.Continuously})
	if _, open := heard(t, c); len(open) != 450 || slices.Contains(open, false) {
		t.Errorf("%d frames: %v", len(open), open)
	}
}

func TestCapturePushToTalk(t *testing.T) {
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: talk(0.5)}, Mode: voice.PushToTalk})
	frame := make([]float32, 960)
	for i := range 400 {
		c.SetTalking(i >= 100 && i < 200)
		n, err := c.ReadPCM(frame)
		if want := i >= 100 && i < 200; err != nil || want != (n > 0) || c.Stats().Open != want {
			t.Fatalf("frame %d: %d samples, error %v", i, n, err)
		}
	}
}

func TestCaptureModeChanges(t *testing.T) {
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: talk(0.5)}})
	frame := make([]float32, 960)
	for _, step := range []struct {
		mode   voice.CaptureMode
		frames int
		want   bool
	}{
		{voice.ByActivity, 100, false},
		{voice.Continuously, 10, true},
		{voice.ByActivity, 30, false},
		{voice.PushToTalk, 60, false},
		{voice.ByActivity, 60, true},
	} {
		c.SetMode(step.mode)
		n := 0
		for range step.frames {
			n, _ = c.ReadPCM(frame)
		}
		if c.Mode() != step.mode || n > 0 != step.want {
			t.Errorf("%+v: %d samples", step, n)
		}
	}
}

func TestCaptureThreshold(t *testing.T) {
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: talk(0.5)}, Threshold: -1})
	if _, open := heard(t, c); slices.Contains(open, true) {
		t.Error("speech of -20 dBFS is above a threshold of -1")
	}
	c = newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: talk(0.5)}, Threshold: -1})
	c.SetThreshold(-35)
	if _, open := heard(t, c); slices.Index(open, true) > 153 {
		t.Error("speech of -20 dBFS is not above a threshold of -35")
	}
}

// From -40 to -6 dBFS, three seconds after somebody began to speak.
func TestCaptureBringsSpeechToOneLevel(t *testing.T) {
	for _, dB := range []float64{-40, -20, -6} {
		said := voicetest.Speech(10*time.Second, 1)
		gain := math.Pow(10, (dB-rms(said))/20)
		spoken := hiss(2 * voice.SampleRate)
		for _, x := range said {
			spoken = append(spoken, x*float32(gain))
		}
		c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: spoken}, Mode: voice.Continuously})
		pcm, _ := heard(t, c)
		if got := rms(pcm[5*voice.SampleRate:]); math.Abs(got+20) > 3 {
			t.Errorf("speech of %v dBFS comes out at %.1f dBFS", dB, got)
		}
		if peak := slices.Max(pcm); peak > 0.9 {
			t.Errorf("speech of %v dBFS has peaks of %v", dB, peak)
		}
	}
}

func TestCaptureTakesRumble(t *testing.T) {
	rumble := make([]float32, 4*voice.SampleRate)
	for i := range rumble {
		rumble[i] = 0.1 + float32(0.1*math.Sin(2*math.Pi*12*float64(i)/voice.SampleRate))
	}
	for off, want := range map[voice.Stages]float64{0: -20, voice.HighPass: 0} {
		c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: slices.Clone(rumble)}, Mode: voice.Continuously, Off: off | voice.AutoGain})
		pcm, _ := heard(t, c)
		if got := rms(pcm[voice.SampleRate:]) - rms(rumble); got > want+0.5 || off != 0 && got < -0.5 {
			t.Errorf("without stages %b: %.1f dB", off, got)
		}
	}
}

func TestCaptureStats(t *testing.T) {
	source := &microphone{pcm: append(talk(0.02), talk(0.02)[:6*voice.SampleRate]...)}
	c := newCapture(t, voice.CaptureConfig{Source: source})
	if s := c.Stats(); s.Open || s.Before != -127 || s.After != -127 || s.Gain != 0 || s.Limited != 0 {
		t.Errorf("before anything came: %+v", s)
	}
	var s voice.CaptureStats
	for range 15*50 - 10 {
		if _, err := c.ReadPCM(make([]float32, 960)); err != nil {
			t.Fatal(err)
		}
		if now := c.Stats(); now.Open {
			s = now
		}
	}
	if s.Before < -60 || s.Before > -35 || s.After < s.Before+10 || s.Gain < 15 || s.Gain > 30 ||
		s.NoiseFloor < -80 || s.NoiseFloor > -65 || s.BeforePeak < s.Before {
		t.Errorf("%+v", s)
	}
}

// What is too loud is limited, and the meter says so.
func TestCaptureLimits(t *testing.T) {
	loud := voicetest.Speech(2*time.Second, 1)
	for i := range loud {
		loud[i] *= 10
	}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: loud}, Mode: voice.Continuously, Off: voice.AutoGain})
	pcm, _ := heard(t, c)
	if most := slices.Max(pcm); most > 0.9 {
		t.Errorf("a peak of %v", most)
	}
	if s := c.Stats(); s.Limited < 1 {
		t.Errorf("%+v", s)
	}
}

// A driver that gives what is no sound does no harm for longer than that.
func TestCaptureWildSamples(t *testing.T) {
	pcm := talk(0.5)
	for i, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30, -1e30, math.NaN()} {
		pcm[voice.SampleRate+i] = float32(x)
	}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: pcm}, Mode: voice.Continuously})
	out, _ := heard(t, c)
	for i, x := range out {
		if !(x >= -1 && x <= 1) {
			t.Fatalf("sample %d is %v", i, x)
		}
	}
	if got := rms(out[5*voice.SampleRate : 6*voice.SampleRate]); math.Abs(got+20) > 5 {
		t.Errorf("four seconds later speech comes out at %.1f dBFS", got)
	}
	if s := c.Stats(); s.After != s.After || s.NoiseFloor > -50 || s.Gain != s.Gain {
		t.Errorf("%+v", s)
	}
}

func TestCaptureEnds(t *testing.T) {
	broken := errors.New("unplugged")
	for _, ended := range []error{io.EOF, broken} {
		source := &microphone{pcm: talk(0.5)[:4*voice.SampleRate+400], ended: ended} // in the midst of speech
		c := newCapture(t, voice.CaptureConfig{Source: source})
		open := 0
		for {
			n, err := c.ReadPCM(make([]float32, 960))
			if err != nil {
				if n != 0 || !errors.Is(err, ended) {
					t.Errorf("%d samples, error %v, want %v", n, err, ended)
				}
				break
			}
			if n > 0 {
				open++
			}
		}
		if open < 51 {
			t.Errorf("%d frames are heard of 51: the last is held back", open)
		}
		if n, err := c.ReadPCM(make([]float32, 960)); n != 0 || !errors.Is(err, ended) {
			t.Errorf("after the end: %d samples, error %v", n, err)
		}
	}
}

func TestCaptureIsClockedAsItsSource(t *testing.T) {
	if newCapture(t, voice.CaptureConfig{Source: &microphone{}}).Clocked() {
		t.Error("a file does not keep time")
	}
	if !newCapture(t, voice.CaptureConfig{Source: clockedSource{&microphone{}}}).Clocked() {
		t.Error("a microphone does")
	}
}

type clockedSource struct{ voice.Source }

func (clockedSource) Clocked() bool { return true }

func TestCaptureRefuses(t *testing.T) {
	for name, cfg := range map[string]voice.CaptureConfig{
		"no source":      {},
		"ready Opus":     {Source: &ready{}},
		"three channels": {Source: &microphone{}, Channels: 3},
	} {
		if _, err := voice.NewCapture(cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(9600)}})
	if _, err := c.ReadPCM(make([]float32, 100)); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("2 ms: %v", err)
	}
	if n, err := c.ReadPCM(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
}

// All its methods may be called while another goroutine reads and one plays.
func TestCaptureConcurrently(t *testing.T) {
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(20 * voice.SampleRate)}, EchoCanceller: &stages{}, Denoiser: &stages{}})
	sink := c.Reference(&taken{}, 1)
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		defer close(done)
		heard(t, c)
	})
	all.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			c.SetMode(voice.CaptureMode(i % 3))
			c.SetTalking(i%2 == 0)
			c.SetThreshold(float64(-i % 50))
			c.Switch(voice.Stages(i%16), i%3 == 0)
			c.Stats()
			_ = sink.WritePCM(make([]float32, 960))
		}
	})
	all.Wait()
}

func BenchmarkCapture(b *testing.B) {
	pcm := talk(0.5)
	source := &microphone{}
	c := newCapture(b, voice.CaptureConfig{Source: source})
	frame := make([]float32, 960)
	for b.Loop() {
		if len(source.pcm) < 960 {
			source.pcm = pcm
		}
		if _, err := c.ReadPCM(frame); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
