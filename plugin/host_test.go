package plugin

import (
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// events keeps what a host tells.
type events struct {
	mu   sync.Mutex
	list []Event
	more chan struct{} // closed by the next; nil while nobody waits
}

func (e *events) add(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, event)
	if e.more != nil {
		close(e.more)
		e.more = nil
	}
}

// has reports whether there was one of a kind.
func (e *events) has(kind EventKind) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.had(kind)
}

func (e *events) had(kind EventKind) bool {
	return slices.ContainsFunc(e.list, func(event Event) bool { return event.Kind == kind })
}

// hears waits for one of a kind from who tells it on a goroutine of its own, and reports
// whether it came.
func (e *events) hears(kind EventKind) bool {
	late := time.After(10 * time.Second)
	for {
		e.mu.Lock()
		had := e.had(kind)
		if !had && e.more == nil {
			e.more = make(chan struct{})
		}
		more := e.more
		e.mu.Unlock()
		if had {
			return true
		}
		select {
		case <-more:
		case <-late:
			return false
		}
	}
}

// mode is how a plugin runs.
type mode bool

const (
	sandboxed mode = false
	inProcess mode = true
)

func (m mode) String() string {
	if m == inProcess {
		return "in process"
	}
	return "sandboxed"
}

// each runs a test in both modes.
func each(t *testing.T, test func(t *testing.T, m mode)) {
	for _, m := range []mode{inProcess, sandboxed} {
		t.Run(m.String(), func(t *testing.T) { test(t, m) })
	}
}

// guestFile returns a guest of testdata/guests.
func guestFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "guests", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// world is a host with guests, all of them enabled.
type world struct {
	*Host
	t      testing.TB
	events *events
	dir    string
}

