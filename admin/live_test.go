package admin_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// What is done by the API is seen by those who are here, at once.
func TestChangesReachThePeople(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	api := r.as(r.token("owner"))
	anna := r.client("Anna", "")
	r.must(anna.Join(t.Context(), 1))

	api.do("POST", "/api/channel/bitrate", map[string]any{"channel": 1, "bitrate": 24000}).want(http.StatusOK)
	for grant, replaced := anna.VoiceGrant(); grant.Bitrate != 24000; grant, replaced = anna.VoiceGrant() {
		select {
		case <-replaced:
		case <-time.After(5 * time.Second):
			t.Fatalf("the client has a bitrate of %d", grant.Bitrate)
		}
	}
	var made voiceapp.ChannelInfo
	api.do("POST", "/api/channel/create", map[string]any{"name": "Chess", "parent": 1}).want(http.StatusCreated).into(&made)
	if err := anna.Join(t.Context(), made.ID); err != nil {
		t.Errorf("the new channel can't be joined: %v", err)
	}
	session := fmt.Sprintf("/api/sessions/%d", anna.Self().Session)
	var info voiceapp.SessionInfo
	api.do("PATCH", session, map[string]any{"muted": true, "channel": 1}).want(http.StatusOK).into(&info)
	if !info.Muted || info.Channel != 1 || info.Name != "Anna" || !info.Address.IsLoopback() {
		t.Errorf("the session is %+v", info)
	}
	api.do("POST", "/api/kick", map[string]any{"session": anna.Self().Session, "reason": "enough"}).want(http.StatusNoContent)
	if err := ended(t, anna); !errors.Is(err, voiceapp.Kicked) || voiceapp.AsError(err).Reason != "enough" {
		t.Errorf("after the kick: %v", err)
	}
	api.do("POST", "/api/ban", map[string]any{"address": "127.0.0.1", "seconds": 60}).refused(voiceapp.Conflict) // oneself
	var ban voiceapp.Ban
	answer := api.do("POST", "/api/ban", map[string]any{"address": "127.0.0.1", "seconds": 60, "confirm": true}).want(http.StatusCreated)
	answer.into(&ban)
	if _, err := control.Dial(t.Context(), r.addr, control.ClientConfig{Name: "Anna", Fingerprint: r.key}); !errors.Is(err, voiceapp.Banned) {
		t.Errorf("while banned: %v", err)
	}
	api.do("DELETE", fmt.Sprintf("/api/bans/%d", ban.ID), nil).want(http.StatusNoContent)
	r.client("Anna", "")
}

// A guest who was kicked keeps nobody else at his address from logging in, nor from
// claiming the server.
func TestAKickedGuestIsNotHisAddress(t *testing.T) {
	r := newRig(t)
	settings := voiceapp.Settings{Name: "x", Guests: true, Registration: voiceapp.RegistrationOpen, KeepChat: true, KickTime: time.Minute}
	r.must(r.control.Configure(t.Context(), settings, nil))
	r.account("Olga", voiceapp.RoleOwner)
	guest := r.client("Guest", "")
	r.as(r.token("Olga")).do("POST", "/api/kick", map[string]any{"session": guest.Self().Session}).want(http.StatusNoContent)
	if _, err := control.Dial(t.Context(), r.addr, control.ClientConfig{Name: "Guest", Fingerprint: r.key}); !errors.Is(err, voiceapp.Kicked) {
		t.Fatalf("the guest comes back: %v", err)
	}
	for _, path := range []string{"/api/login", "/api/session"} {
		r.as("").do("POST", path, map[string]any{"name": "Olga", "password": password}).want(http.StatusOK)
	}
	token, err := r.store.NewOwnerToken(t.Context())
	r.must(err)
	r.as("").do("POST", "/api/claim", map[string]any{"token": token, "name": "Olga", "password": password}).want(http.StatusCreated)
}

