package plugin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Config says where a [Host] finds its plugins and how it runs them. Only one of Dir
// and Files is required.
type Config struct {
	Dir    string       // the folder of the .wasm files; it is made where there is none
	Cache  string       // the folder of compiled code, which nobody else may write; "": each start compiles
	State  string       // the file that remembers what is enabled, its order and its settings; "": plugins.json in Dir
	Logger *slog.Logger // nil: slog.Default()

	// Events, where it is set, is told what the user should know. It is called from the
	// host's goroutines, one at a time, and not to call the host.
	Events func(Event)

	// Files, in place of Dir, are plugins to run in this order, enabled, with the
	// permissions of Grant. Nothing is remembered of them, and they are not looked at
	// again.
	Files []string
	Grant []string

	// Hooks are those that the program calls; nil: all. A plugin that has none of them is
	// not started.
	Hooks []string

	// Patient: a frame waits for a plugin as long as AudioDeadline, however short it is:
	// for files, and not for a talk.
	Patient bool

	Memory        int           // of a plugin, in bytes; 0: DefaultMemory
	AudioDeadline time.Duration // of a frame; 0: DefaultAudioDeadline; never more than a quarter of the frame
	ChatDeadline  time.Duration // of a line; 0: DefaultChatDeadline
	LoadDeadline  time.Duration // of start functions and settings; 0: DefaultLoadDeadline
	Poll          time.Duration // between two looks at Dir for files that have changed; 0: 1 s; below 0: never
}

// Event is what the user should know of a plugin.
type Event struct {
	Plugin string // its name, or its file's where it has none
	Kind   EventKind
	Text   string // for people
}

// EventKind says what has happened.
type EventKind string

// The kinds of events.
const (
	EventRefused   EventKind = "refused"    // a file is no plugin, or can't be used
	EventFound     EventKind = "found"      // there is a new one, which is off
	EventReloaded  EventKind = "reloaded"   // its file has changed, and the new one runs
	EventSwitched  EventKind = "switched"   // it failed too often, and is switched off
	EventAsks      EventKind = "asks"       // its file has changed and asks for more; it has to be enabled again
	EventStateLost EventKind = "state_lost" // what was enabled is forgotten
)

// compileDeadline is how long compiling may take.
const compileDeadline = 30 * time.Second

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