func newWorld(t testing.TB, m mode, cfg Config, guests ...string) *world {
	t.Helper()
	w := &world{t: t, events: &events{}, dir: t.TempDir()}
	for _, g := range guests {
		if err := os.WriteFile(filepath.Join(w.dir, g+".wasm"), guestFile(t, g), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Patient = cfg.Patient || cfg.AudioDeadline >= time.Second
	cfg.Dir, cfg.Cache = w.dir, filepath.Join(w.dir, "cache")
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Events = w.events.add
	var err error
	if w.Host, err = Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for _, g := range guests {
		if m == inProcess {
			if err := w.Trust(t.Context(), g, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Enable(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// tone is a frame of a sine of half scale.
func tone(samples int) []float32 {
	pcm := make([]float32, samples)
	for i := range pcm {
		pcm[i] = 0.5 * float32(math.Sin(2*math.Pi*200*float64(i)/sampleRate))
	}
	return pcm
}

func loudness(pcm []float32) float64 {
	sum := 0.0
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

func TestAudioHook(t *testing.T) {
	each(t, func(t *testing.T, m mode) {
		begun := time.Now()
		w := newWorld(t, m, Config{AudioDeadline: time.Second}, "gain")
		for _, channels := range []int{1, 2, 1} {
			for _, frames := range []int{480, 960, 1920, 2880} {
				pcm := tone(frames * channels)
				before := loudness(pcm)
				if !w.ProcessPCM(pcm, channels, true) {
					t.Error("the gate is closed")
				}
				if got := loudness(pcm) / before; math.Abs(got-0.5) > 1e-3 {
					t.Errorf("%d channels, %d frames: the gain is %v", channels, frames, got)
				}
			}
		}
		if err := w.Configure(t.Context(), "gain", map[string]any{"factor": 2}); err != nil {
			t.Fatal(err)
		}
		pcm := tone(960)
		before := loudness(pcm)
		if w.ProcessPCM(pcm, 1, false) {
			t.Error("the gate is open")
		}
		if got := loudness(pcm) / before; math.Abs(got-2) > 1e-3 {
			t.Errorf("the gain is %v", got)
		}
		if info := w.Plugins()[0]; info.State != "running" || info.Condition != voiceapp.PluginRunning || info.Missed != 0 || info.Calls < 13 {
			t.Errorf("%+v", info)
		} else if took := time.Since(begun).Seconds(); info.Seconds <= 0 || info.Seconds > took {
			t.Errorf("the calls took %v s of %v s", info.Seconds, took)
		}
	})
}

func TestChatHook(t *testing.T) {
	each(t, func(t *testing.T, m mode) {
		w := newWorld(t, m, Config{ChatDeadline: time.Second}, "gain")
		for _, c := range []struct {
			text string
			want Verdict
		}{
			{"hello", Verdict{Text: "hello"}},
			{"drop me", Verdict{Text: "drop me", Drop: true, By: "gain"}},
			{"change me", Verdict{Text: "changed", Replies: []string{"done"}}},
			{"refuse me", Verdict{Text: "refuse me", Drop: true, By: "gain", Replies: []string{"not here"}}},
			{"log", Verdict{Text: "log"}},
			{"nonsense", Verdict{Text: "nonsense"}}, // its answer is not JSON as it should be
			{"trap", Verdict{Text: "trap"}},
			{"still there", Verdict{Text: "still there"}},
		} {
			got, err := w.Chat(t.Context(), Line{Hook: HookChatOutgoing, Text: c.text, Name: "Anna"})
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q: %+v, %v", c.text, got, err)
			}
		}
		if got, err := w.Chat(t.Context(), Line{Hook: HookChatIncoming, Text: "drop me"}); err != nil || got.Drop {
			t.Errorf("a hook that it does not have: %+v, %v", got, err)
		}
	})
}

// A plugin that hangs, traps or is slow is passed over, and switched off after three
// times in a row. Its user is not heard where that is not to be.
func TestPluginThatFails(t *testing.T) {
	each(t, func(t *testing.T, m mode) {
		for _, how := range []string{"trap", "loop", "slow"} {
			w := newWorld(t, m, Config{}, "gain")
			w.addMute()
			w.enableMute(m)
			if err := w.Configure(t.Context(), "mute", map[string]any{"mode": how}); err != nil {
				t.Fatal(err)
			}
			latest := time.Duration(0)
			for w.Plugins()[1].Condition == voiceapp.PluginRunning {
				pcm := tone(960)
				begun := time.Now()
				speaking := w.ProcessPCM(pcm, 1, true)
				if took := time.Since(begun); took > latest {
					latest = took
				}
				if speaking || loudness(pcm) != 0 {
					t.Fatalf("%s: the voice is heard without the plugin", how)
				}
				time.Sleep(time.Millisecond) // until the worker is back
				if w.Plugins()[1].Calls > 100 {
					t.Fatalf("%s: %+v", how, w.Plugins()[1])
				}
			}
			t.Logf("%s: the latest frame after %v, %+v", how, latest, w.Plugins()[1])
			if off := w.Plugins()[1]; off.Calls > 10 || off.Condition != voiceapp.PluginSwitchedOff {
				t.Errorf("%s: %+v", how, off)
			}
			if !w.events.hears(EventSwitched) {
				t.Errorf("%s: the user is not told", how)
			}
			if info := w.Plugins()[0]; info.State != "running" && !strings.HasSuffix(info.State, "took too long") { // a busy machine may be late with it
				t.Errorf("%s: the other one: %+v", how, info)
			}
			if err := w.Configure(t.Context(), "mute", map[string]any{"mode": "pass"}); err != nil {
				t.Fatal(err)
			}
			heard := false
			for try := 0; !heard && try < 100; try++ { // a busy machine is late with some
				if w.Plugins()[1].State != "running" {
					if err := w.Restart(t.Context(), "mute"); err != nil {
						t.Fatal(err)
					}
				}
				pcm := tone(960)
				heard = w.ProcessPCM(pcm, 1, true) && loudness(pcm) != 0
			}
			if !heard {
				t.Errorf("%s: it is not heard again", how)
			}
		}
	})
}

func TestWhatAPluginMayDecide(t *testing.T) {
	each(t, func(t *testing.T, m mode) {
		w := newWorld(t, m, Config{AudioDeadline: time.Second})
		w.addMute()
		if err := w.Enable(t.Context(), "mute", PermissionClock); !errors.Is(err, voiceapp.Forbidden) || !errors.Is(err, NotGranted) || !strings.Contains(err.Error(), "random") {
			t.Fatalf("enabled without all that it asks for: %v", err)
		}
		w.enableMute(m)
		w.configure("mute", "mode", "nan")
		pcm := tone(960)
		w.ProcessPCM(pcm, 1, true)
		if pcm[0] != 0 || pcm[1] != maxSample || pcm[2] != -maxSample {
			t.Errorf("samples come out as %v", pcm[:3])
		}
		w.configure("mute", "mode", "closed")
		if w.ProcessPCM(tone(960), 1, true) {
			t.Error("the gate is open")
		}
		w.configure("mute", "mode", "pass")
		if stereo := tone(1920); w.ProcessPCM(stereo, 2, true) || loudness(stereo) != 0 {
			t.Error("a format that it refuses is heard")
		}
		if !w.ProcessPCM(tone(960), 1, true) {
			t.Error("mono is not heard any more")
		}
	})
}

// addMute puts the guest mute into the folder, and has the host see it.
func (w *world) addMute() {
	w.t.Helper()
	w.write("mute.wasm", guestFile(w.t, "mute"))
	w.changing.Lock()
	defer w.changing.Unlock()
	w.look(w.t.Context())
}

func (w *world) write(name string, content []byte) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enableMute(m mode) {
	w.t.Helper()
	if err := w.Trust(w.t.Context(), "mute", bool(m)); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Enable(w.t.Context(), "mute", PermissionClock, PermissionRandom); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) configure(name, setting string, value any) {
	w.t.Helper()
	if err := w.Configure(w.t.Context(), name, map[string]any{setting: value}); err != nil {
		w.t.Fatal(err)
	}
}
