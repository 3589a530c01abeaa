package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const anyPort = "127.0.0.1:0"

func TestFirstContactPinsTheKeyAndAChangedKeyIsRefused(t *testing.T) {
	config := ownConfig(t)
	first := startServer(t, t.TempDir(), anyPort)

	_, errs, code := run(t, "", "ping", "--server", first.addr)
	if code != 1 || !strings.Contains(errs, first.fingerprint) || !strings.Contains(errs, "--trust-first-use") {
		t.Fatalf("a server never met: exit %d, %q; want a refusal with its key and what to do", code, errs)
	}
	if _, errs, code = run(t, "", "ping", "--server", first.addr, "--fingerprint", strings.Repeat("00", 32)); code != 1 || !strings.Contains(errs, "key_changed") {
		t.Errorf("another key than the given one: exit %d, %q", code, errs)
	}
	if _, errs, code = run(t, "", "ping", "--server", first.addr, "--fingerprint", first.fingerprint); code != 0 {
		t.Errorf("the given key: exit %d, %q", code, errs)
	}
	for _, args := range [][]string{{"--trust-first-use"}, nil} {
		if _, errs, code = run(t, "", append([]string{"ping", "--server", first.addr}, args...)...); code != 0 {
			t.Fatalf("ping %q: exit %d, %q", args, code, errs)
		}
	}
	first.stop(t)

	second := startServer(t, t.TempDir(), first.addr)
	for _, args := range [][]string{{"--trust-first-use"}, nil} {
		_, errs, code = run(t, "", append([]string{"ping", "--server", second.addr}, args...)...)
		if code != 1 {
			t.Fatalf("another server at the same address: exit %d", code)
		}
		for _, want := range []string{"not the one that you trusted", first.fingerprint, second.fingerprint, filepath.Join(config, "voiceapp", "known_servers"), "key_changed"} {
			if !strings.Contains(errs, want) {
				t.Errorf("the refusal lacks %q: %s", want, errs)
			}
		}
	}
}

func TestTheKeyIsKeptOverARestart(t *testing.T) {
	ownConfig(t)
	data := t.TempDir()
	before := startServer(t, data, anyPort)
	before.stop(t)
	after := startServer(t, data, anyPort)
	if before.fingerprint != after.fingerprint {
		t.Error("a restart changed the server's key")
	}
	if after.token != "" {
		t.Error("the second start printed a token again")
	}
}

func TestTheOwnerClaimsOnceAndMayJoinWhatGuestsMayNot(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	const password = "correct horse battery"

	_, errs, code := run(t, "", append([]string{"chat", "--user", "eve", "--channel", "Staff"}, at...)...)
	if code != 1 || !strings.Contains(errs, "moderator") || !strings.Contains(errs, "guest") || !strings.Contains(errs, "forbidden") {
		t.Errorf("a guest in Staff: exit %d, %q; want a refusal that names both roles", code, errs)
	}
	claim := append([]string{"claim", "--name", "anna", "--token-file", "-"}, at...)
	if _, errs, code = run(t, "WRONGTOKENWRONGTOKENWRONGT\n"+password+"\n", claim...); code != 1 || !strings.Contains(errs, "bad_credentials") {
		t.Errorf("a wrong token: exit %d, %q", code, errs)
	}
	out, errs, code := run(t, s.token+"\n"+password+"\n", claim...)
	if code != 0 || !strings.Contains(out, "anna is the owner now") {
		t.Fatalf("the claim: exit %d, %q, %q", code, out, errs)
	}
	if _, errs, code = run(t, s.token+"\n"+password+"\n", append([]string{"claim", "--name", "eve", "--token-file", "-"}, at...)...); code != 1 || !strings.Contains(errs, "bad_credentials") {
		t.Errorf("the token a second time: exit %d, %q", code, errs)
	}
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	owner := append([]string{"chat", "--user", "anna", "--channel", "Staff", "--password-file"}, secret)
	if _, errs, code = run(t, "", append(owner, at...)...); code != 0 {
		t.Errorf("the owner in Staff: exit %d, %q", code, errs)
	}
	if _, errs, code = run(t, "", append([]string{"chat", "--user", "anna"}, at...)...); code != 1 {
		t.Errorf("a guest took the owner's name: exit %d, %q", code, errs)
	}
	if _, errs, code = run(t, "wrong password\n", append([]string{"chat", "--user", "anna", "--password-file", "-"}, at...)...); code != 1 || !strings.Contains(errs, "bad_credentials") {
		t.Errorf("a wrong password: exit %d, %q", code, errs)
	}
	for _, hidden := range []string{s.token, password, "wrong password", "argon2id$"} {
		if strings.Contains(s.log.String(), hidden) {
			t.Errorf("the server's log shows %q", hidden)
		}
	}
	if !strings.Contains(s.log.String(), "anna") {
		t.Error("the log was not read: it does not mention the login")
	}
}