// stamp tells whether a file has changed.
type stamp struct {
	size     int64
	modified time.Time
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

func (cfg Config) withDefaults() (Config, error) {
	if (cfg.Dir == "") == (len(cfg.Files) == 0) {
		return cfg, refuse("plugin: a host needs a folder of plugins, or some files")
	}
	for _, dir := range []string{cfg.Dir, cfg.Cache} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return cfg, naming(dir, fileError(err))
		}
	}
	if cfg.State == "" && cfg.Dir != "" {
		cfg.State = filepath.Join(cfg.Dir, "plugins.json")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	setDefault(&cfg.Memory, DefaultMemory)
	setDefault(&cfg.AudioDeadline, DefaultAudioDeadline)
	setDefault(&cfg.ChatDeadline, DefaultChatDeadline)
	setDefault(&cfg.LoadDeadline, DefaultLoadDeadline)
	setDefault(&cfg.Poll, time.Second)
	return cfg, nil
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// openFiles runs files that were named.
func openFiles(ctx context.Context, cfg Config) (*Host, error) {
	cfg.State = ""
	h := &Host{cfg: cfg, end: make(chan struct{})}
	for _, path := range cfg.Files {
		err := h.enter(ctx, path)
		if err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	h.rebuild()
	return h, nil
}

// enter starts a file that was named.
func (h *Host) enter(ctx context.Context, path string) error {
	file, err := ReadFile(path)
	if err != nil {
		return err
	}
	m := file.Manifest
	if missing := lacking(m.Permissions, h.cfg.Grant); len(missing) > 0 {
		return voiceapp.NewError(voiceapp.Forbidden, fmt.Sprintf("%q: the plugin %s asks for %s, which was not granted", path, m.Name, strings.Join(missing, ", ")))
	}
	e := &entry{record: record{Name: m.Name, Enabled: true, Granted: m.Permissions}, fileName: filepath.Base(path), file: file}
	h.mu.Lock()
	_, err = h.find(m.Name)
	if err != nil {
		h.entries = append(h.entries, e)
	}
	h.mu.Unlock()
	if err == nil {
		return refuse("%q: the plugin %s was named before", path, m.Name)
	}
	h.settle(e)
	if err := h.start(ctx, e); err != nil {
		return naming(path, err)
	}
	return nil
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
	w, err := h.newWorker(ctx, e, e.file)
	if err != nil {
		return err
	}
	h.mu.Lock()
	e.worker, e.problem = w, ""
	h.mu.Unlock()
	return nil
}

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

// rebuild makes the chain anew of what is enabled and has the audio hook. One that
// did not start keeps its place when its user is not to be heard without it.
func (h *Host) rebuild() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var chain []*link
	for _, e := range h.entries {
		audible := e.file != nil && e.file.Manifest.Has(HookAudio)
		if !e.Enabled || !audible && !e.Silences {
			e.link = nil
			continue
		}
		if e.link == nil {
			e.link = newLink(e.Silences, e.worker)
		} else if e.link.next.Load() == nil {
			e.link.current.Store(e.worker)
		}
		chain = append(chain, e.link)
	}
	h.chain.Store(&chain)
}

// ProcessPCM lets the plugins with the audio hook change a frame of interleaved
// samples at 48 kHz in place, in the user's order, and returns whether it is to be
// heard. It is what voice calls an Effect. It returns within the deadlines, whatever
// the plugins do, and allocates nothing. A frame has at most 60 ms; of a longer one, or
// one of more than two channels, all plugins miss it.
func (h *Host) ProcessPCM(pcm []float32, channels int, speaking bool) bool {
	chain := *h.chain.Load()
	if len(chain) == 0 || len(pcm) == 0 {
		return speaking
	}
	n := len(pcm) / max(channels, 1)
	if possible := n <= maxFrames && (channels == 1 || channels == 2) && len(pcm)%channels == 0; !possible {
		for _, l := range chain {
			speaking = l.miss(pcm, speaking)
		}
		return speaking
	}
	if channels != h.format.channels || n > h.format.maxFrames {
		h.format = format{channels, n}
	}
	deadline := h.deadline(n)
	end := time.Now().Add(2 * deadline) // of the whole chain
	for _, l := range chain {
		until := time.Now().Add(deadline)
		if until.After(end) {
			until = end
		}
		speaking = l.process(pcm, h.format, speaking, until)
	}
	return speaking
}

// deadline is how long a plugin may take for so many samples.
func (h *Host) deadline(samples int) time.Duration {
	if h.cfg.Patient {
		return h.cfg.AudioDeadline
	}
	return frameDeadline(h.cfg.AudioDeadline, samples)
}

// Chat lets the plugins that have line's hook decide about it, in the user's order.
// A plugin that fails, or takes longer than its deadline, is passed over, or drops the
// line where its manifest says so. The error is ctx's.
func (h *Host) Chat(ctx context.Context, line Line) (Verdict, error) {
	v := Verdict{Text: line.Text}
	for _, p := range h.chatting(line.Hook) {
		if err := ctx.Err(); err != nil {
			return v, err
		}
		line.Text = v.Text
		a, err := h.decide(ctx, p, line)
		switch {
		case err == nil:
			v.take(a, p.name)
		case p.silences && ctx.Err() == nil:
			v.Drop, v.By = true, p.name
			v.Replies = append(v.Replies, fmt.Sprintf("The plugin %s did not deal with the line, so it was not sent.", p.name))
		}
		if v.Drop {
			return v, nil
		}
	}
	return v, ctx.Err()
}

// decide asks a plugin about a line. The plugin may still read its copy of the line
// after that, when it was too late.
func (h *Host) decide(ctx context.Context, p chatter, line Line) (answerText, error) {
	if p.worker == nil {
		return answerText{}, errSwitchedOff
	}
	answers := make(chan answerText, 1)
	err := p.worker.do(ctx, h.cfg.ChatDeadline, func(b backend) error {
		a, err := ask(b, line)
		answers <- a
		return err
	})
	if err != nil {
		return answerText{}, err
	}
	return <-answers, nil
}

// take applies a plugin's answer.
func (v *Verdict) take(a answerText, plugin string) {
	if a.Text != nil {
		v.Text = *a.Text
	}
	if a.Reply != nil {
		v.Replies = append(v.Replies, *a.Reply)
	}
	if a.Drop {
		v.Drop, v.By = true, plugin
	}
}

// chatter is a plugin with a chat hook, as it is at the moment.
type chatter struct {
	name     string
	worker   *worker
	silences bool
}

func (h *Host) chatting(hook string) (list []chatter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.entries {
		if e.Enabled && e.file != nil && e.file.Manifest.Has(hook) {
			list = append(list, chatter{e.Name, e.worker, e.Silences})
		}
	}
	return list
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

// discover reads the folder and brings what is there together with what is
// remembered, in the order of that; what is new comes last, by name.
func (h *Host) discover(remembered state) error {
	for _, r := range remembered.Plugins {
		h.entries = append(h.entries, &entry{record: *r, problem: "there is no file with this plugin in the folder"})
	}
	files, err := fs.ReadDir(h.folder.FS(), ".")
	if err != nil {
		return naming(h.cfg.Dir, fileError(err))
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) == ".wasm" {
			h.admit(f.Name())
		}
	}
	for _, e := range h.entries {
		h.settle(e)
	}
	return nil
}

// admit reads a file and gives it to the entry of that name, or to a new one.
func (h *Host) admit(name string) {
	at := h.stampOf(name)
	file, err := readIn(h.folder, name)
	h.mu.Lock()
	e := &entry{fileName: name, stamp: at, seen: at, file: file}
	if err == nil {
		e, err = h.place(e)
	}
	if err != nil || !slices.Contains(h.entries, e) {
		h.entries = append(h.entries, e)
	}
	h.mu.Unlock()
	if err != nil {
		h.refuseEntry(e, err)
	}
}

// place returns the entry in which a file that was read belongs. mu is held.
func (h *Host) place(read *entry) (*entry, error) {
	name := read.file.Manifest.Name
	i := slices.IndexFunc(h.entries, func(e *entry) bool { return e.Name == name })
	if i < 0 {
		read.Name = name
		return read, nil
	}
	e := h.entries[i]
	if e.file != nil {
		read.file = nil
		return read, refuse("%q: the plugin %s is in %q already; it is loaded from there", read.fileName, name, e.fileName)
	}
	e.fileName, e.stamp, e.seen, e.file, e.problem = read.fileName, read.stamp, read.seen, read.file, ""
	return e, nil
}

// stampOf returns what a file is like now; the zero value when there is none.
func (h *Host) stampOf(name string) stamp {
	info, err := h.folder.Stat(name)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}
