package plugin

import "strings"

// The letters of the binary format for value types.
const (
	i32 = "\x7f"
	i64 = "\x7e"
)

// Names of exports and imports.
const (
	exportMemory     = "memory"
	exportInitialize = "_initialize"
	exportAlloc      = "voiceapp_alloc"
	exportFree       = "voiceapp_free"
	exportSettings   = "voiceapp_settings"
	exportAudioOpen  = "voiceapp_audio_open"
	exportAudio      = "voiceapp_audio"
	exportChat       = "voiceapp_chat"

	hostModule = "voiceapp"
	wasiModule = "wasi_snapshot_preview1"
	importLog  = "log"
)

// exported is a function that a plugin exports, and what for.
type exported struct {
	name    string
	sig     signature
	needed  func(Manifest) bool // nil: never
	neededs string              // by what, in words
}

var exportedFunctions = []exported{
	{exportInitialize, signature{}, nil, ""},
	{exportAlloc, signature{i32, i32}, exchanges, "a plugin with chat hooks or settings"},
	{exportFree, signature{i32 + i32, ""}, exchanges, "a plugin with chat hooks or settings"},
	{exportSettings, signature{i32 + i32, i32}, configurable, "a plugin with settings"},
	{exportAudioOpen, signature{i32 + i32 + i32, i32}, audible, "the hook audio"},
	{exportAudio, signature{i32 + i32, i32}, audible, "the hook audio"},
	{exportChat, signature{i32 + i32, i64}, Manifest.Chats, "a chat hook"},
}

func exchanges(m Manifest) bool    { return m.Chats() || len(m.Settings) > 0 }
func configurable(m Manifest) bool { return len(m.Settings) > 0 }
func audible(m Manifest) bool      { return m.Has(HookAudio) }

// conforms checks a module against its manifest and the ABI.
func (m *module) conforms(manifest Manifest) error {
	switch {
	case len(m.functions) > maxFunctions:
		return refuse("the file has %d functions; a plugin has at most %d", len(m.functions), maxFunctions)
	case m.elements > maxElements:
		return refuse("the file's tables have %d elements; a plugin's have at most %d", m.elements, maxElements)
	case len(m.memories) != 1:
		return refuse("the file has %d memories; a plugin has one", len(m.memories))
	case m.exports[exportMemory].kind != kindMemory:
		return refuse("the file does not export its memory as %q", exportMemory)
	}
	if _, command := m.exports["_start"]; command {
		return refuse("the file is a command (it exports \"_start\"); a plugin is a reactor: build it as a library")
	}
	for _, e := range exportedFunctions {
		if err := m.exportsRight(e, manifest); err != nil {
			return err
		}
	}
	for _, i := range m.imports {
		if err := m.importsRight(i); err != nil {
			return err
		}
	}
	return nil
}

func (m *module) exportsRight(e exported, manifest Manifest) error {
	needed := e.needed != nil && e.needed(manifest)
	entry, there := m.exports[e.name]
	switch {
	case needed && !there:
		return refuse("the file does not export %q, which %s needs", e.name, e.neededs)
	case !there:
		return nil
	case entry.kind != kindFunction:
		return refuse("the file exports %q as a %s; it is a function", e.name, kindName(entry.kind))
	}
	if sig, _ := m.function(e.name); sig != e.sig {
		return refuse("the file exports %q as %s; it is %s", e.name, sig, e.sig)
	}
	return nil
}

func (m *module) importsRight(i importEntry) error {
	switch {
	case i.module == wasiModule:
		return nil
	case i.module != hostModule || i.name != importLog:
		return refuse("the file imports %q of %q, which no plugin can have", clip(i.name), clip(i.module))
	}
	want := signature{i32 + i32 + i32, ""}
	if int(i.typ) >= len(m.types) || m.types[i.typ] != want {
		return refuse("the file imports %q with a wrong type; it is %s", i.name, want)
	}
	return nil
}

func kindName(kind byte) string {
	if int(kind) < len(kindNames) {
		return kindNames[kind]
	}
	return "thing of another kind"
}

// String gives a signature as ABI.md writes it.
func (s signature) String() string {
	return "(" + valueTypes(s.params) + ") -> (" + valueTypes(s.results) + ")"
}

func valueTypes(letters string) string {
	var names []string
	for _, l := range []byte(letters) {
		name := map[byte]string{0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64", 0x7b: "v128"}[l]
		if name == "" {
			name = "a reference"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
