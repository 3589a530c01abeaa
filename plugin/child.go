package plugin

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// Main makes a program fit to run plugins that are not trusted: they run in child
// processes, which are the same program started again. It is to be the first line of
// main. In a child it runs the plugin and never returns; otherwise it returns at once.
func Main() {
	mainRan.Store(true)
	nonce, child := os.LookupEnv(childVariable)
	if !child {
		return
	}
	if err := serveHost(os.Stdin, os.Stdout, nonce); err != nil {
		fmt.Fprintln(os.Stderr, "this program was started as the sandbox of a plugin, which only its host can do:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

// guest is the child's side of the conversation.
type guest struct {
	wire     *wire
	program  *program
	instance *instance
	prepared func() error // starts what was compiled
	pcm      [2 * maxFrames]float32
}

// serveHost answers the host until it hangs up.
func serveHost(in io.Reader, out io.Writer, nonce string) error {
	g := &guest{wire: newWire(in, out)}
	kind, hello, err := g.wire.receive(nil, 64)
	if err != nil || kind != askHello || hex.EncodeToString(hello) != nonce || len(hello) != 16 {
		return errors.New("there is no host at the other end")
	}
	if err := watchLifeline(); err != nil {
		return err
	}
	if err := g.wire.send(append(begin(nil, replyOK), hello...)); err != nil {
		return err
	}
	for {
		kind, body, err := g.wire.receive(g.wire.question, maxQuestion)
		g.wire.question = body
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := g.answer(kind, body); err != nil {
			return err
		}
	}
}

// answer answers one question. The error is that of the pipe.
func (g *guest) answer(kind byte, body []byte) error {
	reply, err := g.do(kind, body, begin(g.wire.reply, replyOK))
	g.wire.reply = reply
	switch {
	case errors.Is(err, errRefused):
		return g.wire.send(begin(reply, replyRefused))
	case err != nil:
		return g.wire.send(append(begin(reply, replyFailed), firstLine(err)...))
	}
	return g.wire.send(reply)
}

var errOrder = errors.New("the host asks for what can't be yet")

// do does what is asked and appends the answer to reply.
func (g *guest) do(kind byte, body, reply []byte) ([]byte, error) {
	switch {
	case kind == askCompile && g.program == nil:
		return reply, g.compile(body)
	case kind == askStart && g.program != nil && g.instance == nil:
		return reply, g.start()
	case g.instance == nil:
		return reply, errOrder
	}
	switch kind {
	case askOpen:
		if len(body) != 8 {
			return reply, errOrder
		}
		return reply, g.instance.open(format{int(binary.LittleEndian.Uint32(body)), int(binary.LittleEndian.Uint32(body[4:]))})
	case askAudio:
		return g.audio(body, reply)
	case askChat:
		a, err := g.instance.chat(body)
		return append(append(reply, byte(a.kind)), a.text...), err
	case askConfigure:
		return reply, g.instance.configure(body)
	}
	return reply, errOrder
}

// compileMemory is what a child may use to compile a module, beside so many times its
// size, in bytes. A module of 11 MB that Go has made needs 165 MiB in all.
const (
	compileMemory = 512 << 20
	compileFactor = 16
)

func (g *guest) compile(body []byte) error {
	text, module, ok := bytes.Cut(body, []byte{0})
	var h header
	if err := json.Unmarshal(text, &h); err != nil || !ok {
		return errOrder
	}
	g.program = &program{
		module: bytes.Clone(module), manifest: h.Manifest, granted: h.Granted, cache: h.Cache, memory: h.Memory,
		log: g.log,
	}
	g.wire.question = nil // it was as large as the module
	if err := limitMemory(compileMemory + compileFactor*len(module)); err != nil {
		return fmt.Errorf("the sandbox can't be limited: %w", err)
	}
	i, compiled, err := g.program.prepare(context.Background())
	if err != nil {
		return err
	}
	g.prepared = func() error {
		if err := i.instantiate(g.program, compiled); err != nil {
			return errors.New("it failed when it was started: " + firstLine(err))
		}
		g.instance = i
		return nil
	}
	return nil
}

// start gives up all that the guest is not to have, and lets it run.
func (g *guest) start() error {
	g.program.module = nil
	debug.FreeOSMemory()
	if err := lockDown(g.program.memory); err != nil {
		return fmt.Errorf("the sandbox can't be closed: %w", err)
	}
	return g.prepared()
}

func (g *guest) audio(body, reply []byte) ([]byte, error) {
	n := (len(body) - 4) / 4
	if n < 1 || n > g.instance.format.maxFrames*g.instance.format.channels {
		return reply, errOrder
	}
	pcm := g.pcm[:n]
	flags, err := readAudio(body, pcm)
	if err != nil {
		return reply, err
	}
	if flags, err = g.instance.audio(pcm, flags); err != nil {
		return reply, err
	}
	return appendAudio(reply, flags, pcm), nil
}

// log sends a line for the log. A pipe that is broken is noticed by the answer.
func (g *guest) log(level int, text string) {
	b := append(begin(nil, replyLog), byte(max(0, min(level, 3))))
	_ = g.wire.send(append(b, text...))
}