func TestChannelsAndPing(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}

	out, errs, code := run(t, "", append([]string{"channels", "--user", "anna"}, at...)...)
	want := "Lobby, 64 kbit/s\nGames, 64 kbit/s\n  Chess, 64 kbit/s\nStaff, 64 kbit/s (for moderator and above)\n"
	if code != 0 || out != want {
		t.Errorf("channels: exit %d, %q\n%s\nwant\n%s", code, errs, out, want)
	}
	out, errs, code = run(t, "", append([]string{"channels", "--json"}, at...)...)
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 4 || decode(t, lines[3])["required_role"] != 20.0 {
		t.Errorf("channels --json: exit %d, %q\n%s", code, errs, out)
	}
	out, errs, code = run(t, "", append([]string{"ping", "--count", "2", "--json"}, at...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 2 {
		t.Fatalf("ping: exit %d, %q\n%s", code, errs, out)
	}
	if ms, _ := decode(t, lines[0])["rtt_ms"].(float64); ms <= 0 || ms > 1000 {
		t.Errorf("the round trip is %v ms", ms)
	}
}

func TestChatReachesTheOthers(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint, "--channel", "Games/Chess"}
	out, errs, code := run(t, "check\n\nmate\n", append([]string{"chat", "--user", "anna", "--json"}, at...)...)
	if code != 0 {
		t.Fatalf("exit %d, %q", code, errs)
	}
	var texts []any
	for line := range strings.Lines(out) {
		if e := decode(t, line); e["event"] == "chat.sent" && e["name"] == "anna" {
			texts = append(texts, e["text"])
		}
	}
	if len(texts) != 2 || texts[0] != "check" || texts[1] != "mate" {
		t.Errorf("anna sees %q of what she wrote", texts)
	}
}

func TestBadInputIsExplained(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	notWAV := filepath.Join(t.TempDir(), "song.wav")
	if err := os.WriteFile(notWAV, []byte("ID3 this is an MP3"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		args       []string
		code       int
	}{
		{"no server", "127.0.0.1:1", []string{"ping", "--server", "127.0.0.1:1", "--fingerprint", s.fingerprint}, 1},
		{"no channel", `there is no channel "Attic"`, append([]string{"chat", "--channel", "Attic"}, at...), 1},
		{"no such file", "missing.wav", append([]string{"say", "missing.wav"}, at...), 1},
		{"not a WAV", "song.wav", append([]string{"say", notWAV}, at...), 1},
		{"nowhere to write", "--out", append([]string{"listen"}, at...), 1},
		{"a directory to write to", "not/here.wav", append([]string{"listen", "--out", "not/here.wav"}, at...), 1},
		{"a bad name", "name", append([]string{"chat", "--user", "a/b"}, at...), 1},
		{"a negative bitrate", "--bitrate is 6000 to 510000 bits a second", append([]string{"say", speechFile, "--bitrate", "-5"}, at...), 1},
		{"no file named", "say takes exactly: FILE", append([]string{"say"}, at...), 2},
		{"claim without a token", "--token-file", append([]string{"claim"}, at...), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("VOICEAPP_USER", c.name) // the one before may still be there
			_, errs, code := run(t, "", c.args...)
			if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d, %q; want %d and one line with %q", code, errs, c.code, c.want)
			}
		})
	}
}
