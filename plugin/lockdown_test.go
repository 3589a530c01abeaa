//go:build linux && (amd64 || arm64)

package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp"
)

// lockedVariable has the test program try what a sandbox must not do.
const lockedVariable = "VOICEAPP_PLUGIN_TEST_LOCKED"

// tryAll gives up what a sandbox gives up, and then says of each thing whether it is
// still possible.
func tryAll() {
	if err := lockDown(DefaultMemory); err != nil {
		fmt.Println("lockDown:", err)
		return
	}
	for name, try := range map[string]func() error{
		"read a file":     func() error { _, err := os.ReadFile("/etc/hostname"); return err },
		"write a file":    func() error { return os.WriteFile("/tmp/voiceapp-sandbox", nil, 0o600) },
		"list a folder":   func() error { _, err := os.ReadDir("/"); return err },
		"connect":         func() error { _, err := net.Dial("udp", "127.0.0.1:9"); return err },
		"start":           func() error { return exec.Command("/bin/true").Run() },
		"signal":          func() error { return syscall.Kill(os.Getppid(), 0) },
		"signal a thread": func() error { return unix.Tgkill(os.Getppid(), os.Getppid(), 0) },
		"own a pipe":      func() error { _, err := unix.FcntlInt(0, unix.F_SETOWN, os.Getppid()); return err },
		"trace":           func() error { return syscall.PtraceAttach(os.Getppid()) },
		"change an owner": func() error { return syscall.Setuid(0) },
	} {
		fmt.Printf("%s: %v\n", name, errors.Is(try(), syscall.EPERM))
	}
	done := make(chan bool) // it still has threads and memory
	go func() { done <- len(make([]byte, 32<<20)) > 0 }()
	fmt.Println("work:", <-done)
}

func TestSandboxIsClosed(t *testing.T) {
	child := exec.Command("/proc/self/exe", "-test.run=^$")
	child.Env = append(os.Environ(), lockedVariable+"=1")
	var errs bytes.Buffer
	child.Stderr = &errs
	out, err := child.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 11 {
		t.Fatalf("it says %s", out)
	}
	for _, line := range lines {
		if !strings.HasSuffix(line, ": true") {
			t.Error(line)
		}
	}
}

// A sandbox that nobody started as such says so, and runs nothing.
func TestSandboxWithoutAHost(t *testing.T) {
	child := exec.Command("/proc/self/exe", "-test.run=^$")
	child.Env = append(os.Environ(), childVariable+"=00")
	child.Stdin = strings.NewReader("hello, hello, hello")
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), "only its host can do") {
		t.Errorf("%v: %s", err, out)
	}
}

// A module that is small, but takes gigabytes to compile, is refused.
func TestSandboxCompilesWithinItsMemory(t *testing.T) {
	module := wasm{
		manifest: `{"abi":1,"name":"bomb","version":"1","author":"voiceapp","hooks":["audio"]}`,
		types:    []signature{{i32 + i32 + i32, i32}, {i32 + i32, i32}},
		memories: []limit{{1, 0}},
		exports: []exportOf{
			{exportMemory, kindMemory, 0}, {exportAudioOpen, kindFunction, 0}, {exportAudio, kindFunction, 1},
		},
	}
	var bodies [][]byte
	for n := range 20_000 {
		module.functions = append(module.functions, min(n, 1))
		body := slices.Concat(leb(1), leb(49_999), []byte(i32))                         // locals
		body = append(body, bytes.Repeat([]byte("\x03\x40\x41\x00\x0d\x00\x0b"), 3)...) // loop, i32.const 0, br_if 0, end
		bodies = append(bodies, append(body, "\x41\x00\x0b"...))
	}
	module.more = section(10, vec(bodies, func(body []byte) []byte { return append(leb(len(body)), body...) }))
	w := newWorld(t, sandboxed, Config{Poll: -1})
	w.write("bomb.wasm", module.bytes())
	w.changing.Lock()
	w.look(t.Context())
	w.changing.Unlock()
	if err := w.Enable(t.Context(), "bomb"); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "memory") {
		t.Errorf("it is compiled: %v", err)
	}
}

// A child that the system kills is replaced, and leaves nothing behind.
func TestSandboxThatIsKilled(t *testing.T) {
	w := newWorld(t, sandboxed, Config{Poll: -1, AudioDeadline: time.Second}, "gain")
	files := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	works := func() bool {
		pcm := tone(960)
		before := loudness(pcm)
		w.ProcessPCM(pcm, 1, true)
		return loudness(pcm) < 0.6*before
	}
	if !works() {
		t.Fatal("it does nothing")
	}
	open := files()
	for range 10 {
		child := (*w.entries[0].worker.live.Load()).(*sandbox)
		if err := child.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-child.exited
		missed := 0
		for ; !works(); missed++ {
			<-time.After(time.Millisecond)
		}
		t.Logf("%d frames were missed", missed)
	}
	if info := w.Plugins()[0]; info.State != "running" {
		t.Errorf("%+v", info)
	}
	if now := files(); now > open {
		t.Errorf("%d files are open, where there were %d", now, open)
	}
}

// A child whose guest never returns ends with its host, however that ends.
func TestSandboxEndsWithItsHost(t *testing.T) {
	host := exec.Command("/proc/self/exe")
	host.Env = append(os.Environ(), hostVariable+"=1")
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	busy := func() bool { // it has had half a second of processor time, more than it takes to start
		stat, _ := os.ReadFile(filepath.Join("/proc", childOf(host.Process.Pid), "stat"))
		_, after, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(after)
		if len(fields) < 12 {
			return false
		}
		hundredths, _ := strconv.Atoi(fields[11])
		return hundredths >= 50
	}
	for n := 0; !busy(); n++ {
		<-time.After(10 * time.Millisecond)
		if n > 1000 {
			t.Fatal("the host has no child that is at work")
		}
	}
	child := childOf(host.Process.Pid)
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // it was killed
	for n := 0; ; n++ {
		stat, err := os.ReadFile(filepath.Join("/proc", child, "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		<-time.After(10 * time.Millisecond)
		if n > 1000 {
			pid, _ := strconv.Atoi(child)
			t.Fatalf("the child goes on, and is killed: %v; %s", syscall.Kill(pid, syscall.SIGKILL), stat)
		}
	}
}

// childOf is the number of a process's child, as in /proc; "none" when it has none.
func childOf(process int) string {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", process))
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		if list := strings.Fields(string(children)); len(list) > 0 {
			return list[0]
		}
	}
	return "none"
}
