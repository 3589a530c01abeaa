package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestReadManifest(t *testing.T) {
	m, err := ReadManifest(good().bytes())
	if err != nil {
		t.Fatal(err)
	}
	if m.Label() != "Robot" || !m.Has(HookAudio) || m.Has(HookChatServer) || !m.Chats() || !m.Silences() {
		t.Errorf("%+v", m)
	}
	want := map[string]any{"pitch": 1.5, "steps": int64(9007199254740991), "loud": true, "greeting": "hi", "voice": "low"}
	if got := m.Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("defaults %#v", got)
	}
	again, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := ParseManifest(again); err != nil || !reflect.DeepEqual(same, m) {
		t.Errorf("written and read again: %+v, %v", same, err)
	}
}

// What is wrong is said in words.
func TestReadManifestRefuses(t *testing.T) {
	change := func(from, to string) wasm {
		w := good()
		if w.manifest = strings.Replace(w.manifest, from, to, 1); w.manifest == goodManifest {
			t.Fatalf("no %s in the manifest", from)
		}
		return w
	}
	with := func(do func(w *wasm)) []byte {
		w := good()
		do(&w)
		return w.bytes()
	}
	for _, c := range []struct {
		name string
		file []byte
		says string
	}{
		{"nothing", nil, "no WebAssembly"},
		{"an ELF file", []byte("\x7fELF\x02\x01\x01\x00"), "no WebAssembly"},
		{"a component", []byte("\x00asm\x0d\x00\x01\x00"), "component"},
		{"a later version", []byte("\x00asm\x02\x00\x00\x00"), "version 2"},
		{"too large", make([]byte, MaxFile+1), "at most 32"},
		{"cut off", good().bytes()[:40], "cut off"},
		{"no manifest", wasm{memories: []limit{{1, 0}}}.bytes(), "no manifest"},
		{"two manifests", append(good().bytes(), section(0, append(text(manifestSection), goodManifest...))...), "more than one manifest"},
		{"a large manifest", change(`"description":"`, `"description":"`+strings.Repeat("x", 1<<16)).bytes(), "65536"},
		{"no JSON", change(`{"abi"`, `{"abi`).bytes(), "not as it should be"},
		{"not UTF-8", change("Somebody", "\xff").bytes(), "UTF-8"},
		{"more than an object", change(`"high"]}]}`, `"high"]}]} {}`).bytes(), "follows"},
		{"an unknown key", change(`"title"`, `"titel"`).bytes(), "titel"},
		{"a later ABI", change(`"abi":1`, `"abi":2,"new":3`).bytes(), "version 2 of the ABI; this program knows version 1"},
		{"no ABI", change(`"abi":1,`, ``).bytes(), `"abi"`},
		{"a wrong type", change(`"name":"robot"`, `"name":7`).bytes(), `"name" can't be a number`},
		{"a name with dots", change(`"robot"`, `"../robot"`).bytes(), "the plugin's name"},
		{"a control character", change(`Somebody`, `Some\u001b[2Jbody`).bytes(), "author"},
		{"no author", change(`"author":"Somebody",`, ``).bytes(), `no "author"`},
		{"a long title", change(`"Robot"`, `"`+strings.Repeat("o", 65)+`"`).bytes(), "title"},
		{"no hook", change(`"audio","chat.outgoing"`, ``).bytes(), "no hook"},
		{"an unknown hook", change(`"audio"`, `"video"`).bytes(), "video"},
		{"a hook twice", change(`"audio","chat.outgoing"`, `"audio","audio"`).bytes(), "twice"},
		{"an unknown permission", change(`"random"`, `"network"`).bytes(), "network"},
		{"an unknown on_miss", change(`"silence"`, `"loud"`).bytes(), "on_miss"},
		{"a setting twice", change(`"steps"`, `"pitch"`).bytes(), "twice"},
		{"a default out of bounds", change(`1.5`, `9`).bytes(), "0.5 to 2"},
		{"a default of another type", change(`"default":true`, `"default":"yes"`).bytes(), "loud is of the type bool"},
		{"no default", change(`"default":true`, `"default":null`).bytes(), "no default"},
		{"a broken whole number", change(`9007199254740991`, `1.5`).bytes(), "steps is of the type int"},
		{"a huge whole number", change(`9007199254740991`, `1e300`).bytes(), "steps is of the type int"},
		{"bounds the wrong way", change(`"min":0.5,"max":2`, `"min":3,"max":2`).bytes(), "at least 3"},
		{"bounds of a bool", change(`"default":true`, `"default":true,"min":1`).bytes(), "bounds"},
		{"a text that is too long", change(`"default":"hi"`, `"default":"good morning"`).bytes(), "greeting"},
		{"one choice", change(`["low","high"]`, `["low"]`).bytes(), "choices"},
		{"a default that is no choice", change(`"default":"low"`, `"default":"mid"`).bytes(), "mid"},
		{"an unknown type", change(`"type":"bool"`, `"type":"date"`).bytes(), "date"},
		{"an unknown key of a setting", change(`"type":"bool"`, `"type":"bool","hidden":true`).bytes(), "hidden"},
		{"no memory", with(func(w *wasm) { w.memories = nil }), "0 memories"},
		{"a memory that is not exported", without(exportMemory).bytes(), "export its memory"},
		{"shared memory", with(func(w *wasm) { w.more = section(5, []byte{1, 3, 1, 1}) }), "shared"},
		{"an imported memory", with(func(w *wasm) { w.more = section(2, []byte{1, 1, 'e', 1, 'm', kindMemory, 0, 1}) }), "imports e.m"},
		{"no audio hook", without(exportAudio).bytes(), "the hook audio needs"},
		{"no free", without(exportFree).bytes(), "chat hooks or settings needs"},
		{"an audio hook of another type", with(func(w *wasm) { w.types[6] = signature{i32, i64} }), "(i32) -> (i64); it is (i32, i32) -> (i32)"},
		{"a hook that is no function", with(func(w *wasm) { w.exports[6].kind = kindGlobal }), "as a global"},
		{"a command", with(func(w *wasm) { w.exports = append(w.exports, exportOf{"_start", kindFunction, 0}) }), "command"},
		{"an import that there is not", with(func(w *wasm) { w.imports[0].name = "open" }), `"open"`},
		{"an import of another module", with(func(w *wasm) { w.imports[0].module = "env" }), `"env"`},
		{"an import of another type", with(func(w *wasm) { w.imports[0].typ = 2 }), "wrong type"},
		{"a huge table", with(func(w *wasm) { w.tables = []int{1, 1<<32 - 1} }), "4294967296 elements"},
		{"too many functions", with(func(w *wasm) { w.more = section(3, leb(1<<31)) }), "2147483648 functions"},
		{"too many globals", with(func(w *wasm) { w.globals = 10_001 }), "10001 globals"},
	} {
		_, err := ReadManifest(c.file)
		if !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, which does not say %q", c.name, err, c.says)
		}
	}
}

