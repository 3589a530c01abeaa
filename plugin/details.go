package plugin

import (
	"fmt"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Plugins returns all plugins in the user's order, with those that can't be used.
func (h *Host) Plugins() []voiceapp.PluginInfo {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]voiceapp.PluginInfo, 0, len(h.entries))
	for _, e := range h.entries {
		condition, state := e.state()
		info := voiceapp.PluginInfo{
			Name: e.label(), Enabled: e.Enabled, Condition: condition, State: state, Hooks: []string{},
			Calls: e.calls.made.Load(), Missed: e.calls.missed.Load(), Seconds: time.Duration(e.calls.nanoseconds.Load()).Seconds(),
		}
		if e.file != nil {
			m := e.file.Manifest
			info.Version, info.Author, info.Hooks = m.Version, m.Author, slices.Clone(m.Hooks)
		}
		list = append(list, info)
	}
	return list
}

// state says how it goes, to machines and to people.
func (e *entry) state() (condition voiceapp.PluginCondition, state string) {
	switch {
	case e.problem != "":
		return voiceapp.PluginBroken, e.problem
	case e.worker == nil && e.Enabled:
		return voiceapp.PluginUnused, "not used here"
	case e.worker == nil:
		return voiceapp.PluginStopped, "stopped"
	}
	if reason := e.worker.off.Load(); reason != nil {
		return voiceapp.PluginSwitchedOff, "switched off: " + *reason
	}
	return voiceapp.PluginRunning, "running"
}

// Details is what one plugin is, and how it is set.
type Details struct {
	Manifest Manifest
	SHA256   string // of its file
	Granted  []string
	Trusted  bool           // it runs in this process
	Settings map[string]any // each setting's value, as [Setting.Value] returns it
}

// Details returns what a plugin is and how it is set. The error is
// [voiceapp.NotFound].
func (h *Host) Details(name string) (Details, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.usable(name)
	if err != nil {
		return Details{}, err
	}
	return Details{e.file.Manifest, e.file.SHA256, slices.Clone(e.Granted), e.Trusted, e.settings()}, nil
}

// find returns the entry of that name. mu is held.
func (h *Host) find(name string) (*entry, error) {
	i := slices.IndexFunc(h.entries, func(e *entry) bool { return e.Name == name && name != "" })
	if i < 0 {
		return nil, voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("there is no plugin %q in %s", clip(name), h.cfg.Dir))
	}
	return h.entries[i], nil
}

// usable is find for a plugin whose file can be used. mu is held.
func (h *Host) usable(name string) (*entry, error) {
	e, err := h.find(name)
	if err == nil && e.file == nil {
		return nil, voiceapp.NewError(voiceapp.NotFound, e.problem)
	}
	return e, err
}

// settings returns all values in force. mu is held.
func (e *entry) settings() map[string]any {
	values := e.file.Manifest.Defaults()
	for _, s := range e.file.Manifest.Settings {
		if v, err := s.Value(e.Settings[s.Name]); err == nil {
			values[s.Name] = v
		}
	}
	return values
}
