//go:build !windows

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// call asks the admin API and returns what it answers.
func call(t *testing.T, addr, path, token, body string) (answer struct{ Token, Secret, Link string }) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil {
		t.Fatalf("%s: %s, %v", path, text, err)
	}
	return answer
}

// printed runs a command that prints a token as JSON.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := run(t, append(args, "--json", "--log-level", "ERROR")...)
	var got printedToken
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || got.Token == "" || !got.Expires.After(time.Now()) {
		t.Fatalf("%v: exit %d, %s %s, %v", args, code, out, errs, err)
	}
	return got.Token
}

// secretsOf uses a server as its people do, rightly and wrongly, and returns what
// nobody else may learn.
func secretsOf(t *testing.T, data, ready string) map[string]string {
	t.Helper()
	const password, wrong, newer = "correct horse battery", "wrong staple battery", "newer horse battery"
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	owner := printed(t, "owner-token", "--data", data)
	guest, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: "guest", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer guest.Close()
	if _, err := guest.Claim(t.Context(), owner, "anna", password); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{wrong, password} {
		if c, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: "anna", Password: p, Fingerprint: key}); err == nil {
			c.Close()
		}
	}
	web := word(ready, "admin")
	call(t, web, "/api/login", "", `{"name":"anna","password":"`+wrong+`"}`)
	call(t, web, "/api/login", "", `{"name":"evil\nlevel=ERROR msg=forged","password":"`+wrong+`"}`)
	call(t, web, "/api/login", wrong, `{"name":["`+wrong+`"],"password":1}`)
	login := call(t, web, "/api/login", "", `{"name":"anna","password":"`+password+`"}`).Token
	operator := printed(t, "admin-token", "--data", data)
	call(t, web, "/api/users", operator, `{"name":"bert","password":"`+newer+`"}`)
	secrets := map[string]string{
		"password": password, "wrong password": wrong, "another's password": newer, "owner's token": owner, "token": login, "operator's token": operator,
		"key": call(t, web, "/api/keys", login, `{"name":"program","role":30,"scopes":["server:read"]}`).Secret,
	}
	link, err := voiceapp.ParseLink(call(t, web, "/api/invites", operator, `{"role":10}`).Link)
	if err != nil {
		t.Fatal(err)
	}
	secrets["invite"] = link.Invite
	call(t, web, "/api/none", secrets["key"], `{}`)
	return secrets
}

// Each line of the log is an object of its own with the same first fields, whatever
// people write, and holds nothing secret.
func TestTheLogHoldsNoSecrets(t *testing.T) {
	data, log := t.TempDir(), newLog()
	ready, stop := serveLogging(t, log, "--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--public-address", "voice.example.org",
		"--log-format", "json", "--log-level", "DEBUG")
	secrets := secretsOf(t, data, ready)
	stop()
	text := log.text.String()
	name := regexp.MustCompile(`^[a-z_]+$`)
	for line := range strings.Lines(text) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		for _, key := range []string{"time", "level", "msg"} {
			if value, ok := entry[key].(string); !ok || value == "" {
				t.Errorf("%s lacks %s", line, key)
			}
		}
		for key := range entry {
			if !name.MatchString(key) {
				t.Errorf("%s has the key %q", line, key)
			}
		}
	}
	if strings.Count(text, "\n") < 5 {
		t.Errorf("the log says little:\n%s", text)
	}
	for what, secret := range secrets {
		if secret == "" {
			t.Errorf("there is no %s", what)
		} else if strings.Contains(text, secret) {
			t.Errorf("the log has the %s", what)
		}
	}
}
