package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
)

// stateVersion is the version of the file's form.
const stateVersion = 1

// state is what the host remembers of its plugins, in the user's order.
type state struct {
	Version int       `json:"version"`
	Plugins []*record `json:"plugins"`
}

// record is what is remembered of one plugin.
type record struct {
	Name     string         `json:"name"`
	SHA256   string         `json:"sha256,omitempty"` // of the file that was enabled, or loaded, last
	Enabled  bool           `json:"enabled"`
	Trusted  bool           `json:"trusted,omitempty"`
	Granted  []string       `json:"granted,omitempty"`
	Silences bool           `json:"silences,omitempty"` // its voice is not to be heard without it
	Settings map[string]any `json:"settings,omitempty"` // those that are not as by default
}

// readState reads the file. One that there is not is empty; one that is damaged is set
// aside, and the error says where.
func readState(path string) (state, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state{Version: stateVersion}, nil
	}
	if err != nil {
		return state{}, naming(path, fileError(err))
	}
	s, err := parseState(text)
	if err == nil {
		return s, nil
	}
	var known *voiceapp.Error
	if errors.As(err, &known) {
		return state{}, naming(path, err) // of a later version: not ours to move
	}
	aside := path + ".damaged"
	if err := os.Rename(path, aside); err != nil {
		return state{}, naming(path, fileError(err))
	}
	return state{Version: stateVersion}, voiceapp.WrapError(voiceapp.Conflict,
		fmt.Sprintf("%q is damaged; it was set aside as %q, and all plugins are off", path, aside), err)
}

func parseState(text []byte) (state, error) {
	var s state
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	switch {
	case s.Version > stateVersion:
		return s, refuse("it is of version %d, which a later program has written; this one knows version %d", s.Version, stateVersion)
	case s.Version != stateVersion:
		return s, fmt.Errorf("it has the version %d", s.Version)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("something follows its JSON object")
	}
	names := map[string]bool{}
	for _, r := range s.Plugins {
		if r == nil || checkName("", r.Name) != nil || names[r.Name] {
			return s, errors.New("it has a plugin without a name, or one twice")
		}
		names[r.Name] = true
	}
	return s, nil
}

// write puts the state into the place of what the file held, or changes nothing.
func (s state) write(path string) (err error) {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".plugins-*.json") // 0600
	if err != nil {
		return naming(path, fileError(err))
	}
	_, err = file.Write(append(text, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return naming(path, fileError(err))
	}
	return nil
}
