package ui_test

import (
	"os/exec"
	"slices"
	"testing"

	"fyne.io/fyne/v2/widget"

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
