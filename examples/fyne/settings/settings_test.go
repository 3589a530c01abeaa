package settings_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *settings.File {
	t.Helper()
	f, err := settings.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What was changed is there at the next start, people too, and nobody else reads it.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "voiceapp", "desktop.toml")
	f := open(t, path)
	if got := f.Get(); got.Voice != settings.Default().Voice {
		t.Errorf("the first start has %+v", got.Voice)
	}
	anna := settings.PersonKey(voiceapp.Fingerprint{7}, voiceapp.Presence{User: 3, Name: "Anna"})
	if err := f.Change(func(s *settings.Settings) {
		s.Voice.Mode, s.Voice.Echo, s.Voice.Noise = settings.ModePushToTalk, false, false
		s.People[anna] = settings.Person{Volume: 150, Nickname: "Annie"}
	}); err != nil {
		t.Fatal(err)
	}
	got := open(t, path).Get()
	if got.Voice.CaptureMode() != voice.PushToTalk || got.Voice.Off() != voice.EchoCancel|voice.NoiseSuppress {
		t.Errorf("the next start has %+v", got.Voice)
	}
	if got.People[anna] != (settings.Person{Volume: 150, Nickname: "Annie"}) {
		t.Errorf("the next start knows %+v", got.People)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

// Values that can't be are mended, and the rest of a file that was edited by hand counts.
func TestEditedByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desktop.toml")
	text := "[voice]\nmode = \"shouting\"\nframe_ms = 17\nvolume = 9000\nthreshold = 12.0\nnormalize = true\n[look]\ntheme = \"pink\"\nwidth = -3.0\nscale = 1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := open(t, path).Get()
	if got.Voice.Mode != settings.ModeActivity || got.Voice.FrameMillis != 20 || got.Voice.Volume != 200 || got.Voice.Threshold != 0 || !got.Voice.Normalize {
		t.Errorf("voice: %+v", got.Voice)
	}
	if got.Look.Theme != "system" || got.Look.Width != 640 || got.Look.Scale != 75 {
		t.Errorf("look: %+v", got.Look)
	}
}

// Limits of the delay that can't be, or contradict each other, become such as can.
func TestDelayLimitsByHand(t *testing.T) {
	for text, want := range map[string][2]time.Duration{
		"":                      {0, 0},
		"least_delay_ms = 60":   {60 * time.Millisecond, 0},
		"most_delay_ms = 90":    {0, 90 * time.Millisecond},
		"least_delay_ms = -1":   {0, 0},
		"most_delay_ms = 5000":  {0, time.Second},
		"least_delay_ms = 5000": {time.Second, 0},
		"least_delay_ms = 300\nmost_delay_ms = 100": {100 * time.Millisecond, 100 * time.Millisecond},
	} {
		path := filepath.Join(t.TempDir(), "desktop.toml")
		if err := os.WriteFile(path, []byte("[voice]\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := open(t, path).Get().Voice
		if least, most := got.DelayLimits(); least != want[0] || most != want[1] {
			t.Errorf("%q: %v to %v", text, least, most)
		}
		if _, err := voice.NewReceiver(voice.ReceiverConfig{Codec: exampletest.Codec(), MinDelay: want[0], MaxDelay: want[1]}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A file that can't be read is set aside with a word, and the client works.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desktop.toml")
	if err := os.WriteFile(path, []byte("[voice\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := settings.Open(path)
	if !errors.Is(err, voiceapp.Invalid) || !errors.Is(err, settings.SetAside) || voiceapp.AsError(err).About != path+".damaged-1" || !strings.Contains(err.Error(), "desktop.toml.damaged-1") {
		t.Errorf("Open: %v", err)
	}
	if err := f.Change(func(s *settings.Settings) { s.Voice.Volume = 50 }); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(path + ".damaged-1"); err != nil || string(raw) != "[voice\n" {
		t.Errorf("what was damaged is %q, %v", raw, err)
	}
	if got := open(t, path).Get(); got.Voice.Volume != 50 {
		t.Errorf("the volume is %d", got.Voice.Volume)
	}
}

// People are known again on the same server, and on no other.
func TestPersonKey(t *testing.T) {
	one, other := voiceapp.Fingerprint{1}, voiceapp.Fingerprint{2}
	guest := voiceapp.Presence{Session: 4, Name: "Bo"}
	same := voiceapp.Presence{Session: 9, Name: "BO"}
	if settings.PersonKey(one, guest) != settings.PersonKey(one, same) {
		t.Error("a guest who comes back is another")
	}
	keys := map[string]bool{}
	for _, key := range []string{
		settings.PersonKey(one, guest), settings.PersonKey(other, guest),
		settings.PersonKey(one, voiceapp.Presence{User: 1, Name: "Bo"}), settings.PersonKey(one, voiceapp.Presence{User: 2, Name: "Bo"}),
	} {
		keys[key] = true
	}
	if len(keys) != 4 {
		t.Errorf("only %d of 4 are told apart: %v", len(keys), keys)
	}
}

// A second damaged file does not take the place of the first.
func TestDamagedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desktop.toml")
	for i, text := range []string{"[voice\n", "[look\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := settings.Open(path); !errors.Is(err, voiceapp.Invalid) {
			t.Fatalf("Open: %v", err)
		}
		if raw, err := os.ReadFile(fmt.Sprintf("%s.damaged-%d", path, i+1)); err != nil || string(raw) != text {
			t.Errorf("set aside is %q, %v", raw, err)
		}
	}
}

// A file that can't be read is no damaged one: it stays where it is, as it is.
func TestUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desktop.toml")
	if err := os.Mkdir(path, 0o700); err != nil { // which root can't read as a file either
		t.Fatal(err)
	}
	f, err := settings.Open(path)
	if !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("Open: %v", err)
	}
	if err := f.Change(func(s *settings.Settings) { s.Look.Theme = "light" }); err != nil {
		t.Errorf("Change: %v", err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		t.Errorf("it is not there any more: %v", err)
	}
}

// What is no number is none of those that are meant.
func TestThresholdIsANumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desktop.toml")
	for text, want := range map[string]float64{"nan": 0, "-inf": -100, "inf": 0, "-50.0": -50} {
		if err := os.WriteFile(path, []byte("[voice]\nthreshold = "+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := settings.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Get().Voice.Threshold; got != want {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
