package plugin

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// newer returns a guest whose manifest is another one of the same length.
func newer(t *testing.T, guest []byte, from, to string) []byte {
	t.Helper()
	if len(from) != len(to) || bytes.Count(guest, []byte(from)) != 1 {
		t.Fatalf("%q can't become %q", from, to)
	}
	return bytes.Replace(guest, []byte(from), []byte(to), 1)
}

// A file that changes under speech takes over without a gap and without a click.
func TestReloadUnderSpeech(t *testing.T) {
	each(t, func(t *testing.T, m mode) {
		w := newWorld(t, m, Config{AudioDeadline: time.Second, Poll: 20 * time.Millisecond}, "gain")
		var heard []float32
		at := 0
		play := func() {
			pcm := make([]float32, 960)
			for i := range pcm {
				pcm[i] = 0.8 * float32(math.Sin(2*math.Pi*200*float64(at)/sampleRate))
				at++
			}
			if !w.ProcessPCM(pcm, 1, true) {
				t.Fatal("the gate is closed")
			}
			heard = append(heard, pcm...)
			time.Sleep(time.Millisecond)
		}
		play()
		w.write("gain.wasm", newer(t, guestFile(t, "gain"), `"version": "1.0.0"`, `"version": "2.0.0"`))
		for n := 0; w.Plugins()[0].Version == "1.0.0" || !w.events.has(EventReloaded); n++ {
			if play(); n > 5000 {
				t.Fatal("it is not loaded anew")
			}
		}
		play()
		step := 0.0 // between two samples; that of the tone is 0.8 * 0.5 * 2 pi 200 / 48,000
		for i := 1; i < len(heard); i++ {
			step = max(step, math.Abs(float64(heard[i]-heard[i-1])))
		}
		if click := step - 0.4*2*math.Pi*200/sampleRate; click > math.Pow(10, -50.0/20) {
			t.Errorf("a click of %.1f dBFS", 20*math.Log10(click))
		}
		if info := w.Plugins()[0]; info.Missed != 0 || info.Version != "2.0.0" {
			t.Errorf("%+v", info)
		}
	})
}

// What is broken does not take over, and what asks for more waits for its user.
func TestReloadOfWhatCantRun(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	look := func() {
		w.changing.Lock()
		defer w.changing.Unlock()
		w.look(t.Context())
		w.look(t.Context())
	}
	gain := guestFile(t, "gain")
	w.write("gain.wasm", gain[:len(gain)/2])
	look()
	if !w.events.has(EventRefused) || !w.ProcessPCM(tone(960), 1, true) || w.Plugins()[0].Missed != 0 {
		t.Errorf("a broken file: %+v", w.Plugins()[0])
	}
	w.write("gain.wasm", newer(t, gain, `"author": "voiceapp"`, `"author": "somebody"`))
	look()
	if info := w.Plugins()[0]; info.State != "running" || info.Author != "somebody" {
		t.Errorf("a good file after it: %+v", info)
	}
	asks := newer(t, guestFile(t, "mute"), `"permissions": ["clock", "random"]`, `"permissions": [                 ]`)
	w.write("mute.wasm", asks)
	look()
	if !w.events.has(EventFound) {
		t.Error("nobody is told of a new plugin")
	}
	if err := w.Enable(t.Context(), "mute"); err != nil {
		t.Fatal(err)
	}
	w.write("mute.wasm", guestFile(t, "mute"))
	look()
	pcm := tone(960)
	if w.ProcessPCM(pcm, 1, true) || loudness(pcm) != 0 || !w.events.has(EventAsks) {
		t.Error("one that asks for more goes on, or its user is heard without it")
	}
	if err := w.Enable(t.Context(), "mute", PermissionClock, PermissionRandom); err != nil {
		t.Fatal(err)
	}
	if pcm := tone(960); !w.ProcessPCM(pcm, 1, true) || loudness(pcm) == 0 {
		t.Error("it does not run once it was granted")
	}
}

