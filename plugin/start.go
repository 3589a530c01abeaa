package plugin

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// startInstance starts a program in this process. The result is nil, and not a nil
// *instance, on an error.
func startInstance(ctx context.Context, p *program, load time.Duration) (backend, error) {
	i, err := p.start(ctx, load)
	if err != nil {
		return nil, err
	}
	return i, nil
}

// backendOf returns what starts an entry's file: in this process when it is
// trusted, in a sandbox otherwise.
func (h *Host) backendOf(e *entry, file *File) (func(context.Context) (backend, error), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &program{
		module: file.Module, manifest: file.Manifest, granted: e.Granted, memory: h.cfg.Memory, guarded: e.Trusted,
		log: (&guestLog{logger: h.cfg.Logger.With("plugin", e.Name)}).add,
	}
	if h.cfg.Cache != "" {
		p.cache = filepath.Join(h.cfg.Cache, file.SHA256)
	}
	load := h.cfg.LoadDeadline
	if e.Trusted {
		return func(ctx context.Context) (backend, error) { return startInstance(ctx, p, load) }, nil
	}
	return func(ctx context.Context) (backend, error) {
		s, err := startSandbox(ctx, p, load)
		if err != nil {
			return nil, err
		}
		return s, nil
	}, nil
}

// guestLog passes on what a plugin writes to the log, ten lines a second, and counts
// the rest.
type guestLog struct {
	logger *slog.Logger
	mu     sync.Mutex
	second time.Time
	lines  int
	more   int
}

const logRate = 10

func (l *guestLog) add(level int, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.second) >= time.Second {
		if l.more > 0 {
			l.logger.Warn("the plugin wrote more than may be", "lines", l.more)
		}
		l.second, l.lines, l.more = now, 0, 0
	}
	if l.lines++; l.lines > logRate {
		l.more++
		return
	}
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	l.logger.Log(context.Background(), levels[max(0, min(level, len(levels)-1))], "the plugin says", "text", text)
}

// startAll starts what is enabled, side by side.
func (h *Host) startAll(ctx context.Context) {
	var starting sync.WaitGroup
	for _, e := range h.entries {
		if !e.Enabled || !h.serves(e) {
			continue
		}
		starting.Go(func() {
			if err := h.start(ctx, e); err != nil {
				h.refuseEntry(e, err)
			}
		})
	}
	starting.Wait()
	h.rebuild()
}

// serves reports whether the program calls one of a plugin's hooks. A file that can't
// be used may have had one.
func (h *Host) serves(e *entry) bool {
	return e.file == nil || h.cfg.Hooks == nil || slices.ContainsFunc(h.cfg.Hooks, e.file.Manifest.Has)
}

// start gives an entry a worker, which runs when it returns nil.
func (h *Host) start(ctx context.Context, e *entry) error {
	if e.file == nil {
		return voiceapp.NewError(voiceapp.NotFound, e.problem)
	}
	if missing := lacking(e.file.Manifest.Permissions, e.Granted); len(missing) > 0 {
		return voiceapp.NewError(voiceapp.Forbidden, fmt.Sprintf("the plugin %s asks for %s, which was not granted; enable it again to grant that", e.Name, strings.Join(missing, ", "))).With(NotGranted).Of(strings.Join(missing, ", "))
	}
	w, err := h.newWorker(ctx, e, e.file)
	if err != nil {
		return err
	}
	h.mu.Lock()
	changed := e.SHA256 != "" && e.SHA256 != e.file.SHA256
	e.runs(w)
	h.mu.Unlock()
	if changed {
		h.tell(Event{e.Name, EventChanged, fmt.Sprintf("The file of the plugin %s is another one than the one that ran last.", e.Name)})
	}
	return nil
}

// runs notes that a worker runs the entry's file. mu is held.
func (e *entry) runs(w *worker) { e.worker, e.problem, e.SHA256 = w, "", e.file.SHA256 }

// newWorker starts a worker for an entry's file, and waits until it runs.
func (h *Host) newWorker(ctx context.Context, e *entry, file *File) (*worker, error) {
	start, err := h.backendOf(e, file)
	if err != nil {
		return nil, err
	}
	w := newWorker(workerConfig{
		start: start, calls: &e.calls, settings: func() []byte { return *e.values.Load() },
		deadline: deadlines{audio: h.cfg.AudioDeadline, load: h.cfg.LoadDeadline, compile: compileDeadline},
		struck:   func(reason string) { h.cfg.Logger.Warn("a plugin failed", "plugin", e.Name, "reason", reason) },
		out: func(reason string) {
			h.tell(Event{e.Name, EventSwitched, fmt.Sprintf("The plugin %s was switched off: %s.", e.Name, reason)})
		},
	})
	select {
	case <-w.ready:
	case <-ctx.Done():
		w.close()
		return nil, ctx.Err()
	}
	if w.failed != nil {
		w.close()
		return nil, w.failed
	}
	return w, nil
}
