//go:build cgo && !nospeex

package voice_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

func newStages(t testing.TB) (*speex.EchoCanceller, *speex.Denoiser) {
	t.Helper()
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Echo: echo})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = noise.Close()
		_ = echo.Close()
	})
	return echo, noise
}

// overLoudspeaker plays far while the microphone hears its echo and more, and returns what
// is said.
func overLoudspeaker(t testing.TB, far, heard, more []float32) []float32 {
	t.Helper()
	echo, noise := newStages(t)
	heard = slices.Clone(heard)
	for i, x := range more {
		heard[i] += x
	}
	c := newCapture(t, voice.CaptureConfig{
		Source: &microphone{pcm: heard}, EchoCanceller: echo, Denoiser: noise, Mode: voice.Continuously, Off: voice.AutoGain,
	})
	sink := c.Reference(&taken{}, 1)
	var said []float32
	for frame := range slices.Chunk(far, 960) {
		if err := sink.WritePCM(frame); err != nil {
			t.Fatal(err)
		}
		out := make([]float32, len(frame))
		if _, err := c.ReadPCM(out); err != nil {
			t.Fatal(err)
		}
		said = append(said, out...)
	}
	return said
}

func alike(t testing.TB, said, heard []float32) similarity.Result {
	t.Helper()
	r, err := similarity.Compare(similarity.Prepare(said, voice.SampleRate), similarity.Prepare(heard, voice.SampleRate))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCaptureCancelsEcho(t *testing.T) {
	far := speechtest.Man(t, -20)
	heard := speechtest.Room(far, 50*ms, -6)
	left := overLoudspeaker(t, far, heard, nil)
	lowered := speechtest.Level(heard[2*voice.SampleRate:]) - speechtest.Level(left[2*voice.SampleRate:])
	t.Logf("lowered by %.1f dB", lowered)
	if lowered < 20 {
		t.Errorf("after 2 s the echo is lowered by %.1f dB", lowered)
	}
}

// The canceller, which rests while nothing is played for long, takes up where it was: the
// echo of what comes then is lowered from its beginning, and no click is heard of it.
func TestCaptureCancelsEchoAfterARest(t *testing.T) {
	speech, pause := speechtest.Man(t, -20), make([]float32, 5*voice.SampleRate)
	far := slices.Concat(speech, pause, speech)
	heard := speechtest.Room(far, 50*ms, -6)
	fan := speechtest.Fan(len(heard), -50)
	left := overLoudspeaker(t, far, heard, fan)
	again := len(speech) + len(pause)
	lowered := speechtest.Level(heard[again:again+2*voice.SampleRate]) - speechtest.Level(left[again:again+2*voice.SampleRate])
	t.Logf("lowered by %.1f dB", lowered)
	if lowered < 15 {
		t.Errorf("in the first 2 s after a rest the echo is lowered by %.1f dB", lowered)
	}
	step := func(pcm []float32) (most float32) {
		for i := range pcm[1:] {
			most = max(most, pcm[i+1]-pcm[i], pcm[i]-pcm[i+1])
		}
		return most
	}
	for _, seam := range []int{len(speech) + voice.SampleRate, again} { // where it begins and ends to rest
		quiet := step(left[seam+voice.SampleRate/10 : seam+voice.SampleRate/2])
		if seam == again {
			quiet = step(left[again-voice.SampleRate : again-voice.SampleRate/10])
		}
		if got := step(left[seam-voice.SampleRate/20 : seam+voice.SampleRate/20]); got > 2*quiet {
			t.Errorf("there is a step of %.5f at sample %d, otherwise of %.5f", got, seam, quiet)
		}
	}
}

// A loudspeaker on the radio is heard a third of a second later: that takes a while
// to find out.
func TestCaptureFindsALateEcho(t *testing.T) {
	far := append(speechtest.Man(t, -20), speechtest.Woman(t, -20)...)
	heard := speechtest.Room(far, 330*ms, -6)
	left := overLoudspeaker(t, far, heard, nil)
	lowered := speechtest.Level(heard[12*voice.SampleRate:]) - speechtest.Level(left[12*voice.SampleRate:])
	t.Logf("lowered by %.1f dB", lowered)
	if lowered < 20 {
		t.Errorf("after 12 s the echo is lowered by %.1f dB", lowered)
	}
}

func TestCaptureKeepsTheNearVoiceInDoubleTalk(t *testing.T) {
	far, near := speechtest.Man(t, -20), speechtest.Woman(t, -23)
	clear(near[:3*voice.SampleRate])
	r := alike(t, near[3*voice.SampleRate:], overLoudspeaker(t, far, speechtest.Room(far, 50*ms, -6), near)[3*voice.SampleRate:])
	t.Log(r)
	if r.Similarity < 0.8 || math.Abs(r.LevelDB) > 6 {
		t.Errorf("the near voice is left with %v", r)
	}
}

// Behind the whole chain, beside a fan, the voice is still like itself, and further above
// the fan.
func TestCaptureKeepsAVoice(t *testing.T) {
	const pause = 3 * voice.SampleRate
	said := append(make([]float32, pause), speechtest.Woman(t, -20)...)
	for _, fan := range []float64{-30, -35} {
		heard := slices.Clone(said)
		for i, x := range speechtest.Fan(len(heard), fan) {
			heard[i] += x
		}
		echo, noise := newStages(t)
		c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: heard}, EchoCanceller: echo, Denoiser: noise, Mode: voice.Continuously})
		var out []float32
		for range len(said) / 960 {
			frame := make([]float32, 960)
			if _, err := c.ReadPCM(frame); err != nil {
				t.Fatal(err)
			}
			out = append(out, frame...)
		}
		result := alike(t, said[pause:], out[pause:])
		late := int(result.Lag.Seconds() * voice.SampleRate)
		better := speechtest.SNRI(said[voice.SampleRate:len(said)-late], heard[voice.SampleRate:], out[voice.SampleRate+late:])
		t.Logf("a fan of %v dBFS: the voice is %.1f dB further above it; %v", fan, better, result)
		if result.Similarity < 0.9 || better < 6 {
			t.Errorf("a fan of %v dBFS: the voice is %.1f dB further above it; %v", fan, better, result)
		}
	}
}

