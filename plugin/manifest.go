package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// Version is the version of the ABI that this package knows.
const Version = 1

// The hooks that a plugin may have; see ABI.md.
const (
	HookAudio        = "audio"         // changes what its user says
	HookChatOutgoing = "chat.outgoing" // reads and changes what its user writes
	HookChatIncoming = "chat.incoming" // reads and changes what is shown to him
	HookChatServer   = "chat.server"   // reads and changes what everybody writes, on a server
)

// The permissions that a plugin may ask for.
const (
	PermissionClock  = "clock"  // the real time
	PermissionRandom = "random" // random numbers
)

// What becomes of a frame, or a line, that a plugin did not deal with in time.
const (
	PassOnMiss    = "pass"    // it goes on unchanged
	SilenceOnMiss = "silence" // it is silent, or dropped
)

var (
	allHooks       = []string{HookAudio, HookChatOutgoing, HookChatIncoming, HookChatServer}
	allPermissions = []string{PermissionClock, PermissionRandom}
)

// Manifest is what a plugin says of itself; ABI.md has the rules.
type Manifest struct {
	ABI         int       `json:"abi"`
	Name        string    `json:"name"` // what settings and commands call it
	Title       string    `json:"title,omitempty"`
	Version     string    `json:"version"`
	Author      string    `json:"author"`
	Description string    `json:"description,omitempty"`
	Hooks       []string  `json:"hooks"`
	Permissions []string  `json:"permissions,omitempty"`
	OnMiss      string    `json:"on_miss,omitempty"` // "": PassOnMiss
	Settings    []Setting `json:"settings,omitempty"`
}

// Label is what people read: the title, or the name where there is none.
func (m Manifest) Label() string {
	if m.Title != "" {
		return m.Title
	}
	return m.Name
}

// Has reports whether the plugin has a hook.
func (m Manifest) Has(hook string) bool { return slices.Contains(m.Hooks, hook) }

// Chats reports whether the plugin has one of the chat hooks.
func (m Manifest) Chats() bool {
	return slices.ContainsFunc(m.Hooks, func(h string) bool { return strings.HasPrefix(h, "chat.") })
}

// Silences reports whether a frame that the plugin misses is silent.
func (m Manifest) Silences() bool { return m.OnMiss == SilenceOnMiss }

// Setting returns the setting of that name.
func (m Manifest) Setting(name string) (s Setting, ok bool) {
	i := slices.IndexFunc(m.Settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return s, false
	}
	return m.Settings[i], true
}

// Defaults returns the value of each setting that it has until somebody changes it.
func (m Manifest) Defaults() map[string]any {
	values := make(map[string]any, len(m.Settings))
	for _, s := range m.Settings {
		values[s.Name] = s.Default
	}
	return values
}

// ReadManifest returns the manifest of a module, given as the bytes of its file. It
// walks the file's sections, compiles nothing, and checks what can be checked without:
// the manifest's rules, and that the exports, their types, the imports and the limits
// are as ABI.md has them. The error is [voiceapp.Invalid], and says what is wrong.
func ReadManifest(file []byte) (Manifest, error) {
	m, err := parse(file)
	if err != nil {
		return Manifest{}, err
	}
	if m.manifest == nil {
		return Manifest{}, refuse("the file has no manifest: a plugin has a custom section %q with one", manifestSection)
	}
	manifest, err := ParseManifest(m.manifest)
	if err != nil {
		return Manifest{}, err
	}
	return manifest, m.conforms(manifest)
}

// ParseManifest reads a manifest, given as JSON, and checks it. The error is
// [voiceapp.Invalid], and says what is wrong.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if len(text) > maxManifest {
		return m, refuse("the manifest has %d bytes; it may have %d", len(text), maxManifest)
	}
	if !utf8.Valid(text) {
		return m, refuse("the manifest is not UTF-8")
	}
	// A later version may have keys that this one does not know.
	var version struct {
		ABI int `json:"abi"`
	}
	if json.Unmarshal(text, &version) == nil && version.ABI != Version && version.ABI > 0 {
		return m, refuse("the plugin is for version %d of the ABI; this program knows version %d", version.ABI, Version)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, manifestError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Manifest{}, refuse("something follows the manifest's JSON object")
	}
	if err := m.Check(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// manifestError says what json has found.
func manifestError(err error) error {
	var field *json.UnmarshalTypeError
	if known := voiceapp.AsError(err); known != nil && known.Code == voiceapp.Invalid {
		return known
	}
	if errors.As(err, &field) {
		return refuse("the manifest's %q can't be a %s", field.Field, field.Value)
	}
	return refuse("the manifest is not as it should be: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// Check reports, as [voiceapp.Invalid], why m can't be a manifest.
func (m Manifest) Check() error {
	if m.ABI != Version {
		return refuse("the manifest has no \"abi\"; it is %d", Version)
	}
	if err := checkName("the plugin's name", m.Name); err != nil {
		return err
	}
	for _, text := range []struct {
		key, value string
		most       int
		required   bool
	}{
		{"version", m.Version, 32, true}, {"author", m.Author, 128, true}, {"title", m.Title, 64, false}, {"description", m.Description, 1024, false},
	} {
		if err := checkText(text.key, text.value, text.most, text.required); err != nil {
			return err
		}
	}
	if len(m.Hooks) == 0 {
		return refuse("the manifest names no hook; there are %s", strings.Join(allHooks, ", "))
	}
	if err := checkWords("hooks", m.Hooks, allHooks); err != nil {
		return err
	}
	if err := checkWords("permissions", m.Permissions, allPermissions); err != nil {
		return err
	}
	if m.OnMiss != "" && m.OnMiss != PassOnMiss && m.OnMiss != SilenceOnMiss {
		return refuse("the manifest's \"on_miss\" is %q; it may be %q or %q", m.OnMiss, PassOnMiss, SilenceOnMiss)
	}
	return checkSettings(m.Settings)
}

// checkName checks what settings and commands call something.
func checkName(what, name string) error {
	valid := len(name) >= 1 && len(name) <= 32 && name[0] >= 'a' && name[0] <= 'z'
	for _, r := range name {
		valid = valid && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	if !valid {
		return refuse("%s is %q; it has 1 to 32 of a-z, 0-9, - and _, beginning with a letter", what, clip(name))
	}
	return nil
}

// clip makes a text short enough to be quoted.
func clip(text string) string {
	if len(text) <= 64 {
		return text
	}
	return strings.ToValidUTF8(text[:64], "") + "..."
}

func checkText(key, value string, most int, required bool) error {
	if required && value == "" {
		return refuse("the manifest has no %q", key)
	}
	if err := voiceapp.CheckText(fmt.Sprintf("the manifest's %q", key), value, most); err != nil {
		return err
	}
	return nil
}

// checkWords checks that each word is one of those known, and there once.
func checkWords(key string, words, known []string) error {
	for i, w := range words {
		if !slices.Contains(known, w) {
			return refuse("the manifest's %q has %q; there are %s", key, clip(w), strings.Join(known, ", "))
		}
		if slices.Contains(words[:i], w) {
			return refuse("the manifest's %q has %q twice", key, w)
		}
	}
	return nil
}
