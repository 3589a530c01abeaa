package voiceapp_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Each area can be read and written, and is there once.
func TestAPIScopes(t *testing.T) {
	scopes := voiceapp.APIScopes()
	if sorted := slices.Sorted(slices.Values(scopes)); len(slices.Compact(sorted)) != len(scopes) || len(scopes) == 0 {
		t.Errorf("the scopes are %q", scopes)
	}
	for _, scope := range scopes {
		area, right, _ := strings.Cut(scope, ":")
		if area == "" || right != "read" && right != "write" || !slices.Contains(scopes, area+":read") || !slices.Contains(scopes, area+":write") {
			t.Errorf("%q is no scope", scope)
		}
	}
	scopes[0] = "changed"
	if voiceapp.APIScopes()[0] == "changed" {
		t.Error("the list is not the caller's")
	}
}

func TestAPIKeyCheck(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	good := voiceapp.APIKey{Name: "status page", Role: voiceapp.RoleMember, Scopes: []string{"sessions:read", "bans:write"}, Expires: now.Add(time.Second)}
	for what, c := range map[string]struct {
		change func(*voiceapp.APIKey)
		ok     bool
	}{
		"as it is":        {func(*voiceapp.APIKey) {}, true},
		"no scopes":       {func(k *voiceapp.APIKey) { k.Scopes = nil }, true},
		"all scopes":      {func(k *voiceapp.APIKey) { k.Scopes = voiceapp.APIScopes() }, true},
		"no end":          {func(k *voiceapp.APIKey) { k.Expires = time.Time{} }, true},
		"an owner's":      {func(k *voiceapp.APIKey) { k.Role = voiceapp.RoleOwner }, true},
		"no name":         {func(k *voiceapp.APIKey) { k.Name = "" }, false},
		"a guest's":       {func(k *voiceapp.APIKey) { k.Role = voiceapp.RoleGuest }, false},
		"above an owner":  {func(k *voiceapp.APIKey) { k.Role = 41 }, false},
		"unknown scope":   {func(k *voiceapp.APIKey) { k.Scopes = []string{"sessions:kick"} }, false},
		"a scope twice":   {func(k *voiceapp.APIKey) { k.Scopes = []string{"bans:read", "bans:read"} }, false},
		"a space":         {func(k *voiceapp.APIKey) { k.Scopes = []string{"bans:read audit:read"} }, false},
		"its end is now":  {func(k *voiceapp.APIKey) { k.Expires = now }, false},
		"the year 12,000": {func(k *voiceapp.APIKey) { k.Expires = now.AddDate(10_000, 0, 0) }, false},
	} {
		key := good
		c.change(&key)
		if err := key.Check(now); (err == nil) != c.ok || err != nil && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v, ok is to be %v", what, err, c.ok)
		}
	}
}
