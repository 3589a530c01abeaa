package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func TestClaimReadsTokenAndPasswordFromOneFile(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	file := filepath.Join(t.TempDir(), "token.txt")
	if err := os.WriteFile(file, []byte(s.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	claim := append([]string{"claim", "--name", "anna", "--token-file", file}, at...)
	if _, errs, code := run(t, "", claim...); code != 1 || !strings.Contains(errs, "new password is empty: it is line 2") {
		t.Errorf("without a password: exit %d, %q", code, errs)
	}
	if err := os.WriteFile(file, []byte(s.token+"\na long password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := run(t, "", claim...); code != 0 || !strings.Contains(out, "anna is the owner now") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// Where UDP is blocked nobody is told that all went well.
func TestVoiceThatDoesNotGetThroughIsSaid(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	blocked := &voicetest.Proxy{Server: netip.MustParseAddrPort(s.addr), Up: voicetest.Impairment{Loss: 1}}
	if err := blocked.Start(); err != nil {
		t.Fatal(err)
	}
	defer blocked.Close()
	at := []string{"--server", blocked.Addr().String(), "--fingerprint", s.fingerprint, "--json"}
	out, errs, code := run(t, "", append([]string{"listen", "--out", filepath.Join(t.TempDir(), "x.wav"), "--for", "300ms"}, at...)...)
	if code != 1 || !strings.Contains(errs, "voice does not get through") || !strings.Contains(errs, blocked.Addr().String()) {
		t.Errorf("exit %d, %q; want a failure that names the way", code, errs)
	}
	if path := decode(t, lastLine(out))["path"]; path == "up" {
		t.Errorf("the report says that the path is %v", path)
	}
}

func TestListenSparesWhatIsNoWAV(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint, "--for", "100ms"}
	precious := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(precious, []byte("Dear Anna"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := run(t, "", append([]string{"listen", "--out", precious}, at...)...)
	if content, err := os.ReadFile(precious); code != 1 || !strings.Contains(errs, "no WAV file") || err != nil || string(content) != "Dear Anna" {
		t.Errorf("exit %d, %q; the file holds %q", code, errs, content)
	}
	wav := filepath.Join(t.TempDir(), "heard.wav")
	for range 2 { // its own kind it does write over
		if _, errs, code := run(t, "", append([]string{"listen", "--out", wav}, at...)...); code != 0 {
			t.Errorf("exit %d, %q", code, errs)
		}
	}
}

func TestChatKeepsToTheServersPace(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	var in strings.Builder
	const lines = 60
	for i := range lines {
		fmt.Fprintln(&in, "line", i)
	}
	out, errs, code := run(t, in.String(), "chat", "--server", s.addr, "--fingerprint", s.fingerprint, "--json")
	if code != 0 {
		t.Fatalf("exit %d, %q", code, errs)
	}
	if got := strings.Count(out, `"chat.sent"`); got != lines {
		t.Errorf("%d of %d lines were sent", got, lines)
	}
	if _, errs, code = run(t, "fine\n"+strings.Repeat("x", 3000), "chat", "--user", "another", "--server", s.addr, "--fingerprint", s.fingerprint); code != 1 || !strings.Contains(errs, "line 2") {
		t.Errorf("a line that is too long: exit %d, %q; want its number", code, errs)
	}
}
