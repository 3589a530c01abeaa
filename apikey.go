package voiceapp

import (
	"slices"
	"time"
)

// MaxAPIKeys is the most API keys of one account.
const MaxAPIKeys = 100

// APIKey lets a program act for an account over the admin API, until it is revoked
// or expires. The secret itself is not part of it: that is shown once, when the key
// is made.
type APIKey struct {
	ID      APIKeyID  `json:"id"`
	Name    string    `json:"name"`   // for its owner to know it by
	User    UserID    `json:"user"`   // for whom it acts
	Role    Role      `json:"role"`   // at most; never above the account's at present
	Scopes  []string  `json:"scopes"` // as [APIScopes]; none: all
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"`             // last, to the minute; as Created where it never was
	Expires time.Time `json:"expires,omitzero"` // the zero time: never
}

// APIScopes are what an [APIKey] can be limited to. A scope "x:read" reads, "x:write"
// changes and reads too.
func APIScopes() []string {
	var scopes []string
	for _, area := range []string{"audit", "backups", "bans", "channels", "events", "invites", "keys", "messages", "metrics", "plugins", "server", "sessions", "settings", "users", "webhooks"} {
		scopes = append(scopes, area+":read", area+":write")
	}
	return scopes
}

// Check reports, as [Invalid], why k can't be a new key at the given time: its name,
// a role or a scope that there is not, or it would have expired already.
func (k APIKey) Check(now time.Time) error {
	if err := CheckName(k.Name); err != nil {
		return err
	}
	if err := checkTime("the end of the key", k.Expires); err != nil {
		return err
	}
	if !k.Role.Valid() || k.Role == RoleGuest {
		return NewError(Invalid, "a key's role is member to owner (1 to 40)")
	}
	known := APIScopes()
	for i, scope := range k.Scopes {
		if !slices.Contains(known, scope) {
			return NewError(Invalid, "there is no scope "+scope)
		}
		if slices.Contains(k.Scopes[:i], scope) {
			return NewError(Invalid, "the scope "+scope+" is there twice")
		}
	}
	if !k.Expires.IsZero() && !k.Expires.After(now) {
		return NewError(Invalid, "the key would have expired already")
	}
	return nil
}