// What the user has set is there again after a restart, and a file that is damaged is
// set aside.
func TestStateIsKept(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	w.addMute()
	w.enableMute(sandboxed)
	w.configure("gain", "factor", 0.25)
	if err := w.Configure(t.Context(), "gain", map[string]any{"factor": 3.0}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a value that the plugin refuses: %v", err)
	}
	if err := w.Configure(t.Context(), "gain", map[string]any{"factor": 9}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a value out of bounds: %v", err)
	}
	if err := w.Configure(t.Context(), "gain", map[string]any{"volume": 1}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a setting that there is not: %v", err)
	}
	if err := w.Reorder("mute", "gain"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(w.dir, "plugins.json")
	if info, err := os.Stat(state); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	cfg := w.cfg
	again, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	plugins := again.Plugins()
	details, err := again.Details("gain")
	if err != nil || len(plugins) != 2 || plugins[0].Name != "mute" || plugins[0].State != "running" || plugins[1].State != "running" || details.Settings["factor"] != 0.25 {
		t.Errorf("%+v, %+v, %v", plugins, details.Settings, err)
	}
	pcm := tone(960)
	before := loudness(pcm)
	if again.ProcessPCM(pcm, 1, true); math.Abs(loudness(pcm)/before-0.25) > 1e-3 {
		t.Errorf("the gain is %v", loudness(pcm)/before)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state, []byte(`{"version":1,`), 0o600); err != nil {
		t.Fatal(err)
	}
	third, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if _, err := os.Stat(state + ".damaged"); err != nil || !w.events.has(EventStateLost) || third.Plugins()[0].Enabled {
		t.Errorf("%+v, %v", third.Plugins(), err)
	}
}

// A plugin whose file is gone keeps its user silent where that is its promise.
func TestVoiceIsNotRevealedWithoutTheFile(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second})
	w.addMute()
	w.enableMute(sandboxed)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.dir, "mute.wasm")); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	pcm := tone(960)
	if again.ProcessPCM(pcm, 1, true) || loudness(pcm) != 0 {
		t.Error("the voice is heard without the plugin")
	}
	if info := again.Plugins()[0]; info.Name != "mute" || !strings.Contains(info.State, "no file") {
		t.Errorf("%+v", info)
	}
	if err := again.Disable("mute"); err != nil {
		t.Fatal(err)
	}
	if !again.ProcessPCM(tone(960), 1, true) {
		t.Error("switched off by its user it still keeps him silent")
	}
}

// Another program changes the state, and the host that runs follows.
func TestStateOfAnotherProgram(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	other, err := Open(t.Context(), w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	look := func() {
		w.changing.Lock()
		defer w.changing.Unlock()
		w.look(t.Context())
	}
	gain := func() float64 {
		pcm := tone(960)
		before := loudness(pcm)
		w.ProcessPCM(pcm, 1, true)
		return math.Round(100*loudness(pcm)/before) / 100
	}
	if err := other.Configure(t.Context(), "gain", map[string]any{"factor": 0.25}); err != nil {
		t.Fatal(err)
	}
	look()
	if got := gain(); got != 0.25 {
		t.Errorf("the gain is %v", got)
	}
	if err := other.Disable("gain"); err != nil {
		t.Fatal(err)
	}
	look()
	if got := gain(); got != 1 || w.Plugins()[0].Enabled {
		t.Errorf("the gain is %v, %+v", got, w.Plugins())
	}
	if err := other.Enable(t.Context(), "gain"); err != nil {
		t.Fatal(err)
	}
	look()
	if got := gain(); got != 0.25 {
		t.Errorf("the gain is %v", got)
	}
}

// Files that are named run at once, and need what they ask for.
func TestFilesThatAreNamed(t *testing.T) {
	guest := func(name string) string { return filepath.Join("testdata", "guests", name+".wasm") }
	cfg := Config{Files: []string{guest("gain"), guest("mute")}, Patient: true, AudioDeadline: time.Second}
	if _, err := Open(t.Context(), cfg); !errors.Is(err, voiceapp.Forbidden) || !strings.Contains(err.Error(), "clock, random") {
		t.Errorf("without what one asks for: %v", err)
	}
	cfg.Grant = []string{PermissionClock, PermissionRandom}
	h, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	pcm := tone(960)
	before := loudness(pcm)
	if !h.ProcessPCM(pcm, 1, true) || math.Abs(loudness(pcm)/before-0.5) > 1e-3 || len(h.Plugins()) != 2 {
		t.Errorf("%+v", h.Plugins())
	}
	if _, err := Open(t.Context(), Config{Files: []string{guest("gain"), guest("gain")}}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("one that is named twice: %v", err)
	}
}

// A file that was exchanged while the program did not run is told of, and one that asks
// for more than was granted does not run.
func TestFileThatWasExchanged(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	gain := guestFile(t, "gain")
	for _, c := range []struct {
		from, to string
		kind     EventKind
		runs     bool
	}{
		{`"version": "1.0.0"`, `"version": "1.0.1"`, EventChanged, true},
		{`"author": "voiceapp"`, `"author":"v", "permissions":["clock"]`, EventRefused, false},
	} {
		file, err := Pack(gain, bytes.Replace(manifestOf(t, gain), []byte(c.from), []byte(c.to), 1))
		if err != nil {
			t.Fatal(err)
		}
		w.write("gain.wasm", file)
		again, err := Open(t.Context(), w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if !w.events.has(c.kind) || (again.Plugins()[0].Condition == voiceapp.PluginRunning) != c.runs {
			t.Errorf("%s: %+v", c.to, again.Plugins())
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

func manifestOf(t *testing.T, file []byte) []byte {
	t.Helper()
	m, err := parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return m.manifest
}
