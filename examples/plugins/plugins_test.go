package plugins_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
)

func TestMain(m *testing.M) {
	plugin.Main()
	goleak.VerifyTestMain(m)
}

var names = []string{"robot", "pitch", "soundboard", "noisegate", "wordfilter", "dice"}

const (
	rate  = 48_000
	frame = 960
)

// open runs one of the plugins, in a sandbox, with settings.
func open(t *testing.T, name string, settings map[string]any) *plugin.Host {
	t.Helper()
	host, err := plugin.Open(t.Context(), plugin.Config{
		Files: []string{filepath.Join(name, name+".wasm")}, Grant: []string{plugin.PermissionRandom},
		Patient: true, AudioDeadline: 5 * time.Second, ChatDeadline: 5 * time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if info := host.Plugins()[0]; info.Missed > 0 || info.State != "running" {
			t.Errorf("%+v", info)
		}
		_ = host.Close()
	})
	if settings != nil {
		if err := host.Configure(t.Context(), name, settings); err != nil {
			t.Fatal(err)
		}
	}
	return host
}

// through sends sound through the plugin in frames of 20 ms.
func through(t *testing.T, host *plugin.Host, pcm []float32) []float32 {
	t.Helper()
	out := append([]float32(nil), pcm...)
	for at := 0; at+frame <= len(out); at += frame {
		if !host.ProcessPCM(out[at:at+frame], 1, true) {
			t.Fatal("the gate is closed")
		}
	}
	return out[:len(out)/frame*frame]
}

// say is a line through a chat hook.
func say(t *testing.T, host *plugin.Host, hook, text string) plugin.Verdict {
	t.Helper()
	verdict, err := host.Chat(t.Context(), plugin.Line{Hook: hook, Text: text, Name: "Anna"})
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// harmonics is a tone with overtones, as a voice has them.
func harmonics(hz float64, seconds int) []float32 {
	pcm := make([]float32, seconds*rate)
	for i := range pcm {
		for k := 1; k <= 8; k++ {
			pcm[i] += float32(0.2 / float64(k) * math.Sin(2*math.Pi*hz*float64(k*i)/rate))
		}
	}
	return pcm
}

// level is in dB.
func level(pcm []float32) float64 {
	sum := 1e-12
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(len(pcm)))
}

// at is how much of a frequency there is, in dB.
func at(pcm []float32, hz float64) float64 {
	var re, im float64
	for i, x := range pcm {
		a := 2 * math.Pi * hz * float64(i) / rate
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		re += w * float64(x) * math.Cos(a)
		im += w * float64(x) * math.Sin(a)
	}
	return 10 * math.Log10((re*re+im*im)/float64(len(pcm)*len(pcm))+1e-12)
}

// fundamental is the pitch of 100 ms, in Hz, by autocorrelation; 0: none.
func fundamental(pcm []float32) float64 {
	const shortest, longest, window = rate / 420, rate / 40, rate / 25
	energy := func(from int) (sum float64) {
		for _, x := range pcm[from : from+window] {
			sum += float64(x) * float64(x)
		}
		return sum
	}
	likeness := make([]float64, longest+2)
	for lag := shortest - 1; lag <= longest+1; lag++ {
		product := 0.0
		for i := range window {
			product += float64(pcm[i]) * float64(pcm[i+lag])
		}
		likeness[lag] = product / math.Sqrt(energy(0)*energy(lag)+1e-9)
	}
	best := 0.0
	for lag := shortest; lag <= longest; lag++ {
		best = max(best, likeness[lag])
	}
	for lag := shortest; lag <= longest; lag++ {
		a, b, c := likeness[lag-1], likeness[lag], likeness[lag+1]
		if b > 0.9*best && b >= a && b >= c && best > 0.8 {
			return rate / (float64(lag) + (a-c)/(2*(a-2*b+c)))
		}
	}
	return 0
}

