package config

import (
	"fmt"
	"io"
	"log/slog"
)

// usage writes one line for each setting: flag, what it does, default.
func (s *Set) usage(w io.Writer) {
	if len(s.fields) == 0 {
		return
	}
	fmt.Fprintf(w, "\nFlags (each has an environment variable too, as %s for --%s):\n", envName(s.fields[0].name), s.fields[0].name)
	width := 0
	for i := range s.fields {
		width = max(width, len(s.fields[i].label()))
	}
	for i := range s.fields {
		f := &s.fields[i]
		fmt.Fprintf(w, "  %-*s  %s%s\n", width, f.label(), f.help, f.defaultNote())
	}
}

func (f *field) label() string {
	kind := kindOf(f.value)
	if f.placeholder != "" {
		kind = f.placeholder
	}
	if kind == "true|false" {
		return "--" + f.name
	}
	return "--" + f.name + " " + kind
}

// defaultNote leaves out a default that says nothing; a level's zero value is INFO.
func (f *field) defaultNote() string {
	if _, level := f.value.Interface().(slog.Leveler); f.value.IsZero() && !level {
		return ""
	}
	return fmt.Sprintf(" (default %s)", f.text())
}
