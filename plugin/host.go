package plugin

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp"
)

// Host runs the plugins of a folder. Make one with [Open]. Its methods may be called
// from any goroutine, but ProcessPCM from one at a time.
type Host struct {
	cfg    Config
	folder *os.Root

	changing sync.Mutex // held while something is changed, and before mu
	mu       sync.Mutex // guards entries and what they hold
	entries  []*entry   // in the user's order
	closed   bool
	written  stamp // the state, as it was read or written last; guarded by changing

	chain  atomic.Pointer[[]*link]
	format format // ProcessPCM's alone

	telling sync.Mutex
	end     chan struct{}
	watched sync.WaitGroup
}

// entry is a plugin that the host knows.
type entry struct {
	record
	fileName string
	stamp    stamp
	seen     stamp // at the latest look; a file is read when it did not change since the one before
	file     *File // nil: there is none that can be used
	problem  string
	worker   *worker // nil: it is off
	link     *link   // nil: it has no place in the chain
	calls    counter
	values   atomic.Pointer[[]byte] // the settings, as JSON
}

// Open reads the folder and starts what is enabled. A file that can't be used is among
// [Host.Plugins] with the reason, as is a plugin that does not start; neither is an
// error, but for Files. The errors are [voiceapp.Invalid], and those of the folder and
// the state.
func Open(ctx context.Context, cfg Config) (*Host, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Dir == "" {
		return openFiles(ctx, cfg)
	}
	folder, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, naming(cfg.Dir, fileError(err))
	}
	h := &Host{cfg: cfg, folder: folder, end: make(chan struct{})}
	remembered, err := readState(cfg.State)
	if errors.Is(err, voiceapp.Conflict) {
		h.tell(Event{Kind: EventStateLost, Text: err.Error()})
	} else if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	if err := h.discover(remembered); err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	h.written = stampOfState(cfg.State)
	h.startAll(ctx)
	h.watched.Add(1)
	go h.watch()
	return h, nil
}

// Close stops all plugins and waits for them.
func (h *Host) Close() error {
	h.changing.Lock()
	defer h.changing.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	close(h.end)
	h.watched.Wait()
	h.mu.Lock()
	workers := []*worker{}
	for _, e := range h.entries {
		if e.worker != nil {
			workers = append(workers, e.worker)
		}
		e.worker = nil
		if e.link != nil {
			e.link.current.Store(nil)
		}
	}
	h.mu.Unlock()
	var closing sync.WaitGroup
	for _, w := range workers {
		closing.Go(w.close)
	}
	closing.Wait()
	if h.folder == nil {
		return nil
	}
	return h.folder.Close()
}

// tell tells the user.
func (h *Host) tell(e Event) {
	h.telling.Lock()
	defer h.telling.Unlock()
	h.cfg.Logger.Info("plugin", "plugin", e.Plugin, "event", string(e.Kind), "text", e.Text)
	if h.cfg.Events != nil {
		h.cfg.Events(e)
	}
}

// refuseEntry remembers why a plugin can't run, and tells the user.
func (h *Host) refuseEntry(e *entry, err error) {
	h.mu.Lock()
	e.problem = voiceapp.AsError(err).Error()
	event := Event{e.label(), EventRefused, e.problem}
	h.mu.Unlock()
	h.tell(event)
}

// label is the plugin's name, or its file's.
func (e *entry) label() string {
	if e.Name != "" {
		return e.Name
	}
	return e.fileName
}
