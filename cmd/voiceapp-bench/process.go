package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// serverProcess is a real voiceapp-server with a data directory of its own.
type serverProcess struct {
	program, data string
	addr          string
	admin         string // "off": none
	key           voiceapp.Fingerprint
	cmd           *exec.Cmd
}

// startProgram starts a server, whose program is beside this one unless named, with
// its admin API at an address; "off": without.
func startProgram(ctx context.Context, program, admin string) (*serverProcess, error) {
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program = filepath.Join(filepath.Dir(self), "voiceapp-server")
	}
	data, err := os.MkdirTemp("", "voiceapp-bench-*")
	if err != nil {
		return nil, err
	}
	s := &serverProcess{program: program, data: filepath.Join(data, "data"), addr: "127.0.0.1:0", admin: admin}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	return s, nil
}

// start starts the process, where it was before.
func (s *serverProcess) start(ctx context.Context) error {
	s.cmd = exec.CommandContext(ctx, s.program, "--data", s.data, "--listen", s.addr, "--admin", s.admin, "--log-level", "ERROR")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return voiceapp.WrapError(voiceapp.NotFound, "the server can't be started: name its program by --program", err)
	}
	ready, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return errors.Join(voiceapp.NewError(voiceapp.Unavailable, "the server did not become ready"), s.cmd.Wait())
	}
	for word := range strings.FieldsSeq(ready) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "control":
			s.addr = value
		case "admin":
			s.admin = value
		case "fingerprint":
			err = s.key.UnmarshalText([]byte(value))
		}
	}
	return err
}

// stop stops the process as an operator does.
func (s *serverProcess) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// restart stops the process and starts it again.
func (s *serverProcess) restart(ctx context.Context) error {
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(ctx)
}

// remove stops the process for good.
func (s *serverProcess) remove() error {
	return errors.Join(s.stop(), os.RemoveAll(filepath.Dir(s.data)))
}
