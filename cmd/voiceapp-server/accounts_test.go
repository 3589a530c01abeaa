package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/authhook"
	"github.com/voiceapp-sdk/voiceapp/store"
)

var (
	_ authhook.Accounts     = (*store.Store)(nil)
	_ authhook.Accounts     = (*control.Memory)(nil)
	_ control.Authenticator = hookedStore{}
	_ control.Messages      = hookedStore{} // as all that the store is
)

func TestAccountSettings(t *testing.T) {
	for _, c := range []struct {
		change func(*settings)
		names  string
	}{
		{func(s *settings) { s.PublicAddr = "voice.example:7788" }, ""},
		{func(s *settings) { s.PublicAddr = "::1" }, ""},
		{func(s *settings) { s.PublicAddr = ":7788" }, "public-address"},
		{func(s *settings) { s.PublicAddr = "a b" }, "public-address"},
		{func(s *settings) { s.AuthURL, s.Registration = "https://auth.example/", voiceapp.RegistrationClosed }, ""},
		{func(s *settings) {
			s.AuthURL, s.AuthAllow, s.Registration = "http://10.0.0.1/", "localhost, 10.0.0.0/8", voiceapp.RegistrationInvite
		}, ""},
		{func(s *settings) { s.AuthURL = "https://auth.example/" }, "registration"},
		{func(s *settings) { s.AuthURL, s.Registration = "https://10.0.0.1/", voiceapp.RegistrationClosed }, "auth-url"},
		{func(s *settings) {
			s.AuthURL, s.Registration = "https://user:secret@auth.example/", voiceapp.RegistrationClosed
		}, "auth-url"},
		{func(s *settings) { s.AuthURL, s.Registration = "http://auth.example/", voiceapp.RegistrationClosed }, "auth-url"},
	} {
		s := defaultSettings()
		c.change(s)
		err := s.validate()
		if c.names == "" && err != nil || c.names != "" && (!errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), c.names)) {
			t.Errorf("public address %q, authenticator %q: %v; want %q", s.PublicAddr, s.AuthURL, err, c.names)
		}
	}
}

// Who comes in by another program has an account in the store, with bans and roles
// of its own, and the owner's name is not that program's to give.
func TestLoginByAnotherProgram(t *testing.T) {
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"password":"right"`) || !strings.Contains(string(body), `"address":"127.0.0.1"`) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"id":7,"name":"Anna","role":"owner"}`)
	}))
	defer program.Close()
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--auth-url", program.URL, "--auth-allow", "127.0.0.1", "--registration", "closed")
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	dial := func(name, password string) (*control.Client, error) {
		return control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: name, Password: password, Fingerprint: key})
	}
	first, err := dial("anna@example.org", "right")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if self := first.Self(); self.Name != "Anna" || self.Role != authhook.MaxRole || self.User == 0 {
		t.Errorf("logged in as %+v", self)
	}
	if _, err := dial("anna@example.org", "wrong"); !errors.Is(err, voiceapp.BadCredentials) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := dial("Anna", ""); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("a guest under the name: %v", err)
	}
}
