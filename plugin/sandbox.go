package plugin

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/voiceapp-sdk/voiceapp"
)

// childVariable is the environment variable that tells a program that it was started
// as a sandbox. Its value is what the host says first.
const childVariable = "VOICEAPP_PLUGIN_SANDBOX"

// mainRan says that this process can be started again as a sandbox.
var mainRan atomic.Bool

var errNoMain = voiceapp.NewError(voiceapp.Unavailable,
	"plugin: a plugin that is not trusted runs in a child process, which is this program started again: "+
		"call plugin.Main() as the first line of main(), or of TestMain")

// sandbox is a plugin that runs in a child process.
type sandbox struct {
	command *exec.Cmd
	wire    *wire
	files   []*os.File
	log     func(level int, text string)
	exited  chan struct{}
	ending  sync.Once
	tooLate atomic.Bool // it was interrupted
}

// header is what goes before the module.
type header struct {
	Manifest Manifest `json:"manifest"`
	Granted  []string `json:"granted"`
	Cache    string   `json:"cache"`
	Memory   int      `json:"memory"`
}

// startSandbox starts a child for a program. load is how long its start functions may
// take, once it is compiled.
func startSandbox(ctx context.Context, p *program, load time.Duration) (_ *sandbox, err error) {
	if !mainRan.Load() {
		return nil, errNoMain
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	s := &sandbox{log: p.log, exited: make(chan struct{})}
	if err := s.spawn(hex.EncodeToString(nonce)); err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the sandbox can't be started", err).With(NoSandbox)
	}
	stop := context.AfterFunc(ctx, s.interrupt)
	defer stop()
	if err := s.load(p, nonce, load); err != nil {
		s.close()
		switch {
		case ctx.Err() != nil:
			return nil, voiceapp.WrapError(voiceapp.Unavailable, "it took too long to compile", ctx.Err())
		case s.tooLate.Load():
			return nil, voiceapp.NewError(voiceapp.Unavailable, "it took too long to start")
		}
		return nil, err
	}
	return s, nil
}

// spawn starts the child with pipes to it, and nothing else that it could use.
func (s *sandbox) spawn(nonce string) error {
	pipes := make([]*os.File, 0, 6)
	defer func() {
		for _, f := range pipes {
			f.Close()
		}
	}()
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		pipes = append(pipes, r, w)
	}
	s.command = exec.Command(executable())
	s.command.Args = []string{"voiceapp-plugin"}
	s.command.Env = append(childEnvironment(), childVariable+"="+nonce)
	s.command.Stdin, s.command.Stdout = pipes[0], pipes[3]
	lifeline(s.command, pipes[4])
	if err := s.command.Start(); err != nil {
		return err
	}
	s.wire = newWire(pipes[2], pipes[1])
	s.files = []*os.File{pipes[1], pipes[2], pipes[5]}
	pipes = []*os.File{pipes[0], pipes[3], pipes[4]}
	go s.wait()
	return nil
}

// wait takes note of the child's end.
func (s *sandbox) wait() {
	_ = s.command.Wait() // how it ended is of no interest
	close(s.exited)
}

// load says hello, and has the child compile and start the module.
func (s *sandbox) load(p *program, nonce []byte, load time.Duration) error {
	reply, err := s.ask(append(begin(s.wire.question, askHello), nonce...))
	if err == nil && !bytes.Equal(reply, nonce) {
		err = errors.New("it does not answer as a sandbox does")
	}
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the sandbox can't be started", err).With(NoSandbox)
	}
	text, err := json.Marshal(header{p.manifest, p.granted, p.cache, p.memory})
	if err != nil {
		return err
	}
	message := append(append(begin(nil, askCompile), text...), 0)
	switch _, err := s.ask(append(message, p.module...)); {
	case errors.Is(err, errChild):
		return refuse("its sandbox ended while it was compiled, which may have taken more memory than it may")
	case err != nil:
		return voiceapp.NewError(voiceapp.Invalid, firstLine(err))
	}
	timeout := time.AfterFunc(load, s.interrupt)
	defer timeout.Stop()
	if _, err := s.ask(begin(s.wire.question, askStart)); err != nil {
		return voiceapp.NewError(voiceapp.Invalid, firstLine(err))
	}
	return nil
}

// errChild is the error of a child that has ended, or that does not keep to the rules
// of the conversation.
var errChild = errors.New("the sandbox has ended")

// ask sends a message and returns the body of its answer, which is valid until the
// next call.
func (s *sandbox) ask(message []byte) ([]byte, error) {
	s.wire.question = message
	if err := s.wire.send(message); err != nil {
		return nil, s.ended(err)
	}
	for {
		kind, body, err := s.wire.receive(s.wire.reply, maxReply)
		s.wire.reply = body
		if err != nil {
			return nil, s.ended(err)
		}
		switch kind {
		case replyOK:
			return body, nil
		case replyRefused:
			return nil, errRefused
		case replyFailed:
			return nil, errors.New(shown(body))
		case replyLog:
			if len(body) > 0 && len(body) <= 1+maxLog && s.log != nil {
				s.log(int(body[0]), string(body[1:]))
			}
		default:
			return nil, fmt.Errorf("%w: it sent a message of an unknown kind, %d", errChild, kind)
		}
	}
}

// maxShown is how much of what a child says people see, in bytes.
const maxShown = 256

// shown makes one line that can be shown of what a child says.
func shown(text []byte) string {
	line, _, _ := bytes.Cut(text[:min(len(text), maxShown)], []byte("\n"))
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, string(line))
}

func (s *sandbox) ended(err error) error {
	if s.tooLate.Load() {
		return errTooLate
	}
	return fmt.Errorf("%w: %w", errChild, err)
}

func (s *sandbox) open(f format) error {
	b := begin(s.wire.question, askOpen)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.channels))
	_, err := s.ask(binary.LittleEndian.AppendUint32(b, uint32(f.maxFrames)))
	return err
}

func (s *sandbox) audio(pcm []float32, flags uint32) (uint32, error) {
	reply, err := s.ask(appendAudio(begin(s.wire.question, askAudio), flags, pcm))
	if err != nil {
		return 0, err
	}
	flags, err = readAudio(reply, pcm)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errChild, err)
	}
	for i, x := range pcm {
		pcm[i] = clean(x)
	}
	return flags & flagSpeaking, nil
}

func (s *sandbox) chat(line []byte) (answer, error) {
	reply, err := s.ask(append(begin(s.wire.question, askChat), line...))
	if err != nil {
		return answer{}, err
	}
	if len(reply) < 1 || len(reply) > 1+maxAnswer || answerKind(reply[0]) > answerJSON {
		return answer{}, fmt.Errorf("%w: it sent an answer that is none", errChild)
	}
	return answer{answerKind(reply[0]), reply[1:]}, nil
}

func (s *sandbox) configure(settings []byte) error {
	_, err := s.ask(append(begin(s.wire.question, askConfigure), settings...))
	return err
}

// interrupt kills the child.
func (s *sandbox) interrupt() {
	s.tooLate.Store(true)
	_ = s.command.Process.Kill() // it may have ended already
}

func (s *sandbox) close() {
	s.ending.Do(func() {
		_ = s.command.Process.Kill() // likewise
		<-s.exited
		for _, f := range s.files {
			f.Close()
		}
	})
}
