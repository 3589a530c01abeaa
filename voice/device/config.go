package device

import (
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// SampleRate is the rate of all sound, in Hz, whatever the device has.
const SampleRate = 48_000

// Kind says what a device does.
type Kind string

// The kinds.
const (
	KindCapture  Kind = "capture"
	KindPlayback Kind = "playback"
)

// Info is a device of the system.
type Info struct {
	ID      string `json:"id"` // for Config.ID; it stays the same as long as the system has the device
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Default bool   `json:"default"`
}

// Config says which device a stream uses, and how. The zero value works.
type Config struct {
	ID       string        // of [Info]; "": the system's default, also when that changes
	Channels int           // 1 or 2; 0: 1
	Period   time.Duration // 5 to 40 ms in whole ms, what the device takes or gives at once; 0: 10 ms
	Periods  int           // that the device holds; 0: 3
	Name     string        // what the system's mixer shows; "": voiceapp

	// Events, where it is set, is told when a device was lost and when there is one
	// again. It is called from the stream's goroutine, and not to call the stream.
	Events func(Event)
}

// Event is what has happened to a stream.
type Event struct {
	Kind EventKind
	Err  error // of EventLost: why
}

// EventKind says what it was.
type EventKind string

// The kinds of events.
const (
	EventLost EventKind = "lost" // the device is gone, or can't be opened; it is tried again
	EventBack EventKind = "back" // there is one again
)

// Stats is how a stream fares. It is a copy.
type Stats struct {
	Running  bool          // a device is open and gives callbacks
	Rate     int           // of the device that is open, or was last, in Hz
	Lost     uint64        // times that it was lost
	Overruns uint64        // samples that nobody fetched in time, of a Capture
	Dry      uint64        // times that there was nothing to play, of a Playback
	Buffered time.Duration // what waits between the device and the program at this moment
	Stuck    uint64        // calls to the system that did not return
}

const (
	defaultPeriod  = 10 * time.Millisecond
	defaultPeriods = 3
)

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Channels == 0 {
		cfg.Channels = 1
	}
	if cfg.Period == 0 {
		cfg.Period = defaultPeriod
	}
	cfg.Period = cfg.Period.Round(time.Millisecond) // the system counts in these
	if cfg.Periods == 0 {
		cfg.Periods = defaultPeriods
	}
	if cfg.Name == "" {
		cfg.Name = "voiceapp"
	}
	switch {
	case cfg.Channels < 1 || cfg.Channels > 2:
		return cfg, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("device: there are 1 or 2 channels, not %d", cfg.Channels))
	case cfg.Period < 5*time.Millisecond || cfg.Period > 40*time.Millisecond:
		return cfg, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("device: a period lasts 5 to 40 ms, not %v", cfg.Period))
	case cfg.Periods < 2 || cfg.Periods > 8:
		return cfg, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("device: there are 2 to 8 periods, not %d", cfg.Periods))
	}
	return cfg, nil
}

func (cfg Config) duration(samples int) time.Duration {
	return time.Duration(samples/cfg.Channels) * time.Second / SampleRate
}
