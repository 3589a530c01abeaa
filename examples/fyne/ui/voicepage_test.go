package ui_test

import (
	"math"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// plugIn adds a loudspeaker to those of the world.
func (w *world) plugIn(id, name string) {
	w.t.Helper()
	out, err := exec.Command("pactl", "load-module", "module-null-sink", "sink_name="+id, "sink_properties=device.description="+name).CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v, %s", err, out)
	}
}

// choice is where a device is chosen, when one of that name has been found.
func (w *world) choice(name string) (found *widget.Select) {
	w.t.Helper()
	w.until("the choice of "+name, func() bool {
		for _, o := range w.objects() {
			if s, ok := o.(*widget.Select); ok && slices.Contains(s.Options, name) {
				found = s
			}
		}
		return found != nil
	})
	return found
}

// Two headsets of one make have the same name. Each of them can be chosen, and is shown
// as chosen when one comes again.
func TestDevicesOfOneName(t *testing.T) {
	w := newWorld(t)
	w.plugIn("left", "Headset")
	w.plugIn("right", "Headset")
	all, err := device.List()
	if err != nil {
		t.Fatal(err)
	}
	var want, chosen []string
	for _, d := range all {
		if d.Name == "Headset" {
			want = append(want, d.ID)
		}
	}
	for _, name := range []string{"Headset", "Headset (2)"} {
		w.app.Settings()
		w.choice("Headset").SetSelected(name)
		chosen = append(chosen, w.settings.Get().Voice.Loudspeaker)
		w.app.Escape()
		w.app.Settings()
		if got := w.choice("Headset").Selected; got != name {
			t.Errorf("%s was chosen, but %s is shown", name, got)
		}
		w.app.Escape()
	}
	if len(want) != 2 || !slices.Equal(chosen, want) {
		t.Errorf("%q were chosen, not %q", chosen, want)
	}
}

// A device that is plugged in while the page is shown can be chosen. It stays chosen when it
// is plugged out, says so, and is there again when it comes back.
func TestDevicesComeAndGo(t *testing.T) {
	w := newWorld(t)
	w.app.Settings()
	w.choice("vidle")
	module := w.pulse.Load("usb", 48000)
	choice := w.choice("usb")
	if choice.Selected != "the system's default" {
		t.Errorf("%s is chosen because it has come", choice.Selected)
	}
	choice.SetSelected("usb")
	id := w.settings.Get().Voice.Loudspeaker
	if id == "" {
		t.Fatal("it can't be chosen")
	}
	chosen := func(name string) func() bool {
		return func() bool { return choice.Selected == name && slices.Contains(choice.Options, name) }
	}
	w.pulse.Unload(module)
	w.until("that it is gone", chosen("usb (not connected)"))
	w.until("what takes its place", func() bool { return w.shows("The loudspeaker that you chose is not there") })
	if now := w.settings.Get().Voice.Loudspeaker; now != id {
		t.Errorf("%q is chosen now, and not %q", now, id)
	}
	w.app.Escape()
	w.app.Settings()
	choice = w.choice("the chosen device (not connected)")
	w.pulse.Load("usb", 48000)
	w.until("it again", chosen("usb"))
	w.until("that nothing is wrong", func() bool { return !w.shows("is not there") })
	if slices.Contains(choice.Options, "the chosen device (not connected)") {
		t.Errorf("the choices are %q", choice.Options)
	}
}

// A device is chosen out of a menu that was open when it was plugged out: all stays as it is.
func TestChoosingADeviceThatHasJustGone(t *testing.T) {
	w := newWorld(t)
	w.app.Settings()
	module := w.pulse.Load("usb", 48000)
	choice := w.choice("usb")
	w.pulse.Unload(module)
	w.until("that it is gone", func() bool { return !slices.Contains(choice.Options, "usb") })
	choice.Selected = "usb" // as the menu does
	choice.OnChanged("usb")
	if choice.Selected != "the system's default" || w.settings.Get().Voice.Loudspeaker != "" {
		t.Errorf("%q is shown as chosen, %q is", choice.Selected, w.settings.Get().Voice.Loudspeaker)
	}
}

