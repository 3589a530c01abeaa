package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// callers are all who may ask, from the one who may least on.
var callers = []string{"nobody", "expired", "audience", "revoked", "guest", "member", "moderator", "admin", "owner"}

// doors are the operations by which one says who one is.
var doors = []string{"login", "open-session", "claim-owner"}

// allowed says from which caller on an operation answers with something else than a
// refusal. An operation that is missing here fails the test.
var allowed = map[string]string{
	"login": "nobody", "open-session": "nobody", "claim-owner": "nobody",
	"close-session": "guest", "get-me": "guest", "get-server": "guest",
	"list-channels": "member", "get-tree": "member", "get-channel": "member", "explain-permissions": "member",
	"create-channel": "admin", "channel-create": "admin", "edit-channel": "admin", "channel-bitrate": "admin",
	"move-channel": "admin", "delete-channel": "admin",
	"list-sessions": "moderator", "get-session": "moderator", "edit-session": "moderator", "kick-session": "moderator",
	"kick": "moderator", "message-session": "guest",
	"get-stats": "moderator", "get-events": "moderator", "list-plugins": "admin",
	"list-users": "admin", "create-user": "admin", "get-user": "admin", "edit-user": "admin", "delete-user": "admin",
	"reset-password": "admin", "list-devices": "admin", "revoke-device": "admin",
	"list-bans": "moderator", "get-ban": "moderator", "create-ban": "moderator", "ban": "moderator",
	"edit-ban": "moderator", "lift-ban": "moderator",
	"list-invites": "admin", "create-invite": "admin", "delete-invite": "admin",
	"list-messages": "moderator", "write-message": "guest", "delete-message": "guest",
	"list-audit":   "admin",
	"get-settings": "admin", "edit-settings": "owner",
	"list-backups": "admin", "create-backup": "admin", "get-backup": "owner",
	"list-keys": "owner", "create-key": "owner", "revoke-key": "owner",
	"list-webhooks": "owner", "get-webhook": "owner", "create-webhook": "owner", "edit-webhook": "owner", "delete-webhook": "owner",
	"test-webhook": "owner", "list-deliveries": "owner",
}

// described is an operation as the document has it.
type described struct {
	id, method, path string
	body             any
}

