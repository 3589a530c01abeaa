package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretFile keeps lines in a file of its own.
func secretFile(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInviteRegisterPasswordChat(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	must := func(in string, args ...string) string {
		t.Helper()
		out, errs, code := run(t, in, args...)
		if code != 0 {
			t.Fatalf("%q: exit %d, %s", args, code, errs)
		}
		return out
	}
	const owners = "correct horse battery"
	must(s.token+"\n"+owners+"\n", append([]string{"claim", "--name", "anna", "--token-file", "-"}, at...)...)
	asAnna := append([]string{"--user", "anna", "--password-file", secretFile(t, owners+"\n")}, at...)

	link := strings.TrimSpace(must("", append([]string{"invite", "--role", "moderator"}, asAnna...)...))
	if !strings.HasPrefix(link, "voiceapp://"+s.addr+"/?fp="+s.fingerprint+"&invite=") {
		t.Errorf("the invite is %q", link)
	}
	if out := must("", append([]string{"invite", "--list"}, asAnna...)...); !strings.HasPrefix(out, "1: 1 more as moderator, until ") {
		t.Errorf("the list is %q", out)
	}
	out := must("bo's first password\n", "register", "--name", "bo", "--password-file", "-", "--invite", link)
	if !strings.Contains(out, "bo is a moderator of "+s.addr) {
		t.Errorf("register says %q", out)
	}
	if _, errs, code := run(t, "another password\n", "register", "--name", "carl", "--password-file", "-", "--invite", link); code != 1 || !strings.Contains(errs, "bad_credentials") {
		t.Errorf("an invite that is used up: exit %d, %q", code, errs)
	}
	if _, errs, code := run(t, "", append([]string{"invite", "--delete", "1"}, asAnna...)...); code != 1 || !strings.Contains(errs, "not_found") {
		t.Errorf("deleting it: exit %d, %q", code, errs)
	}

	must("bo's first password\nbo's second password\n", append([]string{"password", "--user", "bo", "--password-file", "-"}, at...)...)
	if _, errs, code := run(t, "", append([]string{"chat", "--user", "bo", "--password-file", secretFile(t, "bo's first password\n")}, at...)...); code != 1 || !strings.Contains(errs, "bad_credentials") {
		t.Errorf("the old password: exit %d, %q", code, errs)
	}
	asBo := append([]string{"--user", "bo", "--password-file", secretFile(t, "bo's second password\n")}, at...)
	must("one\ntwo\nthree\n", append([]string{"chat"}, asBo...)...)
	if out := must("", append([]string{"chat", "--history", "2"}, asAnna...)...); strings.Contains(out, "one") || !strings.Contains(out, "bo: two\n") || !strings.Contains(out, "bo: three\n") {
		t.Errorf("the history is %q", out)
	}
	out = must("to myself\n", append([]string{"chat", "--to", "Bo", "--json"}, asBo...)...)
	if e := decode(t, strings.TrimSpace(out)); e["event"] != "chat.sent" || e["text"] != "to myself" || e["to"] == nil || e["channel"] != nil {
		t.Errorf("a direct message is %q", out)
	}
	if out := must("", append([]string{"chat", "--to", "bo", "--history", "5"}, asBo...)...); !strings.Contains(out, "bo (direct): to myself\n") || strings.Contains(out, "three") {
		t.Errorf("the history of direct messages is %q", out)
	}
	if _, errs, code := run(t, "hello\n", append([]string{"chat", "--to", "nobody"}, asBo...)...); code != 1 || !strings.Contains(errs, "nobody here is called") {
		t.Errorf("nobody: exit %d, %q", code, errs)
	}
	for _, hidden := range []string{"bo's", strings.Split(link, "invite=")[1]} {
		if strings.Contains(s.log.String(), hidden) {
			t.Errorf("the server's log shows %q", hidden)
		}
	}
}
