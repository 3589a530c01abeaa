package config

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the settings in force, in the form of the TOML file, each below what
// it is, its default and where its value is from.
func (s *Set) Print(w io.Writer) {
	for i := range s.fields {
		f := &s.fields[i]
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "# %s\n# default: %s; this is from the %s\n%s = %s\n", f.help, f.toml(f.initial), f.sourceText(), f.name, f.toml(f.text()))
	}
}

// sourceText says to people where a value is from.
func (f *field) sourceText() string {
	switch f.source {
	case Default:
		return "default"
	case File:
		return "settings file"
	case Environment:
		return "environment (" + envName(f.name) + ")"
	case Flag:
		return "command line (--" + f.name + ")"
	}
	return string(f.source)
}

// toml is a value's text as it stands in the file.
func (f *field) toml(text string) string {
	if f.quoted() {
		return fmt.Sprintf("%q", text)
	}
	return text
}

// Reference writes all settings as a table of Markdown: the key of the file, the
// flag, the environment variable, the default, what it is, and whether it can change
// while the program runs.
func (s *Set) Reference(w io.Writer) {
	fmt.Fprint(w, "| key | flag | environment | default | what it is | reload |\n|---|---|---|---|---|---|\n")
	for i := range s.fields {
		f := &s.fields[i]
		reload := ""
		if f.reloads {
			reload = "yes"
		}
		fmt.Fprintf(w, "| `%s` | `%s` | `%s` | `%s` | %s | %s |\n", f.name, cell(f.label()), envName(f.name), cell(f.toml(f.initial)), cell(f.help), reload)
	}
}

// cell is a text as it stands in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
