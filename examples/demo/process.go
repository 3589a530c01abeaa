package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is a running voiceapp-server with a data directory of its own.
type server struct {
	bin, data         string
	addr, fingerprint string
	process           *process
}

func startServer(ctx context.Context, bin string) (*server, error) {
	data, err := os.MkdirTemp("", "voiceapp-demo-*")
	if err != nil {
		return nil, err
	}
	s := &server{bin: bin, data: data, process: newProcess(ctx, filepath.Join(bin, "voiceapp-server"), "--data", data, "--listen", "127.0.0.1:0", "--admin", "off")}
	if err := s.process.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	ready, err := s.process.line("ready ")
	if err != nil {
		s.stop()
		return nil, err
	}
	for word := range strings.FieldsSeq(ready) {
		if value, ok := strings.CutPrefix(word, "control="); ok {
			s.addr = value
		}
		if value, ok := strings.CutPrefix(word, "fingerprint="); ok {
			s.fingerprint = value
		}
	}
	return s, nil
}

func (s *server) stop() {
	_ = s.process.cmd.Process.Signal(os.Interrupt) // it may have ended already; wait tells
	_ = s.process.wait()                           // what it prints is for people, not events
	_ = os.RemoveAll(s.data)                       // a temporary directory
}

// client is a command of voiceapp on this server.
func (s *server) client(ctx context.Context, command string, args ...string) *process {
	args = append([]string{command, "--server", s.addr, "--fingerprint", s.fingerprint}, args...)
	return newProcess(ctx, filepath.Join(s.bin, "voiceapp"), args...)
}

// process is a running program whose output is read line by line.
type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	errs  bytes.Buffer
	seen  eventLog
}

func newProcess(ctx context.Context, program string, args ...string) *process {
	p := &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Stderr = &p.errs
	p.cmd.WaitDelay = 5 * time.Second
	return p
}

func (p *process) start() error {
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.lines = bufio.NewScanner(out)
	return p.cmd.Start()
}

// line reads on until a line begins with prefix.
func (p *process) line(prefix string) (string, error) {
	for p.lines.Scan() {
		if rest, ok := strings.CutPrefix(p.lines.Text(), prefix); ok {
			return rest, nil
		}
	}
	return "", fmt.Errorf("%s ended before it was ready: %w", filepath.Base(p.cmd.Path), p.wait())
}

// wait reads the rest of the output until the process has ended, and returns its
// failure, if any, in its own words, or what in its output is no event.
func (p *process) wait() error {
	var failure error
	for p.lines.Scan() {
		failure = errors.Join(failure, p.seen.add(p.lines.Bytes()))
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(p.errs.String()))
	}
	return failure
}

// waitFor reads events until one of that name comes.
func (p *process) waitFor(name string) error {
	for p.lines.Scan() {
		if err := p.seen.add(p.lines.Bytes()); err != nil {
			return err
		}
		if _, err := p.seen.at(name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no %q: %w", name, errors.Join(p.wait(), io.ErrUnexpectedEOF))
}

// events runs the process to its end and returns what it reported.
func (p *process) events() (eventLog, error) {
	if err := p.start(); err != nil {
		return nil, err
	}
	err := p.wait()
	return p.seen, err
}

// event is a line of voiceapp's --json output, as far as it matters here.
type event struct {
	Event     string    `json:"event"`
	At        time.Time `json:"at"`
	Lost      int       `json:"lost"`
	Concealed float64   `json:"concealed_ms"`
}

type eventLog []event

func (l *eventLog) add(line []byte) error {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("%q is no event: %w", line, err)
	}
	*l = append(*l, e)
	return nil
}

func (l eventLog) find(name string) (event, error) {
	for _, e := range l {
		if e.Event == name {
			return e, nil
		}
	}
	return event{}, fmt.Errorf("the client reported no %q", name)
}

func (l eventLog) at(name string) (time.Time, error) {
	e, err := l.find(name)
	return e.At, err
}
