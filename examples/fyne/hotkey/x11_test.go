//go:build linux

package hotkey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
)

// record is what bindings were told, such as "talk down".
type record struct {
	mu   sync.Mutex
	told []string
	news chan struct{}
}

func newRecord() *record { return &record{news: make(chan struct{}, 100)} }

// binding makes one that is written down.
func (r *record) binding(t testing.TB, name, key string) Binding {
	t.Helper()
	k, err := ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Binding{Name: name, Description: name, Key: k, On: func(down bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, fmt.Sprint(name, map[bool]string{true: " down", false: " up"}[down]))
		r.news <- struct{}{}
	}}
}

// want waits for what is to be told, and forgets it.
func (r *record) want(t testing.TB, want ...string) {
	t.Helper()
	for range want {
		select {
		case <-r.news:
		case <-time.After(5 * time.Second):
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.told, want) {
		t.Errorf("told %q, want %q", r.told, want)
	}
	r.told = nil
	for len(r.news) > 0 {
		<-r.news
	}
}

// run opens keys and runs them until the test is over. The channel has what Run returns.
func run(t *testing.T, cfg Config) (*Hotkeys, <-chan error) {
	t.Helper()
	keys, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- keys.Run(context.Background()) }()
	t.Cleanup(keys.Close)
	return keys, ended
}

func TestX11(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, _ := run(t, Config{})
	if got := keys.Way(); got != X11 {
		t.Fatalf("the way is %q", got)
	}
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"), told.binding(t, "mute", "Ctrl+Alt+M"), told.binding(t, "whisper", "Mouse4"),
		told.binding(t, "right", "RightCtrl"), told.binding(t, "zero", "Num0"))

	for _, test := range []struct {
		name string
		do   [][]string
		want []string
	}{
		{"a key", [][]string{{"keydown", "F9"}, {"keyup", "F9"}}, []string{"talk down", "talk up"}},
		{
			"NumLock and CapsLock are on",
			[][]string{{"key", "Num_Lock"}, {"key", "Caps_Lock"}, {"key", "F9"}, {"key", "KP_0"}, {"key", "Caps_Lock"}, {"key", "Num_Lock"}},
			[]string{"talk down", "talk up", "zero down", "zero up"},
		},
		{"another modifier is held", [][]string{{"keydown", "Shift_L"}, {"key", "F9"}, {"keyup", "Shift_L"}}, []string{"talk down", "talk up"}},
		{"with its modifiers", [][]string{{"key", "ctrl+alt+m"}}, []string{"mute down", "mute up"}},
		{"without its modifiers", [][]string{{"key", "ctrl+m"}, {"key", "m"}, {"key", "F9"}}, []string{"talk down", "talk up"}},
		{
			"a modifier is released first",
			[][]string{{"keydown", "ctrl", "keydown", "alt", "keydown", "m"}, {"keyup", "alt"}, {"keydown", "alt"}, {"keyup", "m"}, {"keyup", "ctrl", "keyup", "alt"}},
			[]string{"mute down", "mute up", "mute down", "mute up"},
		},
		{"a mouse button", [][]string{{"mousedown", "8"}, {"mouseup", "8"}}, []string{"whisper down", "whisper up"}},
		{"a modifier alone, the right one", [][]string{{"key", "Control_L"}, {"key", "Control_R"}}, []string{"right down", "right up"}},
		{"two at once", [][]string{{"keydown", "F9"}, {"mousedown", "8"}, {"keyup", "F9"}, {"mouseup", "8"}}, []string{"talk down", "whisper down", "talk up", "whisper up"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, do := range test.do {
				x.Do(do...)
			}
			told.want(t, test.want...)
		})
	}
}

func bind(t *testing.T, keys *Hotkeys, bindings ...Binding) {
	t.Helper()
	if err := keys.Bind(t.Context(), bindings...); err != nil {
		t.Fatal(err)
	}
}

// The server repeats a held key from 660 ms on; nobody is told, also not by the checks of what is held.
func TestX11Repeat(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	x.Do("keydown", "F9", "sleep", "1.5", "keyup", "F9")
	told.want(t, "talk down", "talk up")
}

// Two programs may listen to one key.
func TestX11TwoPrograms(t *testing.T) {
	x := hotkeytest.StartX(t)
	told := [2]*record{newRecord(), newRecord()}
	for _, r := range told {
		keys, _ := run(t, Config{})
		bind(t, keys, r.binding(t, "talk", "Pause"))
	}
	x.Do("key", "Pause")
	for _, r := range told {
		r.want(t, "talk down", "talk up")
	}
}

func TestX11Layout(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	german := told.binding(t, "talk", "Ö")
	if err := keys.Bind(t.Context(), german); !errors.Is(err, voiceapp.NotFound) || !errors.Is(err, NoSuch) {
		t.Errorf("a key that an American keyboard has not: %v, want NotFound", err)
	}
	bind(t, keys, told.binding(t, "z", "Z"), told.binding(t, "y", "Y"))
	x.Map("de")
	x.Do("key", "z")
	told.want(t, "z down", "z up")
	bind(t, keys, german)
	x.Do("key", "odiaeresis")
	told.want(t, "talk down", "talk up")
}

// What is bound anew is released first, and what is no longer bound is not told of.
func TestX11BindAnew(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	x.Do("keydown", "F9")
	told.want(t, "talk down")
	bind(t, keys, told.binding(t, "other", "F10"))
	told.want(t, "talk up")
	if got := keys.Trigger("other") + keys.Trigger("talk"); got != "F10" {
		t.Errorf("the triggers are %q", got)
	}
	x.Do("keyup", "F9", "key", "F9", "key", "F10")
	told.want(t, "other down", "other up")
}

// A server that dies holds no key, and is told of once.
func TestX11Killed(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, ended := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	x.Do("keydown", "F9")
	told.want(t, "talk down")
	x.Kill()
	told.want(t, "talk up")
	if err := <-ended; !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("Run returned %v, want Unavailable", err)
	}
	if err := keys.Run(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("a second Run returned %v, want ErrClosed", err)
	}
}

func TestX11Close(t *testing.T) {
	x := hotkeytest.StartX(t)
	keys, ended := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	x.Do("keydown", "F9")
	told.want(t, "talk down")
	keys.Close()
	told.want(t, "talk up")
	keys.Close()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("Run returned %v, want ErrClosed", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	hotkeytest.StartX(t)
	keys, err := Open(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := keys.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
}

func TestBindRefuses(t *testing.T) {
	hotkeytest.StartX(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	one := told.binding(t, "talk", "F9")
	for name, bindings := range map[string][]Binding{
		"no name": {{Key: one.Key, On: one.On}}, "nothing to do": {{Name: "talk", Key: one.Key}},
		"no key": {{Name: "talk", On: one.On}}, "one name twice": {one, one},
	} {
		if err := keys.Bind(t.Context(), bindings...); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}