// operations reads them from the document.
func operations(t *testing.T, document []byte) (all []described) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			RequestBody *struct {
				Content map[string]struct {
					Schema map[string]any `json:"schema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			d := described{id: op.OperationID, method: strings.ToUpper(method), path: path}
			if op.RequestBody != nil {
				d.body = bodies[op.OperationID]
				if d.body == nil {
					d.body = map[string]any{}
				}
			}
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b described) int { return strings.Compare(a.id, b.id) })
	return all
}

// bodies are such as pass the schema, and change nothing: what they are about is not
// there.
var bodies = map[string]any{
	"login":           map[string]any{"name": "Nobody", "password": "whatever it is"},
	"claim-owner":     map[string]any{"token": "no token", "name": "Nobody", "password": "whatever it is"},
	"open-session":    map[string]any{"name": "Nobody", "password": "whatever it is"},
	"create-channel":  map[string]any{"name": "Under none", "parent": 999},
	"channel-create":  map[string]any{"name": "Under none", "parent": 999},
	"channel-bitrate": map[string]any{"channel": 999, "bitrate": 32000},
	"move-channel":    map[string]any{"parent": 0},
	"edit-session":    map[string]any{"muted": true},
	"kick":            map[string]any{"session": 999},
	"message-session": map[string]any{"text": "hello"},
	"create-user":     map[string]any{"name": "no/name", "password": "a long password"},
	"create-ban":      map[string]any{"session": 999, "seconds": 60},
	"ban":             map[string]any{"session": 999, "seconds": 60},
	"write-message":   map[string]any{"channel": 999, "text": "hello"},
	"create-invite":   map[string]any{"uses": 1},
	"create-key":      map[string]any{"name": "key"},
	"create-webhook":  map[string]any{"url": "https://10.0.0.1/", "events": []string{"*"}},
	"edit-webhook":    map[string]any{"enabled": false},
	"edit-user":       map[string]any{"name": "Somebody else"},
	"edit-channel":    map[string]any{"topic": "none"},
}

// Every operation, asked by everyone: who may not is refused, and nobody else.
func TestWhoMayDoWhat(t *testing.T) {
	r := newRig(t)
	tokens := r.tokens()
	document, err := r.admin.OpenAPI()
	r.must(err)
	all := operations(t, document)
	for _, op := range all {
		from, known := allowed[op.id]
		if !known {
			t.Errorf("%s is missing from this test: say who may", op.id)
			continue
		}
		for i, who := range callers {
			if op.id == "close-session" && who == "owner" {
				continue // it would end the token; see TestLogout
			}
			t.Run(op.id+"/"+who, func(t *testing.T) {
				r.later(300 * time.Millisecond) // nobody asks too fast
				got := r.as(tokens[who]).do(op.method, fill(op.path), op.body)
				r.judge(t, got, who, i >= slices.Index(callers, from) && !slices.Contains(doors, op.id), op.id)
			})
			if op.id == "close-session" {
				tokens = r.tokens()
			}
		}
	}
	for id := range allowed {
		if !slices.ContainsFunc(all, func(op described) bool { return op.id == id }) {
			t.Errorf("there is no operation %s", id)
		}
	}
}

// judge checks the answer to one caller.
func (r *rig) judge(t *testing.T, got answer, who string, may bool, id string) {
	t.Helper()
	refused := got.status == http.StatusForbidden || got.status == http.StatusUnauthorized
	switch {
	case slices.Contains(doors, id):
		if got.code() != voiceapp.BadCredentials && got.code() != voiceapp.Limited {
			t.Errorf("%d %s", got.status, got.body)
		}
	case slices.Contains([]string{"nobody", "expired", "audience", "revoked"}, who):
		if got.code() != voiceapp.LoginRequired {
			t.Errorf("%d %s, want login_required", got.status, got.body)
		}
	case may && refused && !strings.Contains(string(got.body), "this server has no"):
		t.Errorf("refused: %s", got.body)
	case !may && got.code() != voiceapp.Forbidden:
		t.Errorf("%d %s, want forbidden", got.status, got.body)
	}
	if got.status >= 500 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// fill puts ids of what is not there into a path.
func fill(path string) string {
	for _, name := range []string{"{id}", "{device}"} {
		path = strings.ReplaceAll(path, name, "999")
	}
	return strings.ReplaceAll(path, "{name}", "none.tar")
}

// tokens makes one for each caller.
func (r *rig) tokens() map[string]string {
	r.t.Helper()
	tokens := make(map[string]string)
	for _, who := range []struct {
		name string
		role voiceapp.Role
	}{{"guest", 0}, {"member", 10}, {"moderator", 20}, {"admin", 30}, {"owner", 40}} {
		if _, _, err := r.store.Credential(r.t.Context(), who.name); err != nil {
			r.account(who.name, who.role)
		}
		tokens[who.name] = r.token(who.name)
	}
	tokens["expired"] = r.keys.TokenFor(voiceapp.User{ID: 5, Role: voiceapp.RoleOwner}, 0, r.now().Add(-time.Hour))
	tokens["audience"] = r.keys.CookieFor(voiceapp.User{ID: 5, Role: voiceapp.RoleOwner}, 0, r.now())
	tokens["revoked"] = r.token("owner")
	r.as(tokens["revoked"]).do("DELETE", "/api/session", nil).want(http.StatusNoContent)
	return tokens
}

// What is refused for the role is an entry of the audit log, as what is done is: one
// for each request that would change something.
func TestEachChangeHasOneEntry(t *testing.T) {
	r := newRig(t)
	tokens := r.tokens()
	document, err := r.admin.OpenAPI()
	r.must(err)
	for _, op := range operations(t, document) {
		if op.method == http.MethodGet || slices.Contains([]string{"login", "open-session", "claim-owner", "close-session", "write-message", "message-session", "create-backup"}, op.id) {
			continue // chat is no change that is audited, and this server has no backups
		}
		for _, who := range []string{"member", "owner"} {
			r.later(300 * time.Millisecond) // nobody asks too fast
			before := len(r.entries())
			got := r.as(tokens[who]).with("X-Audit-Log-Reason", "because%20of%20it").do(op.method, fill(op.path), op.body)
			entries := r.entries()[before:]
			if len(entries) != 1 {
				t.Errorf("%s by %s (%d): %d entries, want 1: %+v", op.id, who, got.status, len(entries), entries)
				continue
			}
			if e := entries[0]; e.Result == "" != (got.status < 300) || e.Name != who || e.Result != "" && e.Result != got.code() {
				t.Errorf("%s by %s: the entry says %q by %q, the answer was %d %s", op.id, who, e.Result, e.Name, got.status, got.body)
			}
			if op.id != "edit-ban" && entries[0].Reason != "because of it" {
				t.Errorf("%s by %s: the entry has the reason %q", op.id, who, entries[0].Reason)
			}
		}
	}
}

// A key does what its scopes and its role say, never more than its account may at
// present, until it is revoked.
func TestAPIKeys(t *testing.T) {
	r := newRig(t)
	owner := r.account("owner", voiceapp.RoleOwner)
	r.account("second", voiceapp.RoleOwner)
	token := r.token("owner")
	key := func(body map[string]any) (id int64, secret string) {
		var made struct {
			Key    voiceapp.APIKey
			Secret string
		}
		r.as(token).do("POST", "/api/keys", body).want(http.StatusCreated).into(&made)
		return int64(made.Key.ID), made.Secret
	}
	id, reads := key(map[string]any{"name": "reads", "role": 30, "scopes": []string{"channels:read", "sessions:read"}})
	_, all := key(map[string]any{"name": "all", "role": 20})
	r.as(reads).do("GET", "/api/sessions", nil).want(http.StatusOK)
	r.as(reads).do("POST", "/api/channels", map[string]any{"name": "New"}).refused(voiceapp.Forbidden)
	r.as(reads).do("GET", "/api/users", nil).refused(voiceapp.Forbidden)
	r.as(all).do("GET", "/api/bans", nil).want(http.StatusOK)
	r.as(all).do("POST", "/api/channels", map[string]any{"name": "New"}).refused(voiceapp.Forbidden)
	r.as(all).do("POST", "/api/keys", map[string]any{"name": "more", "role": 40}).refused(voiceapp.Forbidden)

	_, maker := key(map[string]any{"name": "makes", "role": 40, "scopes": []string{"keys:write", "bans:read"}, "seconds": 3600})
	made := func(body map[string]any) (made voiceapp.APIKey) {
		t.Helper()
		r.as(maker).do("POST", "/api/keys", body).want(http.StatusCreated).into(&struct{ Key *voiceapp.APIKey }{&made})
		return made
	}
	if k := made(map[string]any{"name": "as its maker"}); !slices.Equal(k.Scopes, []string{"keys:write", "bans:read"}) || k.Expires.IsZero() {
		t.Errorf("a key makes one that may more, or lives longer: %+v", k)
	}
	if k := made(map[string]any{"name": "less", "scopes": []string{"bans:read"}, "seconds": 999_999}); !slices.Equal(k.Scopes, []string{"bans:read"}) || k.Expires.After(time.Now().Add(time.Hour)) {
		t.Errorf("a key makes one that lives longer: %+v", k)
	}
	for _, more := range [][]string{{"users:write"}, {"bans:read", "users:write"}, {"bans:write"}} {
		r.as(maker).do("POST", "/api/keys", map[string]any{"name": "more", "scopes": more}).refused(voiceapp.Forbidden)
	}

	_, err := r.control.SetRole(t.Context(), voiceapp.Actor{Operator: true}, owner.ID, voiceapp.RoleMember, "")
	r.must(err)
	r.as(all).do("GET", "/api/bans", nil).refused(voiceapp.Forbidden)
	r.as(token).do("GET", "/api/me", nil).refused(voiceapp.LoginRequired)

	second := r.token("second")
	r.as(second).do("DELETE", fmt.Sprintf("/api/keys/%d", id), nil).want(http.StatusNoContent)
	r.as(reads).do("GET", "/api/sessions", nil).refused(voiceapp.LoginRequired)
}
