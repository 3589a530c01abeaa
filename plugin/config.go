package plugin

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"
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
	EventChanged   EventKind = "changed"    // its file is another one than the one that ran last
	EventSwitched  EventKind = "switched"   // it failed too often, and is switched off
	EventAsks      EventKind = "asks"       // its file has changed and asks for more; it has to be enabled again
	EventStateLost EventKind = "state_lost" // what was enabled is forgotten
)

// compileDeadline is how long compiling may take.
const compileDeadline = 30 * time.Second

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
