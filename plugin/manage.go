package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// settle brings what is remembered of a plugin in line with its file.
func (h *Host) settle(e *entry) {
	if e.file == nil {
		return
	}
	e.Silences = e.file.Manifest.Silences()
	text, err := json.Marshal(e.settings())
	if err != nil {
		h.cfg.Logger.Error("the settings of a plugin", "plugin", e.Name, "error", err)
		text = []byte("{}")
	}
	e.values.Store(&text)
}

// change runs do with the entry of a plugin whose file can be used, rebuilds the chain
// and keeps the state.
func (h *Host) change(name string, do func(*entry) error) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	e, err := h.usable(name)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	if err := do(e); err != nil {
		return err
	}
	h.rebuild()
	return h.save()
}

// save writes the state.
func (h *Host) save() error {
	if h.cfg.State == "" {
		return nil
	}
	h.mu.Lock()
	s := state{Version: stateVersion}
	for _, e := range h.entries {
		if e.Name != "" {
			r := e.record
			s.Plugins = append(s.Plugins, &r)
		}
	}
	h.mu.Unlock()
	err := s.write(h.cfg.State)
	h.written = stampOfState(h.cfg.State)
	return err
}

// Enable starts a plugin and grants it permissions, which have to be all that its
// manifest asks for: [voiceapp.Forbidden] otherwise. One that runs is started anew. The
// other errors are [voiceapp.NotFound], and why it can't be started; then it stays
// off.
func (h *Host) Enable(ctx context.Context, name string, permissions ...string) error {
	return h.change(name, func(e *entry) error {
		if missing := lacking(e.file.Manifest.Permissions, permissions); len(missing) > 0 {
			return voiceapp.NewError(voiceapp.Forbidden, fmt.Sprintf("the plugin %s asks for %s, which was not granted", name, strings.Join(missing, ", "))).With(NotGranted).Of(strings.Join(missing, ", "))
		}
		h.mu.Lock()
		before := e.Granted
		e.Granted = slices.Clone(e.file.Manifest.Permissions)
		h.mu.Unlock()
		if err := h.restart(ctx, e); err != nil {
			h.mu.Lock()
			e.Granted = before
			h.mu.Unlock()
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		e.Enabled = true
		return nil
	})
}

// lacking returns what is asked for and not granted.
func lacking(asked, granted []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(p string) bool { return slices.Contains(granted, p) })
}

// restart starts an entry's file, and has the new worker take over from the one
// before.
func (h *Host) restart(ctx context.Context, e *entry) error {
	if !h.serves(e) {
		return nil
	}
	w, err := h.newWorker(ctx, e, e.file)
	if err != nil {
		return err
	}
	h.mu.Lock()
	before, link := e.worker, e.link
	h.mu.Unlock()
	if before != nil && link != nil && before.live.Load() != nil {
		link.replace(w)
	}
	h.mu.Lock()
	e.runs(w)
	h.mu.Unlock()
	if before != nil {
		before.close()
	}
	return nil
}

// Restart starts a plugin anew that is enabled, such as one that was switched off. The
// errors are [voiceapp.NotFound], [voiceapp.Conflict] for one that is not enabled, and
// why it can't be started.
func (h *Host) Restart(ctx context.Context, name string) error {
	return h.change(name, func(e *entry) error {
		if !e.Enabled {
			return voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("the plugin %s is not enabled", name))
		}
		return h.restart(ctx, e)
	})
}

// Disable stops a plugin. The user is heard without it from the next frame on. The
// error is [voiceapp.NotFound].
func (h *Host) Disable(name string) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	e, err := h.find(name)
	if err != nil {
		h.mu.Unlock()
		return err
	}
	stopped := e.worker
	e.worker, e.Enabled = nil, false
	h.mu.Unlock()
	h.rebuild()
	if stopped != nil {
		stopped.close()
	}
	return h.save()
}

// Reorder puts the plugins that are named first, in that order; the others follow as
// they were. The error is [voiceapp.NotFound], and changes nothing.
func (h *Host) Reorder(names ...string) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	var ordered []*entry
	for _, name := range names {
		e, err := h.find(name)
		if err != nil {
			h.mu.Unlock()
			return err
		}
		if !slices.Contains(ordered, e) {
			ordered = append(ordered, e)
		}
	}
	for _, e := range h.entries {
		if !slices.Contains(ordered, e) {
			ordered = append(ordered, e)
		}
	}
	h.entries = ordered
	h.mu.Unlock()
	h.rebuild()
	return h.save()
}

// Configure changes settings of a plugin; those that are not named stay. One that runs
// is told at once. The errors are [voiceapp.NotFound], [voiceapp.Invalid] for a value
// that can't be, or that the plugin can't work with, and change nothing.
func (h *Host) Configure(ctx context.Context, name string, settings map[string]any) error {
	return h.change(name, func(e *entry) error {
		changed, err := e.merge(settings)
		if err != nil {
			return err
		}
		h.mu.Lock()
		before := e.Settings
		e.Settings = changed
		h.settle(e)
		w, values := e.worker, *e.values.Load()
		h.mu.Unlock()
		if w == nil || w.off.Load() != nil {
			return nil
		}
		err = w.do(ctx, h.cfg.LoadDeadline, func(b backend) error { return b.configure(values) })
		if err == nil {
			return nil
		}
		h.mu.Lock()
		e.Settings = before
		h.settle(e)
		h.mu.Unlock()
		if errors.Is(err, errRefused) {
			return refuse("the plugin %s can't work with these settings", name)
		}
		return voiceapp.WrapError(voiceapp.Unavailable, fmt.Sprintf("the plugin %s did not take its settings", name), err)
	})
}

// merge returns the settings that are remembered with changes; a nil value sets one
// back to its default.
func (e *entry) merge(changes map[string]any) (map[string]any, error) {
	merged := map[string]any{}
	for name, value := range e.Settings {
		merged[name] = value
	}
	for name, value := range changes {
		setting, ok := e.file.Manifest.Setting(name)
		if !ok {
			return nil, refuse("the plugin %s has no setting %q", e.Name, clip(name))
		}
		if value == nil {
			delete(merged, name)
			continue
		}
		value, err := setting.Value(value)
		if err != nil {
			return nil, err
		}
		merged[name] = value
	}
	return merged, nil
}

// Trust says whether a plugin may run in this process, for the lowest cost, or has
// to be in a sandbox, which is the default: one that is trusted can hold up the whole
// program. One that runs is started anew. The error is [voiceapp.NotFound], or why it
// can't be started; then it stays as it was.
func (h *Host) Trust(ctx context.Context, name string, trusted bool) error {
	return h.change(name, func(e *entry) error {
		h.mu.Lock()
		before, running := e.Trusted, e.worker != nil
		e.Trusted = trusted
		h.mu.Unlock()
		if !running || before == trusted {
			return nil
		}
		err := h.restart(ctx, e)
		if err != nil {
			h.mu.Lock()
			e.Trusted = before
			h.mu.Unlock()
		}
		return err
	})
}
