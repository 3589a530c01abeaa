//go:build desktop

package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// cpu is what the client has computed so far.
func (c *client) cpu() (sum time.Duration) {
	c.t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has ended
		}
		running, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(running, 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}

// memory is what the client holds, in MB.
func (c *client) memory() (mb int) {
	c.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		c.t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1_000_000
}

// busy is the share of a core that the client takes, in percent, for so long.
func (c *client) busy(d time.Duration) float64 {
	c.t.Helper()
	began, used := time.Now(), c.cpu()
	time.Sleep(d)
	return 100 * (c.cpu() - used).Seconds() / time.Since(began).Seconds()
}

// repeated writes the speech again and again, so that it lasts so long.
func repeated(t *testing.T, lasts time.Duration) (path string) {
	t.Helper()
	wav, err := os.ReadFile(speech)
	if err != nil {
		t.Fatal(err)
	}
	const header, perSecond = 44, 32_000 // 16 kHz, 16 bit, mono
	times := int(lasts.Seconds()*perSecond)/(len(wav)-header) + 1
	binary.LittleEndian.PutUint32(wav[4:], uint32(header-8+times*(len(wav)-header)))
	binary.LittleEndian.PutUint32(wav[40:], uint32(times*(len(wav)-header)))
	path = filepath.Join(t.TempDir(), "speech.wav")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(wav[:header]); err != nil {
		t.Fatal(err)
	}
	for range times {
		if _, err := file.Write(wav[header:]); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// talkers is how many speak while the client listens.
const talkers = 3

// hum plays a fan of -50 dBFS into a virtual device until the test ends.
func hum(t *testing.T, sink string) {
	t.Helper()
	fan := speechtest.Fan(10*device.SampleRate, -50)
	raw := make([]byte, 0, 4*len(fan))
	for _, x := range fan {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	cmd := exec.Command("pacat", "--device="+sink, "--format=float32le", "--channels=1", "--rate=48000", "--latency-msec=20")
	pipe, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for err := error(nil); err == nil; {
			_, err = pipe.Write(raw)
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		<-over
	})
}

// A client as it is after its first start, in a channel: what it costs while nobody
// talks, in a silent room and in one with a fan, while three do, and, for as long as
// VOICEAPP_TALK says, what it holds. Figures are printed; with VOICEAPP_LIMITS they are
// asserted.
func TestCost(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(one *settings.Settings) { one.Voice = settings.Default().Voice })
	lasts, err := time.ParseDuration(cmp.Or(os.Getenv("VOICEAPP_TALK"), "12s"))
	if err != nil {
		t.Fatal(err)
	}
	c.start()
	c.connect()
	time.Sleep(4 * time.Second) // it has learned that nobody talks
	off := c.busy(8 * time.Second)
	hum(t, "vmic")
	time.Sleep(6 * time.Second) // it has learned the noise
	fan := c.busy(8 * time.Second)
	fmt.Printf("silent_cpu_percent=%.1f fan_cpu_percent=%.1f rss_mb=%d\n", off, fan, c.memory())

	said := repeated(t, lasts+10*time.Second)
	for i := range talkers {
		s.other("say", "--user", fmt.Sprint("talker", i), said)
	}
	time.Sleep(2 * time.Second) // all are heard
	busy := c.busy(8 * time.Second)
	fmt.Printf("talk_cpu_percent=%.1f rss_mb=%d talkers=%d\n", busy, c.memory(), talkers)
	for began := time.Now(); time.Since(began) < lasts-12*time.Second; {
		time.Sleep(time.Minute)
		fmt.Printf("minutes=%.0f rss_mb=%d\n", time.Since(began).Minutes(), c.memory())
	}
	if c.status() == "" {
		t.Error("the client has ended")
	}
	if os.Getenv("VOICEAPP_LIMITS") == "" {
		return
	}
	if off > 3 || fan > 5 || busy > 15 || c.memory() > 250 {
		t.Errorf("the client takes %.1f %% of a core in silence, %.1f %% beside a fan, %.1f %% while %d talk, and %d MB",
			off, fan, busy, talkers, c.memory())
	}
}
