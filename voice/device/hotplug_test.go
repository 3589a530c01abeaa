//go:build cgo && linux

package device

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// keepBusy reads a microphone and writes a tone into a loudspeaker until they are closed.
func keepBusy(running *sync.WaitGroup, microphone *Capture, loudspeaker *Playback) {
	running.Go(func() { listen(microphone) })
	running.Go(func() {
		pcm := make([]float32, SampleRate/100)
		sine(pcm, 0, SampleRate, 1000, 0.3)
		for loudspeaker.WritePCM(pcm) == nil {
			continue
		}
	})
}

func listed(t *testing.T, name string) bool {
	t.Helper()
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(d Info) bool { return d.Name == name })
}

// A device that is plugged in is listed. Pulled out while it is in use it is lost, the
// others are not; plugged in again, be it with another rate, it is used again.
func TestHotPlug(t *testing.T) {
	p := devicetest.StartPulse(t)
	if listed(t, "usb") {
		t.Fatal("it is there before it is plugged in")
	}
	module := p.Load("usb", 44100)
	if !listed(t, "usb") {
		t.Error("what was plugged in is not listed")
	}
	microphone, err := OpenCapture(Config{ID: find(t, KindCapture, "Monitor of usb")})
	if err != nil {
		t.Fatal(err)
	}
	loudspeaker, err := OpenPlayback(Config{ID: find(t, KindPlayback, "usb")})
	if err != nil {
		t.Fatal(err)
	}
	other, err := OpenPlayback(Config{ID: find(t, KindPlayback, "vidle")})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	keepBusy(&running, microphone, loudspeaker)
	are := func(there bool, rate int) func() bool {
		return func() bool {
			for _, s := range []Stats{microphone.Stats(), loudspeaker.Stats()} {
				if s.Running != there || s.Rate != rate {
					return false
				}
			}
			return true
		}
	}
	until(t, "the devices run", are(true, 44100))
	for _, rate := range []int{48000, 16000} {
		was := loudspeaker.Stats().Rate
		p.Unload(module)
		until(t, "the devices are lost", are(false, was))
		if listed(t, "usb") {
			t.Error("what was pulled out is listed")
		}
		module = p.Load("usb", rate)
		until(t, "the devices are back", are(true, rate))
	}
	if s := other.Stats(); s.Lost != 0 || !s.Running {
		t.Errorf("another device suffers: %+v", s)
	}
	for _, s := range []*stream{microphone.stream, loudspeaker.stream, other.stream} {
		if err := s.Close(); err != nil || s.stuck.Load() != 0 {
			t.Errorf("%v, %d calls did not return", err, s.stuck.Load())
		}
	}
	running.Wait()
}

// Devices that are opened and closed again and again leave nothing behind.
func TestOpenAndCloseLeavesNothing(t *testing.T) {
	p := devicetest.StartPulse(t)
	p.Load("cd", 44100)
	microphone, loudspeaker := find(t, KindCapture, "Monitor of cd"), find(t, KindPlayback, "cd")
	idle, err := OpenPlayback(Config{ID: loudspeaker}) // so that the device keeps its small periods
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }() // nil, always
	until(t, "the device runs", func() bool { return idle.Stats().Running })
	for range 10 { // what is kept for good, such as the system's libraries
		openAndClose(t, microphone, loudspeaker)
	}
	before := takeStock(t)
	for range 50 {
		openAndClose(t, microphone, loudspeaker)
	}
	after := takeStock(t)
	t.Logf("%+v, after 50 rounds %+v", before, after)
	if after.goroutines > before.goroutines || after.descriptors > before.descriptors || after.threads > before.threads+2 {
		t.Errorf("%+v have become %+v", before, after)
	}
	if grown := after.memory - before.memory; grown > 2<<20 {
		t.Errorf("%d KiB more are in use", grown>>10)
	}
}

func openAndClose(t *testing.T, microphone, loudspeaker string) {
	t.Helper()
	in, err := OpenCapture(Config{ID: microphone})
	if err != nil {
		t.Fatal(err)
	}
	out, err := OpenPlayback(Config{ID: loudspeaker})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	keepBusy(&running, in, out)
	until(t, "the devices run", func() bool { return in.Stats().Running && out.Stats().Running })
	for _, s := range []*stream{in.stream, out.stream} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	running.Wait()
}

// stock is what a process has.
type stock struct{ goroutines, descriptors, threads, memory int }

func takeStock(t *testing.T) stock {
	t.Helper()
	debug.FreeOSMemory()
	list := func(dir string) int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(statm)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return stock{runtime.NumGoroutine(), list("/proc/self/fd"), list("/proc/self/task"), pages * os.Getpagesize()}
}

// An audio server that hangs, and does not die, holds up nobody, and costs no more the
// longer it lasts; when it goes on there is sound again, and nothing is left of it.
func TestAudioServerHangs(t *testing.T) {
	p := devicetest.StartPulse(t)
	microphone, err := OpenCapture(Config{})
	if err != nil {
		t.Fatal(err)
	}
	loudspeaker, err := OpenPlayback(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	keepBusy(&running, microphone, loudspeaker)
	both := func(there bool) func() bool {
		return func() bool { return microphone.Stats().Running == there && loudspeaker.Stats().Running == there }
	}
	until(t, "the devices run", both(true))
	before := takeStock(t)
	p.Freeze()
	until(t, "the devices are lost", both(false))
	until(t, "tries to open others hang", func() bool { return microphone.Stats().Stuck > 1 && loudspeaker.Stats().Stuck > 1 })
	meanwhile := takeStock(t)
	for range 10 {
		if _, err := List(); err == nil {
			t.Error("a server that hangs lists devices")
		}
		if _, err := OpenCapture(Config{}); err == nil {
			t.Error("a server that hangs opens a device")
		}
	}
	pause(6 * time.Second)
	if after := takeStock(t); after.goroutines > meanwhile.goroutines || after.descriptors > meanwhile.descriptors {
		t.Errorf("%+v have become %+v", meanwhile, after)
	}
	p.Thaw()
	until(t, "the devices run again", both(true))
	until(t, "nothing is left", func() bool {
		now := takeStock(t)
		return now.goroutines <= before.goroutines && now.descriptors <= before.descriptors
	})
	p.Freeze()
	until(t, "the devices are lost again", both(false))
	closing := time.Now()
	_, _ = microphone.Close(), loudspeaker.Close()
	if took := time.Since(closing); took > 5*time.Second {
		t.Errorf("closing takes %v", took)
	}
	running.Wait()
	p.Thaw()
	until(t, "the last calls come back", func() bool { return takeStock(t).goroutines <= before.goroutines-4 })
}
