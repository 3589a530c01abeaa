// Package settings is what the desktop client remembers between two starts, but for
// servers: voiceapp/desktop.toml in the user's configuration directory.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// Settings are all of them. [Default] gives those of the first start.
type Settings struct {
	Voice Voice `toml:"voice"`
	Keys  Keys  `toml:"keys"`
	Look  Look  `toml:"look"`
	Tell  Tell  `toml:"tell"`

	// People is what is remembered of those one has met, by [Person].
	People map[string]Person `toml:"people"`
}

// Voice says how one is heard, and hears.
type Voice struct {
	Microphone  string  `toml:"microphone"`  // of device.Info; "": the system's default
	Loudspeaker string  `toml:"loudspeaker"` // likewise
	Mode        string  `toml:"mode"`        // one of the Modes
	Threshold   float64 `toml:"threshold"`   // of ModeActivity, in dBFS; 0: it follows the noise
	HighPass    bool    `toml:"high_pass"`
	Echo        bool    `toml:"echo"`
	Noise       bool    `toml:"noise"`
	Gain        bool    `toml:"gain"`
	Normalize   bool    `toml:"normalize"` // others are brought to one level
	Volume      int     `toml:"volume"`    // of all that is heard, in percent
	FrameMillis int     `toml:"frame_ms"`  // 10, 20, 40 or 60
	DelayMillis int     `toml:"delay_ms"`  // a fixed one; 0: it follows the network

	// Limits of a delay that follows the network, in ms.
	LeastDelayMillis int `toml:"least_delay_ms"` // 0: two frames, at most 40 ms
	MostDelayMillis  int `toml:"most_delay_ms"`  // 0: what the network needs

	Recordings string `toml:"recordings"`
}

// The modes.
const (
	ModeActivity   = "activity"
	ModePushToTalk = "push-to-talk"
	ModeContinuous = "continuous"
)

// Keys are those that work while another program has the focus; "": none.
type Keys struct {
	PushToTalk string `toml:"push_to_talk"`
	Mute       string `toml:"mute"`
	Deafen     string `toml:"deafen"`
}

// Look is how the window looks.
type Look struct {
	Theme    string  `toml:"theme"`    // "system", "light" or "dark"
	Scale    int     `toml:"scale"`    // of text, in percent
	Language string  `toml:"language"` // "": the system's
	Width    float32 `toml:"width"`
	Height   float32 `toml:"height"`
	Split    float64 `toml:"split"` // between people and chat
}

// Tell is what one is told of.
type Tell struct {
	Sounds   bool `toml:"sounds"`
	Messages bool `toml:"messages"` // a notification for each direct one
	Joins    bool `toml:"joins"`    // for who comes and goes
}

// Person is what is remembered of somebody.
type Person struct {
	Volume   int    `toml:"volume"` // in percent; 0: as he is; Silent: not at all
	Muted    bool   `toml:"muted,omitempty"`
	Nickname string `toml:"nickname,omitempty"`
}

// Silent is a volume of 0 %.
const Silent = -1

// PersonKey names somebody on a server across sessions: by his account, or as a guest
// by his name.
func PersonKey(server voiceapp.Fingerprint, p voiceapp.Presence) string {
	if p.User != 0 {
		return fmt.Sprintf("%.16s-u%d", server.String(), p.User)
	}
	return fmt.Sprintf("%.16s-%s", server.String(), voiceapp.FoldName(p.Name))
}

// Default returns the settings of the first start.
func Default() Settings {
	return Settings{
		Voice: Voice{
			Mode: ModeActivity, HighPass: true, Echo: true, Noise: true, Gain: true,
			Volume: 100, FrameMillis: 20,
		},
		Look:   Look{Theme: "system", Scale: 100, Width: 1080, Height: 680, Split: 0.4},
		Tell:   Tell{Sounds: true, Messages: true},
		People: map[string]Person{},
	}
}

// CaptureMode gives Mode in the terms of package voice.
func (v Voice) CaptureMode() voice.CaptureMode {
	switch v.Mode {
	case ModePushToTalk:
		return voice.PushToTalk
	case ModeContinuous:
		return voice.Continuously
	}
	return voice.ByActivity
}

// Off gives the stages that are switched off.
func (v Voice) Off() (off voice.Stages) {
	for stage, on := range map[voice.Stages]bool{
		voice.HighPass: v.HighPass, voice.EchoCancel: v.Echo, voice.NoiseSuppress: v.Noise, voice.AutoGain: v.Gain,
	} {
		if !on {
			off |= stage
		}
	}
	return off
}

