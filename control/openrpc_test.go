package control

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// update writes the golden files anew: make golden.
var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code says any more: see whether that is meant, then `make golden`", path)
	}
}

func TestOpenRPCIsGolden(t *testing.T) { golden(t, "testdata/openrpc.json", OpenRPC()) }

// Each method that the server has is documented, and each reference leads
// somewhere.
func TestOpenRPCIsWhole(t *testing.T) {
	if got, want := sortedKeys(documented), sortedKeys(methods); !slices.Equal(got, want) {
		t.Errorf("openrpc_table.go has the methods\n%q, the server\n%q", got, want)
	}
	var doc rpcDocument
	text := OpenRPC()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllSubmatch(text, -1) {
		if _, ok := doc.Components.Schemas[string(m[1])]; !ok {
			t.Errorf("there is no schema %s", m[1])
		}
	}
}

var (
	heading    = regexp.MustCompile("(?m)^### .*$")
	methodName = regexp.MustCompile(`([a-z_]+\.[a-z_]+|ping)`)
	eventRow   = regexp.MustCompile("(?m)^\\| `([a-z_]+\\.[a-z_]+)` \\|")
	codeRow    = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|")
)

// PROTOCOL.md has a section for each method, a row for each event, one for each
// code, and none for what does not exist.
func TestProtocolIsWhole(t *testing.T) {
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	named := func(pattern *regexp.Regexp, text string) (names []string) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	if got, want := named(methodName, strings.Join(heading.FindAllString(string(text), -1), "\n")), sortedKeys(methods); !slices.Equal(got, want) {
		t.Errorf("PROTOCOL.md has the methods\n%q, the server\n%q", got, want)
	}
	if got, want := named(eventRow, string(text)), sortedKeys(documentedEvents); !slices.Equal(got, want) {
		t.Errorf("PROTOCOL.md has the events\n%q, the server\n%q", got, want)
	}
	_, codes, _ := strings.Cut(string(text), "Error codes\n")
	var want []string
	for _, code := range errorCodes {
		want = append(want, string(code))
	}
	slices.Sort(want)
	if got := named(codeRow, codes); !slices.Equal(got, want) {
		t.Errorf("PROTOCOL.md has the codes\n%q, the table\n%q", got, want)
	}
	for _, detail := range voiceapp.Details() {
		if !strings.Contains(string(text), "`"+string(detail)+"`") {
			t.Errorf("PROTOCOL.md does not name the detail %s", detail)
		}
	}
}
