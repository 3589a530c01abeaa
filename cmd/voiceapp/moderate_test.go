package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// present runs chat as somebody until its connection ends, and returns what it
// complained about.
func present(t *testing.T, args ...string) (complaints <-chan string) {
	t.Helper()
	in, hold := io.Pipe()
	out, shown := io.Pipe()
	result := make(chan string, 1)
	go func() {
		var errs bytes.Buffer
		program().Run(t.Context(), &cli.Streams{In: in, Out: shown, Err: &errs}, append([]string{"chat"}, args...))
		_ = shown.Close()
		result <- errs.String()
	}()
	t.Cleanup(func() { _ = hold.Close() })
	if _, err := io.WriteString(hold, "here I am\n"); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 1024) // one's own line comes back
	if _, err := out.Read(line); err != nil {
		t.Fatalf("chat %q showed nothing: %v, %s", args, err, <-result)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return result
}

func TestModeration(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	const password = "correct horse battery"
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	as := func(user string) []string { return append([]string{"--user", user, "--password-file", secret}, at...) }
	tries := func(args ...string) (string, string, int) {
		t.Helper()
		return run(t, "", append(args, as("anna")...)...)
	}
	must := func(args ...string) string {
		t.Helper()
		out, errs, code := tries(args...)
		if code != 0 {
			t.Fatalf("%q: exit %d, %s", args, code, errs)
		}
		return out
	}
	if _, errs, code := run(t, s.token+"\n"+password+"\n", append([]string{"claim", "--name", "anna", "--token-file", "-"}, at...)...); code != 0 {
		t.Fatal(errs)
	}
	if _, errs, code := run(t, "", append([]string{"register", "--name", "bo", "--password-file", secret}, at...)...); code != 0 {
		t.Fatal(errs)
	}
	away := ownConfig(t) // another device
	bo := present(t, as("bo")...)
	config := ownConfig(t)

	must("mute", "bo")
	must("deafen", "bo")
	must("deafen", "bo", "--off")
	must("move", "bo", "--to", "Lobby")
	if out := must("role", "bo", "moderator"); !strings.Contains(out, "bo is moderator now") {
		t.Errorf("role: %q", out)
	}
	if out, errs, code := tries("channels"); code != 0 || !strings.Contains(out, "bo") {
		t.Errorf("channels: %d, %q, %q", code, out, errs)
	}
	must("kick", "bo", "--reason", "noise")
	if errs := <-bo; !strings.Contains(errs, "kicked") {
		t.Errorf("who was kicked reads %q", errs)
	}
	if out := must("ban", "bo", "--for", "24h", "--reason", "more noise"); !strings.Contains(out, "account 2") || !strings.Contains(out, "more noise") {
		t.Errorf("ban: %q", out)
	}
	if _, errs, code := tries("ban", "127.0.0.1"); code != 1 || !strings.Contains(errs, "conflict") {
		t.Errorf("a ban of the last owner's address: %d, %q", code, errs)
	}
	if _, errs, code := tries("ban", "nobody"); code != 1 || !strings.Contains(errs, "not_found") {
		t.Errorf("a ban of nobody: %d, %q", code, errs)
	}
	must("ban", "203.0.113.0/24")
	if out := must("bans"); !strings.Contains(out, "1  account 2, until") || !strings.Contains(out, "2  203.0.113.0/24, for good") {
		t.Errorf("bans: %q", out)
	}
	must("unban", "2")
	if out := must("bans", "--json"); strings.Count(out, "\n") != 1 || decode(t, strings.TrimSpace(out))["user"] != 2.0 {
		t.Errorf("bans --json: %q", out)
	}
	if _, errs, code := run(t, "", append([]string{"chat"}, as("bo")...)...); code != 1 || !strings.Contains(errs, "kicked") && !strings.Contains(errs, "banned") {
		t.Errorf("who is banned: %d, %q", code, errs)
	}
	for _, dir := range []string{config, away} {
		if keys, err := filepath.Glob(filepath.Join(dir, "voiceapp", "devices", s.fingerprint+".pem")); err != nil || len(keys) != 1 {
			t.Errorf("the device's key in %s: %v, %v", dir, keys, err)
		}
	}
}
