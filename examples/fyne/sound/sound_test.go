package sound_test

import (
	"context"
	"errors"
	"math"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const frame = voice.SampleRate / 50

// plain leaves the microphone's sound as it is.
var plain = sound.Config{Mode: voice.Continuously, Volume: 1, Off: voice.HighPass | voice.EchoCancel | voice.NoiseSuppress | voice.AutoGain}

func newHub(t *testing.T, cfg sound.Config) *sound.Hub {
	t.Helper()
	hub := sound.New(cfg)
	t.Cleanup(func() { _ = hub.Close() }) // it returns nil, always
	return hub
}

// pulse starts virtual devices; what the test plays is what the microphone hears.
func pulse(t *testing.T) *devicetest.Pulse {
	t.Helper()
	p := devicetest.StartPulse(t)
	p.Control("set-default-source", "vmic.monitor")
	return p
}

// play plays speech into the microphone while a test reads.
func play(t *testing.T) {
	t.Helper()
	path, err := filepath.Abs("../../../testdata/speech/speech.wav")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("paplay", "--device=vmic", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
}

// read reads what a port says, for as long.
func read(t *testing.T, p *sound.Port, d time.Duration) (said []float32, spoken int) {
	t.Helper()
	pcm := make([]float32, frame)
	for range d / (20 * time.Millisecond) {
		n, err := p.ReadPCM(pcm)
		if err != nil {
			t.Fatal(err)
		}
		clear(pcm[n:])
		said = append(said, pcm...)
		spoken += n
	}
	return said, spoken
}

// speaks waits until something comes of the microphone.
func speaks(t *testing.T, hub *sound.Hub, p *sound.Port) {
	t.Helper()
	for start := time.Now(); ; {
		if _, spoken := read(t, p, 100*time.Millisecond); spoken > 0 {
			return
		}
		if time.Since(start) > 20*time.Second {
			t.Fatal("nothing comes of the microphone: ", hub.Status().Microphone)
		}
	}
}

// What the microphone hears is said in the talk that is spoken to, in no other, and not
// while one is muted.
func TestMicrophoneBelongsToOneTalk(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	one, other := hub.Port(), hub.Port()
	hub.SpeakTo(one)
	speaks(t, hub, one)
	best := 0.0
	for range 3 { // a busy machine may lose some of it
		play(t)
		said, _ := read(t, one, 11*time.Second)
		if best = max(best, exampletest.Similarity(t, said, voice.SampleRate)); best >= 0.9 {
			break
		}
	}
	if best < 0.9 {
		t.Errorf("what is said is like what was spoken by %.3f", best)
	}
	if _, spoken := read(t, other, 200*time.Millisecond); spoken != 0 {
		t.Error("the other talk hears it, too")
	}
	hub.SetMuted(true)
	if _, spoken := read(t, one, 200*time.Millisecond); spoken != 0 {
		t.Error("it is said although one is muted")
	}
	hub.SetMuted(false)
	hub.SpeakTo(other)
	if _, spoken := read(t, other, 200*time.Millisecond); spoken == 0 {
		t.Error("the talk that is spoken to now says nothing")
	}
	if _, spoken := read(t, one, 200*time.Millisecond); spoken != 0 {
		t.Error("the talk before still does")
	}
}

// A talk that the microphone does not belong to takes as much time as one that it does.
func TestTimePassesWithoutMicrophone(t *testing.T) {
	hub := newHub(t, plain)
	p := hub.Port()
	start := time.Now()
	read(t, p, time.Second)
	if took := time.Since(start); took < 900*time.Millisecond || took > 3*time.Second {
		t.Errorf("a second took %v", took)
	}
}

// loud says how loud a tone is that a talk plays, by its highest peak: a busy machine
// makes gaps.
func loud(t *testing.T, hub *sound.Hub, write func(pcm []float32) error) (peak float32) {
	t.Helper()
	hear := hub.Port()
	defer hear.Close()
	hub.SpeakTo(hear)
	played, pcm := tone(500), make([]float32, frame)
	for i := range 100 {
		if err := write(played); err != nil {
			t.Fatal(err)
		}
		n, err := hear.ReadPCM(pcm)
		if err != nil {
			t.Fatal(err)
		}
		if i < 50 {
			continue // what was played before is still under way
		}
		for _, x := range pcm[:n] {
			peak = max(peak, x)
		}
	}
	return peak
}

// What a talk plays is heard at the volume that was set, and not while one is deaf; the
// devices change while it goes on.
func TestVolume(t *testing.T) {
	p := pulse(t)
	p.Control("set-default-source", "vspk.monitor") // what is played is what is heard
	hub := newHub(t, plain)
	talk := hub.Port()
	full := loud(t, hub, talk.WritePCM)
	if full < 0.1 {
		t.Fatalf("what is played is %.3f loud; %v", full, hub.Status())
	}
	quieter := plain
	quieter.Volume = 0.5
	hub.Configure(quieter)
	if half := loud(t, hub, talk.WritePCM); half < 0.35*full || half > 0.65*full {
		t.Errorf("half as loud is %.3f of %.3f", half, full)
	}
	hub.SetDeaf(true)
	if none := loud(t, hub, talk.WritePCM); none > 0.001 {
		t.Errorf("who is deaf hears %.3f", none)
	}
}

// Without an audio server a talk goes on in silence, and says why; with one it has sound
// again by itself.
func TestNoDevices(t *testing.T) {
	p := pulse(t)
	p.Kill()
	t.Setenv("ALSA_CONFIG_PATH", "/dev/null")
	hub := newHub(t, plain)
	port := hub.Port()
	hub.SpeakTo(port)
	if _, spoken := read(t, port, 100*time.Millisecond); spoken != 0 {
		t.Fatal("something is said without a microphone")
	}
	if hub.Status().Microphone == nil {
		t.Error("nobody is told why there is no microphone")
	}
	p.Start()
	speaks(t, hub, port)
	if err := hub.Status().Microphone; err != nil {
		t.Errorf("there is a microphone, and still %v", err)
	}
}

// A recording holds what is heard and what is said.
func TestRecorder(t *testing.T) {
	pulse(t)
	path := filepath.Join(t.TempDir(), "talk.wav")
	r, err := sound.NewRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	hub := newHub(t, plain)
	talk := hub.Port()
	hub.SpeakTo(talk)
	talk.Record(r)
	other := hub.Port() // of which nothing is to be recorded
	low, high := tone(300), tone(2000)
	for range 50 {
		talk.ProcessPCM(high, 1, true)
		other.ProcessPCM(high, 1, true)
		if err := errors.Join(talk.WritePCM(low), other.WritePCM(tone(1000))); err != nil {
			t.Fatal(err)
		}
	}
	talk.Record(nil)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := talk.WritePCM(low); err != nil {
		t.Fatal(err)
	}
	file, err := audiofile.Open(path, audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if d := file.Duration(); d != time.Second {
		t.Errorf("the recording lasts %v", d)
	}
	pcm := make([]float32, voice.SampleRate)
	if _, err := file.ReadPCM(pcm); err != nil {
		t.Fatal(err)
	}
	for _, hertz := range []float64{300, 2000} {
		if a := amplitude(pcm, hertz); a < 0.15 || a > 0.3 {
			t.Errorf("the tone of %.0f Hz has an amplitude of %.3f", hertz, a)
		}
	}
	if a := amplitude(pcm, 1000); a > 0.01 {
		t.Errorf("of the other talk there is %.3f", a)
	}
}

// A recording that can't be written any more says so at once.
func TestRecorderFails(t *testing.T) {
	r, err := sound.NewRecorder(filepath.Join(t.TempDir(), "talk.wav"))
	if err != nil {
		t.Fatal(err)
	}
	talk := newHub(t, plain).Port()
	talk.Record(r)
	fullDisk(t)
	for range 100 {
		if err := talk.WritePCM(tone(300)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-r.Done():
			if err := r.Close(); !errors.Is(err, voiceapp.Unavailable) {
				t.Errorf("the recording ends with %v", err)
			}
			return
		default:
		}
	}
	t.Error("nobody is told")
}

// fullDisk lets no file grow beyond 64 KiB until the test is over.
func fullDisk(t *testing.T) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	set := func(most uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: was.Max}); err != nil {
			t.Fatal(err)
		}
	}
	set(64 << 10)
	t.Cleanup(func() {
		set(was.Cur)
		signal.Reset(syscall.SIGXFSZ)
	})
}

