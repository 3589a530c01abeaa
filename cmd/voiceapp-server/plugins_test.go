package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// A plugin in the server's folder reads what is written, in a sandbox.
func TestServerPlugins(t *testing.T) {
	dir := t.TempDir()
	module, err := os.ReadFile("../../plugin/testdata/guests/filter.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "filter.wasm"), module, 0o600); err != nil {
		t.Fatal(err)
	}
	host, err := plugin.Open(t.Context(), plugin.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Enable(t.Context(), "filter"); err != nil {
		t.Fatal(err)
	}
	filter := &chatFilter{host}
	if text, err := filter.FilterMessage(t.Context(), voiceapp.Message{Text: "change me", To: 7, User: 8}); err != nil || text != "change me" {
		t.Errorf("a direct message becomes %q, %v", text, err)
	}
	if err := host.Close(); err != nil {
		t.Fatal(err)
	}
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--plugins", dir)
	anna, bo := guestAt(t, ready, "anna"), guestAt(t, ready, "bo")
	if _, err := anna.SendChat(t.Context(), "refuse me"); !errors.Is(err, voiceapp.Forbidden) || !strings.Contains(err.Error(), "not here") {
		t.Errorf("what the plugin refuses: %v", err)
	}
	if _, err := anna.SendChat(t.Context(), "drop me"); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("what it drops: %v", err)
	}
	if _, err := anna.SendChat(t.Context(), "change me"); err != nil {
		t.Fatal(err)
	}
	for event := range bo.Events() {
		if chat, ok := event.(control.ChatSent); ok {
			if chat.Text != "changed" {
				t.Errorf("Bo reads %q", chat.Text)
			}
			break
		}
	}
}