func TestSettingValues(t *testing.T) {
	m, err := ParseManifest([]byte(goodManifest))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		value any
		want  string // "": refused
	}{
		{"pitch", 1, "float64 1"},
		{"pitch", json.Number("0.75"), "float64 0.75"},
		{"pitch", 2.5, ""},
		{"pitch", "1", ""},
		{"steps", 3.0, "int64 3"},
		{"steps", 3.5, ""},
		{"loud", false, "bool false"},
		{"loud", 1, ""},
		{"greeting", "hello", "string hello"},
		{"greeting", "a\x00b", ""},
		{"voice", "high", "string high"},
		{"voice", "mid", ""},
		{"pitch", nil, ""},
	} {
		setting, ok := m.Setting(c.name)
		if !ok {
			t.Fatal(c.name)
		}
		value, err := setting.Value(c.value)
		if got := fmt.Sprintf("%T %v", value, value); c.want != "" && (err != nil || got != c.want) || c.want == "" && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s = %v: %s, %v", c.name, c.value, got, err)
		}
	}
}

func FuzzReadManifest(f *testing.F) {
	f.Add(good().bytes())
	f.Add(without(exportChat).bytes())
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := ReadManifest(file)
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) || err.Error() == "" {
				t.Errorf("%v", err)
			}
			return
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseManifest(text); err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%+v becomes %+v, %v", m, again, err)
		}
	})
}