// What is committed was built from what is committed.
func TestSources(t *testing.T) {
	for _, name := range names {
		list, err := os.ReadFile(filepath.Join(name, "SOURCES"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(list)), "\n")
		if len(lines) < 2 {
			t.Errorf("%s: built from %s", name, list)
		}
		for _, line := range lines {
			sum, path, _ := strings.Cut(line, "  ")
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := sha256.Sum256(source); hex.EncodeToString(got[:]) != sum {
				t.Errorf("%s has changed since %s was built: run make plugins", path, name)
			}
		}
		manifest, err := os.ReadFile(filepath.Join(name, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		file, err := plugin.ReadFile(filepath.Join(name, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(file.Module, bytes.TrimSpace(manifest)) {
			t.Errorf("%s.wasm has another manifest than %s/manifest.json", name, name)
		}
	}
}

func TestEachPassesTheCheck(t *testing.T) {
	for _, name := range names {
		file, err := plugin.ReadFile(filepath.Join(name, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		findings, err := plugin.Check(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if !f.OK && !strings.Contains(f.Text, "would be missed") { // a busy machine
				t.Errorf("%s: %s", name, f.Text)
			}
		}
	}
}

// The robot moves a tone up and down by the modulator's frequency, and keeps the level
// of speech.
func TestRobot(t *testing.T) {
	host := open(t, "robot", map[string]any{"pitch": 90})
	tone := make([]float32, rate)
	for i := range tone {
		tone[i] = 0.3 * float32(math.Sin(2*math.Pi*400*float64(i)/rate))
	}
	out := through(t, host, tone)
	if up, down, own := at(out, 490), at(out, 310), at(out, 400); up < own+30 || down < own+30 {
		t.Errorf("at 310, 400 and 490 Hz: %.1f, %.1f and %.1f dB", down, own, up)
	}
	said := speechtest.PCM(t)
	changed := through(t, host, said)
	if d := level(changed) - level(said); math.Abs(d) > 3 {
		t.Errorf("the level changes by %.1f dB", d)
	}
	result, err := similarity.Compare(similarity.Prepare(said, rate), similarity.Prepare(changed, rate))
	if err != nil || result.Similarity > 0.5 {
		t.Errorf("the robot's voice is like the speaker's: %v, %v", result, err)
	}
}

// The voice changer moves the pitch of a tone and of speech by what is set, in the same
// time, at the same level.
func TestPitch(t *testing.T) {
	for _, semitones := range []float64{5, -5, 12} {
		host := open(t, "pitch", map[string]any{"semitones": semitones})
		want := math.Exp2(semitones / 12)
		out := through(t, host, harmonics(150, 2))
		if got := fundamental(out[rate:]) / 150; math.Abs(got/want-1) > 0.03 {
			t.Errorf("%v semitones: 150 Hz becomes %.1f Hz", semitones, 150*got)
		}
		said := speechtest.PCM(t)
		changed := through(t, host, said)
		if d := level(changed) - level(said); math.Abs(d) > 3 {
			t.Errorf("%v semitones: the level changes by %.1f dB", semitones, d)
		}
		before, after := medianPitch(said), medianPitch(changed)
		t.Logf("%v semitones: speech at %.0f Hz becomes %.0f Hz", semitones, before, after)
		if got := after / before; math.Abs(got/want-1) > 0.03 {
			t.Errorf("%v semitones: speech at %.0f Hz becomes %.0f Hz", semitones, before, after)
		}
	}
}

// medianPitch is that of what is voiced.
func medianPitch(pcm []float32) float64 {
	var found []float64
	for i := 0; i+rate/10 <= len(pcm); i += rate / 50 {
		if level(pcm[i:i+rate/25]) < -35 {
			continue
		}
		if hz := fundamental(pcm[i : i+rate/10]); hz > 0 {
			found = append(found, hz)
		}
	}
	return median(found)
}

// The soundboard is heard while its user is silent, for as long as the sound lasts.
func TestSoundboard(t *testing.T) {
	host := open(t, "soundboard", nil)
	silence := make([]float32, frame)
	if host.ProcessPCM(silence, 1, false) || level(silence) > -100 {
		t.Error("it is heard before it is asked")
	}
	for sound, seconds := range map[string]float64{"horn": 1.2, "drum": 0.6, "bell": 2} {
		verdict := say(t, host, plugin.HookChatOutgoing, "/play "+sound)
		if !verdict.Drop || len(verdict.Replies) != 1 {
			t.Fatalf("/play %s: %+v", sound, verdict)
		}
		loudest, frames := -120.0, 0
		for clear(silence); host.ProcessPCM(silence, 1, false); clear(silence) {
			loudest = max(loudest, level(silence))
			frames++
		}
		if got := float64(frames) * 0.02; math.Abs(got-seconds) > 0.03 || loudest < -35 || loudest > -8 {
			t.Errorf("%s: %.2f s, the loudest frame at %.1f dBFS", sound, got, loudest)
		}
	}
	if v := say(t, host, plugin.HookChatOutgoing, "/play something"); !v.Drop || !strings.Contains(v.Replies[0], "horn") {
		t.Errorf("an unknown sound: %+v", v)
	}
	if v := say(t, host, plugin.HookChatOutgoing, "I /play horn"); v.Drop || v.Text != "I /play horn" {
		t.Errorf("an ordinary line: %+v", v)
	}
}

// The noise gate turns a fan down between sentences, and leaves speech as it is.
func TestNoiseGate(t *testing.T) {
	host := open(t, "noisegate", nil)
	said := speechtest.PCM(t)
	noise := rand.New(rand.NewPCG(1, 1))
	pause := make([]float32, 2*rate)
	for i := range pause {
		pause[i] = float32(0.003 * noise.NormFloat64())
	}
	quiet := through(t, host, pause)
	if d := level(pause[rate:]) - level(quiet[rate:]); d < 20 {
		t.Errorf("the fan is turned down by %.1f dB", d)
	}
	gated := through(t, host, said)
	result, err := similarity.Compare(similarity.Prepare(said, rate), similarity.Prepare(gated, rate))
	if err != nil || result.Similarity < 0.98 {
		t.Errorf("%v, %v", result, err)
	}
}

func TestWordFilter(t *testing.T) {
	host := open(t, "wordfilter", map[string]any{"words": "darn, spam*,ŽÍT"})
	for text, want := range map[string]string{
		"Darn it, DARN!":     "**** it, ****!",
		"darning is no sin":  "darning is no sin",
		"spammers, Spam":     "********, ****",
		"žít a nechat žít":   "*** a nechat ***",
		"nothing \"to\" see": "nothing \"to\" see",
		"a \\ and a \u0001f": "a \\ and a \u0001f",
		"\U0001F600 darn":    "\U0001F600 ****",
	} {
		if got := say(t, host, plugin.HookChatServer, text); got.Drop || got.Text != want {
			t.Errorf("%q becomes %+v", text, got)
		}
	}
	if err := host.Configure(t.Context(), "wordfilter", map[string]any{"refuse": true}); err != nil {
		t.Fatal(err)
	}
	if v := say(t, host, plugin.HookChatIncoming, "darn"); !v.Drop || len(v.Replies) != 1 {
		t.Errorf("refused: %+v", v)
	}
}

func TestDice(t *testing.T) {
	host := open(t, "dice", nil)
	for text, want := range map[string]string{
		"/roll":        `^rolls 1d6: [1-6]$`,
		"/roll d20":    `^rolls 1d20: (1?[0-9]|20)$`,
		"/roll 3d6+2":  `^rolls 3d6\+2: [1-6], [1-6], [1-6]; [0-9]+ in all$`,
		"/roll 2d10-1": `^rolls 2d10-1: ([1-9]|10), ([1-9]|10); [0-9]+ in all$`,
	} {
		if got := say(t, host, plugin.HookChatOutgoing, text); got.Drop || !regexp.MustCompile(want).MatchString(got.Text) {
			t.Errorf("%s: %+v", text, got)
		}
	}
	for _, text := range []string{"/roll 21d6", "/roll d1", "/roll x", "/roll 2d6+", "/roll 1e9"} {
		if got := say(t, host, plugin.HookChatOutgoing, text); !got.Drop || len(got.Replies) != 1 {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := say(t, host, plugin.HookChatOutgoing, "/rolls"); got.Drop || got.Text != "/rolls" {
		t.Errorf("an ordinary line: %+v", got)
	}
	seen := map[string]bool{}
	for range 30 {
		seen[say(t, host, plugin.HookChatOutgoing, "/roll d1000").Text] = true
	}
	if len(seen) < 20 {
		t.Errorf("30 throws give %d results", len(seen))
	}
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[len(x)/2]
}
