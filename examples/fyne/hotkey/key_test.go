package hotkey

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestParseKey(t *testing.T) {
	for _, test := range []struct{ text, want, trigger string }{
		{"F9", "F9", "F9"},
		{"f24", "F24", "F24"},
		{"Ctrl+Alt+Space", "Ctrl+Alt+Space", "CTRL+ALT+space"},
		{"shift + CONTROL + m", "Ctrl+Shift+M", "CTRL+SHIFT+m"},
		{"Win+1", "Super+1", "LOGO+1"},
		{"Pause", "Pause", "Pause"},
		{"RightControl", "RightCtrl", "Control_R"},
		{"Mouse4", "Mouse4", ""},
		{"ö", "Ö", ""},
		{"Prior", "PageUp", "Prior"},
		{"Return", "Enter", "Return"},
		{"KP_0", "Num0", "KP_0"},
		{"0", "0", "0"},
		{"-", "Minus", "minus"},
		{"+", "Plus", "plus"},
		{"Ctrl++", "Ctrl+Plus", "CTRL+plus"},
		{"CapsLock", "CapsLock", "Caps_Lock"},
	} {
		k, err := ParseKey(test.text)
		if err != nil || k.String() != test.want || k.trigger() != test.trigger {
			t.Errorf("%q is %q, %q, %v, want %q, %q", test.text, k, k.trigger(), err, test.want, test.trigger)
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, text := range []string{"", " ", "Ctrl", "Ctrl+", "F25", "F0", "Hyper+A", "A+B", "Ctrl+Alt", "AB", "Mouse1", "é́", "д", "\xff", "Ctrl+Ctrl", "µ", "ÿ"} {
		if k, err := ParseKey(text); !errors.Is(err, voiceapp.Invalid) || !errors.Is(err, BadKey) || voiceapp.AsError(err).About != text || !k.IsZero() {
			t.Errorf("%q is %q, %v, want Invalid", text, k, err)
		}
	}
}

func TestKeyText(t *testing.T) {
	in := struct{ Talk, Mute Key }{}
	if err := json.Unmarshal([]byte(`{"Talk":"ctrl+f9","Mute":""}`), &in); err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(in); err != nil || string(out) != `{"Talk":"Ctrl+F9","Mute":""}` {
		t.Errorf("%s, %v", out, err)
	}
	if k := (Key{}); k.String() != "" || k.trigger() != "" {
		t.Errorf("no key is %q, %q", k, k.trigger())
	}
}

// Names are their own and tell keys apart, whatever one writes.
func TestKeyNames(t *testing.T) {
	seen := map[string]string{}
	for _, n := range keyNames {
		for _, name := range append([]string{n.name, n.x}, n.others...) {
			if name == "" {
				continue
			}
			k, err := ParseKey(name)
			if err != nil || k.name != n.name {
				t.Errorf("%q is %q, %v, want %q", name, k, err, n.name)
			}
			if first, ok := seen[name]; ok && first != n.name {
				t.Errorf("%q is both %s and %s", name, first, n.name)
			}
			seen[name] = n.name
		}
		if (n.button != 0) == (len(n.symbols) != 0) {
			t.Errorf("%s is a button and a key, or neither", n.name)
		}
	}
}

// What is read is written so that it is read the same.
func FuzzParseKey(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKey(text)
		if err != nil {
			return
		}
		if again, err := ParseKey(k.String()); err != nil || again != k {
			t.Fatalf("%q is %q, which is %q, %v", text, k, again, err)
		}
	})
}
