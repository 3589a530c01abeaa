package control

import (
	"context"
	"crypto/sha256"

	"github.com/voiceapp-sdk/voiceapp"
)

// Directory is what a Server asks of the place where accounts and channels are
// kept. *store.Store and *Memory satisfy it. Its methods are called from many
// goroutines at once, never from the one that owns the sessions. Their errors
// carry a [voiceapp.Code]; any other error is answered as "internal" and logged.
type Directory interface {
	// Credential returns the account of that name and its password hash in PHC
	// string form. Names that voiceapp.FoldName makes equal are one; a directory
	// may fold more strictly (NFKC, what shows nothing), as *store.Store does.
	// NotFound when there is none. It is the only way out for a hash.
	Credential(ctx context.Context, name string) (user voiceapp.User, hash string, err error)

	// CreateUser makes an account. Exists when the name is taken.
	CreateUser(ctx context.Context, name, hash string, role voiceapp.Role) (voiceapp.User, error)

	// ClaimOwner makes an account with the owner's role, or gives an account of
	// that name that role and this password, and uses up the one-time token with
	// that SHA-256, all in one step: of many at once, one succeeds.
	// BadCredentials when no such token is open.
	ClaimOwner(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error)

	// Channels returns all channels, parents before their children, siblings in
	// the order in which to show them. The slice is the caller's.
	Channels(ctx context.Context) ([]voiceapp.Channel, error)

	// Access returns a channel and the present role of a user (0: a guest), read
	// in one step at the time of the call. NotFound when there is no such channel
	// or no such user. That the role is at least the channel's RequiredRole is the
	// caller's to check.
	Access(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error)
}

// Authenticator is what a [Directory] may also be, to check passwords its own
// way. It is then asked in place of Credential. BadCredentials is its refusal.
type Authenticator interface {
	Authenticate(ctx context.Context, name, password string) (voiceapp.User, error)
}

// Voice is what a Server asks of the relay. *relay.Relay satisfies it. Its
// methods return at once and may be called from any goroutine.
type Voice interface {
	// AddSession makes keys for a session and returns its grant.
	AddSession(id voiceapp.SessionID) (voiceapp.Grant, error)

	// SetRoute says where a session's voice goes from now on. When it returns,
	// no frame takes the old way any more.
	SetRoute(id voiceapp.SessionID, route voiceapp.Route) error

	// RemoveSession forgets a session and its keys.
	RemoveSession(id voiceapp.SessionID)
}
