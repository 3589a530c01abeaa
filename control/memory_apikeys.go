package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// memoryAPIKeys is what a Memory keeps of API keys.
type memoryAPIKeys struct {
	all  []memoryAPIKey // by rising ids
	last voiceapp.APIKeyID
}

type memoryAPIKey struct {
	voiceapp.APIKey
	secret [sha256.Size]byte
}

// out gives the key in a form that is the caller's.
func (k memoryAPIKey) out() voiceapp.APIKey {
	k.Scopes = append([]string{}, k.Scopes...)
	return k.APIKey
}

func (k memoryAPIKey) goodAt(now time.Time) bool { return k.Expires.IsZero() || k.Expires.After(now) }

// Epoch returns an account as it is, and a number that rises with each change of its
// role and its password and with each end of its sessions. NotFound when there is
// none.
func (m *Memory) Epoch(_ context.Context, id voiceapp.UserID) (voiceapp.User, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(id)
	if a == nil {
		return voiceapp.User{}, 0, errNoAccount()
	}
	return a.user, a.epoch, nil
}

// setRole gives an account a role.
func (a *memoryAccount) setRole(role voiceapp.Role) {
	if a.user.Role != role {
		a.user.Role = role
		a.epoch++
	}
}

// NewAPIKey makes an API key and returns it with its secret, which is not kept.
// NotFound when there is no such account, Conflict when it has
// [voiceapp.MaxAPIKeys], Invalid as [voiceapp.APIKey.Check] says.
func (m *Memory) NewAPIKey(_ context.Context, key voiceapp.APIKey) (voiceapp.APIKey, string, error) {
	now := time.Now().UTC().Round(0)
	if err := key.Check(now); err != nil {
		return voiceapp.APIKey{}, "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.account(key.User) == nil {
		return voiceapp.APIKey{}, "", errNoAccount()
	}
	if m.keys.count(key.User) >= voiceapp.MaxAPIKeys {
		return voiceapp.APIKey{}, "", voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("the account has %d API keys: revoke one first", voiceapp.MaxAPIKeys))
	}
	m.keys.last++
	key.ID, key.Created, key.Used, key.Expires = m.keys.last, now, now, key.Expires.UTC()
	secret := "vak_" + rand.Text() + rand.Text()
	made := memoryAPIKey{key, hashToken(secret)}
	made.APIKey = made.out()
	m.keys.all = append(m.keys.all, made)
	return made.out(), secret, nil
}

// count gives the number of an account's keys.
func (k *memoryAPIKeys) count(user voiceapp.UserID) (n int) {
	for _, key := range k.all {
		if key.User == user {
			n++
		}
	}
	return n
}

// APIKeys returns a page of the API keys in the order of their ids, from the first
// after that id on.
func (m *Memory) APIKeys(_ context.Context, after voiceapp.APIKeyID, limit int) ([]voiceapp.APIKey, error) {
	limit, err := memoryPage(limit)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.APIKey
	for _, key := range m.keys.all {
		if key.ID > after && len(page) < limit {
			page = append(page, key.out())
		}
	}
	return page, nil
}

// UseAPIKey returns the API key whose secret has that SHA-256, and the account for
// which it acts. BadCredentials when there is none, it has expired, or the account is
// banned.
func (m *Memory) UseAPIKey(_ context.Context, secret [sha256.Size]byte) (voiceapp.APIKey, voiceapp.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UTC().Round(0)
	at := slices.IndexFunc(m.keys.all, func(k memoryAPIKey) bool { return k.secret == secret && k.goodAt(now) })
	if at < 0 || m.bans.keepsOut(m.keys.all[at].User, now) {
		return voiceapp.APIKey{}, voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "the API key is wrong, or was revoked, or has expired, or its account is banned")
	}
	key := &m.keys.all[at]
	key.Used = now
	return key.out(), m.account(key.User).user, nil
}

// RevokeAPIKey ends an API key. NotFound when there is none with that id.
func (m *Memory) RevokeAPIKey(_ context.Context, id voiceapp.APIKeyID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.keys.all, func(k memoryAPIKey) bool { return k.ID == id })
	if at < 0 {
		return voiceapp.NewError(voiceapp.NotFound, "there is no such API key")
	}
	m.keys.all = slices.Delete(m.keys.all, at, at+1)
	return nil
}

// deleteAPIKeys, under mu, ends all keys of an account.
func (m *Memory) deleteAPIKeys(user voiceapp.UserID) {
	m.keys.all = slices.DeleteFunc(m.keys.all, func(k memoryAPIKey) bool { return k.User == user })
}

// pruneAPIKeys, under mu, removes those that have expired.
func (m *Memory) pruneAPIKeys(now time.Time) {
	m.keys.all = slices.DeleteFunc(m.keys.all, func(k memoryAPIKey) bool { return !k.goodAt(now) })
}