// Devices are looked for while the page is shown, and not behind another one.
func TestDevicesAreLookedForWhileShown(t *testing.T) {
	w := newWorld(t)
	pages := w.app.Settings()
	choice := w.choice("vidle")
	pages.SelectIndex(1)
	w.settle() // a look may be under way
	w.pulse.Load("usb", 48000)
	over := time.Now().Add(2*ui.LookEvery + time.Second)
	w.until("two looks", func() bool { return time.Now().After(over) })
	if slices.Contains(choice.Options, "usb") {
		t.Error("devices are looked for behind another page")
	}
	pages.SelectIndex(0)
	w.choice("usb")
}

// The test tone is heard by the chosen loudspeaker, its meter moves, and it can be played
// again.
func TestTestTone(t *testing.T) {
	w := newWorld(t)
	w.app.Settings()
	w.choice("vidle").SetSelected("vidle")
	id := ""
	all, err := device.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Name == "Monitor of vidle" {
			id = d.ID
		}
	}
	ear, err := device.OpenCapture(device.Config{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	var loudest atomic.Uint32 // sample, as bits
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for pcm := make([]float32, 480); ; {
			n, err := ear.ReadPCM(pcm)
			if err != nil {
				return // it was closed
			}
			for _, x := range pcm[:n] {
				loudest.Store(math.Float32bits(max(x, math.Float32frombits(loudest.Load()))))
			}
		}
	}()
	t.Cleanup(func() {
		_ = ear.Close() // it returns nil, always
		<-heard
	})
	level := func() float64 { return w.levels()[1] }
	w.until("silence", func() bool { return level() <= -70 })
	const name = "Play a test tone"
	button := find(w, "button "+name, func(b *widget.Button) bool { return b.Text == name })
	w.tap(name)
	if !button.Disabled() {
		t.Error("it can be played on top of itself")
	}
	w.until("the tone on the meter", func() bool { return level() > -30 })
	w.until("the tone in the loudspeaker", func() bool { x := math.Float32frombits(loudest.Load()); return x > 0.05 && x < 0.5 })
	w.until("its end", func() bool { return !button.Disabled() && level() <= -70 })
}

// levels are what the meters of the page show: the microphone's, and the loudspeaker's.
func (w *world) levels() (all []float64) {
	for _, o := range w.objects() {
		if level, ok := ui.Level(o); ok {
			all = append(all, level)
		}
	}
	return all
}

// hum is what somebody says who never stops.
type hum struct{ at int }

func (h *hum) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = float32(math.Sin(float64(h.at)/40) / 4)
		h.at++
	}
	return len(pcm), nil
}

// The limits of the playout delay count as soon as they are chosen, do not contradict each
// other, and are shown again.
func TestDelayLimits(t *testing.T) {
	w := newWorld(t)
	said, err := voice.Join(t.Context(), w.meetBo(), voice.Config{Codec: exampletest.Codec(), Source: &hum{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { said.Close() })
	w.app.Settings()
	fixed, least, most := w.choice("follows the network"), w.choice("automatic"), w.choice("no limit")
	shown := func(what, wantLeast, wantMost string) {
		t.Helper()
		if least.Selected != wantLeast || most.Selected != wantMost {
			t.Errorf("%s: at least %s and at most %s are shown", what, least.Selected, most.Selected)
		}
	}
	shown("at first", "automatic", "no limit")
	most.SetSelected("20 ms")
	shown("a longest one", "automatic", "20 ms")
	w.until("the longest delay", func() bool { return w.app.Delay() > 0 && w.app.Delay() <= 20*time.Millisecond })
	least.SetSelected("300 ms")
	shown("a least one above it", "300 ms", "300 ms")
	w.until("the least delay", func() bool { return w.app.Delay() > 270*time.Millisecond })
	most.SetSelected("100 ms")
	shown("a longest one below it", "100 ms", "100 ms")
	fixed.SetSelected("150 ms")
	if !least.Disabled() || !most.Disabled() {
		t.Error("a fixed delay has limits")
	}
	w.until("the fixed delay", func() bool { return w.app.Delay() > 120*time.Millisecond })
	w.app.Escape()
	if err := w.settings.Change(func(s *settings.Settings) { s.Voice.DelayMillis, s.Voice.LeastDelayMillis = 0, 70 }); err != nil {
		t.Fatal(err) // as by hand
	}
	w.app.Settings()
	least, most = w.choice("automatic"), w.choice("no limit")
	shown("again", "70 ms", "100 ms")
	if least.Disabled() || most.Disabled() {
		t.Error("a delay that follows the network can't have limits")
	}
}
