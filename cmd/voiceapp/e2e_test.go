package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/adrg/xdg"
	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// serverProgram is the real server, built once for all tests.
var serverProgram string

func TestMain(m *testing.M) {
	plugin.Main()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	if err := os.Setenv("VOICEAPP_ADMIN", "127.0.0.1:0"); err != nil { // one machine, many servers
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "voiceapp-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	serverProgram = filepath.Join(dir, "voiceapp-server")
	if out, err := exec.Command("go", "build", "-o", serverProgram, "../voiceapp-server").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// testServer is a running server.
type testServer struct {
	addr, fingerprint string
	token             string // the owner's, at a first start
	log               *lockedBuffer
	process           *exec.Cmd
}

// startServer starts a server on a data directory; a test's end stops it and reads
// its log for secrets.
func startServer(t *testing.T, data, listen string) *testServer {
	t.Helper()
	_, err := os.Stat(filepath.Join(data, "voiceapp.db"))
	firstStart := errors.Is(err, fs.ErrNotExist)
	s := &testServer{log: &lockedBuffer{}}
	s.process = exec.Command(serverProgram, "--data", data, "--listen", listen, "--log-level", "DEBUG")
	s.process.Stderr = s.log
	out, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("the server printed nothing\n%s", s.log)
	}
	s.addr, s.fingerprint = word(lines.Text(), "control"), word(lines.Text(), "fingerprint")
	for firstStart && s.token == "" && lines.Scan() { // it stands alone on its line
		if token := strings.TrimSpace(lines.Text()); token != "" && !strings.Contains(token, " ") {
			s.token = token
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return s
}

func word(line, name string) string {
	for w := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(w, name+"="); ok {
			return value
		}
	}
	return ""
}

func (s *testServer) stop(t *testing.T) {
	t.Helper()
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(os.Interrupt) // Wait tells if it had ended
	if err := s.process.Wait(); err != nil {
		t.Errorf("the server did not stop cleanly: %v\n%s", err, s.log)
	}
	s.process = nil
}

// lockedBuffer is written by a process's reader while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// run runs the client as its user does and returns what it printed.
func run(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = program().Run(t.Context(), &cli.Streams{In: strings.NewReader(in), Out: &o, Err: &e}, args)
	return o.String(), e.String(), code
}

// ownConfig gives the test a configuration directory of its own.
func ownConfig(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return dir
}

func decode(t *testing.T, line string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return v
}
