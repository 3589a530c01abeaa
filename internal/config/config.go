package config

import (
	"encoding"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// EnvPrefix begins the name of every environment variable.
const EnvPrefix = "VOICEAPP_"

// Set is the settings of one command, bound to the fields of a struct. It is made
// by [New] and used once, by one goroutine.
type Set struct {
	command string
	fields  []field
	given   []assignment // from the command line, in order
	args    []string
}

// field is one setting. value points into the caller's struct.
type field struct {
	name, help, placeholder string

	value   reflect.Value
	initial string // the default, as text
	source  Source
	reloads bool
}

// Source says where a setting's value is from.
type Source string

// The sources. Each wins over those before it.
const (
	Default     Source = "default"
	File        Source = "file"
	Environment Source = "environment"
	Flag        Source = "flag"
)

type assignment struct {
	field *field
	text  string
}

// New binds the exported, `name`-tagged fields of the struct that settings points
// to; an embedded struct's fields count as its own. The tag `help` is shown by
// --help, `value` is the placeholder there, `reload:"yes"` marks what can change
// while the program runs. It panics when a field has a type that settings can't have:
// a mistake in the program.
func New(command string, settings any) *Set {
	s := &Set{command: command}
	s.bind(reflect.ValueOf(settings).Elem())
	return s
}

func (s *Set) bind(v reflect.Value) {
	for i := range v.NumField() {
		at := v.Type().Field(i)
		if at.Anonymous {
			s.bind(v.Field(i))
			continue
		}
		name := at.Tag.Get("name")
		if name == "" {
			continue
		}
		if kindOf(v.Field(i)) == "" {
			panic("config: " + at.Name + " has a type that settings can't have: " + at.Type.String())
		}
		f := field{name: name, help: at.Tag.Get("help"), placeholder: at.Tag.Get("value"), value: v.Field(i), source: Default, reloads: at.Tag.Get("reload") == "yes"}
		f.initial = f.text()
		s.fields = append(s.fields, f)
	}
}

// ParseArgs reads the command line: flags and arguments in any order, "--" ends
// the flags. Nothing is stored in the struct before [Set.Apply]. The errors are
// [flag.ErrHelp] for --help, after the usage text went to help, and
// [voiceapp.Invalid].
func (s *Set) ParseArgs(args []string, help io.Writer) error {
	fs := flag.NewFlagSet(s.command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for i := range s.fields {
		fs.Var(flagValue{set: s, field: &s.fields[i]}, s.fields[i].name, "")
	}
	for {
		before := len(args)
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			s.usage(help)
			return err
		}
		if err != nil {
			return voiceapp.NewError(voiceapp.Invalid, err.Error()+"; see "+s.command+" --help")
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return nil
		}
		if parsed := before - len(rest); parsed > 0 && args[parsed-1] == "--" {
			s.args = append(s.args, rest...)
			return nil
		}
		s.args, args = append(s.args, rest[0]), rest[1:]
	}
}

// Args returns the arguments that are no flags. The slice belongs to the set.
func (s *Set) Args() []string { return s.args }

// Lookup returns what the command line, or else the environment, says of a
// setting, before [Set.Apply]: for the one that names the file.
func (s *Set) Lookup(name string) (text string, ok bool) {
	for i := len(s.given) - 1; i >= 0; i-- {
		if s.given[i].field.name == name {
			return s.given[i].text, true
		}
	}
	return os.LookupEnv(envName(name))
}

// Apply stores the settings in the struct: from the TOML file at path (none when
// path is empty), then the environment, then the command line. The error is
// [voiceapp.Invalid] and names the place.
func (s *Set) Apply(path string) error {
	if path != "" {
		if err := s.applyFile(path); err != nil {
			return err
		}
	}
	for i := range s.fields {
		f := &s.fields[i]
		if text, ok := os.LookupEnv(envName(f.name)); ok {
			if err := f.set(text); err != nil {
				return voiceapp.NewError(voiceapp.Invalid, envName(f.name)+": "+err.Error())
			}
			f.source = Environment
		}
	}
	for _, a := range s.given {
		if err := a.field.set(a.text); err != nil {
			return voiceapp.NewError(voiceapp.Invalid, "--"+a.field.name+": "+err.Error())
		}
		a.field.source = Flag
	}
	return nil
}

// Source says where a setting's value is from, after [Set.Apply]; "" for a setting
// that there is not.
func (s *Set) Source(name string) Source {
	if f := s.field(name); f != nil {
		return f.source
	}
	return ""
}

func envName(name string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// flagValue collects what the command line says of one field.
type flagValue struct {
	set   *Set
	field *field
}

func (v flagValue) String() string { return "" }

func (v flagValue) Set(text string) error {
	v.set.given = append(v.set.given, assignment{v.field, text})
	return nil
}

func (v flagValue) IsBoolFlag() bool { return v.field != nil && v.field.value.Kind() == reflect.Bool }

// kindOf names what a value looks like, for messages; "" for a type that settings
// can't have.
func kindOf(v reflect.Value) string {
	if _, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return "TEXT"
	}
	switch v.Interface().(type) {
	case string:
		return "TEXT"
	case bool:
		return "true|false"
	case int:
		return "N"
	case time.Duration:
		return "DURATION"
	}
	return ""
}

// set stores a value from its text.
func (f *field) set(text string) error {
	if u, ok := f.value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch f.value.Interface().(type) {
	case string:
		f.value.SetString(text)
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		f.value.SetBool(b)
	case int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		f.value.SetInt(int64(n))
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 10s or 1m30s", text)
		}
		f.value.SetInt(int64(d))
	}
	return nil
}

// text is the inverse of set.
func (f *field) text() string {
	if m, ok := f.value.Interface().(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(f.value)
}
