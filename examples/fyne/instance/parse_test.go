package instance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		line string
		want Command
	}{
		{"", Command{Verb: Show}},
		{"show", Command{Verb: Show}},
		{"status", Command{Verb: Status}},
		{"voiceapp://a.example/Lobby", Command{Verb: Open, Link: "voiceapp://a.example/Lobby"}},
		{"ptt on", Command{Verb: PTT, State: On}},
		{"ptt on --for 30s", Command{Verb: PTT, State: On, For: 30 * time.Second}},
		{"ptt on --for=1m", Command{Verb: PTT, State: On, For: time.Minute}},
		{"ptt off", Command{Verb: PTT, State: Off}},
		{"ptt toggle", Command{Verb: PTT, State: Toggle}},
		{"mute", Command{Verb: Mute, State: Toggle}},
		{"mute on", Command{Verb: Mute, State: On}},
		{"deafen off", Command{Verb: Deafen, State: Off}},
	} {
		if got, err := Parse(strings.Fields(test.line)); err != nil || got != test.want {
			t.Errorf("%q is %+v, %v, want %+v", test.line, got, err, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{
		"ptt", "ptt up", "ptt on --for", "ptt on --for x", "ptt on --for -1s", "ptt on --for 2h", "ptt on --for 1ns", "ptt off --for 1s", "ptt on off",
		"mute up", "mute --for 1s", "mute on off", "show me", "status on", "dance", "open", "http://a.example", "voiceapp://",
		"voiceapp://a.example voiceapp://b.example", "voiceapp://a.example mute",
	} {
		if got, err := Parse(strings.Fields(line)); !errors.Is(err, voiceapp.Invalid) || got != (Command{}) {
			t.Errorf("%q is %+v, %v, want Invalid", line, got, err)
		}
	}
}

func TestStarts(t *testing.T) {
	for _, verb := range []Verb{Open, Show, PTT, Mute, Deafen, Status} {
		if got, want := (Command{Verb: verb}).Starts(), verb == Open || verb == Show; got != want {
			t.Errorf("%s starts a client: %v", verb, got)
		}
	}
}

// What can be parsed can be sent, and arrives as it was.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "ptt on --for 30s", "mute", "deafen off", "voiceapp://a.example/Lobby?title=%3C&invite=x", "status", "ptt on --for=1ms"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(strings.Fields(s))
		if err != nil {
			return
		}
		b, err := encode(c)
		if err != nil {
			t.Fatalf("%+v can't be sent: %v", c, err)
		}
		if got, err := decode(b); err != nil || got != c {
			t.Fatalf("%+v arrives as %+v, %v", c, got, err)
		}
	})
}

// A line that is read is one that can be written, and nothing panics.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"command":"ptt","state":"on","for_ms":30000}`, `{"command":"open","link":"voiceapp://a"}`, `{}`, `[]`, `{"command":"ptt","for_ms":-1}`, `{"command":"ptt","state":"off","begun_unix_ns":1234567890}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > MaxLine/2 {
			return // what is escaped grows
		}
		c, err := decode(b)
		if err != nil {
			return
		}
		again, err := encode(c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(again); err != nil || got != c {
			t.Fatalf("%+v became %+v, %v", c, got, err)
		}
	})
}