// A token ends with what it says: another role, another password, a kick.
func TestTokensEndAtOnce(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	operator := voiceapp.Actor{Operator: true}
	for name, change := range map[string]func(voiceapp.User) error{
		"role": func(u voiceapp.User) error {
			_, err := r.control.SetRole(t.Context(), operator, u.ID, voiceapp.RoleModerator, "")
			return err
		},
		"password": func(u voiceapp.User) error {
			return r.control.ResetPassword(t.Context(), operator, u.ID, "another password", "")
		},
		"kick": func(u voiceapp.User) error {
			c := r.client(u.Name, password)
			return r.control.Kick(t.Context(), operator, c.Self().Session, "")
		},
		"ban": func(u voiceapp.User) error {
			_, err := r.control.Ban(t.Context(), operator, voiceapp.BanRequest{User: u.ID})
			return err
		},
		"deleted": func(u voiceapp.User) error { return r.control.DeleteUser(t.Context(), operator, u.ID, "") },
	} {
		t.Run(name, func(t *testing.T) {
			user := r.account("admin "+name, voiceapp.RoleAdmin)
			token := r.token(user.Name)
			r.as(token).do("GET", "/api/users", nil).want(http.StatusOK)
			if err := change(user); err != nil {
				t.Fatal(err)
			}
			r.as(token).do("GET", "/api/users", nil).refused(voiceapp.LoginRequired)
		})
	}
}

// A dashboard's cookie is renewed while it is used, for half a day, and can't be
// read by scripts or sent from another site.
func TestDashboardSession(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	opened := r.as("").do("POST", "/api/session", map[string]any{"name": "owner", "password": password}).want(http.StatusOK)
	cookie := opened.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-voiceapp=", "Path=/", "HttpOnly", "Secure", "SameSite=Strict"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q has no %s", cookie, part)
		}
	}
	value := func(a answer) string { set, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";"); return set }
	now := value(opened)
	token := strings.TrimPrefix(now, "__Host-voiceapp=")
	r.as(token).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired) // a cookie is no token
	renewals := 0
	for range 60 {
		r.later(10 * time.Minute)
		me := r.as("").with("Cookie", now).do("GET", "/api/me", nil)
		if me.status != http.StatusOK {
			break
		}
		if renewed := value(me); renewed != "" {
			now = renewed
			renewals++
		}
	}
	if renewals < 60 {
		t.Errorf("renewed %d times in 10 hours", renewals)
	}
	r.later(3 * time.Hour)
	r.as("").with("Cookie", now).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired)

	again := value(r.as("").do("POST", "/api/session", map[string]any{"name": "owner", "password": password}).want(http.StatusOK))
	r.as("").with("Cookie", again).do("DELETE", "/api/session", nil).want(http.StatusNoContent)
	r.as("").with("Cookie", again).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired)
}

// Who logs out is out, also with a cookie that was renewed before, and for good.
func TestLogoutOfARenewedSession(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	value := func(a answer) string { set, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";"); return set }
	open := func() string {
		return value(r.as("").do("POST", "/api/session", map[string]any{"name": "owner", "password": password}).want(http.StatusOK))
	}
	first := open()
	r.later(8 * time.Minute)
	second := value(r.as("").with("Cookie", first).do("GET", "/api/me", nil).want(http.StatusOK))
	if second == "" {
		t.Fatal("it was not renewed")
	}
	r.as("").with("Cookie", first).do("DELETE", "/api/session", nil).want(http.StatusNoContent)
	r.later(8 * time.Minute) // the first would be over by now
	r.as("").with("Cookie", open()).do("DELETE", "/api/session", nil).want(http.StatusNoContent)
	r.as("").with("Cookie", second).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired)
}