func tone(hertz float64) []float32 {
	pcm := make([]float32, frame)
	for i := range pcm {
		pcm[i] = float32(0.2 * math.Sin(2*math.Pi*hertz*float64(i)/voice.SampleRate))
	}
	return pcm
}

// amplitude is how strong a tone is in a sound.
func amplitude(pcm []float32, hertz float64) float64 {
	var re, im float64
	for i, x := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hertz * float64(i) / voice.SampleRate)
		re, im = re+float64(x)*cos, im+float64(x)*sin
	}
	return 2 * math.Hypot(re, im) / float64(len(pcm))
}

// A trial takes the microphone away from the talk and gives it back; in silence it finds
// no speech, and says what to do.
func TestTrial(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	talk := hub.Port()
	hub.SpeakTo(talk)
	trial := hub.Try(true)
	if _, spoken := read(t, talk, 100*time.Millisecond); spoken != 0 {
		t.Error("the talk hears what is tried")
	}
	trial.Silence(t.Context(), 300*time.Millisecond)
	if _, err := trial.Speech(t.Context(), 300*time.Millisecond); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("silence is found to be speech: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := trial.Speech(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a trial that was given up: %v", err)
	}
	trial.Close()
	if _, spoken := read(t, talk, 200*time.Millisecond); spoken == 0 {
		t.Error("the talk did not get the microphone back")
	}
	if cfg := hub.Config(); cfg.Mode != plain.Mode || cfg.Off != plain.Off {
		t.Errorf("the configuration is %+v now", cfg)
	}
}

// The threshold that is found lies between silence and speech.
func TestCalibration(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	trial := hub.Try(false)
	t.Cleanup(trial.Close)
	trial.Silence(t.Context(), time.Second)
	play(t)
	found, err := trial.Speech(t.Context(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if found < -126 || found > -20 {
		t.Errorf("speech begins at %.1f dBFS", found)
	}
}
