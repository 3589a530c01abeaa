package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// The types of settings.
const (
	TypeBool   = "bool"
	TypeInt    = "int"
	TypeFloat  = "float"
	TypeText   = "text"
	TypeChoice = "choice"
)

const (
	maxSettings     = 64
	maxChoices      = 64
	maxSettingBytes = 4096
	defaultMaxBytes = 256
	maxInt          = 1 << 53
)

// Setting is something about a plugin that its user may change.
type Setting struct {
	Name     string   `json:"name"`
	Title    string   `json:"title,omitempty"`
	Help     string   `json:"help,omitempty"`
	Type     string   `json:"type"`
	Default  any      `json:"default"`             // as Value returns it
	Min      *float64 `json:"min,omitempty"`       // of an int or a float; nil: none
	Max      *float64 `json:"max,omitempty"`       // likewise
	MaxBytes int      `json:"max_bytes,omitempty"` // of a text; 0: 256
	Choices  []string `json:"choices,omitempty"`   // of a choice
}

// UnmarshalJSON keeps a default that is a whole number whole.
func (s *Setting) UnmarshalJSON(text []byte) error {
	type plain Setting
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode((*plain)(s)); err != nil {
		return manifestError(err)
	}
	value, err := s.Value(s.Default)
	if err == nil {
		s.Default = value
	}
	return nil // Manifest.Check says what is wrong
}

// Label is what people read: the title, or the name where there is none.
func (s Setting) Label() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}

// Value returns a value as the setting has it: a bool, an int64, a float64 or a
// string. It takes numbers of any Go type, and json.Number. The error is
// [voiceapp.Invalid].
func (s Setting) Value(value any) (any, error) {
	switch s.Type {
	case TypeBool:
		if v, ok := value.(bool); ok {
			return v, nil
		}
	case TypeInt:
		if v, ok := number(value); ok && v == math.Trunc(v) && math.Abs(v) <= maxInt {
			return int64(v), s.within(v)
		}
	case TypeFloat:
		if v, ok := number(value); ok {
			return v, s.within(v)
		}
	case TypeText:
		if v, ok := value.(string); ok {
			return v, voiceapp.CheckText("the setting "+s.Name, v, s.most())
		}
	case TypeChoice:
		if v, ok := value.(string); ok {
			if !slices.Contains(s.Choices, v) {
				return nil, refuse("the setting %s is %q; it may be one of %q", s.Name, clip(v), s.Choices)
			}
			return v, nil
		}
	}
	return nil, refuse("the setting %s is of the type %s, which %s is not", s.Name, s.Type, clip(fmt.Sprintf("%#v", value)))
}

func (s Setting) most() int {
	if s.MaxBytes > 0 {
		return s.MaxBytes
	}
	return defaultMaxBytes
}

func (s Setting) within(v float64) error {
	if s.Min != nil && v < *s.Min || s.Max != nil && v > *s.Max {
		return refuse("the setting %s is %v; it may be %s", s.Name, v, s.bounds())
	}
	return nil
}

func (s Setting) bounds() string {
	switch {
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf("%v to %v", *s.Min, *s.Max)
	case s.Min != nil:
		return fmt.Sprintf("%v or more", *s.Min)
	default:
		return fmt.Sprintf("%v or less", *s.Max)
	}
}

// number returns a finite number.
func number(value any) (n float64, ok bool) {
	switch v := value.(type) {
	case float64:
		n = v
	case float32:
		n = float64(v)
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case json.Number:
		var err error
		if n, err = v.Float64(); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	return n, !math.IsNaN(n) && !math.IsInf(n, 0)
}

func checkSettings(settings []Setting) error {
	if len(settings) > maxSettings {
		return refuse("the manifest has %d settings; it may have %d", len(settings), maxSettings)
	}
	seen := map[string]bool{}
	for _, s := range settings {
		if seen[s.Name] {
			return refuse("the manifest has the setting %s twice", clip(s.Name))
		}
		seen[s.Name] = true
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

func (s Setting) check() error {
	if err := checkName("the name of a setting", s.Name); err != nil {
		return err
	}
	if err := checkText("title", s.Title, 64, false); err != nil {
		return err
	}
	if err := checkText("help", s.Help, 1024, false); err != nil {
		return err
	}
	if err := s.checkType(); err != nil {
		return err
	}
	if s.Default == nil {
		return refuse("the setting %s has no default", s.Name)
	}
	_, err := s.Value(s.Default)
	return err
}

// checkType checks what goes with a setting's type, and nothing with another.
func (s Setting) checkType() error {
	numeric := s.Type == TypeInt || s.Type == TypeFloat
	switch {
	case !numeric && s.Type != TypeBool && s.Type != TypeText && s.Type != TypeChoice:
		return refuse("the setting %s has the type %q; there are bool, int, float, text and choice", s.Name, clip(s.Type))
	case !numeric && (s.Min != nil || s.Max != nil):
		return refuse("the setting %s has bounds, which only an int or a float may have", s.Name)
	case s.Min != nil && s.Max != nil && *s.Min > *s.Max:
		return refuse("the setting %s is at least %v and at most %v", s.Name, *s.Min, *s.Max)
	case s.Type != TypeText && s.MaxBytes != 0:
		return refuse("the setting %s has \"max_bytes\", which only a text may have", s.Name)
	case s.MaxBytes < 0 || s.MaxBytes > maxSettingBytes:
		return refuse("the setting %s has \"max_bytes\" %d; it may be 1 to %d", s.Name, s.MaxBytes, maxSettingBytes)
	case s.Type != TypeChoice && len(s.Choices) > 0:
		return refuse("the setting %s has choices, which only a choice may have", s.Name)
	case s.Type == TypeChoice:
		return s.checkChoices()
	}
	return nil
}

func (s Setting) checkChoices() error {
	if len(s.Choices) < 2 || len(s.Choices) > maxChoices {
		return refuse("the setting %s has %d choices; it may have 2 to %d", s.Name, len(s.Choices), maxChoices)
	}
	for i, c := range s.Choices {
		if err := checkText("choices", c, 64, true); err != nil {
			return err
		}
		if slices.Contains(s.Choices[:i], c) {
			return refuse("the setting %s has the choice %q twice", s.Name, c)
		}
	}
	return nil
}

// Parse returns the value that a text, such as a person types, stands for. The error is
// [voiceapp.Invalid].
func (s Setting) Parse(text string) (any, error) {
	switch s.Type {
	case TypeBool:
		switch text {
		case "true", "yes", "on":
			return true, nil
		case "false", "no", "off":
			return false, nil
		}
	case TypeInt, TypeFloat:
		return s.Value(json.Number(strings.TrimSpace(text)))
	default:
		return s.Value(text)
	}
	return nil, refuse("the setting %s is true or false, and not %q", s.Name, clip(text))
}