// Two who edit what they have both read: the second is told.
func TestTheSecondEditorIsTold(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	token := r.token("owner")
	target := r.account("Somebody", voiceapp.RoleMember)
	for path, body := range map[string][2]map[string]any{
		"/api/channels/1":                       {{"topic": "one"}, {"topic": "two"}},
		fmt.Sprintf("/api/users/%d", target.ID): {{"name": "One"}, {"name": "Two"}},
		"/api/settings":                         {{"name": "One"}, {"name": "Two"}},
	} {
		tag := r.as(token).do("GET", path, nil).want(http.StatusOK).header.Get("ETag")
		r.as(token).with("If-Match", tag).do("PATCH", path, body[0]).want(http.StatusOK)
		r.as(token).with("If-Match", tag).do("PATCH", path, body[1]).want(http.StatusPreconditionFailed).refused(voiceapp.Conflict)
		tag = r.as(token).do("GET", path, nil).header.Get("ETag")
		r.as(token).with("If-Match", tag).do("PATCH", path, body[1]).want(http.StatusOK)
	}
}

// What is no good as a token is refused alike, and fast: nothing is parsed that is
// not signed by a key of ours.
func TestTokensThatAreNoGood(t *testing.T) {
	r := newRig(t)
	owner := r.account("owner", voiceapp.RoleOwner)
	good := r.token("owner")
	r.as(good).do("GET", "/api/me", nil).want(http.StatusOK)
	header, claims, signature := split(t, good)
	_, other, err := ed25519.GenerateKey(rand.Reader)
	r.must(err)
	with := func(name string, value any) map[string]any {
		changed := make(map[string]any)
		for k, v := range claims {
			changed[k] = v
		}
		changed[name] = value
		return changed
	}
	head := func(changes map[string]any) map[string]any {
		changed := map[string]any{"alg": "EdDSA", "typ": "JWT", "kid": header["kid"]}
		for k, v := range changes {
			changed[k] = v
		}
		return changed
	}
	public, _ := base64.RawURLEncoding.DecodeString(header["kid"].(string))
	bad := map[string]string{
		"empty":           "",
		"alg none":        join(head(map[string]any{"alg": "none"}), claims, nil),
		"HS256 by kid":    sign256(head(map[string]any{"alg": "HS256"}), claims, public),
		"another's key":   sign(head(nil), claims, other),
		"kid of a file":   sign(head(map[string]any{"kid": "../../dev/null"}), claims, other),
		"kid empty":       sign(head(map[string]any{"kid": ""}), claims, other),
		"jwk inside":      sign(head(map[string]any{"jwk": map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(other.Public().(ed25519.PublicKey))}}), claims, other),
		"jku":             sign(head(map[string]any{"jku": "http://127.0.0.1/keys"}), claims, other),
		"crit":            sign(head(map[string]any{"crit": []string{"exp"}}), claims, other),
		"one megabyte":    strings.Repeat("a", 1<<20),
		"a megabyte of .": strings.Repeat(".", 1<<19) + good,
		"claims changed":  join(head(nil), with("exp", 4102444800), signature),
		"expired":         r.keys.TokenFor(owner, 0, r.now().Add(-16*time.Minute)),
		"not yet":         r.keys.TokenFor(owner, 0, r.now().Add(time.Hour)),
		"higher role":     r.keys.TokenFor(voiceapp.User{ID: owner.ID, Role: 39}, 0, r.now()),
		"other epoch":     r.keys.TokenFor(owner, 7, r.now()),
		"no such account": r.keys.TokenFor(voiceapp.User{ID: 999, Role: voiceapp.RoleOwner}, 0, r.now()),
		"another server":  admin.NewKeys(voiceapp.Fingerprint{1}).TokenFor(owner, 0, r.now()),
		"as JSON":         `{"payload":"e30","signatures":[]}`,
		"API key":         "vak_" + strings.Repeat("A", 52),
	}
	for name, token := range bad {
		t.Run(name, func(t *testing.T) {
			if len(token) > 30<<10 { // over what the server takes as headers
				c := r.as(token).do("GET", "/api/me", nil)
				if c.status != http.StatusRequestHeaderFieldsTooLarge && c.code() != voiceapp.LoginRequired {
					t.Errorf("%d %s", c.status, c.body)
				}
				return
			}
			r.as(token).with("Authorization", "Bearer "+token).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired)
		})
	}
}

