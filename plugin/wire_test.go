package plugin

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// message is one as it is in a pipe.
func message(kind byte, body string) []byte {
	b := append(begin(nil, kind), body...)
	binary.LittleEndian.PutUint32(b[1:], uint32(len(body)))
	return b
}

func audioBody(flags uint32, pcm ...float32) string {
	return string(appendAudio(nil, flags, pcm))
}

// Whatever a sandbox answers, its host is given what it can use, or an error that can
// be shown.
func FuzzSandboxReply(f *testing.F) {
	inf := float32(math.Inf(1))
	f.Add(slices.Concat(
		message(replyOK, ""), message(replyOK, audioBody(3, 0.5, inf)), message(replyOK, "\x02{}"), message(replyRefused, "")))
	f.Add(slices.Concat(
		message(replyLog, "\x02a line"), message(replyRefused, ""), message(replyLog, "\xffanother"), message(replyFailed, "out of\x1b[2J memory"),
		message(replyOK, "\x01"), message(replyOK, "")))
	f.Add(slices.Concat(message(replyFailed, "\xff\nsecond line"), message(replyOK, "\x03"), message(7, "")))
	f.Add([]byte{replyOK, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{replyLog, 1, 0})
	f.Fuzz(func(t *testing.T, replies []byte) {
		s := &sandbox{wire: newWire(bytes.NewReader(replies), io.Discard), log: func(level int, text string) {
			if level < 0 || level > 255 || len(text) > maxLog {
				t.Errorf("a line of level %d with %d bytes", level, len(text))
			}
		}}
		check := func(err error) {
			if err != nil && (!utf8.ValidString(err.Error()) || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
				t.Errorf("it says %q", err)
			}
		}
		check(s.open(format{1, 2}))
		pcm := []float32{1, -1}
		flags, err := s.audio(pcm, flagSpeaking)
		check(err)
		if flags > flagSpeaking || slices.ContainsFunc(pcm, func(x float32) bool { return x != clean(x) }) {
			t.Errorf("flags %d, samples %v", flags, pcm)
		}
		a, err := s.chat([]byte(`{}`))
		check(err)
		if a.kind > answerJSON || len(a.text) > maxAnswer {
			t.Errorf("an answer of the kind %d with %d bytes", a.kind, len(a.text))
		}
		check(s.configure([]byte(`{}`)))
	})
}

// Whatever comes through the pipe to a sandbox, it answers each message once, by a
// message that its host understands, and never leaves its own memory.
func FuzzSandboxQuestion(f *testing.F) {
	f.Add(slices.Concat(
		message(askOpen, "\x01\x00\x00\x00\x02\x00\x00\x00"), message(askAudio, audioBody(1, 0.5, -0.5)), message(askChat, `{"text":"change me"}`),
		message(askConfigure, `{"factor":2}`)))
	f.Add(message(askAudio, audioBody(1, 0.5)))
	f.Add(slices.Concat(message(askOpen, "\xff\xff\xff\xff\xff\xff\xff\xff"), message(askAudio, "\x01\x00\x00"), message(askAudio, audioBody(0))))
	f.Add(slices.Concat(message(askCompile, "{}\x00\x00asm"), message(askStart, ""), message(askHello, "0123456789abcdef"), message(99, "")))
	f.Add(slices.Concat(message(askChat, `{"text":"trap"}`), message(askChat, `{"text":"nonsense"}`)))
	f.Add([]byte{askChat, 0xff, 0xff, 0xff, 0x7f})
	file, err := load("gain.wasm", guestFile(f, "gain"))
	if err != nil {
		f.Fatal(err)
	}
	p := &program{module: file.Module, manifest: file.Manifest, memory: DefaultMemory, guarded: true}
	f.Fuzz(func(t *testing.T, questions []byte) {
		i, err := p.start(t.Context(), DefaultLoadDeadline)
		if err != nil {
			t.Fatal(err)
		}
		defer i.close()
		hang := time.AfterFunc(time.Second, i.interrupt) // some lines have it do so
		defer hang.Stop()
		var replies bytes.Buffer
		g := &guest{wire: newWire(bytes.NewReader(questions), &replies), program: p, instance: i}
		asked := 0
		for {
			kind, body, err := g.wire.receive(g.wire.question, maxLine)
			if err != nil {
				break
			}
			g.wire.question = body
			asked++
			if err := g.answer(kind, body); err != nil {
				t.Fatal(err)
			}
		}
		host := newWire(&replies, io.Discard)
		for range asked {
			kind, _, err := host.receive(nil, maxReply)
			if err != nil || kind != replyOK && kind != replyRefused && kind != replyFailed {
				t.Fatalf("an answer of the kind %d: %v", kind, err)
			}
		}
		if _, _, err := host.receive(nil, maxReply); !errors.Is(err, io.EOF) {
			t.Errorf("more answers than questions: %v", err)
		}
	})
}

// What one side sends, the other receives.
func FuzzMessage(f *testing.F) {
	f.Add(askAudio, []byte(audioBody(1, 0.25, -8)))
	f.Add(replyOK, []byte{})
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		var pipe bytes.Buffer
		if err := newWire(nil, &pipe).send(append(begin(nil, kind), body...)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := newWire(bytes.NewReader(pipe.Bytes()), nil).receive(nil, len(body)-1); len(body) > 0 && err == nil {
			t.Error("a message that is longer than it may be is received")
		}
		gotKind, got, err := newWire(&pipe, nil).receive(nil, len(body))
		if err != nil || gotKind != kind || !bytes.Equal(got, body) {
			t.Fatalf("%d %x: %v", gotKind, got, err)
		}
		pcm := make([]float32, max(len(body)-4, 0)/4)
		flags, err := readAudio(body, pcm)
		if (err == nil) != (len(body) == audioSize(len(pcm))) {
			t.Fatalf("%d bytes for %d samples: %v", len(body), len(pcm), err)
		}
		if err == nil && !bytes.Equal(appendAudio(nil, flags, pcm), body) {
			t.Error("samples come out as others")
		}
	})
}
