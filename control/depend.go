package control

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"time"

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
// way. It is then asked in place of Credential. BadCredentials is its refusal;
// NotFound means that the account's password is to be checked as without it.
// [PeerAddress] of ctx says where the client is.
type Authenticator interface {
	Authenticate(ctx context.Context, name, password string) (voiceapp.User, error)
}

// What a [Directory] may also be. A server whose directory lacks one refuses, as
// [voiceapp.Forbidden], what needs it. *store.Store has all of them and says what
// each method does; package storetest is their contract.
type (
	// ChannelEditor changes the tree of channels.
	ChannelEditor interface {
		CreateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error)
		UpdateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error)
		MoveChannel(ctx context.Context, id, parent voiceapp.ChannelID, position int) (voiceapp.Channel, error)
		DeleteChannel(ctx context.Context, id voiceapp.ChannelID) error
	}

	// Accounts lists and changes accounts.
	Accounts interface {
		Users(ctx context.Context, after voiceapp.UserID, limit int) ([]voiceapp.User, error)
		User(ctx context.Context, id voiceapp.UserID) (voiceapp.User, error)
		RenameUser(ctx context.Context, id voiceapp.UserID, name string) (voiceapp.User, error)
		SetRole(ctx context.Context, id voiceapp.UserID, role voiceapp.Role) (voiceapp.User, error)
		SetPassword(ctx context.Context, id voiceapp.UserID, hash string) error
		DeleteUser(ctx context.Context, id voiceapp.UserID) error
	}

	// UserFinder finds accounts by a part of their names.
	UserFinder interface {
		FindUsers(ctx context.Context, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error)
	}

	// Bans keeps people out.
	Bans interface {
		Bans(ctx context.Context, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error)
		AddBan(ctx context.Context, ban voiceapp.Ban) (voiceapp.Ban, error)
		EditBan(ctx context.Context, id voiceapp.BanID, reason string, until time.Time) (voiceapp.Ban, error)
		LiftBan(ctx context.Context, id voiceapp.BanID) error
		ActiveBan(ctx context.Context, user voiceapp.UserID, device string, addr netip.Addr) (ban voiceapp.Ban, banned bool, err error)
	}

	// Invites lets people in.
	Invites interface {
		Invites(ctx context.Context, after voiceapp.InviteID, limit int) ([]voiceapp.Invite, error)
		NewInvite(ctx context.Context, invite voiceapp.Invite) (made voiceapp.Invite, token string, err error)
		DeleteInvite(ctx context.Context, id voiceapp.InviteID) error
		UseInvite(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error)
	}

	// Resumer remembers sessions for those who lost their connection.
	Resumer interface {
		KeepSession(ctx context.Context, session voiceapp.Resumption, token [sha256.Size]byte) error
		Resume(ctx context.Context, token, next [sha256.Size]byte, expires time.Time) (voiceapp.Resumption, error)
		EndSession(ctx context.Context, session voiceapp.SessionID) error
		EndSessions(ctx context.Context, user voiceapp.UserID, device string) error
	}

	// Devices remembers devices, which log in without a password.
	Devices interface {
		NewDeviceToken(ctx context.Context, user voiceapp.UserID, name string) (made voiceapp.DeviceToken, token string, err error)
		DeviceTokens(ctx context.Context, user voiceapp.UserID) ([]voiceapp.DeviceToken, error)
		UseDeviceToken(ctx context.Context, token [sha256.Size]byte) (voiceapp.User, error)
		RevokeDeviceToken(ctx context.Context, user voiceapp.UserID, id voiceapp.DeviceTokenID) error
	}

	// DeviceForgetter ends the token of a device by the token itself. BadCredentials when
	// there is none.
	DeviceForgetter interface {
		ForgetDevice(ctx context.Context, token [sha256.Size]byte) (voiceapp.DeviceToken, error)
	}

	// Externals has accounts whose passwords another program checks; authhook.Hook
	// asks for it.
	Externals interface {
		ExternalUser(ctx context.Context, key, name string, role voiceapp.Role) (voiceapp.User, error)
	}

	// HashUpgrader replaces the hashes of passwords by such as cost more, when their
	// owners log in.
	HashUpgrader interface {
		UpgradeHash(ctx context.Context, user voiceapp.UserID, old, better string) error
	}

	// Messages keeps what was said.
	Messages interface {
		AppendMessage(ctx context.Context, m voiceapp.Message) (voiceapp.Message, error)
		Messages(ctx context.Context, query voiceapp.MessageQuery) ([]voiceapp.Message, error)
		Message(ctx context.Context, id voiceapp.MessageID) (voiceapp.Message, error)
		EditMessage(ctx context.Context, id voiceapp.MessageID, text string) (voiceapp.Message, error)
		DeleteMessage(ctx context.Context, id voiceapp.MessageID) error
		Prune(ctx context.Context, keep time.Duration) (messages int, err error)
	}

	// SettingsKeeper keeps what owners have set.
	SettingsKeeper interface {
		Settings(ctx context.Context) (map[string]string, error)
		SetSettings(ctx context.Context, settings map[string]string) error
	}

	// Audit keeps who did what.
	Audit interface {
		AppendAudit(ctx context.Context, entry voiceapp.AuditEntry) (voiceapp.AuditEntry, error)
		AuditLog(ctx context.Context, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error)
	}
)

// ChatFilter reads what is written before it is kept and delivered: moderation, or
// plugins. Its method is called from many goroutines at once, for one after the
// other of those lines that one client writes.
type ChatFilter interface {
	// FilterMessage returns the text that takes the place of m.Text, which may be
	// m.Text. m.ID and m.Sent are not known yet; of a message that is edited, m.Text is
	// the new one. An error refuses the message: one with a [voiceapp.Code], such as
	// Forbidden, is what the writer is told. It should not take longer than 200 ms,
	// and ends with ctx: the writer waits, others do not.
	FilterMessage(ctx context.Context, m voiceapp.Message) (text string, err error)
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

// What a [Voice] may also be. *relay.Relay has all of them, and says what each
// method does.
type (
	// VoiceTunnel takes and gives datagrams that travel inside the control
	// connection. send does not wait.
	VoiceTunnel interface {
		SetTunnel(id voiceapp.SessionID, send func(datagram []byte)) error
		Tunnel(id voiceapp.SessionID, datagram []byte)
	}

	// VoiceActivity knows who talks.
	VoiceActivity interface {
		TalkChanged() <-chan struct{}
		TalkChanges(talking, silent []voiceapp.SessionID) (begun, ceased []voiceapp.SessionID)
	}

	// VoiceMeter knows how a session's voice fares.
	VoiceMeter interface {
		VoiceStats(id voiceapp.SessionID) (voiceapp.VoiceStats, error)
	}
)
