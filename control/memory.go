package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// Memory is a [Directory] without a database: what it knows ends with the program.
// The zero value has no accounts and no channels. Its methods may be called from
// any goroutine.
type Memory struct {
	mu       sync.Mutex
	channels memoryChannels
	accounts []memoryAccount // the user's id is the index and 1; a deleted one is zero
	tokens   map[[sha256.Size]byte]struct{}
	chat     memoryMessages
	invites  memoryInvites
	devices  memoryDevices
	keys     memoryAPIKeys
	bans     memoryBans
	audit    memoryAudit

	resumptions map[[sha256.Size]byte]resumption // by the hash of the token
	lastLineage int64
}

type memoryAccount struct {
	user     voiceapp.User
	hash     string
	external string // what another program knows it by; "": the password is here
	epoch    uint64 // of what proves that one is it
}

// NewMemory returns a directory with channels. Parents come before their children.
// A channel without an ID gets its place in the list as one, counted from 1; one
// without a bitrate [voiceapp.DefaultBitrate]; one without a position comes after
// those before it in the list; and one under a channel that not all may see is hidden
// from them too. It panics when the list is a mistake in the program: what
// [voiceapp.Channel.Check] refuses, two of one name beside each other, an id twice, or
// a parent that is not before its child.
func NewMemory(channels ...voiceapp.Channel) *Memory {
	m := &Memory{channels: memoryChannels{tree: slices.Clone(channels)}}
	for i := range m.channels.tree {
		ch := &m.channels.tree[i]
		ch.ID = cmp.Or(ch.ID, voiceapp.ChannelID(i+1))
		ch.Bitrate = cmp.Or(ch.Bitrate, voiceapp.DefaultBitrate)
		ch.Position = cmp.Or(ch.Position, i+1)
		m.channels.last = max(m.channels.last, ch.ID)
	}
	checkChannels(m.channels.tree)
	m.channels.settle(0)
	return m
}

// siblingName is what no two channels have in common.
type siblingName struct {
	parent voiceapp.ChannelID
	folded string
}

// checkChannels panics at the first channel that can't be where it is.
func checkChannels(channels []voiceapp.Channel) {
	ids := map[voiceapp.ChannelID]bool{0: true} // 0: the parent of those at the top
	names := make(map[siblingName]bool)
	for _, ch := range channels {
		name := siblingName{ch.Parent, naming.Fold(ch.Name)}
		fault := ""
		switch err := checkChannel(ch); {
		case err != nil:
			fault = err.Error()
		case ids[ch.ID]:
			fault = "an earlier channel has the same id"
		case !ids[ch.Parent]:
			fault = fmt.Sprintf("no earlier channel has the id %d, its parent's", ch.Parent)
		case names[name]:
			fault = "a channel beside it has the same name"
		}
		if fault != "" {
			panic(fmt.Sprintf("control: NewMemory: channel %d, %q: %s", ch.ID, ch.Name, fault))
		}
		ids[ch.ID], names[name] = true, true
	}
}

// NewOwnerToken returns a one-time token for [Client.Claim], with 130 random bits.
func (m *Memory) NewOwnerToken() string {
	token := rand.Text()
	hash := hashToken(token)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil {
		m.tokens = make(map[[sha256.Size]byte]struct{})
	}
	m.tokens[hash] = struct{}{}
	return token
}

// Credential implements [Directory].
func (m *Memory) Credential(_ context.Context, name string) (voiceapp.User, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.named(name)
	if a == nil {
		return voiceapp.User{}, "", errNoAccount()
	}
	return a.user, a.hash, nil
}

// CreateUser implements [Directory]. The hash is [HashPassword]'s; an account with
// none has no password that fits.
func (m *Memory) CreateUser(_ context.Context, name, hash string, role voiceapp.Role) (voiceapp.User, error) {
	if err := naming.Check(name); err != nil {
		return voiceapp.User{}, err
	}
	if err := checkRole(role); err != nil {
		return voiceapp.User{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.named(name) != nil {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.Exists, "the name is taken").With(voiceapp.NameTaken)
	}
	return m.create(name, hash, role), nil
}

// UpgradeHash implements [HashUpgrader].
func (m *Memory) UpgradeHash(_ context.Context, user voiceapp.UserID, old, better string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a := m.account(user); a != nil && a.hash == old {
		a.hash = better
	}
	return nil
}

// ClaimOwner implements [Directory].
func (m *Memory) ClaimOwner(_ context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error) {
	if err := naming.Check(name); err != nil {
		return voiceapp.User{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, open := m.tokens[token]; !open {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "the token is wrong or was used")
	}
	delete(m.tokens, token)
	a := m.named(name)
	if a == nil {
		return m.create(name, hash, voiceapp.RoleOwner), nil
	}
	a.user.Role, a.hash, a.external = voiceapp.RoleOwner, hash, ""
	a.epoch++
	return a.user, nil
}

// Channels implements [Directory].
func (m *Memory) Channels(context.Context) ([]voiceapp.Channel, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.channels.tree), nil
}

// Access implements [Directory].
func (m *Memory) Access(_ context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	role := voiceapp.RoleGuest
	if user != 0 {
		a := m.account(user)
		if a == nil {
			return voiceapp.Channel{}, 0, errNoAccount()
		}
		role = a.user.Role
	}
	at := m.channels.find(channel)
	if at < 0 {
		return voiceapp.Channel{}, 0, errNoChannel()
	}
	return m.channels.tree[at], role, nil
}

// account, under mu, returns the account of an id, or nil.
func (m *Memory) account(id voiceapp.UserID) *memoryAccount {
	if id < 1 || int64(id) > int64(len(m.accounts)) || m.accounts[id-1].user.ID == 0 {
		return nil
	}
	return &m.accounts[id-1]
}

// named, under mu, returns the account of a name, or nil.
func (m *Memory) named(name string) *memoryAccount {
	folded := naming.Fold(name)
	for i := range m.accounts {
		if a := &m.accounts[i]; a.user.ID != 0 && naming.Fold(a.user.Name) == folded {
			return a
		}
	}
	return nil
}

// create, under mu, adds an account.
func (m *Memory) create(name, hash string, role voiceapp.Role) voiceapp.User {
	user := voiceapp.User{ID: voiceapp.UserID(len(m.accounts) + 1), Name: name, Role: role, Created: time.Now().UTC()}
	m.accounts = append(m.accounts, memoryAccount{user: user, hash: hash})
	return user
}