// split takes a token apart.
func split(t *testing.T, token string) (header, claims map[string]any, signature []byte) {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	return header, claims, signature
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func join(header, claims map[string]any, signature []byte) string {
	return encode(header) + "." + encode(claims) + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func sign(header, claims map[string]any, key ed25519.PrivateKey) string {
	return join(header, claims, ed25519.Sign(key, []byte(encode(header)+"."+encode(claims))))
}

func sign256(header, claims map[string]any, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(encode(header) + "." + encode(claims)))
	return join(header, claims, mac.Sum(nil))
}

// A new key signs, and what the one before has signed lives out its time.
func TestKeysRotate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token.key")
	load := func() *admin.Keys {
		t.Helper()
		keys, err := admin.LoadOrCreateKeys(file, voiceapp.Fingerprint{1})
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	first := load()
	token := first.TokenFor(voiceapp.User{ID: 1}, 0, time.Now())
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	for rotation, want := range []bool{true, true, false} {
		if got := load().Knows(token, time.Now()); got != want {
			t.Errorf("after %d rotations the token is good: %v", rotation, got)
		}
		if err := admin.RotateKeys(file); err != nil {
			t.Fatal(err)
		}
	}
	if shown := fmt.Sprintf("%v %+v %s", first, first, first); shown != strings.Repeat("[redacted] ", 2)+"[redacted]" {
		t.Errorf("keys show as %q", shown)
	}
	for name, content := range map[string]string{"empty": "", "text": "hello", "RSA": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.LoadOrCreateKeys(file, voiceapp.Fingerprint{}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.LoadOrCreateKeys(file, voiceapp.Fingerprint{}); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "0600") {
		t.Errorf("one that others may read: %v", err)
	}
}

// Events say what there is, what changes, and end with the login.
func TestEvents(t *testing.T) {
	r := newRig(t)
	user := r.account("admin", voiceapp.RoleAdmin)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.web.URL+"/api/events", nil)
	r.must(err)
	req.Header.Set("Authorization", "Bearer "+r.token("admin"))
	resp, err := r.web.Client().Do(req)
	r.must(err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	var seen []string
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			name, is := strings.CutPrefix(lines.Text(), "event: ")
			if !is || name == "stats" {
				continue
			}
			if seen = append(seen, name); name == want {
				return
			}
		}
		t.Fatalf("no %s: %q, %v", want, seen, lines.Err())
	}
	until("watch.ready")
	if want := []string{"reset", "channel.updated", "watch.ready"}; !slices.Equal(seen, want) {
		t.Errorf("at first %q, want %q", seen, want)
	}
	anna := r.client("Anna", "")
	until("user.joined")
	r.must(anna.Join(t.Context(), 1))
	until("user.updated")
	_, err = r.control.SetRole(t.Context(), voiceapp.Actor{Operator: true}, user.ID, voiceapp.RoleModerator, "")
	r.must(err)
	until("closed")
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event: ") {
			t.Errorf("after the end: %q", lines.Text())
		}
	}
}

// Every change of the API is a change of the golden copies.
func TestOpenAPIDocument(t *testing.T) {
	r := newRig(t)
	for name, made := range map[string]func() ([]byte, error){"openapi.json": r.admin.OpenAPI, "openapi-3.0.json": r.admin.OpenAPI30} {
		document, err := made()
		r.must(err)
		var sorted any
		r.must(json.Unmarshal(document, &sorted))
		document, err = json.MarshalIndent(sorted, "", "  ")
		r.must(err)
		document = append(document, '\n')
		golden := filepath.Join("testdata", name)
		if *update {
			r.must(os.MkdirAll("testdata", 0o755))
			r.must(os.WriteFile(golden, document, 0o644))
		}
		want, err := os.ReadFile(golden)
		r.must(err)
		if string(want) != string(document) {
			t.Errorf("the API is another than %s says: look at what changed, then make golden", golden)
		}
	}
}
