package control_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Names that look the same are one name, for guests and for accounts.
func TestNamesThatLookTheSameAreOne(t *testing.T) {
	for _, pair := range [][2]string{
		{"Anna", "ＡＮＮＡ"},
		{"Straße", "STRASSE"},
		{"Jo\u0308rg", "jörg"},
		{"a b", "a\u3000b"},
		{"Anna", "An\ufe0fna"},
	} {
		w := newWorld(t, &control.Server{})
		w.guest(pair[0])
		if _, err := control.Dial(t.Context(), "voice.example", w.config(pair[1])); !errors.Is(err, voiceapp.Exists) {
			t.Errorf("%q while %q is here: %v", pair[1], pair[0], err)
		}
		memory := newMemory()
		if _, err := memory.CreateUser(t.Context(), pair[0], "", voiceapp.RoleMember); err != nil {
			t.Fatal(err)
		}
		if _, err := memory.CreateUser(t.Context(), pair[1], "", voiceapp.RoleMember); !errors.Is(err, voiceapp.Exists) {
			t.Errorf("the account %q beside %q: %v", pair[1], pair[0], err)
		}
	}
}

func TestANameHasToShow(t *testing.T) {
	w := newWorld(t, &control.Server{})
	if _, err := control.Dial(t.Context(), "voice.example", w.config("\u3164")); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a name of which nothing shows: %v", err)
	}
}

// What a request can't do without is named when it is left out or null.
func TestRequiredMembers(t *testing.T) {
	y := newWorld(t, &control.Server{}).typist()
	ask := func(method, params, missing string) {
		t.Helper()
		r := y.ask(`{"jsonrpc":"2.0","id":1,"method":"` + method + `"` + params + `}`)
		if r.code() != "invalid" || !strings.Contains(r.Error.Message, `"`+missing+`" is missing`) {
			t.Errorf("%s%s: %+v, want that %q is missing", method, params, r.Error, missing)
		}
	}
	ask("session.open", ``, "protocol")
	ask("session.open", `,"params":{}`, "protocol")
	ask("session.open", `,"params":{"protocol":1}`, "name")
	ask("account.register", `,"params":{"name":"Anna"}`, "password")
	ask("account.claim", `,"params":{"name":"Anna","password":"correct horse"}`, "token")
	if r := y.ask(typistOpens); r.code() != "" {
		t.Fatalf("opening: %+v", r.Error)
	}
	ask("channel.join", ``, "channel")
	ask("channel.join", `,"params":{}`, "channel")
	ask("channel.join", `,"params":{"channel":null}`, "channel")
	ask("chat.send", `,"params":{"text":null}`, "text")
	if r := y.ask(`{"jsonrpc":"2.0","id":1,"method":"channel.join","params":{"channel":0}}`); r.code() != "not_found" {
		t.Errorf("channel 0, which is there: %+v", r.Error)
	}
	if r := y.ask(`{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":""}}`); r.code() != "invalid" || strings.Contains(r.Error.Message, "missing") {
		t.Errorf("an empty text, which is there: %+v", r.Error)
	}
}

func TestNewMemoryRefusesMistakes(t *testing.T) {
	for name, channels := range map[string][]voiceapp.Channel{
		"a parent that is not there":  {{Name: "Lobby", Parent: 7}},
		"a parent that comes later":   {{ID: 1, Name: "Quiet", Parent: 2}, {ID: 2, Name: "Lobby"}},
		"its own parent":              {{ID: 1, Name: "Lobby", Parent: 1}},
		"two of one name":             {{Name: "Lobby"}, {Name: "LOBBY"}},
		"two of a name looking equal": {{Name: "Lobby"}, {Name: "Ｌobby"}},
		"two of one id":               {{ID: 3, Name: "Lobby"}, {ID: 3, Name: "Quiet"}},
		"a bad name":                  {{Name: "Lobby/Quiet"}},
		"no name":                     {{}},
	} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "control: NewMemory: channel ") {
					t.Errorf("%s: panicked with %q", name, text)
				}
			}()
			control.NewMemory(channels...)
		}()
	}
	control.NewMemory(voiceapp.Channel{Name: "Lobby"}, voiceapp.Channel{Name: "Lobby", Parent: 1})
}

func TestServeWithoutAListener(t *testing.T) {
	if err := new(control.Server).Serve(nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Serve(nil): %v", err)
	}
}
