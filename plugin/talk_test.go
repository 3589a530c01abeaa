package plugin

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// limitsVariable has the talks hold their limits of time, with the deadlines that
// users have. Without it plugins have more time, so that a busy machine changes no
// count.
const limitsVariable = "VOICEAPP_LIMITS"

// frameTime is from one frame to the next.
const frameTime = 20 * time.Millisecond

// talk is what somebody says and writes, frame by frame in real time, through an
// offender and two plugins that do nothing wrong: gain, which halves what is said,
// and bystander, which answers each line.
type talk struct {
	*world
	offender string
	limits   bool

	frames, halved, unusable int
	latest                   time.Duration // a frame past its deadline
	lines, answered          atomic.Int64
	harmed                   atomic.Int64 // lines that were changed or dropped

	noting  sync.Mutex
	begun   []time.Time // calls of the offender, or up to 2 ms before
	strikes []time.Time
	memory  int      // of the offender's child at most, in KiB
	faults  []string // what is not as it has to be
}

func newTalk(t *testing.T, offender string, limits bool) *talk {
	k := &talk{offender: offender, limits: limits}
	cfg := Config{AudioDeadline: 250 * time.Millisecond, ChatDeadline: 500 * time.Millisecond, LoadDeadline: time.Second, Poll: -1, Patient: !limits, Logger: slog.New(k)}
	if k.limits {
		cfg.AudioDeadline, cfg.ChatDeadline = 0, 0
	}
	k.world = newWorld(t, sandboxed, cfg, "gain")
	for _, name := range []string{"bystander", offender} {
		content, err := os.ReadFile(filepath.Join("testdata", "hostile", name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		k.write(name+".wasm", content)
	}
	k.changing.Lock()
	k.look(t.Context())
	k.changing.Unlock()
	if err := k.Enable(t.Context(), "bystander"); err != nil {
		t.Fatal(err)
	}
	return k
}

// enable puts the offender before the others.
func (k *talk) enable(m mode) error {
	if err := k.Reorder(k.offender); err != nil {
		return err
	}
	if err := k.Trust(k.t.Context(), k.offender, bool(m)); err != nil {
		return err
	}
	return k.Enable(k.t.Context(), k.offender)
}

// play goes on until enough says so, and for some frames more. The chat has the hook.
func (k *talk) play(hook string, speaking bool, enough func() bool) {
	quit := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() { k.converse(hook, quit) })
	beside.Go(func() { k.watch(quit) })
	defer beside.Wait()
	defer close(quit)
	const atLeast, after, most = 25, 10, 1000
	begun := time.Now()
	for n, last := 0, most; n < max(last, atLeast); n++ {
		due := begun.Add(time.Duration(n) * frameTime)
		<-time.After(time.Until(due))
		k.frame(due, speaking)
		if last == most && enough() {
			last = n + after
		}
		if n == most-1 {
			k.fault("it is still not over after %d frames: %+v", most, k.info(k.offender))
		}
	}
}

// frame passes a frame that was due at that time.
func (k *talk) frame(due time.Time, speaking bool) {
	pcm := tone(960)
	before := loudness(pcm[4:])
	gate := k.ProcessPCM(pcm, 1, speaking)
	k.latest = max(k.latest, time.Since(due)-k.deadline(960))
	k.frames++
	switch gain := loudness(pcm[4:]) / before; {
	case math.Abs(gain-0.5) < 1e-3:
		k.halved++
	case math.Abs(gain-1) > 1e-3:
		k.unusable++
	}
	if gate != speaking || slices.ContainsFunc(pcm, func(x float32) bool { return x != clean(x) }) {
		k.unusable++
	}
}

// fault takes note of what is not as it has to be.
func (k *talk) fault(format string, args ...any) {
	k.noting.Lock()
	defer k.noting.Unlock()
	k.faults = append(k.faults, fmt.Sprintf(format, args...))
}

func (k *talk) note(times *[]time.Time, at time.Time) {
	k.noting.Lock()
	defer k.noting.Unlock()
	*times = append(*times, at)
}

// converse writes lines, and makes the process collect its garbage as often.
func (k *talk) converse(hook string, quit chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-quit:
			return
		case <-time.After(2 * frameTime):
		}
		runtime.GC()
		text := fmt.Sprintf("line %d", n)
		v, err := k.Chat(k.t.Context(), Line{Hook: hook, Text: text, Name: "Anna"})
		k.lines.Add(1)
		if err != nil || v.Drop || v.Text != text {
			k.harmed.Add(1)
		}
		if len(v.Replies) == 1 && v.Replies[0] == "seen" {
			k.answered.Add(1)
		}
	}
}

// watch looks at when the offender is called, and at its child's memory.
func (k *talk) watch(quit chan struct{}) {
	calls, at := k.info(k.offender).Calls, time.Now()
	for {
		memory := k.childMemory()
		k.noting.Lock()
		k.memory = max(k.memory, memory)
		k.noting.Unlock()
		before := at
		at = time.Now()
		if now := k.info(k.offender).Calls; now > calls {
			calls = now
			k.note(&k.begun, before)
		}
		select {
		case <-quit:
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// childMemory is the most memory that the child has had, in KiB; 0 where that can't
// be told.
func (k *talk) childMemory() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, err := k.find(k.offender)
	if err != nil || e.worker == nil {
		return 0
	}
	b := e.worker.live.Load()
	if b == nil {
		return 0
	}
	s, ok := (*b).(*sandbox)
	if !ok {
		return 0
	}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	_, peak, _ := bytes.Cut(text, []byte("VmHWM:"))
	kib, _ := strconv.Atoi(string(bytes.Fields(append(peak, " 0"...))[0]))
	return kib
}

// info is what is known of a plugin.
func (k *talk) info(name string) (info pluginInfo) {
	plugins := k.Plugins()
	return plugins[slices.IndexFunc(plugins, func(p pluginInfo) bool { return p.Name == name })]
}

// out reports whether the offender was switched off.
func (k *talk) out() bool { return strings.HasPrefix(k.info(k.offender).State, "switched off") }

// stopped is how long it took at most from a call of the offender to its end.
func (k *talk) stopped() (longest time.Duration) {
	k.noting.Lock()
	defer k.noting.Unlock()
	for _, strike := range k.strikes {
		i := len(k.begun) - 1
		for i >= 0 && k.begun[i].After(strike) {
			i--
		}
		if i >= 0 {
			longest = max(longest, strike.Sub(k.begun[i]))
		}
	}
	return longest
}

// Enabled, Handle, WithAttrs and WithGroup make the talk a log, which takes note of
// strikes.
func (k *talk) Enabled(context.Context, slog.Level) bool { return true }

func (k *talk) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if r.Message == "a plugin failed" && a.Key == "plugin" && a.Value.String() == k.offender {
			k.note(&k.strikes, r.Time)
		}
		return true
	})
	return nil
}

func (k *talk) WithAttrs([]slog.Attr) slog.Handler { return k }
func (k *talk) WithGroup(string) slog.Handler      { return k }
