package plugin

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
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