// Beside a fan, whatever is left of it behind the noise suppression, a capture is closed
// while nobody speaks, and open for what is said.
func TestCaptureHearsSpeechAndNotTheFan(t *testing.T) {
	const lead = 10 * voice.SampleRate
	for _, fan := range []float64{-35, -45, -55, -65, -75} {
		speech := speechtest.Woman(t, fan+20)
		pcm := slices.Concat(make([]float32, lead), speech)
		for i, x := range speechtest.Fan(len(pcm), fan) {
			pcm[i] += x
		}
		echo, noise := newStages(t)
		c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: pcm}, EchoCanceller: echo, Denoiser: noise})
		var idle, said, kept int
		for at := 0; at+960 <= len(pcm); at += 960 {
			n, err := c.ReadPCM(make([]float32, 960))
			if err != nil {
				t.Fatal(err)
			}
			frame := at - lead - 960 // it comes one later
			switch {
			case frame < -2*960 && n > 0:
				idle++
			case frame >= 0 && speechtest.Level(speech[frame:frame+960]) > fan+10:
				said++
				kept += min(n, 1)
			}
		}
		t.Logf("fan of %v dBFS: open for %d of 500 frames without speech, for %d of %d with", fan, idle, kept, said)
		if idle > 5 || float64(kept) < 0.97*float64(said) {
			t.Errorf("fan of %v dBFS: open for %d of 500 frames without speech, for %d of %d with", fan, idle, kept, said)
		}
	}
}

// Speech goes through a capture, a relay and a mixer, spurt by spurt.
func TestCaptureIsHeard(t *testing.T) {
	said := append(hiss(2*voice.SampleRate), speechtest.Woman(t, -20)...)
	for i, x := range hiss(len(said)) {
		said[i] += x
	}
	sink := &taken{}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Codec: opusCodec, Sink: sink, Conn: w.conn()})
		capture := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: slices.Clone(said)}, Off: voice.AutoGain})
		speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Codec: opusCodec, Source: capture, Conn: w.conn()})
		<-speaker.Finished()
		time.Sleep(time.Second)
		if sent := speaker.Stats().Sent; sent.FramesSent > 540 || sent.FramesSent < 400 {
			t.Errorf("%d frames of 600 were sent", sent.FramesSent)
		}
		speaker.Close()
		listener.Close()
	})
	r := alike(t, said, sink.pcm)
	t.Log(r)
	if r.Similarity < 0.9 || r.Missing > 0 {
		t.Errorf("%v", r)
	}
}
