package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// memoryInvites is what a Memory keeps of invites.
type memoryInvites struct {
	open []memoryInvite // by rising ids
	last voiceapp.InviteID
}

type memoryInvite struct {
	voiceapp.Invite
	token [sha256.Size]byte
}

// Invites implements [Invites].
func (m *Memory) Invites(_ context.Context, after voiceapp.InviteID, limit int) ([]voiceapp.Invite, error) {
	limit, err := memoryPage(limit)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.Invite
	for _, i := range m.invites.open {
		if i.ID > after && len(page) < limit {
			page = append(page, i.Invite)
		}
	}
	return page, nil
}

// NewInvite implements [Invites].
func (m *Memory) NewInvite(_ context.Context, invite voiceapp.Invite) (voiceapp.Invite, string, error) {
	now := time.Now().UTC().Round(0)
	if invite.Uses == 0 {
		invite.Uses = 1
	}
	if err := invite.Check(now); err != nil {
		return voiceapp.Invite{}, "", err
	}
	token := rand.Text()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invites.last++
	invite.ID, invite.Created = m.invites.last, now
	m.invites.open = append(m.invites.open, memoryInvite{invite, hashToken(token)})
	return invite, token, nil
}

// DeleteInvite implements [Invites].
func (m *Memory) DeleteInvite(_ context.Context, id voiceapp.InviteID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.invites.open, func(i memoryInvite) bool { return i.ID == id })
	if at < 0 {
		return voiceapp.NewError(voiceapp.NotFound, "there is no such invite")
	}
	m.invites.open = slices.Delete(m.invites.open, at, at+1)
	return nil
}

// UseInvite implements [Invites].
func (m *Memory) UseInvite(_ context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error) {
	if err := naming.Check(name); err != nil {
		return voiceapp.User{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.invites.open, func(i memoryInvite) bool { return i.token == token && i.openAt(time.Now()) })
	switch {
	case at < 0:
		return voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "the invite is wrong, or was used up, or is too old").With(voiceapp.InviteSpent)
	case m.named(name) != nil:
		return voiceapp.User{}, voiceapp.NewError(voiceapp.Exists, "the name is taken").With(voiceapp.NameTaken)
	}
	invite := &m.invites.open[at]
	user := m.create(name, hash, invite.Role)
	if invite.Uses--; invite.Uses == 0 {
		m.invites.open = slices.Delete(m.invites.open, at, at+1)
	}
	return user, nil
}

func (i memoryInvite) openAt(now time.Time) bool {
	return i.Expires.IsZero() || now.Before(i.Expires)
}

// pruneInvites, under mu, removes those that have expired.
func (m *Memory) pruneInvites(now time.Time) {
	m.invites.open = slices.DeleteFunc(m.invites.open, func(i memoryInvite) bool { return !i.openAt(now) })
}