// Frame gives the length of a frame.
func (v Voice) Frame() time.Duration { return time.Duration(v.FrameMillis) * time.Millisecond }

// Delay gives the fixed playout delay; 0: it follows the network.
func (v Voice) Delay() time.Duration { return time.Duration(v.DelayMillis) * time.Millisecond }

// DelayLimits gives those of a delay that follows the network; 0: as package voice has them.
func (v Voice) DelayLimits() (least, most time.Duration) {
	return time.Duration(v.LeastDelayMillis) * time.Millisecond, time.Duration(v.MostDelayMillis) * time.Millisecond
}

// repair brings what can't be to its default: a file that was edited by hand keeps the rest.
func (s *Settings) repair() {
	d := Default()
	if s.Voice.Mode != ModePushToTalk && s.Voice.Mode != ModeContinuous {
		s.Voice.Mode = ModeActivity
	}
	switch s.Voice.FrameMillis {
	case 10, 20, 40, 60:
	default:
		s.Voice.FrameMillis = d.Voice.FrameMillis
	}
	for _, ms := range []*int{&s.Voice.DelayMillis, &s.Voice.LeastDelayMillis, &s.Voice.MostDelayMillis} {
		*ms = min(max(*ms, 0), int(voice.MaxDelay/time.Millisecond))
	}
	if s.Voice.MostDelayMillis > 0 {
		s.Voice.LeastDelayMillis = min(s.Voice.LeastDelayMillis, s.Voice.MostDelayMillis)
	}
	s.Voice.Volume = min(max(s.Voice.Volume, 0), 200)
	if !(s.Voice.Threshold <= 0) { // what is no number, too
		s.Voice.Threshold = 0
	}
	s.Voice.Threshold = max(s.Voice.Threshold, -100)
	if s.Look.Theme != "light" && s.Look.Theme != "dark" {
		s.Look.Theme = d.Look.Theme
	}
	s.Look.Scale = min(max(s.Look.Scale, 75), 200)
	s.Look.Width, s.Look.Height = within(s.Look.Width, 640, 7680), within(s.Look.Height, 400, 4320)
	s.Look.Split = within(s.Look.Split, 0.15, 0.85)
	if s.People == nil {
		s.People = map[string]Person{}
	}
}

// within brings a value into a range; what is no number is its least.
func within[T float32 | float64](x, least, most T) T {
	if x >= least {
		return min(x, most)
	}
	return least
}

// File is where settings are kept. Make one with [Open]. It is safe for concurrent use.
type File struct {
	path string // "": nothing is kept

	mu  sync.Mutex
	now Settings
}

// The details of [Open]'s errors.
const (
	Unreadable voiceapp.Detail = "settings_unreadable" // the cause says why
	SetAside   voiceapp.Detail = "settings_set_aside"  // they were damaged; About: where they are now
)

// Open reads the file at path; one that is not there holds the defaults. A file that is
// damaged is set aside, and the error says under which name: the file is usable all the
// same, with the defaults. One that can't be read, such as another user's, stays as it is,
// with [voiceapp.Unavailable], and the defaults are not kept.
func Open(path string) (*File, error) {
	f := &File{path: path, now: Default()}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		f.path = ""
		return f, voiceapp.WrapError(voiceapp.Unavailable, "the settings can't be read, and what you change is not kept: "+err.Error(), err).With(Unreadable)
	}
	if _, err = toml.Decode(string(raw), &f.now); err != nil {
		f.now = Default()
		aside, asideErr := setAside(path)
		return f, voiceapp.WrapError(voiceapp.Invalid, "the settings can't be read; they are in "+aside+" now, and begin anew", errors.Join(err, asideErr)).With(SetAside).Of(aside)
	}
	f.now.repair()
	return f, nil
}

// setAside moves a damaged file out of the way, to a name that is free.
func setAside(path string) (aside string, err error) {
	for n := 1; ; n++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(path, aside)
		}
	}
}

// Get returns the settings. People is not to be changed.
func (f *File) Get() Settings {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Change changes them and writes the file. What change does to its argument counts, also
// when the file can't be written.
func (f *File) Change(change func(*Settings)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.now
	next.People = make(map[string]Person, len(f.now.People)+1)
	for key, p := range f.now.People {
		next.People[key] = p
	}
	change(&next)
	next.repair()
	f.now = next
	return f.save()
}

// save, under mu, replaces the file in one step.
func (f *File) save() error {
	if f.path == "" {
		return nil
	}
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(f.now); err != nil {
		return err
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(dir, ".desktop-*")
	if err != nil {
		return err
	}
	_, err = next.Write(text.Bytes())
	err = errors.Join(err, next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}
