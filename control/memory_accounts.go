package control

import (
	"context"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// Users implements [Accounts].
func (m *Memory) Users(ctx context.Context, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	return m.FindUsers(ctx, "", after, limit)
}

// FindUsers returns a page of the accounts whose names hold a text, folded as names
// are told apart, in the order of their ids. "" is in all names.
func (m *Memory) FindUsers(_ context.Context, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	limit, err := memoryPage(limit)
	if err != nil {
		return nil, err
	}
	folded := strings.TrimSpace(naming.Fold(text))
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.User
	for _, a := range m.accounts {
		if a.user.ID > after && len(page) < limit && strings.Contains(naming.Fold(a.user.Name), folded) {
			page = append(page, a.user)
		}
	}
	return page, nil
}

// User implements [Accounts].
func (m *Memory) User(_ context.Context, id voiceapp.UserID) (voiceapp.User, error) {
	return m.changeAccount(id, func(*memoryAccount) error { return nil })
}

// RenameUser implements [Accounts].
func (m *Memory) RenameUser(_ context.Context, id voiceapp.UserID, name string) (voiceapp.User, error) {
	if err := naming.Check(name); err != nil {
		return voiceapp.User{}, err
	}
	return m.changeAccount(id, func(a *memoryAccount) error {
		if other := m.named(name); other != nil && other != a {
			return voiceapp.NewError(voiceapp.Exists, "the name is taken").With(voiceapp.NameTaken)
		}
		a.user.Name = name
		return nil
	})
}

// SetRole implements [Accounts].
func (m *Memory) SetRole(_ context.Context, id voiceapp.UserID, role voiceapp.Role) (voiceapp.User, error) {
	if err := checkRole(role); err != nil {
		return voiceapp.User{}, err
	}
	return m.changeAccount(id, func(a *memoryAccount) error {
		if role != voiceapp.RoleOwner && m.isLastOwner(a) {
			return errLastOwner()
		}
		a.setRole(role)
		return nil
	})
}

// SetPassword implements [Accounts].
func (m *Memory) SetPassword(_ context.Context, id voiceapp.UserID, hash string) error {
	if _, err := parsePHC(hash); err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "that is no password hash", err)
	}
	_, err := m.changeAccount(id, func(a *memoryAccount) error {
		if a.external != "" {
			return voiceapp.NewError(voiceapp.Conflict, "the account's password is kept by another program")
		}
		a.hash = hash
		m.endSessions(id, "")
		return nil
	})
	return err
}

// DeleteUser implements [Accounts].
func (m *Memory) DeleteUser(_ context.Context, id voiceapp.UserID) error {
	_, err := m.changeAccount(id, func(a *memoryAccount) error {
		if m.isLastOwner(a) {
			return errLastOwner()
		}
		m.endSessions(id, "")
		m.deleteAPIKeys(id)
		*a = memoryAccount{} // its id is not given out again
		return nil
	})
	return err
}

func checkRole(role voiceapp.Role) error {
	if !role.Valid() {
		return voiceapp.NewError(voiceapp.Invalid, role.String()+" is none that an account can have")
	}
	return nil
}

// changeAccount alters an account and returns it as it became.
func (m *Memory) changeAccount(id voiceapp.UserID, change func(*memoryAccount) error) (voiceapp.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(id)
	if a == nil {
		return voiceapp.User{}, errNoAccount()
	}
	if err := change(a); err != nil {
		return voiceapp.User{}, err
	}
	return a.user, nil
}

// isLastOwner, under mu, reports whether an account is an owner's and no other is.
func (m *Memory) isLastOwner(a *memoryAccount) bool {
	if a.user.Role != voiceapp.RoleOwner {
		return false
	}
	for i := range m.accounts {
		if other := &m.accounts[i]; other != a && other.user.Role == voiceapp.RoleOwner {
			return false
		}
	}
	return true
}

func errLastOwner() error {
	return voiceapp.NewError(voiceapp.Conflict, "this is the last owner: make another one first").With(voiceapp.LastOwner)
}
