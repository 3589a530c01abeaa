package plugin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// stamp tells whether a file has changed.
type stamp struct {
	size     int64
	modified time.Time
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
		return voiceapp.NewError(voiceapp.Forbidden, fmt.Sprintf("%q: the plugin %s asks for %s, which was not granted", path, m.Name, strings.Join(missing, ", "))).With(NotGranted).Of(strings.Join(missing, ", "))
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
