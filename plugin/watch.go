package plugin

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// watch looks for files that have changed until the host is closed.
func (h *Host) watch() {
	defer h.watched.Done()
	if h.cfg.Poll < 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-h.end:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(h.cfg.Poll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if h.changing.TryLock() { // otherwise at the next look
				h.look(ctx)
				h.changing.Unlock()
			}
		case <-h.end:
			return
		}
	}
}

// look compares the folder with what is known of it. A file counts once it did not
// change between two looks, so that one that is being written is left alone.
func (h *Host) look(ctx context.Context) {
	files, err := fs.ReadDir(h.folder.FS(), ".")
	if err != nil {
		h.cfg.Logger.Warn("the folder of plugins can't be read", "error", err)
		return
	}
	known := map[string]bool{}
	changed := false
	for _, e := range slices.Clone(h.entries) {
		known[e.fileName] = true
		if e.fileName == "" {
			continue
		}
		now := h.stampOf(e.fileName)
		if now == e.seen && now != e.stamp {
			e.stamp, changed = now, true
			h.refresh(ctx, e)
		}
		e.seen = now
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) == ".wasm" && !known[f.Name()] {
			changed = true
			h.found(ctx, f.Name())
		}
	}
	changed = h.follow(ctx) || changed
	if changed {
		h.rebuild()
	}
}

// follow takes what another program has written into the state: it is how a command
// reaches a host that runs.
func (h *Host) follow(ctx context.Context) (changed bool) {
	now := stampOfState(h.cfg.State)
	if now == h.written || now == (stamp{}) {
		return false
	}
	h.written = now
	s, err := readState(h.cfg.State)
	if err != nil {
		h.tell(Event{Kind: EventStateLost, Text: err.Error()})
		return false
	}
	for i, r := range s.Plugins {
		h.mu.Lock()
		e, err := h.usable(r.Name)
		if err == nil { // it comes to the place where the other program has it
			at := slices.Index(h.entries, e)
			h.entries = slices.Insert(slices.Delete(h.entries, at, at+1), min(i, len(h.entries)-1), e)
		}
		h.mu.Unlock()
		if err == nil {
			h.adopt(ctx, e, *r)
		}
	}
	return true
}

// adopt brings a plugin to what was written of it.
func (h *Host) adopt(ctx context.Context, e *entry, r record) {
	h.mu.Lock()
	same := e.Enabled == r.Enabled && e.Trusted == r.Trusted && slices.Equal(e.Granted, r.Granted) && (e.worker != nil) == r.Enabled
	set := reflect.DeepEqual(e.Settings, r.Settings)
	silences, stopped := e.Silences, e.worker
	if e.record = r; e.file != nil {
		e.Silences = silences
	}
	h.settle(e)
	if same || r.Enabled {
		stopped = nil
	} else {
		e.worker = nil
	}
	h.mu.Unlock()
	if stopped != nil {
		h.rebuild()
		stopped.close()
	}
	if !r.Enabled || same && set {
		return
	}
	if missing := lacking(e.file.Manifest.Permissions, r.Granted); len(missing) > 0 {
		h.refuseEntry(e, refuse("the plugin %s asks for %s, which was not granted", e.Name, strings.Join(missing, ", ")))
		return
	}
	if err := h.restart(ctx, e); err != nil {
		h.refuseEntry(e, err)
	}
}

// stampOfState returns what the state's file is like now.
func stampOfState(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// found takes a file that is new.
func (h *Host) found(ctx context.Context, name string) {
	h.mu.Lock()
	before := len(h.entries)
	h.mu.Unlock()
	h.admit(name)
	for _, e := range h.entries {
		if e.fileName != name || e.file == nil {
			continue
		}
		h.settle(e)
		if e.Enabled {
			h.refresh(ctx, e)
		} else if len(h.entries) > before {
			h.tell(Event{e.Name, EventFound, fmt.Sprintf("There is a new plugin %s; it is off until you enable it.", e.Name)})
		}
	}
}

// refresh takes a file that has changed. What runs goes on until the new one runs.
func (h *Host) refresh(ctx context.Context, e *entry) {
	file, err := readIn(h.folder, e.fileName)
	if err == nil && e.Name != "" && file.Manifest.Name != e.Name {
		err = refuse("%q holds the plugin %s now", e.fileName, file.Manifest.Name)
	}
	if err != nil {
		h.refuseEntry(e, err)
		return
	}
	if more := lacking(file.Manifest.Permissions, e.Granted); e.Enabled && len(more) > 0 {
		h.stopEntry(e, file)
		h.tell(Event{e.Name, EventAsks, fmt.Sprintf("The plugin %s has changed and asks for %s; enable it again to grant that.", e.Name, strings.Join(more, ", "))})
		return
	}
	h.mu.Lock()
	before := e.file
	e.Name, e.file, e.problem = file.Manifest.Name, file, ""
	h.settle(e)
	h.mu.Unlock()
	if !e.Enabled {
		return
	}
	if err := h.restart(ctx, e); err != nil {
		h.mu.Lock()
		if e.worker != nil {
			e.file = before
			h.settle(e)
		}
		h.mu.Unlock()
		h.refuseEntry(e, err)
		return
	}
	h.tell(Event{e.Name, EventReloaded, fmt.Sprintf("The plugin %s was loaded anew.", e.Name)})
}

// stopEntry stops a plugin whose file has become another one. It keeps its place, so
// that its user is not heard without it where that is not to be.
func (h *Host) stopEntry(e *entry, file *File) {
	h.mu.Lock()
	w := e.worker
	e.worker, e.file = nil, file
	e.problem = "it asks for more than it was granted"
	h.mu.Unlock()
	h.rebuild()
	if w != nil {
		w.close()
	}
}
