package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Finding is one thing that [Check] has tried.
type Finding struct {
	OK   bool
	Text string // what was tried and, where it is not OK, what is wrong
}

// Check plays through a plugin what a host would ask of it: it is started with the
// permissions that it asks for, is given its settings, sound in all formats, silence
// and noise, and lines of all kinds. It runs in a sandbox where [Main] was called, and
// in this process otherwise. The error is why nothing could be tried, or ctx's.
func Check(ctx context.Context, file *File) ([]Finding, error) {
	c := &checker{ctx: ctx, file: file}
	begun := time.Now()
	if err := c.start(); err != nil {
		return nil, naming(file.Path, err)
	}
	defer func() { c.backend.close() }()
	c.note(nil, "it starts (%v, with compiling it)", time.Since(begun).Round(time.Millisecond))
	if len(file.Manifest.Settings) > 0 {
		c.settings()
	}
	if file.Manifest.Has(HookAudio) {
		c.audio()
	}
	if file.Manifest.Chats() {
		c.chat()
	}
	return c.findings, ctx.Err()
}

// checker is one check.
type checker struct {
	ctx      context.Context
	file     *File
	backend  backend
	findings []Finding
}

// start gives the checker a fresh backend.
func (c *checker) start() (err error) {
	p := &program{module: c.file.Module, manifest: c.file.Manifest, granted: c.file.Manifest.Permissions, memory: DefaultMemory, guarded: !mainRan.Load()}
	ctx, cancel := context.WithTimeout(c.ctx, compileDeadline)
	defer cancel()
	if p.guarded {
		c.backend, err = startInstance(ctx, p, DefaultLoadDeadline)
		return err
	}
	s, err := startSandbox(ctx, p, DefaultLoadDeadline)
	if err != nil {
		return err
	}
	c.backend = s
	return nil
}

func (c *checker) note(err error, format string, args ...any) {
	f := Finding{OK: err == nil, Text: fmt.Sprintf(format, args...)}
	if err != nil {
		f.Text += ": " + because(err)
	}
	c.findings = append(c.findings, f)
}

// within makes a call that is ended after a second, far beyond any deadline. After a
// failure there is a fresh backend.
func (c *checker) within(call func(backend) error) (time.Duration, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	timeout := time.AfterFunc(time.Second, c.backend.interrupt)
	begun := time.Now()
	err := call(c.backend)
	took := time.Since(begun)
	timeout.Stop()
	if err == nil || errors.Is(err, errRefused) {
		return took, err
	}
	c.backend.close()
	if again := c.start(); again != nil {
		return took, errors.Join(err, again)
	}
	return took, err
}

func (c *checker) settings() {
	m := c.file.Manifest
	_, err := c.within(func(b backend) error { return b.configure(mustMarshal(m.Defaults())) })
	c.note(err, "it takes its settings as they are by default")
	for _, s := range m.Settings {
		for _, v := range s.extremes() {
			values := m.Defaults()
			values[s.Name] = v
			_, err := c.within(func(b backend) error { return b.configure(mustMarshal(values)) })
			if errors.Is(err, errRefused) {
				err = nil // it may
			}
			c.note(err, "%s = %v", s.Name, clip(fmt.Sprint(v)))
		}
	}
	_, err = c.within(func(b backend) error { return b.configure(mustMarshal(m.Defaults())) })
	c.note(err, "it goes back to its defaults")
}

func mustMarshal(values map[string]any) []byte {
	text, err := json.Marshal(values)
	if err != nil {
		panic("plugin: settings that were checked: " + err.Error())
	}
	return text
}

// extremes are values at the bounds of a setting.
func (s Setting) extremes() (values []any) {
	switch s.Type {
	case TypeBool:
		return []any{true, false}
	case TypeText:
		return []any{"", strings.Repeat("x", s.most()), strings.ToValidUTF8("\"\\/é\U0001F600\n"[:min(s.most(), 10)], "")}
	case TypeChoice:
		for _, c := range s.Choices {
			values = append(values, c)
		}
		return values
	}
	for _, bound := range []*float64{s.Min, s.Max} {
		if bound != nil {
			values = append(values, *bound)
		}
	}
	return values
}

func (c *checker) audio() {
	for _, f := range []format{{1, 480}, {1, 960}, {2, 960}, {2, maxFrames}} {
		name := fmt.Sprintf("%d channels, frames of %d ms", f.channels, f.maxFrames*1000/sampleRate)
		_, err := c.within(func(b backend) error { return b.open(f) })
		if errors.Is(err, errRefused) {
			c.note(nil, "%s: it does not take them", name)
			continue
		}
		if err != nil {
			c.note(err, "%s", name)
			continue
		}
		times, err := c.play(f)
		if err != nil {
			c.note(err, "%s", name)
			continue
		}
		slices.Sort(times)
		median, slow := times[len(times)/2], times[len(times)*99/100]
		deadline := min(DefaultAudioDeadline, time.Duration(f.maxFrames)*time.Second/sampleRate/4)
		if slow > deadline {
			err = fmt.Errorf("one in a hundred takes longer than %v, and would be missed", deadline)
		}
		c.note(err, "%s: %v at the median, %v for the slowest in a hundred", name, median.Round(time.Microsecond), slow.Round(time.Microsecond))
	}
}

// play lets the plugin work on silence, noise and sound that is far too loud.
func (c *checker) play(f format) (times []time.Duration, err error) {
	pcm := make([]float32, f.maxFrames*f.channels)
	random := rand.New(rand.NewPCG(1, 2))
	for frame := range 300 {
		speaking := uint32(0)
		scale := []float32{0, 0.1, 1, maxSample}[frame/10%4]
		if scale > 0 {
			speaking = flagSpeaking
		}
		for i := range pcm {
			pcm[i] = scale * (2*random.Float32() - 1)
		}
		if frame == 299 {
			pcm[0], pcm[1] = float32(math.Inf(1)), float32(math.NaN())
		}
		took, err := c.within(func(b backend) error {
			_, err := b.audio(pcm, speaking)
			return err
		})
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

func (c *checker) chat() {
	for _, hook := range []string{HookChatOutgoing, HookChatIncoming, HookChatServer} {
		if !c.file.Manifest.Has(hook) {
			continue
		}
		var slowest time.Duration
		var failed error
		for _, text := range []string{"hello", "/help", strings.Repeat("x", 4096), "\"quoted\" \\ back", "日本語 \U0001F600 é", "line\nline\ttab", "' OR 1=1 --", "<b>bold</b>"} {
			took, err := c.within(func(b backend) error {
				_, err := ask(b, Line{Hook: hook, Text: text, Name: "Anna \"A\" Ž", User: 7, Channel: 1})
				return err
			})
			slowest = max(slowest, took)
			if err != nil {
				failed = fmt.Errorf("the line %q: %w", clip(text), err)
			}
		}
		if failed == nil && slowest > DefaultChatDeadline {
			failed = fmt.Errorf("a line takes longer than %v, and would be missed", DefaultChatDeadline)
		}
		c.note(failed, "%s: %v for the slowest line", hook, slowest.Round(time.Microsecond))
	}
}
