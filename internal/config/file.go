package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxFileSize bounds what a settings file may hold.
const maxFileSize = 1 << 20

func (s *Set) applyFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "the settings file can't be read", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileSize {
		return voiceapp.NewError(voiceapp.Invalid, path+" is no settings file: it must be a plain file of at most 1 MiB")
	}
	var values map[string]any
	if _, err := toml.DecodeFile(path, &values); err != nil {
		return fileError(path, err)
	}
	for _, key := range sortedKeys(values) {
		f := s.field(key)
		if f == nil {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s: unknown key %q%s", path, key, s.suggest(key)))
		}
		if err := f.setTOML(values[key]); err != nil {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s: %s: %v", path, key, err))
		}
		f.source = File
	}
	return nil
}

func fileError(path string, err error) error {
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s, line %d: %s", path, syntax.Position.Line, syntax.Message))
	}
	return voiceapp.WrapError(voiceapp.Invalid, path+" can't be read", err)
}

func (s *Set) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

// setTOML stores a value as TOML gives it: only the type that the field has.
func (f *field) setTOML(value any) error {
	switch v := value.(type) {
	case string:
		if !f.quoted() {
			return fmt.Errorf("%q stands in quotes, but the value is %s", v, kindOf(f.value))
		}
		return f.set(v)
	case bool:
		if kindOf(f.value) == "true|false" {
			f.value.SetBool(v)
			return nil
		}
	case int64:
		if kindOf(f.value) == "N" {
			f.value.SetInt(v)
			return nil
		}
	}
	return fmt.Errorf("%v is of the wrong type: write %s", value, map[bool]string{true: "it in quotes", false: kindOf(f.value)}[f.quoted()])
}

// quoted reports whether TOML has the field's value in quotes.
func (f *field) quoted() bool {
	kind := kindOf(f.value)
	return kind != "true|false" && kind != "N"
}

// suggest names the settings that look like key.
func (s *Set) suggest(key string) string {
	for i := range s.fields {
		name := s.fields[i].name
		if strings.EqualFold(strings.NewReplacer("_", "-", " ", "-").Replace(key), name) || oneOff(key, name) {
			return fmt.Sprintf("; did you mean %q?", name)
		}
	}
	return "; see --help for the keys"
}

// oneOff reports whether b is a with one letter added, left out or changed.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
