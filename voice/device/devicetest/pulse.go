//go:build linux

// Package devicetest gives tests sound devices: a PulseAudio of their own, with
// virtual ones.
package devicetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pulse is a PulseAudio with three virtual loudspeakers, vmic, vspk and vidle. What is
// played into one comes out of the microphone "Monitor of" it. vspk is the default of
// both.
type Pulse struct {
	t       testing.TB
	dir     string
	command *exec.Cmd
}

// StartPulse starts it, has this process and its children use it, and stops it when
// the test is over.
func StartPulse(t testing.TB) *Pulse {
	t.Helper()
	p := &Pulse{t: t, dir: t.TempDir()}
	t.Setenv("PULSE_SERVER", "unix:"+p.socket())
	t.Setenv("XDG_RUNTIME_DIR", p.dir)
	p.Start()
	t.Cleanup(p.Kill)
	return p
}

func (p *Pulse) socket() string { return filepath.Join(p.dir, "socket") }

// Start starts it again after Kill.
func (p *Pulse) Start() {
	p.t.Helper()
	p.command = exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no",
		"--disable-shm=yes", "--enable-memfd=no", // with these it dies now and then when streams end (PulseAudio's issue 824)
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+p.socket(),
		"-L", "module-null-sink sink_name=vmic rate=48000 channels=1 sink_properties=device.description=vmic",
		"-L", "module-null-sink sink_name=vspk rate=48000 channels=1 sink_properties=device.description=vspk",
		"-L", "module-null-sink sink_name=vidle rate=48000 channels=1 sink_properties=device.description=vidle")
	p.command.Env = append(os.Environ(), "HOME="+p.dir)
	if err := p.command.Start(); err != nil {
		p.t.Fatalf("PulseAudio is needed (apt-get install pulseaudio pulseaudio-utils): %v", err)
	}
	p.Control("set-default-sink", "vspk")
	p.Control("set-default-source", "vspk.monitor")
}

// Control runs pactl, when PulseAudio is there, and returns what it says.
func (p *Pulse) Control(args ...string) string {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		out, err := exec.Command("pactl", args...).CombinedOutput()
		if err == nil {
			return string(out)
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("pactl %v: %v, %s", args, err, out)
		}
	}
}

// Load adds a virtual loudspeaker at this rate, as when one is plugged in, and returns
// the module's number for Unload. Its samples are 32-bit float, so that they lose nothing.
func (p *Pulse) Load(name string, rate int) (module string) {
	p.t.Helper()
	return strings.TrimSpace(p.Control("load-module", "module-null-sink", "sink_name="+name, "format=float32le",
		"channels=1", "rate="+strconv.Itoa(rate), "sink_properties=device.description="+name))
}

// Unload takes one away.
func (p *Pulse) Unload(module string) {
	p.t.Helper()
	p.Control("unload-module", module)
}

// Freeze has it hang, until Thaw: it is there, and does not answer.
func (p *Pulse) Freeze() { p.signal(syscall.SIGSTOP) }

// Thaw has it go on.
func (p *Pulse) Thaw() { p.signal(syscall.SIGCONT) }

func (p *Pulse) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Kill ends it without a word, as a crash does.
func (p *Pulse) Kill() {
	_ = p.command.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = p.command.Wait()                          // how is of no interest
}
