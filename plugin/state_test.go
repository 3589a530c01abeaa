package plugin

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// A state that is read is one that a host can have, and stays what it is.
func FuzzState(f *testing.F) {
	for _, text := range []string{
		`{"version":1,"plugins":[{"name":"robot","enabled":true,"granted":["random"],"silences":true,"settings":{"pitch":1.5,"loud":true,"voice":"low"}}]}`,
		`{"version":1,"plugins":null}`,
		`{"version":1,"plugins":[null]}`,
		`{"version":1,"plugins":[{"name":"a"},{"name":"a"}]}`,
		`{"version":1,"plugins":[{"name":"../a"}]}`,
		`{"version":2}`, `{"version":1}{"version":1}`, `[]`, `null`, ``,
		`{"version":1,"plugins":[{"name":"a","settings":{"n":1e999,"deep":[[[{}]]]}}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseState(text)
		if err != nil {
			return
		}
		names := map[string]bool{}
		for _, r := range s.Plugins {
			if names[r.Name] || checkName("", r.Name) != nil {
				t.Errorf("it has the name %q, or has it twice", r.Name)
			}
			names[r.Name] = true
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseState(written)
		if err != nil || len(again.Plugins) != len(s.Plugins) {
			t.Fatalf("%s: %v", written, err)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(twice) != string(written) {
			t.Errorf("%s became %s", written, twice)
		}
	})
}

// An answer that is taken can be shown, and is not more than it may be.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"text":"hello","reply":"done"}`, `{"drop":true}`, `{"text":""}`, `{"text":"\u001b[2J"}`, `{"text":"` + "\xff" + `"}`, `{"text":"\ud800"}`,
		`{"txt":1}`, `{"text":1}`, `{"drop":1}`, `{} {}`, `null`, `[]`, `{"reply":"a\nb\tc"}`, `{"text":[[[[`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := parseAnswer(text)
		if err != nil {
			return
		}
		if !utf8.Valid(text) || text[0] == 'n' {
			t.Errorf("%q is taken", text)
		}
		for _, shown := range []*string{a.Text, a.Reply} {
			if shown != nil && voiceapp.CheckMessage(*shown) != nil {
				t.Errorf("%q can't be shown", *shown)
			}
		}
		written, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseAnswer(written)
		if err != nil || !reflect.DeepEqual(again, a) {
			t.Errorf("%s: %+v, %v", written, again, err)
		}
	})
}
