//go:build linux && (amd64 || arm64)

package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
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
	if len(lines) != 9 {
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
