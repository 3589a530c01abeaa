package sound_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// captures is how many programs listen to a microphone.
func captures(t *testing.T) int {
	t.Helper()
	out, err := exec.Command("pactl", "list", "short", "source-outputs").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(out), "\n")
}

// until reads and writes in a talk, as one that goes on does, until something is so.
func until(t *testing.T, hub *sound.Hub, talk *sound.Port, what string, is func(sound.Status) bool) {
	t.Helper()
	for start := time.Now(); !is(hub.Status()); {
		read(t, talk, 20*time.Millisecond)
		if err := talk.WritePCM(make([]float32, frame)); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) > 30*time.Second {
			t.Fatalf("this never came: %s; the status is %+v", what, hub.Status())
		}
	}
}

// A microphone that no talk and no trial wants any more is closed, and opened again for the
// next one.
func TestMicrophoneIsClosed(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	first, second := hub.Port(), hub.Port()
	hub.SpeakTo(first)
	speaks(t, hub, first)
	hub.SpeakTo(second)
	speaks(t, hub, second)
	if n := captures(t); n != 1 {
		t.Errorf("%d microphones are open in a talk", n)
	}
	ends := map[string]func(){
		"the last talk":            func() { _ = second.Close() },
		"a trial without a talk":   func() { hub.Try(false).Close() },
		"a longer one":             func() { trial := hub.Try(false); time.Sleep(time.Second); trial.Close() },
		"a talk that is left mute": func() { talk := hub.Port(); hub.SpeakTo(talk); speaks(t, hub, talk); hub.SpeakTo(nil) },
	}
	for _, what := range []string{"the last talk", "a trial without a talk", "a longer one", "a talk that is left mute"} {
		ends[what]()
		time.Sleep(100 * time.Millisecond)
		if n := captures(t); n != 0 {
			t.Errorf("%d microphones are open after %s", n, what)
		}
		if err := hub.Status().Microphone; err != nil {
			t.Errorf("there is something wrong with it after %s: %v", what, err)
		}
	}
	hub.SpeakTo(first)
	speaks(t, hub, first)
}

// id is that of a device.
func id(t *testing.T, kind device.Kind, name string) string {
	t.Helper()
	all, err := device.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Kind == kind && d.Name == name {
			return d.ID
		}
	}
	t.Fatalf("there is no %s in %+v", name, all)
	return ""
}

// headset are chosen devices that are plugged in.
func headset(t *testing.T, p *devicetest.Pulse) (cfg sound.Config, module string) {
	t.Helper()
	module = p.Load("usb", 48000)
	cfg = plain
	cfg.Microphone, cfg.Loudspeaker = id(t, device.KindCapture, "Monitor of usb"), id(t, device.KindPlayback, "usb")
	return cfg, module
}

func instead(s sound.Status) bool {
	return errors.Is(s.Microphone, sound.ErrInstead) && errors.Is(s.Loudspeaker, sound.ErrInstead)
}

func well(s sound.Status) bool { return s.Microphone == nil && s.Loudspeaker == nil }

// A chosen device that is unplugged is replaced by the default, with a word, until it is
// there again.
func TestUnplugged(t *testing.T) {
	p := pulse(t)
	cfg, module := headset(t, p)
	hub := newHub(t, cfg)
	talk := hub.Port()
	hub.SpeakTo(talk)
	speaks(t, hub, talk)
	until(t, hub, talk, "the headset", well)
	p.Unload(module)
	until(t, hub, talk, "another in its place", instead)
	speaks(t, hub, talk)
	p.Load("usb", 48000)
	until(t, hub, talk, "the headset again", well)
	speaks(t, hub, talk)
}

// A chosen device that is absent at the start is no reason to be silent, and it is used
// when it comes.
func TestPluggedInLate(t *testing.T) {
	p := pulse(t)
	cfg, module := headset(t, p)
	p.Unload(module)
	hub := newHub(t, cfg)
	talk := hub.Port()
	hub.SpeakTo(talk)
	speaks(t, hub, talk)
	until(t, hub, talk, "another in its place", instead)
	p.Load("usb", 48000)
	until(t, hub, talk, "the headset", well)
	speaks(t, hub, talk)
}

// The default device that is lost is missed, and is back by itself.
func TestDefaultIsLost(t *testing.T) {
	p := pulse(t)
	hub := newHub(t, plain)
	talk := hub.Port()
	hub.SpeakTo(talk)
	speaks(t, hub, talk)
	until(t, hub, talk, "both devices", well)
	p.Kill()
	until(t, hub, talk, "that they are lost", func(s sound.Status) bool { return s.Microphone != nil && s.Loudspeaker != nil })
	p.Start()
	until(t, hub, talk, "both devices again", well)
	speaks(t, hub, talk)
}
