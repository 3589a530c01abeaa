package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// maxExternalKey is the most bytes by which another program knows an account.
const maxExternalKey = 512

// ExternalUser implements [Externals].
func (m *Memory) ExternalUser(_ context.Context, key, name string, role voiceapp.Role) (voiceapp.User, error) {
	if err := checkExternal(key, name, role); err != nil {
		return voiceapp.User{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a, other := m.knownAs(key), m.named(name)
	if a == nil {
		if other != nil {
			return voiceapp.User{}, voiceapp.NewError(voiceapp.Exists, "the name is taken").With(voiceapp.NameTaken)
		}
		user := m.create(name, "", role)
		m.account(user.ID).external = key
		return user, nil
	}
	if other == nil || other == a {
		a.user.Name = name
	}
	if a.user.Role < voiceapp.RoleAdmin {
		a.setRole(role)
	}
	return a.user, nil
}

func checkExternal(key, name string, role voiceapp.Role) error {
	if key == "" || len(key) > maxExternalKey {
		return voiceapp.NewError(voiceapp.Invalid, "an account of another program is known by a key of 1 to 512 bytes")
	}
	if role < voiceapp.RoleGuest || role >= voiceapp.RoleAdmin {
		return voiceapp.NewError(voiceapp.Invalid, "another program can't give the role "+role.String())
	}
	return naming.Check(name)
}

// knownAs, under mu, returns the account of a key, or nil.
func (m *Memory) knownAs(key string) *memoryAccount {
	for i := range m.accounts {
		if m.accounts[i].external == key {
			return &m.accounts[i]
		}
	}
	return nil
}
